#include "api/admin_service.hpp"

#include "api/admin.hpp"
#include "api/credentials.hpp"
#include "api/errors.hpp"
#include "api/metrics.hpp"
#include "api/replies.hpp"
#include "api/token_admin.hpp"
#include "api/token_explain.hpp"
#include "wire/json.hpp"

#include <expected>
#include <string>
#include <utility>
#include <variant>

namespace latchkey::api {
namespace {

constexpr std::string_view kOperationId = "Admin";
constexpr std::string_view kMacText = "latchkey admin credential";

}  // namespace

AdminService::AdminService(Node const& node, http::Loop& loop, std::size_t slot,
                           Secret const& credential)
    : node_(node),
      loop_(loop),
      slot_(slot),
      credential_mac_(token::HmacKey(credential.reveal()).mac(kMacText)) {}

bool AdminService::is_authorized(http::Request const& request) const {
    auto const shown = strip_bearer(request.field("authorization"));
    return !shown.empty() && token::HmacKey(shown).verify(kMacText, credential_mac_);
}

void AdminService::handle(http::Exchange& exchange) {
    auto const& request = exchange.request();
    auto& response = exchange.response();
    auto const reply = [&](Result const& result) {
        fill_response(response, {}, result, node_.clock.monotonic() - exchange.started());
        exchange.answer();
    };
    if (request.path == "/health/live") {
        reply(Answer{});
    } else if (request.path == "/health/ready") {
        reply(node_.ready ? Result(Answer{}) : std::unexpected(store_unavailable()));
    } else if (request.path == "/metrics") {
        response.body = format_metrics(node_, node_.state.read(slot_));
        response.add_field("Content-Type", kMetricsContentType);
        exchange.answer();
    } else if (!request.path.starts_with("/admin/v1/")) {
        reply(std::unexpected(nothing_here()));
    } else if (!is_authorized(request)) {
        response.add_field("WWW-Authenticate", "Bearer");
        reply(std::unexpected(wire::ApiError{
            .code = wire::ErrorCode::AuthenticationError,
            .http_status = 401,
            .message =
                "the admin API wants its credential: the command line reads it from the data "
                "directory of the server"}));
    } else if (request.method == http::Method::Post && request.path == "/admin/v1/tokens/check") {
        ask_about_token(exchange, check_token);
    } else if (request.method == http::Method::Post && request.path == "/admin/v1/tokens/explain") {
        ask_about_token(exchange, explain_token);
    } else {
        call_admin(exchange);
    }
}

void AdminService::ask_about_token(http::Exchange& exchange, TokenQuestion* question) {
    auto const body = wire::parse_json_object(exchange.request().body);
    auto reply =
        body ? question(node_.state.read(slot_), *body, node_.clock.now(), verifier_)
             : std::unexpected(wire::input_error(std::string(wire::describe(body.error()))));
    if (reply && std::holds_alternative<StoreWork>(*reply)) {
        answer_from_store(exchange, {}, std::get<StoreWork>(*std::move(reply)));
        return;
    }
    fill_response(exchange.response(), {},
                  reply ? Result(std::get<Answer>(*std::move(reply)))
                        : std::unexpected(std::move(reply).error()),
                  node_.clock.monotonic() - exchange.started());
    exchange.answer();
}

void AdminService::call_admin(http::Exchange& exchange) {
    auto const& request = exchange.request();
    auto work = admin_work(request.method, request.path, request.body, node_.clock.now(),
                           node_.random, &node_.presence);
    if (!work) {
        fill_response(exchange.response(), kOperationId, std::unexpected(std::move(work).error()),
                      node_.clock.monotonic() - exchange.started());
        exchange.answer();
        return;
    }
    answer_from_store(exchange, kOperationId, *std::move(work));
}

void AdminService::answer_from_store(http::Exchange& exchange, std::string_view operation_id,
                                     StoreWork work) {
    api::answer_from_store(
        node_, loop_, exchange, std::move(work),
        [this, operation_id, started = exchange.started()](Result const& result) {
            http::Response response;
            fill_response(response, operation_id, result, node_.clock.monotonic() - started);
            return response;
        });
}

void AdminService::describe_error(int status, std::string_view why, http::Response& response) {
    fill_response(response, {}, std::unexpected(unreadable_request(status, why)),
                  std::chrono::nanoseconds{});
}

}  // namespace latchkey::api
