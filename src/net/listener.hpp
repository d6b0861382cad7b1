#pragma once

#include "net/asio_types.hpp"
#include "net/event_loop.hpp"
#include "net/server.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace latchkey::net {

/// Waiting connections that the kernel keeps for each acceptor.
inline constexpr int kBacklog = 4096;

/// Binds one address for each of `loops`, all on the same port. Throws `std::system_error`, its
/// text naming the address.
[[nodiscard]] std::vector<Acceptor> open_acceptors(
    ListenAddress const& address, std::vector<std::unique_ptr<EventLoop>> const& loops);

/// Accepts connections on one loop and starts a session for each.
class Listener {
public:
    /// `loop` outlives this object.
    Listener(EventLoop& loop, Acceptor acceptor);
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    /// On the loop's thread, or before it runs.
    void start();
    void stop();

private:
    void accept();
    void on_accepted(ErrorCode error);
    void pause(ErrorCode reason);

    EventLoop& loop_;
    Acceptor acceptor_;
    Socket socket_;
    tcp::endpoint peer_;
    Timer pause_;
    std::optional<std::chrono::steady_clock::time_point> reported_at_;
};

}  // namespace latchkey::net
