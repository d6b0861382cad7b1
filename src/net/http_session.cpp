#include "net/http_session.hpp"

#include "http/handshake.hpp"
#include "http/limits.hpp"
#include "http/response_format.hpp"
#include "net/read_buffer.hpp"
#include "net/request_parser.hpp"
#include "net/websocket_session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>

#include <optional>
#include <string>
#include <utility>

namespace latchkey::net {
namespace {

/// Room for a first read: most requests fit.
constexpr std::size_t kReadBytes = std::size_t{4} * 1024;
/// For reading on in bodies.
constexpr std::size_t kBodyReadBytes = std::size_t{32} * 1024;
/// Answers to pipelined requests are written together, up to about this size.
constexpr std::size_t kBatchBytes = std::size_t{64} * 1024;
/// What is kept of the memory of large requests and answers.
constexpr std::size_t kKeptBytes = std::size_t{16} * 1024;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

class HttpSession;

/// Where an answer that was put off meets the session that waits for it.
struct Deferral {
    HttpSession* session = nullptr;  ///< none: the answer came, or nobody waits for it any more
};

/// One connection that speaks HTTP. A state machine that never waits: `advance` goes as far as it
/// can and says what is to be waited for, and the coroutine `serve` does the waiting.
class HttpSession final : public Watched, public http::Exchange {
public:
    enum class Step : std::uint8_t { Read, Write, AwaitAnswer, End };

    HttpSession(EventLoop& loop, Socket socket, tcp::endpoint const& peer);
    ~HttpSession() override;

    [[nodiscard]] Step advance();

    [[nodiscard]] std::span<char> read_space();
    void on_read(ErrorCode error, std::size_t size);
    [[nodiscard]] std::string_view unsent() const { return std::string_view(out_).substr(sent_); }
    void on_written(ErrorCode error);

    [[nodiscard]] Socket& socket() noexcept { return socket_; }
    /// Wakes who awaits the answer.
    [[nodiscard]] Timer& answer_event();

    /// From a `DeferredAnswer`.
    void complete_deferred(http::Response response);
    void drop_deferred();

    // http::Exchange
    [[nodiscard]] http::Request const& request() const override { return request_; }
    [[nodiscard]] std::chrono::steady_clock::time_point started() const override {
        return started_;
    }
    [[nodiscard]] http::Response& response() override { return response_; }
    void answer() override { phase_ = Phase::Answered; }
    [[nodiscard]] std::unique_ptr<http::DeferredAnswer> defer() override;
    [[nodiscard]] bool is_upgrade() const override { return is_upgrade_; }
    void upgrade(std::unique_ptr<http::Conversation> conversation) override;

    // Watched
    void on_timeout() override;
    void on_stop() override { abort(); }
    void abort() override;

private:
    enum class Phase : std::uint8_t {
        Head,       ///< reads a head, or waits for a request to begin
        Body,       ///< reads a body
        Handling,   ///< in `Service::handle`
        Deferred,   ///< waits for the service
        Answered,   ///< `response_` is to be sent
        Upgrading,  ///< `conversation_` takes over
        Draining,   ///< the last answer is sent; what still comes is dropped
        Ended,
    };

    std::optional<Step> step();
    std::optional<Step> read_head();
    std::optional<Step> begin_body();
    std::optional<Step> read_body();
    std::optional<Step> drain();
    void handle();
    void refuse(http::HeadError const& error);
    void refuse_answer(int status, std::string_view why);
    void queue_answer();
    void next_request();
    bool write_queued();
    void become_websocket();
    void wake();
    void detach_deferral();

    EventLoop& loop_;
    Socket socket_;
    std::string peer_address_;
    ReadBuffer input_;
    ReadBuffer head_storage_;  ///< holds the head while a body is read into `input_`
    RequestParser parser_;
    std::string out_;
    std::size_t sent_ = 0;

    http::Request request_;
    http::Response response_;
    http::Upgrade upgrade_;
    std::chrono::steady_clock::time_point started_;
    std::unique_ptr<http::Conversation> conversation_;
    std::shared_ptr<Deferral> deferral_;
    std::optional<Timer> answer_event_;

    std::size_t drained_bytes_ = 0;
    Phase phase_ = Phase::Head;
    bool keep_alive_ = true;
    bool is_upgrade_ = false;
    bool broken_ = false;  ///< input is left that is not understood: drain before closing
    bool timed_out_ = false;
    bool header_watched_ = false;
    bool drain_begun_ = false;
};

class SessionDeferredAnswer final : public http::DeferredAnswer {
public:
    explicit SessionDeferredAnswer(std::shared_ptr<Deferral> deferral)
        : deferral_(std::move(deferral)) {}
    SessionDeferredAnswer(SessionDeferredAnswer const&) = delete;
    SessionDeferredAnswer& operator=(SessionDeferredAnswer const&) = delete;
    ~SessionDeferredAnswer() override;

    void complete(http::Response response) override {
        if (auto* const session = std::exchange(deferral_->session, nullptr)) {
            session->complete_deferred(std::move(response));
        }
    }

private:
    std::shared_ptr<Deferral> deferral_;
};

HttpSession::HttpSession(EventLoop& loop, Socket socket, tcp::endpoint const& peer)
    : loop_(loop), socket_(std::move(socket)), peer_address_(peer.address().to_string()) {
    loop_.enter();
}

HttpSession::~HttpSession() {
    detach_deferral();
    loop_.leave();
}

HttpSession::Step HttpSession::advance() {
    for (;;) {
        if (auto const wait = step()) {
            // Nothing is waited for while an answer is unsent.
            if (*wait != Step::End && phase_ != Phase::Ended && !write_queued()) {
                return Step::Write;
            }
            return phase_ == Phase::Ended ? Step::End : *wait;
        }
        if (out_.size() - sent_ > kBatchBytes && !write_queued()) {
            return Step::Write;
        }
    }
}

std::optional<HttpSession::Step> HttpSession::step() {
    switch (phase_) {
        case Phase::Head: return read_head();
        case Phase::Body: return read_body();
        case Phase::Handling:  // the service called nothing: its bug is not the caller's
            refuse_answer(500, "the request was not answered");
            return std::nullopt;
        case Phase::Deferred: loop_.watch(*this, Wait::DeferredAnswer); return Step::AwaitAnswer;
        case Phase::Answered: queue_answer(); return std::nullopt;
        case Phase::Upgrading:
            if (!write_queued()) {
                return Step::Write;
            }
            become_websocket();
            return Step::End;
        case Phase::Draining: return drain();
        case Phase::Ended: return Step::End;
    }
    std::unreachable();
}

std::optional<HttpSession::Step> HttpSession::read_head() {
    if (timed_out_) {
        refuse({.status = 408, .why = "the header took too long"});
        return std::nullopt;
    }
    std::span<char const> unread = input_.unread();
    auto const progress = parser_.read_head(unread);
    input_.keep_last(unread.size());
    if (!progress) {
        refuse(progress.error());
        return std::nullopt;
    }
    if (*progress == RequestParser::Progress::Head) {
        return begin_body();
    }
    if (!parser_.has_started()) {
        if (loop_.is_stopping()) {
            phase_ = Phase::Ended;
            write_queued();
            return Step::End;
        }
        input_.shrink(kKeptBytes);
        loop_.watch(*this, Wait::KeepAlive);
        return Step::Read;
    }
    // The time counts from the first byte, however often others follow.
    if (!std::exchange(header_watched_, true)) {
        loop_.watch(*this, Wait::HeaderRead);
    }
    return Step::Read;
}

std::optional<HttpSession::Step> HttpSession::begin_body() {
    started_ = loop_.clock().monotonic();
    keep_alive_ = parser_.facts().keep_alive && !loop_.is_stopping();
    phase_ = Phase::Body;
    if (!parser_.facts().has_body) {
        handle();
        return std::nullopt;
    }
    loop_.watch(*this, Wait::BodyRead);
    if (parser_.facts().expects_continue && input_.empty()) {
        out_ += kContinue;
    }
    return std::nullopt;
}

std::optional<HttpSession::Step> HttpSession::read_body() {
    if (timed_out_) {
        refuse({.status = 408, .why = "the body took too long"});
        return std::nullopt;
    }
    std::span<char const> unread = input_.unread();
    auto const progress = parser_.read_body(unread);
    input_.keep_last(unread.size());
    if (!progress) {
        refuse(progress.error());
        return std::nullopt;
    }
    if (*progress == RequestParser::Progress::Body) {
        handle();
        return std::nullopt;
    }
    if (!head_storage_.holds_memory()) {
        // The request refers to the memory of its head: that is put aside, and a new buffer begun.
        head_storage_ = std::exchange(input_, ReadBuffer(input_.unread()));
    }
    return Step::Read;
}

void HttpSession::handle() {
    request_ = parser_.request();
    request_.peer_address = peer_address_;
    is_upgrade_ = parser_.facts().upgrades_websocket;
    if (is_upgrade_) {
        auto const upgrade = http::check_upgrade(request_);
        if (!upgrade) {
            return refuse(upgrade.error());
        }
        upgrade_ = *upgrade;
    }
    response_.clear();
    phase_ = Phase::Handling;
    if (!loop_.guard("Service::handle", [this] { loop_.service().handle(*this); })) {
        detach_deferral();
        conversation_.reset();
        refuse_answer(500, "the request failed");
    }
}

std::unique_ptr<http::DeferredAnswer> HttpSession::defer() {
    phase_ = Phase::Deferred;
    deferral_ = std::make_shared<Deferral>(Deferral{.session = this});
    return std::make_unique<SessionDeferredAnswer>(deferral_);
}

void HttpSession::upgrade(std::unique_ptr<http::Conversation> conversation) {
    conversation_ = std::move(conversation);
    phase_ = Phase::Upgrading;
}

SessionDeferredAnswer::~SessionDeferredAnswer() {
    if (auto* const session = std::exchange(deferral_->session, nullptr)) {
        session->drop_deferred();
    }
}

void HttpSession::complete_deferred(http::Response response) {
    response_ = std::move(response);
    phase_ = Phase::Answered;
    wake();
}

void HttpSession::drop_deferred() {
    refuse_answer(500, "the answer was dropped");
    wake();
}

void HttpSession::wake() {
    deferral_.reset();
    if (answer_event_) {
        answer_event_->cancel();
    }
}

void HttpSession::detach_deferral() {
    if (deferral_) {
        deferral_->session = nullptr;
        deferral_.reset();
    }
}

Timer& HttpSession::answer_event() {
    if (!answer_event_) {
        answer_event_.emplace(loop_.io(), Timer::time_point::max());
    }
    return *answer_event_;
}

/// A request that could not be read: says why, and ends the connection, as nobody knows where the
/// next one would begin.
void HttpSession::refuse(http::HeadError const& error) {
    broken_ = true;
    timed_out_ = false;  // that is said with this answer; from now on an error is the end
    refuse_answer(error.status, error.why);
}

void HttpSession::refuse_answer(int status, std::string_view why) {
    response_.clear();
    response_.status = status;
    loop_.guard("Service::describe_error",
                [&] { loop_.service().describe_error(status, why, response_); });
    if (status == 426) {
        http::add_upgrade_required_fields(response_);
    }
    response_.close = true;
    phase_ = Phase::Answered;
}

void HttpSession::queue_answer() {
    keep_alive_ = keep_alive_ && !response_.close && !loop_.is_stopping();
    auto connection = http::ConnectionField::None;
    if (!keep_alive_) {
        connection = http::ConnectionField::Close;
    } else if (parser_.is_http10()) {
        connection = http::ConnectionField::KeepAlive;
    }
    http::append_response(out_, response_,
                          {.date = loop_.date(),
                           .connection = connection,
                           .head_only = request_.method == http::Method::Head});
    if (keep_alive_) {
        next_request();
    } else {
        phase_ = Phase::Draining;
    }
}

void HttpSession::next_request() {
    parser_.reset();
    head_storage_ = {};
    request_ = {};
    header_watched_ = false;
    timed_out_ = false;
    if (response_.body.capacity() > kKeptBytes) {
        response_.body = {};
    }
    phase_ = Phase::Head;
}

/// Sends what is queued, as far as it goes out at once. False: some is left.
bool HttpSession::write_queued() {
    if (sent_ < out_.size()) {
        ErrorCode error;
        auto const rest = unsent();
        sent_ += socket_.write_some(asio::buffer(rest.data(), rest.size()), error);
        if (error && error != asio::error::would_block) {
            phase_ = Phase::Ended;
            return true;
        }
        if (sent_ < out_.size()) {
            loop_.watch(*this, Wait::AnswerWrite);
            return false;
        }
    }
    on_written({});
    return true;
}

void HttpSession::on_written(ErrorCode error) {
    if (error) {
        phase_ = Phase::Ended;
    }
    sent_ = 0;
    out_.clear();
    if (out_.capacity() > kBatchBytes) {
        out_ = {};
    }
}

std::span<char> HttpSession::read_space() {
    if (phase_ == Phase::Draining) {
        return loop_.shared_read_buffer();
    }
    return input_.prepare(phase_ == Phase::Body ? kBodyReadBytes : kReadBytes);
}

void HttpSession::on_read(ErrorCode error, std::size_t size) {
    if (error) {
        // A timed-out read was cancelled: its answer is still to be given.
        if (!timed_out_ || !socket_.is_open()) {
            phase_ = Phase::Ended;
        }
    } else if (phase_ == Phase::Draining) {
        drained_bytes_ += size;
    } else {
        input_.commit(size);
    }
}

/// A socket that is closed with unread input sends a reset, and the peer may never see the answer:
/// so what comes is read and dropped until the peer closes, within limits.
std::optional<HttpSession::Step> HttpSession::drain() {
    if (!write_queued()) {
        return Step::Write;
    }
    bool const may_have_sent_more = broken_ || !input_.empty();
    if (phase_ == Phase::Ended || !may_have_sent_more || drained_bytes_ > http::kDrainBytesMax) {
        phase_ = Phase::Ended;
        return Step::End;
    }
    if (!std::exchange(drain_begun_, true)) {
        ErrorCode ignored;  // a peer that is gone shows when it is read from
        socket_.shutdown(Socket::shutdown_send, ignored);
        loop_.watch(*this, Wait::Drain);
    }
    return Step::Read;
}

void HttpSession::on_timeout() {
    switch (phase_) {
        case Phase::Head:
        case Phase::Body:
            // The pending read ends; a connection on which nothing has begun ends silently.
            if (phase_ == Phase::Body || parser_.has_started()) {
                timed_out_ = true;
                ErrorCode ignored;
                socket_.cancel(ignored);
                return;
            }
            return abort();
        case Phase::Deferred:
            detach_deferral();
            refuse_answer(503, "the answer took too long");
            return wake();
        case Phase::Handling:
        case Phase::Answered:
        case Phase::Upgrading:
        case Phase::Draining:
        case Phase::Ended: return abort();
    }
}

/// Whatever is pending ends with an error, and the coroutine with it.
void HttpSession::abort() {
    phase_ = Phase::Ended;
    detach_deferral();
    ErrorCode ignored;  // whatever goes wrong here, the socket is closed
    socket_.close(ignored);
    wake();
}

void HttpSession::become_websocket() {
    auto& switching_protocols = loop_.scratch();
    http::append_switching_protocols(switching_protocols, upgrade_);
    start_websocket_session(loop_, std::move(socket_), std::move(conversation_),
                            switching_protocols, input_.unread());
}

/// Owns the session, and waits for what it asks for.
Task<void> serve(std::unique_ptr<HttpSession> session) {
    for (;;) {
        switch (session->advance()) {
            case HttpSession::Step::Read: {
                auto const space = session->read_space();
                auto const [error, size] = co_await session->socket().async_read_some(
                    asio::buffer(space.data(), space.size()), kAwaitTuple);
                session->on_read(error, size);
                break;
            }
            case HttpSession::Step::Write: {
                auto const bytes = session->unsent();
                auto const [error, size] = co_await asio::async_write(
                    session->socket(), asio::buffer(bytes.data(), bytes.size()), kAwaitTuple);
                session->on_written(error);
                break;
            }
            case HttpSession::Step::AwaitAnswer:
                co_await session->answer_event().async_wait(kAwaitTuple);
                break;
            case HttpSession::Step::End: co_return;
        }
    }
}

}  // namespace

void start_http_session(EventLoop& loop, Socket socket, tcp::endpoint const& peer) {
    ErrorCode ignored;  // a peer that is gone already shows when it is read from
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    auto session = std::make_unique<HttpSession>(loop, std::move(socket), peer);
    asio::co_spawn(loop.io(), serve(std::move(session)), [&loop](std::exception_ptr failure) {
        loop.guard("an HTTP session", [&failure] {
            if (failure) {
                std::rethrow_exception(failure);
            }
        });
    });
}

}  // namespace latchkey::net
