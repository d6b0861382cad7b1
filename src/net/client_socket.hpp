#pragma once

#include "net/client_dialer.hpp"
#include "net/client_loop.hpp"
#include "net/client_types.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::net {

/// What a socket tells, on the loop's thread, never from inside a call of it. It may destroy the
/// socket.
class ClientSocketHandler {
public:
    virtual ~ClientSocketHandler() = default;
    virtual void on_open() = 0;
    /// A text or binary message.
    virtual void on_message(std::string_view payload) = 0;
    /// The last call. `code` is that of the server's close frame, 1005 where it names none; empty:
    /// no close frame came, and `failure` says why.
    virtual void on_closed(std::optional<std::uint16_t> code, ClientFailure const& failure) = 0;
};

/// The client's end of a WebSocket (RFC 6455). Answers pings, masks from the system's random
/// source, takes no compression.
class ClientSocket {
public:
    /// Opens it, by `deadline`. `handler` outlives it.
    ClientSocket(ClientLoop& loop, std::shared_ptr<Dialer> dialer, std::string target,
                 std::chrono::steady_clock::time_point deadline, ClientLimits const& limits,
                 ClientSocketHandler& handler);
    /// Ends it at once; nothing is told any more.
    ~ClientSocket();
    ClientSocket(ClientSocket const&) = delete;
    ClientSocket& operator=(ClientSocket const&) = delete;

    /// Once it is open; dropped before and after. Ends the socket with `Overloaded` where the
    /// server does not read.
    void send_text(std::string text);
    /// Says goodbye behind what was sent; `on_closed` follows within `close_handshake`, at once
    /// where the socket is not open yet.
    void close(std::uint16_t code);

private:
    class Core;
    std::shared_ptr<ClientLoop::World> world_;  // outlives core_
    std::shared_ptr<Core> core_;
};

}  // namespace latchkey::net
