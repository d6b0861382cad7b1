#include "net/websocket_session.hpp"

#include "http/frame.hpp"
#include "http/limits.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <string>
#include <utility>

namespace latchkey::net {
namespace {

/// Bytes of one connection that are read before others get their turn.
constexpr int kReadsPerTurn = 4;

/// One open WebSocket: no coroutine, no buffers of its own while nothing is half-done. Idle, it is
/// this object and one wait for the socket to be readable.
///
/// Ownership: the pending operations hold it. The one that reads is always pending while the
/// connection lives, and it is the one that calls `on_end`: from the bottom of the stack, once.
class WebSocketSession final : public Watched, public http::WebSocket {
public:
    using Pointer = boost::intrusive_ptr<WebSocketSession>;

    WebSocketSession(EventLoop& loop, Socket socket,
                     std::unique_ptr<http::Conversation> conversation)
        : loop_(loop), socket_(std::move(socket)), conversation_(std::move(conversation)) {
        loop_.enter();
    }
    ~WebSocketSession() override { loop_.leave(); }

    void start(std::string_view switching_protocols, std::span<char> input);

    // http::WebSocket
    void send_text(std::string_view text) override;
    void close(std::uint16_t code, std::string_view reason) override;
    void send_text_and_close(std::string_view text, std::uint16_t code,
                             std::string_view reason) override;

    // Watched
    void on_timeout() override { end(); }
    void on_stop() override { close(http::close_code::kGoingAway, "server is stopping"); }
    void abort() override { end(); }

private:
    enum class State : std::uint8_t {
        Open,
        Closing,     ///< our close frame is sent or queued; theirs has not come
        Discarding,  ///< as Closing, but what comes in is not looked at any more
        Ended,       ///< the socket is closed
    };
    struct SendQueue {
        std::string bytes;
        std::size_t sent = 0;
    };

    void wait_readable();
    void on_readable(ErrorCode error);
    void read_available();
    void on_bytes(std::span<char> bytes);
    void on_event(http::FrameEvent const& event);
    void on_message(http::MessageKind kind, std::string_view payload);
    void on_close_frame(std::uint16_t code);
    void fail(std::uint16_t code);

    void begin_close(std::string& frames, std::uint16_t code, std::string_view reason);
    void send(std::string_view bytes);
    void queue(std::string_view bytes);
    void wait_writable();
    void on_writable(ErrorCode error);

    void finish_when_sent();
    void end();
    void farewell();

    friend void intrusive_ptr_add_ref(WebSocketSession* session) { ++session->references_; }
    friend void intrusive_ptr_release(WebSocketSession* session) {
        if (--session->references_ == 0) {
            delete session;
        }
    }

    EventLoop& loop_;
    Socket socket_;
    std::unique_ptr<http::Conversation> conversation_;
    http::FrameDecoder decoder_;
    std::unique_ptr<SendQueue> queue_;  ///< none: all is sent
    std::uint32_t references_ = 0;
    std::uint32_t discarded_bytes_ = 0;
    State state_ = State::Open;
    bool peer_closed_ = false;  ///< its close frame came: end when ours is sent
};

void WebSocketSession::start(std::string_view switching_protocols, std::span<char> input) {
    send(switching_protocols);
    if (state_ == State::Ended) {
        return;
    }
    loop_.watch(*this, Wait::WebSocketSilence);
    if (!loop_.guard("Conversation::on_open", [this] { conversation_->on_open(*this); })) {
        fail(http::close_code::kInternalError);
    }
    if (loop_.is_stopping()) {
        on_stop();  // it opened behind the round that told the others
    }
    on_bytes(input);
    wait_readable();
}

void WebSocketSession::wait_readable() {
    if (state_ == State::Ended) {
        return farewell();
    }
    socket_.async_wait(Socket::wait_read,
                       [self = Pointer(this)](ErrorCode error) { self->on_readable(error); });
}

void WebSocketSession::on_readable(ErrorCode error) {
    if (error) {
        end();
    }
    read_available();
    wait_readable();
}

void WebSocketSession::read_available() {
    auto const buffer = loop_.shared_read_buffer();
    for (int turn = 0; turn < kReadsPerTurn && state_ != State::Ended; ++turn) {
        ErrorCode error;
        auto const size = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
        if (error == asio::error::would_block) {
            return;
        }
        if (error) {
            return end();
        }
        if (state_ == State::Open) {
            loop_.watch(*this, Wait::WebSocketSilence);
        }
        on_bytes(buffer.first(size));
        if (size < buffer.size()) {
            return;
        }
    }
}

void WebSocketSession::on_bytes(std::span<char> bytes) {
    while (state_ == State::Open || state_ == State::Closing) {
        auto const event = decoder_.next(bytes);
        if (event.kind == http::FrameEvent::Kind::NeedInput) {
            return;
        }
        on_event(event);
    }
    discarded_bytes_ += static_cast<std::uint32_t>(bytes.size());
    if (state_ == State::Discarding && discarded_bytes_ > http::kDrainBytesMax) {
        end();
    }
}

void WebSocketSession::on_event(http::FrameEvent const& event) {
    using enum http::FrameEvent::Kind;
    switch (event.kind) {
        case Text: return on_message(http::MessageKind::Text, event.payload);
        case Binary: return on_message(http::MessageKind::Binary, event.payload);
        case Ping: return on_message(http::MessageKind::Ping, event.payload);
        case Close: return on_close_frame(event.code);
        case Error: return fail(event.code);
        case Pong:  // asked for or not, it is a sign of life (RFC 6455 section 5.5.3)
        case NeedInput: return;
    }
}

void WebSocketSession::on_message(http::MessageKind kind, std::string_view payload) {
    if (state_ != State::Open) {
        return;  // nothing is sent behind our close frame, so nothing is asked any more
    }
    if (kind == http::MessageKind::Ping) {
        auto& frame = loop_.scratch();
        http::append_pong_frame(frame, payload);
        send(frame);
    }
    if (state_ == State::Open && !loop_.guard("Conversation::on_message",
                                              [&] { conversation_->on_message(kind, payload); })) {
        fail(http::close_code::kInternalError);
    }
}

/// RFC 6455 section 5.5.1: "the endpoint MUST send a Close frame in response"; section 7.1.1: the
/// server closes the connection first.
void WebSocketSession::on_close_frame(std::uint16_t code) {
    peer_closed_ = true;
    if (state_ == State::Open) {
        close(code, {});
    }
    finish_when_sent();
}

/// RFC 6455 section 7.1.7. The frame is of no use to a peer that sees a reset instead: what it has
/// sent is read and dropped until it closes, within limits.
void WebSocketSession::fail(std::uint16_t code) {
    close(code, {});
    if (state_ == State::Closing) {
        state_ = State::Discarding;
        finish_when_sent();
    }
}

void WebSocketSession::send_text(std::string_view text) {
    if (state_ != State::Open) {
        return;
    }
    auto& frame = loop_.scratch();
    http::append_text_frame(frame, text);
    send(frame);
}

void WebSocketSession::close(std::uint16_t code, std::string_view reason) {
    if (state_ == State::Open) {
        begin_close(loop_.scratch(), code, reason);
    }
}

void WebSocketSession::send_text_and_close(std::string_view text, std::uint16_t code,
                                           std::string_view reason) {
    if (state_ == State::Open) {
        auto& frames = loop_.scratch();
        http::append_text_frame(frames, text);
        begin_close(frames, code, reason);
    }
}

/// Sends `frames` and the close frame behind them.
void WebSocketSession::begin_close(std::string& frames, std::uint16_t code,
                                   std::string_view reason) {
    state_ = State::Closing;
    http::append_close_frame(frames, code, reason);
    loop_.watch(*this, Wait::CloseHandshake);
    send(frames);
}

/// What does not go out at once is queued.
void WebSocketSession::send(std::string_view bytes) {
    if (queue_) {
        return queue(bytes);
    }
    ErrorCode error;
    auto const sent = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    if (error && error != asio::error::would_block) {
        return end();
    }
    if (sent < bytes.size()) {
        queue_ = std::make_unique<SendQueue>();
        queue(bytes.substr(sent));
        if (state_ != State::Ended) {
            wait_writable();
        }
    }
}

void WebSocketSession::queue(std::string_view bytes) {
    if (queue_->bytes.size() - queue_->sent + bytes.size() > http::kSendQueueBytesMax) {
        loop_.log().write(LogLevel::Info, "websocket.cut_slow_reader", {});
        return end();
    }
    queue_->bytes.erase(0, queue_->sent);
    queue_->sent = 0;
    queue_->bytes += bytes;
}

void WebSocketSession::wait_writable() {
    socket_.async_wait(Socket::wait_write,
                       [self = Pointer(this)](ErrorCode error) { self->on_writable(error); });
}

void WebSocketSession::on_writable(ErrorCode error) {
    if (state_ == State::Ended) {
        return;
    }
    auto const unsent = std::string_view(queue_->bytes).substr(queue_->sent);
    if (!error) {
        queue_->sent += socket_.write_some(asio::buffer(unsent.data(), unsent.size()), error);
    }
    if (error && error != asio::error::would_block) {
        return end();
    }
    if (queue_->sent < queue_->bytes.size()) {
        return wait_writable();
    }
    queue_.reset();
    finish_when_sent();
}

void WebSocketSession::finish_when_sent() {
    if (queue_) {
        return;
    }
    if (peer_closed_) {
        end();
    } else if (state_ == State::Discarding) {
        ErrorCode ignored;  // a peer that is gone shows when it is read from
        socket_.shutdown(Socket::shutdown_send, ignored);
    }
}

/// Closes the socket, which ends the pending operations; `on_end` is theirs to call.
void WebSocketSession::end() {
    if (state_ == State::Ended) {
        return;
    }
    state_ = State::Ended;
    unlink();
    ErrorCode ignored;  // whatever goes wrong here, the socket is closed
    socket_.close(ignored);
    queue_.reset();
}

void WebSocketSession::farewell() {
    auto const conversation = std::move(conversation_);
    loop_.guard("Conversation::on_end", [&] { conversation->on_end(); });
}

}  // namespace

void start_websocket_session(EventLoop& loop, Socket socket,
                             std::unique_ptr<http::Conversation> conversation,
                             std::string_view switching_protocols, std::span<char> input) {
    WebSocketSession::Pointer const session(
        new WebSocketSession(loop, std::move(socket), std::move(conversation)));
    session->start(switching_protocols, input);
}

}  // namespace latchkey::net
