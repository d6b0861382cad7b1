#pragma once

#include <latchkey/base/instant.hpp>
#include <latchkey/sdk/error.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::sdk {

struct Request {
    std::string method;
    std::string target;                                         ///< path and query
    std::vector<std::pair<std::string, std::string>> fields{};  ///< beside those of HTTP itself
    std::string body{};
    /// A repeat leaves the same behind. The network sends it again, once, where a kept connection
    /// turns out to be closed before any byte of an answer; else it never repeats.
    bool repeatable = false;
};

struct Response {
    int status = 0;
    std::string body{};
    std::optional<Instant> date{};                      ///< of the field `Date`
    std::optional<std::chrono::seconds> retry_after{};  ///< of the field `Retry-After`
};

/// Why there is no answer.
struct Failure {
    Error::Kind kind;  ///< one of those about the network
    std::string message;
    bool sent;  ///< some of the request may have reached the server
};

using Responded = std::move_only_function<void(std::expected<Response, Failure>)>;

/// What a socket tells. Called on the network's thread; none of it after the socket was destroyed.
class SocketHandler {
public:
    virtual ~SocketHandler() = default;
    virtual void on_open() = 0;
    virtual void on_text(std::string_view text) = 0;
    /// The last thing it tells. `code` is the server's close code; empty: no close frame came, and
    /// `failure` says what happened.
    virtual void on_closed(std::optional<std::uint16_t> code, Failure const& failure) = 0;
};

/// A WebSocket; destroying it ends it at once, also from within one of its handler's functions.
class Socket {
public:
    virtual ~Socket() = default;
    /// Once it is open. Ends the socket with `Disconnected` where the server has stopped reading
    /// and too much waits already.
    virtual void send_text(std::string text) = 0;
    /// Says goodbye; `on_closed` follows, within a limit.
    virtual void close(std::uint16_t code) = 0;
};

/// A wait under way; destroying it ends it.
class Wait {
public:
    virtual ~Wait() = default;
};

/// What the clients need of the outside world, so that their rules are tested without one. Belongs
/// to one thread, its own: everything but `post` and `stop` is called on it, and calls back on it,
/// never from inside the call itself. No function that it is given may throw.
class Network {
public:
    /// Stops first.
    virtual ~Network() = default;

    /// From any thread. Tasks run in order. Dropped after `stop`.
    virtual void post(std::move_only_function<void()> task) = 0;
    /// From any thread, as often as one likes. When it returns nothing is called any more, and what
    /// was under way is dropped without a word: its owner tells who waits. Sockets and waits may
    /// then be destroyed on any thread. Called on the network's own thread it returns at once, and
    /// nothing is called once the present call has returned.
    virtual void stop() noexcept = 0;
    /// Over one of a few kept connections. `done` is called once, by `deadline` at the latest.
    virtual void send(Request request, std::chrono::steady_clock::time_point deadline,
                      Responded done) = 0;
    /// Opens a WebSocket; `handler` outlives it.
    [[nodiscard]] virtual std::unique_ptr<Socket> open_socket(
        std::string target, std::chrono::steady_clock::time_point deadline,
        SocketHandler& handler) = 0;
    [[nodiscard]] virtual std::unique_ptr<Wait> wait_until(
        std::chrono::steady_clock::time_point at, std::move_only_function<void()> task) = 0;
};

}  // namespace latchkey::sdk
