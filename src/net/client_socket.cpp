#include "net/client_socket.hpp"

#include "net/dialer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <deque>
#include <utility>

namespace latchkey::net {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using TimePoint = std::chrono::steady_clock::time_point;

constexpr std::uint16_t kNoCode = 1005;

ClientFailure to_failure(ErrorCode const& error) {
    if (error == beast::error::timeout) {
        return {.error = ClientError::TimedOut, .message = "the server has gone silent"};
    }
    bool const wrong = is_wrong_speech(error);
    return {.error = wrong ? ClientError::NotHttp : ClientError::Disconnected,
            .message =
                (wrong ? "the server does not speak WebSocket: " : "the connection broke off: ") +
                error.message()};
}

}  // namespace

class ClientSocket::Core : public std::enable_shared_from_this<Core> {
public:
    Core(std::shared_ptr<Dialer> dialer, std::string target, ClientLimits const& limits,
         ClientSocketHandler& handler)
        : dialer_(std::move(dialer)),
          target_(std::move(target)),
          limits_(limits),
          handler_(&handler),
          socket_(dialer_->io()),
          patience_(dialer_->io()) {}

    void start(TimePoint deadline);
    void drop();
    void send_text(std::string text);
    void close(std::uint16_t code);

private:
    static Task<void> run(std::shared_ptr<Core> self);
    Task<std::optional<ClientFailure>> open();
    Task<std::optional<ClientFailure>> upgrade();
    Task<void> read();
    void write_next();
    void say_goodbye();
    void end_with_goodbye();
    /// Ends the connection with that failure, unless it is over before.
    void end_at(TimePoint at, ClientFailure failure);
    void end(std::optional<std::uint16_t> code, ClientFailure failure);

    std::shared_ptr<Dialer> dialer_;
    std::string target_;
    ClientLimits limits_;
    ClientSocketHandler* handler_;  // null: nothing is told any more
    websocket::stream<ClientStream> socket_;
    beast::flat_buffer buffer_;
    Timer patience_;                 // until it is open, and from the goodbye on
    std::deque<std::string> queue_;  // the first is being written
    std::size_t queued_bytes_ = 0;
    std::optional<std::uint16_t> goodbye_;
    bool open_ = false;
    bool saying_goodbye_ = false;
    bool sent_ = false;
};

void ClientSocket::Core::start(TimePoint deadline) {
    end_at(deadline,
           {.error = ClientError::TimedOut, .message = "the socket did not open in time"});
    asio::post(dialer_->io(), [self = shared_from_this()] {
        asio::co_spawn(self->dialer_->io(), run(self), asio::detached);
    });
}

void ClientSocket::Core::drop() {
    handler_ = nullptr;
    patience_.cancel();
    socket_.next_layer().close();
}

void ClientSocket::Core::end_at(TimePoint at, ClientFailure failure) {
    patience_.expires_at(at);
    patience_.async_wait(
        [self = shared_from_this(), failure = std::move(failure)](ErrorCode error) {
            if (!error) {
                self->end(std::nullopt, failure);
            }
        });
}

void ClientSocket::Core::end(std::optional<std::uint16_t> code, ClientFailure failure) {
    auto* const handler = std::exchange(handler_, nullptr);
    drop();
    if (handler != nullptr) {
        failure.sent = sent_;
        handler->on_closed(code, failure);
    }
}

Task<void> ClientSocket::Core::run(std::shared_ptr<Core> self) {
    auto failed = co_await self->open();
    if (failed) {
        self->end(std::nullopt, *std::move(failed));
        co_return;
    }
    if (self->handler_ == nullptr) {  // ended while the answer was on its way
        co_return;
    }
    self->patience_.cancel();
    self->open_ = true;
    self->handler_->on_open();
    co_await self->read();
}

Task<std::optional<ClientFailure>> ClientSocket::Core::open() {
    if (!std::ranges::all_of(target_, [](char c) { return c > ' ' && c < 0x7f; })) {
        co_return ClientFailure{.error = ClientError::BadRequest,
                                .message = "the target of the socket cannot be sent"};
    }
    auto failed = co_await dialer_->dial(&socket_.next_layer(), patience_.expiry());
    if (!failed && handler_ != nullptr) {
        failed = co_await upgrade();
    }
    co_return failed;
}

Task<std::optional<ClientFailure>> ClientSocket::Core::upgrade() {
    socket_.set_option({.handshake_timeout = websocket::stream_base::none(),
                        .idle_timeout = websocket::stream_base::none(),
                        .keep_alive_pings = false});
    socket_.auto_fragment(false);
    socket_.read_message_max(limits_.message_bytes_max);
    sent_ = true;
    websocket::response_type answer;
    auto const [error] =
        co_await socket_.async_handshake(answer, dialer_->authority(), target_, kAwaitTuple);
    if (error == websocket::error::upgrade_declined) {
        co_return ClientFailure{
            .error = ClientError::NotHttp,
            .message = "the upgrade was answered with " + std::to_string(answer.result_int())};
    }
    if (error) {
        co_return to_failure(error);
    }
    socket_.set_option({.handshake_timeout = limits_.close_handshake,
                        .idle_timeout = limits_.socket_silence,
                        .keep_alive_pings = true});
    co_return std::nullopt;
}

Task<void> ClientSocket::Core::read() {
    for (;;) {
        auto const [error, size] = co_await socket_.async_read(buffer_, kAwaitTuple);
        if (handler_ == nullptr) {
            co_return;
        }
        if (error == websocket::error::closed) {
            end_with_goodbye();
            co_return;
        }
        if (error) {
            if (!saying_goodbye_) {
                end(std::nullopt, to_failure(error));
            }
            co_return;
        }
        auto const payload = buffer_.cdata();
        handler_->on_message({static_cast<char const*>(payload.data()), payload.size()});
        buffer_.consume(buffer_.size());
    }
}

void ClientSocket::Core::send_text(std::string text) {
    if (!open_ || handler_ == nullptr || goodbye_) {
        return;
    }
    queued_bytes_ += text.size();
    if (queued_bytes_ > limits_.send_queue_bytes_max) {
        asio::post(dialer_->io(), [self = shared_from_this()] {
            self->end(std::nullopt, {.error = ClientError::Overloaded,
                                     .message = "the server has stopped reading"});
        });
        return;
    }
    queue_.push_back(std::move(text));
    if (queue_.size() == 1) {
        write_next();
    }
}

void ClientSocket::Core::write_next() {
    if (queue_.empty()) {
        if (goodbye_) {
            say_goodbye();
        }
        return;
    }
    socket_.text(true);
    socket_.async_write(asio::buffer(queue_.front()),
                        [self = shared_from_this()](ErrorCode error, std::size_t) {
                            if (error || self->handler_ == nullptr) {
                                return;  // the read that is under way tells why
                            }
                            self->queued_bytes_ -= self->queue_.front().size();
                            self->queue_.pop_front();
                            self->write_next();
                        });
}

void ClientSocket::Core::close(std::uint16_t code) {
    if (handler_ == nullptr || goodbye_) {
        return;
    }
    goodbye_ = code;
    auto const now = std::chrono::steady_clock::now();
    end_at(open_ ? now + limits_.close_handshake : now,
           {.error = open_ ? ClientError::TimedOut : ClientError::Disconnected,
            .message = open_ ? "the server did not say goodbye" : "closed before it was open"});
    if (open_ && queue_.empty()) {
        say_goodbye();
    }
}

/// From here on the close reads what comes, and the read that is under way may be cut short.
void ClientSocket::Core::say_goodbye() {
    saying_goodbye_ = true;
    socket_.async_close(websocket::close_reason(*goodbye_),
                        [self = shared_from_this()](ErrorCode error) {
                            bool const told = self->socket_.reason().code != 0;
                            if (error && !told) {
                                self->end(std::nullopt, to_failure(error));
                            } else {
                                self->end_with_goodbye();
                            }
                        });
}

/// A close frame without a code is shown as RFC 6455 section 7.1.5 has it.
void ClientSocket::Core::end_with_goodbye() {
    auto const code = socket_.reason().code;
    end(code == websocket::close_code::none ? kNoCode : code,
        {.error = ClientError::Disconnected, .message = "the server closed the connection"});
}

ClientSocket::ClientSocket(ClientLoop& loop, std::shared_ptr<Dialer> dialer, std::string target,
                           TimePoint deadline, ClientLimits const& limits,
                           ClientSocketHandler& handler)
    : world_(loop.world()),
      core_(std::make_shared<Core>(std::move(dialer), std::move(target), limits, handler)) {
    core_->start(deadline);
}

ClientSocket::~ClientSocket() { core_->drop(); }

void ClientSocket::send_text(std::string text) { core_->send_text(std::move(text)); }

void ClientSocket::close(std::uint16_t code) { core_->close(code); }

}  // namespace latchkey::net
