#pragma once

#include "api/connection.hpp"
#include "api/endpoint.hpp"
#include "api/long_poll.hpp"
#include "api/node.hpp"
#include "api/rate_limits.hpp"
#include "api/routes.hpp"
#include "domain/store_queue.hpp"
#include "http/service.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::api {

class TokenProvider;

/// The public listener, for one loop: routes a request, decides who calls, lets the endpoint work,
/// and gives the answer its form.
class PublicService final : public http::Service, public domain::ChangeListener {
public:
    /// `node` and `loop` outlive this object.
    PublicService(Node const& node, http::Loop& loop, std::size_t loop_index);
    ~PublicService() override;

    void handle(http::Exchange& exchange) override;
    void describe_error(int status, std::string_view why, http::Response& response) override;
    void on_tick() override;
    void on_stop() override;

    void on_changes(std::shared_ptr<std::vector<domain::Change> const> const& changes) override;

private:
    void call_endpoint(http::Exchange& exchange, RouteMatch const& route);
    void check_authorization(http::Exchange& exchange);
    void connect(http::Exchange& exchange, RouteMatch const& route);
    void answer_preflight(http::Exchange& exchange);
    void provide_token(http::Exchange& exchange, RouteMatch const& route);
    /// Whether the App is there that its tokens are for.
    [[nodiscard]] bool find_app_of(TokenProvider& provider) const;
    void long_poll(http::Exchange& exchange);
    void connect_long_poll(http::Exchange& exchange);
    void refuse_path(http::Exchange& exchange);
    void describe_api(http::Exchange& exchange);
    /// Gives a result its form, headers of every answer included.
    void finish(http::Response& response, std::optional<Operation> operation,
                RateStatus const& rate, Result const& result,
                std::chrono::steady_clock::time_point started);
    /// The decision, with what an endpoint needs of it copied out of node state.
    [[nodiscard]] std::expected<Caller, domain::Refusal> identify(
        domain::Credentials const& credentials, Instant now);
    void answer(http::Exchange& exchange, std::optional<Operation> operation,
                RateStatus const& rate, Result const& result);
    /// The same for an answer that is put off, which is logged when it is given. It begins with
    /// the header lines that the exchange's has by now.
    [[nodiscard]] std::move_only_function<http::Response(Result const&)> finish_later(
        http::Exchange& exchange, Operation operation, RateStatus const& rate);
    /// The same where how much is left is known with the result only.
    [[nodiscard]] std::move_only_function<http::Response(Result const&, RateStatus const&)>
    finish_with_rate(http::Exchange& exchange, Operation operation);
    [[nodiscard]] LongPolls::Respond answer_later(http::Exchange& exchange, Operation operation,
                                                  RateStatus const& rate);
    /// What a log says of a request, taken while it can be read; empty where nobody wants it.
    struct Logged {
        std::string_view method;
        std::string target;
    };
    [[nodiscard]] Logged take_for_log(http::Request const& request) const;
    void log_request(Logged const& logged, int status,
                     std::chrono::steady_clock::time_point started) const;

    Node const& node_;
    http::Loop& loop_;
    std::size_t slot_;
    RateLimitFields rate_fields_;
    ConnectionContext connections_;
    LongPolls polls_;
};

}  // namespace latchkey::api
