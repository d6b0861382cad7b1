#include "sdk/net_network.hpp"

#include "http/date.hpp"
#include "net/client_socket.hpp"
#include "net/http_pool.hpp"
#include "sdk/base_url.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace latchkey::sdk {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds kRetryAfterMax = std::chrono::days(1);

Error::Kind to_kind(net::ClientError error) {
    switch (error) {
        using enum net::ClientError;
        case BadRequest: return Error::Kind::InvalidArgument;
        case Overloaded:
        case UnknownHost:
        case CannotConnect: return Error::Kind::CannotConnect;
        case TlsRefused: return Error::Kind::TlsRefused;
        case TimedOut: return Error::Kind::TimedOut;
        case Disconnected: return Error::Kind::Disconnected;
        case NotHttp: return Error::Kind::BadAnswer;
    }
    std::unreachable();
}

Failure to_failure(net::ClientFailure const& failure) {
    return {.kind = to_kind(failure.error), .message = failure.message, .sent = failure.sent};
}

Response to_response(net::ClientResponse&& response) {
    auto const date = http::parse_http_date(response.field("Date"));
    auto const retry_after = parse_retry_after(response.field("Retry-After"), date);
    return {.status = response.status,
            .body = std::move(response.body),
            .date = date,
            .retry_after = retry_after};
}

net::ClientRequest to_request(Request&& request, std::string const& path_prefix) {
    net::ClientRequest out{.method = std::move(request.method),
                           .target = path_prefix + request.target,
                           .body = std::move(request.body),
                           .repeatable = request.repeatable};
    for (auto& [name, value] : request.fields) {
        out.fields.push_back({.name = std::move(name), .value = std::move(value)});
    }
    return out;
}

class NetSocket final : public Socket, private net::ClientSocketHandler {
public:
    NetSocket(net::ClientLoop& loop, std::shared_ptr<net::Dialer> dialer, std::string target,
              TimePoint deadline, net::ClientLimits const& limits, SocketHandler& handler)
        : handler_(handler),
          socket_(loop, std::move(dialer), std::move(target), deadline, limits, *this) {}

    void send_text(std::string text) override { socket_.send_text(std::move(text)); }
    void close(std::uint16_t code) override { socket_.close(code); }

private:
    void on_open() override { handler_.on_open(); }
    void on_message(std::string_view payload) override { handler_.on_text(payload); }
    void on_closed(std::optional<std::uint16_t> code, net::ClientFailure const& failure) override {
        handler_.on_closed(code, to_failure(failure));
    }

    SocketHandler& handler_;
    net::ClientSocket socket_;
};

class NetWait final : public Wait {
public:
    explicit NetWait(std::unique_ptr<net::ClientTimer> timer) : timer_(std::move(timer)) {}

private:
    std::unique_ptr<net::ClientTimer> timer_;
};

class NetNetwork final : public Network {
public:
    NetNetwork(std::unique_ptr<net::ClientLoop> loop, std::shared_ptr<net::Dialer> dialer,
               std::string path_prefix, net::ClientLimits const& limits)
        : loop_(std::move(loop)),
          dialer_(std::move(dialer)),
          path_prefix_(std::move(path_prefix)),
          limits_(limits),
          pool_(*loop_, dialer_, limits) {}
    NetNetwork(NetNetwork const&) = delete;
    NetNetwork& operator=(NetNetwork const&) = delete;
    ~NetNetwork() override { loop_->stop(); }  // the pool belongs to its thread

    void post(std::move_only_function<void()> task) override { loop_->post(std::move(task)); }
    void stop() noexcept override { loop_->stop(); }
    void send(Request request, TimePoint deadline, Responded done) override {
        pool_.send(to_request(std::move(request), path_prefix_), deadline,
                   [done = std::move(done)](auto outcome) mutable {
                       if (outcome) {
                           done(to_response(*std::move(outcome)));
                       } else {
                           done(std::unexpected(to_failure(outcome.error())));
                       }
                   });
    }
    [[nodiscard]] std::unique_ptr<Socket> open_socket(std::string target, TimePoint deadline,
                                                      SocketHandler& handler) override {
        return std::make_unique<NetSocket>(*loop_, dialer_, path_prefix_ + target, deadline,
                                           limits_, handler);
    }
    [[nodiscard]] std::unique_ptr<Wait> wait_until(TimePoint at,
                                                   std::move_only_function<void()> task) override {
        return std::make_unique<NetWait>(loop_->wait_until(at, std::move(task)));
    }

private:
    std::unique_ptr<net::ClientLoop> loop_;
    std::shared_ptr<net::Dialer> dialer_;
    std::string path_prefix_;
    net::ClientLimits limits_;
    net::HttpPool pool_;
};

}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text,
                                                      std::optional<Instant> date) {
    if (auto const at = http::parse_http_date(text)) {
        if (!date) {
            return std::nullopt;
        }
        return std::clamp(std::chrono::ceil<std::chrono::seconds>(*at - *date),
                          std::chrono::seconds{0}, kRetryAfterMax);
    }
    std::uint32_t seconds = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc() || stop != end) {
        return std::nullopt;
    }
    return std::min(std::chrono::seconds{seconds}, kRetryAfterMax);
}

std::expected<std::unique_ptr<Network>, std::string> make_network(
    ConnectionOptions const& options) {
    return make_network(options, {});
}

std::expected<std::unique_ptr<Network>, std::string> make_network(ConnectionOptions const& options,
                                                                  net::ClientLimits limits) {
    auto url = parse_base_url(options.base_url);
    if (!url) {
        return std::unexpected(std::move(url.error()));
    }
    if (options.connections_max == 0) {
        return std::unexpected("a client needs one connection at least");
    }
    if (!url->tls && !options.ca_file.empty()) {
        return std::unexpected("certificates are given for a base URL without TLS");
    }
    limits.connections_max = options.connections_max;
    auto loop = std::make_unique<net::ClientLoop>();
    auto dialer = net::make_dialer(*loop, {.host = std::move(url->host),
                                           .port = url->port,
                                           .tls = url->tls,
                                           .ca_file = options.ca_file});
    if (!dialer) {
        return std::unexpected(std::move(dialer.error()));
    }
    return std::make_unique<NetNetwork>(std::move(loop), *std::move(dialer),
                                        std::move(url->path_prefix), limits);
}

}  // namespace latchkey::sdk
