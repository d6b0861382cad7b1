#pragma once

#include "http/message.hpp"

#include <latchkey/base/instant.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

/// The line between the network and what answers it. `net/` implements `Loop`, `Exchange` and
/// `WebSocket`; `api/` implements `Service` and `Conversation`. Everything here belongs to one loop
/// and is called on its thread, but `Loop::post` and where it says so.
namespace latchkey::http {

/// One event loop: one thread.
class Loop {
public:
    virtual ~Loop() = default;

    /// Runs `task` on the loop's thread, later. Thread-safe. After the loop's end the task is
    /// destroyed without being run.
    virtual void post(std::move_only_function<void()> task) = 0;
};

/// Completes an answer that was put off. Movable, used once, on the loop's thread; harmless where
/// the connection is gone. Dropped unused: the caller gets 500.
class DeferredAnswer {
public:
    virtual ~DeferredAnswer() = default;
    virtual void complete(Response response) = 0;
};

/// One WebSocket, as a conversation sees it. Lives until `Conversation::on_end` returned.
class WebSocket {
public:
    virtual ~WebSocket() = default;

    /// Sends one text message. Over `kSendQueueBytesMax` unsent bytes the connection is cut.
    virtual void send_text(std::string_view text) = 0;

    /// Sends a close frame behind what is queued and ends the connection; nothing is sent after it.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;

    /// `send_text` and `close` in one write: where a hundred thousand are told at once, the second
    /// one would be the larger part.
    virtual void send_text_and_close(std::string_view text, std::uint16_t code,
                                     std::string_view reason) = 0;
};

enum class MessageKind : std::uint8_t { Text, Binary, Ping };

/// What goes on over one WebSocket after the upgrade. Owned by the connection.
class Conversation {
public:
    virtual ~Conversation() = default;

    /// The 101 is sent; `socket` outlives this object. First call.
    virtual void on_open(WebSocket& socket) = 0;

    /// A complete message, text checked to be UTF-8; or a ping, its pong already sent.
    virtual void on_message(MessageKind kind, std::string_view payload) = 0;

    /// The connection has ended, by whichever side. Last call; the object is destroyed next.
    virtual void on_end() = 0;
};

/// One request being answered: exactly one of `answer`, `defer` and `upgrade` is called, before
/// `Service::handle` returns.
class Exchange {
public:
    virtual ~Exchange() = default;

    [[nodiscard]] virtual Request const& request() const = 0;

    /// When the request's head had been read, on the monotonic clock.
    [[nodiscard]] virtual std::chrono::steady_clock::time_point started() const = 0;

    /// A cleared response to fill in and to answer with.
    [[nodiscard]] virtual Response& response() = 0;

    /// Answers with `response()`.
    virtual void answer() = 0;

    /// Puts the answer off, at most `kDeferredAnswerMax`; then the caller gets 503. The request
    /// stays readable until the answer is complete.
    [[nodiscard]] virtual std::unique_ptr<DeferredAnswer> defer() = 0;

    /// Whether the request asks for a WebSocket (RFC 6455 section 4.2.1). Malformed handshakes were
    /// answered by `net/` before.
    [[nodiscard]] virtual bool is_upgrade() const = 0;

    /// Answers 101 and hands the connection over. Only where `is_upgrade()`. Where the peer is gone
    /// before the 101 is sent, `conversation` is destroyed without having been called.
    virtual void upgrade(std::unique_ptr<Conversation> conversation) = 0;
};

/// Answers requests: one for each loop.
class Service {
public:
    virtual ~Service() = default;

    virtual void handle(Exchange& exchange) = 0;

    /// A request that could not be read (`status` 400, 408, 413, 417, 426, 431, 501, 505, …): fills
    /// in what to say. The connection is closed behind it.
    virtual void describe_error(int status, std::string_view why, Response& response) = 0;

    /// Every `kTickLength` or so: what is due by time.
    virtual void on_tick() = 0;

    /// The server stops: end what stays open.
    virtual void on_stop() = 0;
};

using ServiceFactory =
    std::move_only_function<std::unique_ptr<Service>(Loop& loop, std::size_t loop_index)>;

}  // namespace latchkey::http
