#pragma once

#include "http/limits.hpp"
#include "http/service.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/event_log.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace latchkey::net {

struct ListenAddress {
    std::string host;        ///< an address, or a name that resolves to one
    std::uint16_t port = 0;  ///< 0: any that is free
};

/// How long the server waits for what. The defaults are what ships; tests are in more of a hurry.
/// Each wait is as coarse as `tick`.
struct Timeouts {
    std::chrono::milliseconds header_read = http::kHeaderReadMax;
    std::chrono::milliseconds body_read = http::kBodyReadMax;
    std::chrono::milliseconds keep_alive_idle = http::kKeepAliveIdleMax;
    std::chrono::milliseconds answer_write = http::kAnswerWriteMax;
    std::chrono::milliseconds deferred_answer = http::kDeferredAnswerMax;
    std::chrono::milliseconds drain = http::kDrainMax;
    std::chrono::milliseconds stop_grace = http::kStopGraceMax;
    std::chrono::milliseconds websocket_silence = http::kWebSocketSilenceMax;
    std::chrono::milliseconds close_handshake = http::kCloseHandshakeMax;
    std::chrono::milliseconds tick = http::kTickLength;
};

struct ServerOptions {
    std::vector<ListenAddress> listen;
    std::size_t loops = 1;  ///< event loops, each a thread
    Timeouts timeouts;
};

/// Serves HTTP/1.1 and WebSockets on some addresses, with one event loop and one `Service` a
/// thread. The threads live from `start` to `join`.
class Server {
public:
    /// `log` and `clock` outlive this object.
    Server(ServerOptions options, EventLog& log, Clock const& clock, http::ServiceFactory factory);
    Server(Server const&) = delete;
    Server& operator=(Server const&) = delete;

    /// Stops at once and joins.
    ~Server();

    /// Listens and serves. Throws `std::system_error`, its text naming the address, where one is in
    /// use, not permitted or unknown; nothing listens then. Called once.
    void start();

    /// The port of `options.listen[index]`; known after `start`.
    [[nodiscard]] std::uint16_t bound_port(std::size_t index = 0) const;

    /// Begins a graceful stop: no new connections, `Service::on_stop` on each loop, idle
    /// connections closed; requests under way get their answers and WebSockets their close
    /// handshakes, within `Timeouts::stop_grace`. Thread-safe, returns at once, harmless when
    /// repeated.
    void stop();

    /// Waits for the threads to end, which they do only after `stop`. Then the services are
    /// destroyed.
    void join();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::net
