#include "net/http_pool.hpp"

#include "http/ascii.hpp"
#include "net/dialer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <deque>
#include <utility>

namespace latchkey::net {
namespace {

namespace beast = boost::beast;
using TimePoint = std::chrono::steady_clock::time_point;
using Parser = beast::http::response_parser<beast::http::string_body>;
using Outcome = std::expected<ClientResponse, ClientFailure>;

std::string format_request(ClientRequest const& request, std::string_view authority) {
    std::string out = request.method + " " + request.target + " HTTP/1.1\r\nHost: ";
    out.append(authority).append("\r\n");
    if (!request.body.empty() || request.method == "POST" || request.method == "PATCH" ||
        request.method == "PUT") {
        out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    for (auto const& field : request.fields) {
        out += field.name + ": " + field.value + "\r\n";
    }
    return out + "\r\n" + request.body;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, http::is_token_character);
}

/// What could split the request into two (RFC 9112 section 11.1) is not sent.
bool can_be_written(ClientRequest const& request) {
    return is_token(request.method) && request.target.starts_with('/') &&
           std::ranges::all_of(request.target, [](char c) { return c > ' ' && c < 0x7f; }) &&
           std::ranges::all_of(request.fields, [](ClientField const& field) {
               return is_token(field.name) &&
                      std::ranges::none_of(field.value, http::is_control_character);
           });
}

ClientResponse to_response(Parser::value_type&& message) {
    ClientResponse response{
        .status = static_cast<int>(message.result_int()), .fields = {}, .body = {}};
    for (auto const& field : message) {
        response.fields.push_back(
            {.name = std::string(field.name_string()), .value = std::string(field.value())});
    }
    response.body = std::move(message.body());
    return response;
}

ClientFailure to_failure(ErrorCode const& error) {
    bool const wrong = is_wrong_speech(error);
    return {.error = wrong ? ClientError::NotHttp : ClientError::Disconnected,
            .message = (wrong ? "the answer cannot be read: " : "the connection broke off: ") +
                       error.message()};
}

struct Connection {
    explicit Connection(asio::io_context& io) : stream(io) {}

    /// Whether nothing came since the last answer: neither the end nor what nobody asked for.
    [[nodiscard]] bool is_quiet() {
        ErrorCode error;
        stream.socket().non_blocking(true, error);
        char byte = 0;
        stream.socket().receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
        return error == asio::error::would_block;
    }

    ClientStream stream;
    beast::flat_buffer buffer{kClientHeaderBytesMax * 2};
    TimePoint idle_until;
};

/// One request, until `done` was called.
struct Exchange {
    Exchange(asio::io_context& io, ClientRequest asked, HttpPool::Done then)
        : request(std::move(asked)), deadline(io), done(std::move(then)) {}

    [[nodiscard]] bool is_over() const noexcept { return done == nullptr; }
    void finish(Outcome outcome) {
        deadline.cancel();
        if (!is_over()) {
            std::exchange(done, nullptr)(std::move(outcome));
        }
    }
    void fail(ClientError error) {
        finish(std::unexpected(
            ClientFailure{.error = error, .message = std::string(describe(error)), .sent = sent}));
    }

    ClientRequest request;
    Timer deadline;
    HttpPool::Done done;
    std::shared_ptr<Connection> connection;  // that it is on
    bool sent = false;
    bool answered = false;  // some byte came
};

}  // namespace

class HttpPool::Core : public std::enable_shared_from_this<Core> {
public:
    Core(asio::io_context& io, std::shared_ptr<Dialer> dialer, ClientLimits const& limits)
        : io_(io), dialer_(std::move(dialer)), limits_(limits), sweep_(io) {}

    void send(ClientRequest request, TimePoint deadline, Done done);
    void stop();

private:
    using ExchangePtr = std::shared_ptr<Exchange>;
    using ConnectionPtr = std::shared_ptr<Connection>;

    void expire(ExchangePtr const& exchange);
    static Task<void> work(std::shared_ptr<Core> self);
    Task<void> serve(ExchangePtr exchange);
    Task<Outcome> converse(ExchangePtr exchange);
    Task<Outcome> dial_and_converse(ExchangePtr exchange);
    Task<Outcome> read_answer(ExchangePtr exchange);
    [[nodiscard]] ExchangePtr take_waiting();
    [[nodiscard]] ConnectionPtr take_idle();
    void keep(ConnectionPtr connection);
    void sweep();

    asio::io_context& io_;
    std::shared_ptr<Dialer> dialer_;
    ClientLimits limits_;
    std::deque<ExchangePtr> waiting_;
    std::vector<ExchangePtr> active_;  // each has one worker, and a connection at most
    std::size_t workers_ = 0;          // together with idle_: limits_.connections_max at most
    std::vector<ConnectionPtr> idle_;  // the last one used is the last
    Timer sweep_;                      // for the first of idle_
    bool stopped_ = false;
};

void HttpPool::Core::send(ClientRequest request, TimePoint deadline, Done done) {
    auto const exchange = std::make_shared<Exchange>(io_, std::move(request), std::move(done));
    bool const full = waiting_.size() >= limits_.requests_waiting_max;
    if (full || !can_be_written(exchange->request)) {
        asio::post(io_, [exchange, full] {
            exchange->fail(full ? ClientError::Overloaded : ClientError::BadRequest);
        });
        return;
    }
    exchange->deadline.expires_at(deadline);
    exchange->deadline.async_wait([self = shared_from_this(), exchange](ErrorCode error) {
        if (!error) {
            self->expire(exchange);
        }
    });
    waiting_.push_back(exchange);
    if (workers_ < limits_.connections_max) {
        ++workers_;
        asio::post(io_, [self = shared_from_this()] {
            asio::co_spawn(self->io_, work(self), asio::detached);
        });
    }
}

void HttpPool::Core::expire(ExchangePtr const& exchange) {
    if (exchange->is_over()) {
        return;
    }
    if (exchange->connection) {
        exchange->connection->stream.close();
    }
    if (auto const found = std::ranges::find(waiting_, exchange); found != waiting_.end()) {
        waiting_.erase(found);
    }
    exchange->fail(ClientError::TimedOut);
}

void HttpPool::Core::stop() {
    stopped_ = true;
    auto const drop = [](ExchangePtr const& exchange) {
        exchange->done = nullptr;
        exchange->deadline.cancel();
        if (exchange->connection) {
            exchange->connection->stream.close();
        }
    };
    std::ranges::for_each(std::exchange(waiting_, {}), drop);
    std::ranges::for_each(active_, drop);
    idle_.clear();
    sweep_.cancel();
}

/// One of at most `connections_max`: serves what waits until nothing does.
Task<void> HttpPool::Core::work(std::shared_ptr<Core> self) {
    for (auto exchange = self->take_waiting(); exchange; exchange = self->take_waiting()) {
        self->active_.push_back(exchange);
        co_await self->serve(exchange);
        std::erase(self->active_, exchange);
    }
    --self->workers_;
}

Task<void> HttpPool::Core::serve(ExchangePtr exchange) {
    exchange->connection = take_idle();
    Outcome outcome = std::unexpected(ClientFailure{.error = ClientError::Disconnected});
    if (exchange->connection) {
        outcome = co_await converse(exchange);
    }
    // The server may drop a kept connection just when it is used again (RFC 9112 section 9.3.1).
    bool const may_repeat = exchange->request.repeatable || !exchange->sent;
    if (!outcome && outcome.error().error == ClientError::Disconnected && !exchange->answered &&
        may_repeat && !exchange->is_over()) {
        outcome = co_await dial_and_converse(exchange);
    }
    exchange->connection = nullptr;
    if (!outcome) {
        outcome.error().sent = exchange->sent;
    }
    exchange->finish(std::move(outcome));
}

Task<Outcome> HttpPool::Core::dial_and_converse(ExchangePtr exchange) {
    exchange->connection = std::make_shared<Connection>(io_);
    auto failed =
        co_await dialer_->dial(&exchange->connection->stream, exchange->deadline.expiry());
    if (failed) {
        co_return std::unexpected(*std::move(failed));
    }
    auto outcome = co_await converse(exchange);
    co_return outcome;
}

Task<Outcome> HttpPool::Core::converse(ExchangePtr exchange) {
    if (exchange->is_over()) {  // its deadline has come, or the pool was stopped
        co_return std::unexpected(ClientFailure{.error = ClientError::TimedOut});
    }
    auto const text = format_request(exchange->request, dialer_->authority());
    bool const was_sent = std::exchange(exchange->sent, true);
    auto const [error, written] =
        co_await asio::async_write(exchange->connection->stream, asio::buffer(text), kAwaitTuple);
    if (error && written == 0) {
        exchange->sent = was_sent;
    }
    // A server may answer and close before it has read everything: its answer counts.
    auto outcome = co_await read_answer(exchange);
    co_return outcome;
}

Task<Outcome> HttpPool::Core::read_answer(ExchangePtr exchange) {
    auto& connection = *exchange->connection;
    std::optional<Parser> parser;
    for (int interim = 0; interim <= kClientInterimAnswersMax; ++interim) {
        parser.emplace();
        parser->header_limit(kClientHeaderBytesMax);
        parser->body_limit(limits_.body_bytes_max);
        parser->skip(exchange->request.method == "HEAD");
        auto const [error, read] = co_await beast::http::async_read(
            connection.stream, connection.buffer, *parser, kAwaitTuple);
        exchange->answered |= parser->got_some() || connection.buffer.size() > 0;
        if (error) {
            co_return std::unexpected(to_failure(error));
        }
        if (parser->get().result_int() >= 200) {
            break;
        }
    }
    if (parser->get().result_int() < 200) {
        co_return std::unexpected(ClientFailure{.error = ClientError::NotHttp,
                                                .message = "no answer behind the interim ones"});
    }
    if (parser->keep_alive() && connection.buffer.size() == 0 && !exchange->is_over()) {
        keep(exchange->connection);
    }
    co_return to_response(parser->release());
}

HttpPool::Core::ExchangePtr HttpPool::Core::take_waiting() {
    if (waiting_.empty()) {
        return nullptr;
    }
    auto exchange = std::move(waiting_.front());
    waiting_.pop_front();
    return exchange;
}

HttpPool::Core::ConnectionPtr HttpPool::Core::take_idle() {
    while (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection->idle_until > std::chrono::steady_clock::now() && connection->is_quiet()) {
            return connection;
        }
    }
    return nullptr;
}

void HttpPool::Core::keep(ConnectionPtr connection) {
    if (stopped_) {
        return;
    }
    connection->idle_until = std::chrono::steady_clock::now() + limits_.keep_alive_idle;
    idle_.push_back(std::move(connection));
    if (idle_.size() == 1) {
        sweep();
    }
}

/// Closes what has been idle for too long, and waits for the next.
void HttpPool::Core::sweep() {
    auto const now = std::chrono::steady_clock::now();
    std::erase_if(idle_, [now](ConnectionPtr const& idle) { return idle->idle_until <= now; });
    if (idle_.empty()) {
        return;
    }
    sweep_.expires_at(idle_.front()->idle_until);
    sweep_.async_wait([self = shared_from_this()](ErrorCode error) {
        if (!error) {
            self->sweep();
        }
    });
}

HttpPool::HttpPool(ClientLoop& loop, std::shared_ptr<Dialer> dialer, ClientLimits const& limits)
    : world_(loop.world()), core_(std::make_shared<Core>(world_->io, std::move(dialer), limits)) {}

HttpPool::~HttpPool() { core_->stop(); }

void HttpPool::send(ClientRequest request, TimePoint deadline, Done done) {
    core_->send(std::move(request), deadline, std::move(done));
}

}  // namespace latchkey::net
