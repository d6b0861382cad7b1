#include "sdk/server_caller.hpp"

#include "sdk/answers.hpp"

#include <latchkey/sdk/call.hpp>
#include <latchkey/token/issue.hpp>

#include <algorithm>
#include <utility>

namespace latchkey::sdk {
namespace {

bool is_success(Response const& response) {
    return response.status >= 200 && response.status < 300;
}

}  // namespace

ServerCaller::ServerCaller(Parts parts, std::unique_ptr<Network> network, Clock const& clock,
                           RandomSource& random)
    : parts_(std::move(parts)), clock_(clock), random_(random), network_(std::move(network)) {
    network_->post([this] { detail::client_of_this_thread = this; });
}

ServerCaller::~ServerCaller() {
    network_->stop();
    // Taken away first: who waits may look at this object no more.
    for (auto& exchange : std::exchange(exchanges_, {})) {
        exchange.wait.reset();
        exchange.done(std::unexpected(Error{.kind = Error::Kind::Stopped,
                                            .message = "the client was destroyed",
                                            .request_id = exchange.request_id}));
    }
}

void ServerCaller::call(ApiCall call, Answer done) {
    Exchanges one;
    one.push_back({.call = std::move(call),
                   .request_id = make_uuid(random_),
                   .deadline = clock_.monotonic() + parts_.deadline,
                   .done = std::move(done),
                   .pauses = Backoff(random_, kRepeatPauses)});
    auto const exchange = one.begin();
    {
        std::scoped_lock const lock(mutex_);
        if (exchanges_.size() < ServerClient::kCallsMax) {
            exchanges_.splice(exchanges_.end(), one);
        }
    }
    if (!one.empty()) {
        exchange->done(std::unexpected(Error{.kind = Error::Kind::TooManyCalls,
                                             .message = "too many calls are under way",
                                             .may_retry = true}));
        return;
    }
    network_->post([this, exchange] { send(exchange); });
}

void ServerCaller::send(Exchanges::iterator exchange) {
    ++exchange->sends;
    // A token without dates, as most of the official SDKs send: it does not depend on this
    // machine's clock, and is made anew each time so that none is kept.
    auto const token = token::issue_server_token(parts_.key);
    network_->send(
        to_request(exchange->call,
                   {.api_key = api_key(), .token = token, .request_id = exchange->request_id}),
        exchange->deadline, [this, exchange](std::expected<Response, Failure> result) {
            on_result(exchange, std::move(result));
        });
}

void ServerCaller::on_result(Exchanges::iterator exchange,
                             std::expected<Response, Failure> result) {
    if (result && is_success(*result)) {
        auto request_id = exchange->request_id;
        finish(exchange,
               Answered{.response = *std::move(result), .request_id = std::move(request_id)});
        return;
    }
    if (auto const at = find_next_send(*exchange, result)) {
        exchange->wait = network_->wait_until(*at, [this, exchange] { send(exchange); });
        return;
    }
    auto error = result ? read_error(*result) : to_error(result.error());
    error.request_id = exchange->request_id;
    finish(exchange, std::unexpected(std::move(error)));
}

std::optional<std::chrono::steady_clock::time_point> ServerCaller::find_next_send(
    Exchange& exchange, std::expected<Response, Failure> const& result) {
    if (exchange.sends == kSendsMax || !may_repeat(exchange.call.repeat, result)) {
        return std::nullopt;
    }
    auto const asked =
        result ? result->retry_after.value_or(std::chrono::seconds(0)) : std::chrono::seconds(0);
    // On top of what the server asks for, so that clients it sent away together come back apart.
    auto const at = clock_.monotonic() +
                    std::clamp(asked, std::chrono::seconds(0), kRetryAfterMax) +
                    exchange.pauses.next();
    return at < exchange.deadline ? std::optional(at) : std::nullopt;
}

void ServerCaller::finish(Exchanges::iterator exchange, Result<Answered> result) {
    Exchanges one;
    {
        std::scoped_lock const lock(mutex_);
        one.splice(one.end(), exchanges_, exchange);
    }
    exchange->done(std::move(result));
}

}  // namespace latchkey::sdk
