#include "api/admin_service.hpp"

#include "api/admin.hpp"
#include "api/browser_call.hpp"
#include "api/credentials.hpp"
#include "api/errors.hpp"
#include "api/metrics.hpp"
#include "api/replies.hpp"

#include <expected>
#include <string>
#include <utility>
#include <variant>

namespace latchkey::api {
namespace {

using wire::ApiError;

constexpr std::string_view kMacText = "latchkey admin credential";

ApiError not_signed_in() {
    return {.code = wire::ErrorCode::AuthenticationError,
            .http_status = 401,
            .message =
                "sign in, or show the local credential: the command line reads it from the data "
                "directory of the server"};
}

ApiError wants_websocket() {
    return {.code = wire::ErrorCode::InputError,
            .http_status = 426,
            .message = "this path wants a WebSocket"};
}

/// Not 421 (RFC 9110 section 15.5.20), which asks a client to try again over another connection: a
/// page of another site calls, and is told what it is told in the other ways to do so.
ApiError called_by_another_name() {
    return {.code = wire::ErrorCode::NotAllowedError,
            .http_status = 403,
            .message =
                "this listener is not called by the name in Host: use its IP address or localhost, "
                "or add the name to the server's setting admin-hosts"};
}

CallKind kind_of(http::Exchange const& exchange) {
    if (exchange.is_upgrade()) {
        return CallKind::WebSocket;
    }
    auto const method = exchange.request().method;
    return method == http::Method::Get || method == http::Method::Head ? CallKind::Read
                                                                       : CallKind::Change;
}

/// Whether an `Authorization` field is a try at the local credential. Of another scheme than Bearer
/// it is somebody else's: a proxy's in front of this, say.
bool is_for_us(std::string_view authorization) {
    return !authorization.empty() && (strip_bearer(authorization).size() < authorization.size() ||
                                      authorization.find(' ') == std::string_view::npos);
}

/// Whether a path can be none of the dashboard's, though nothing is there.
bool is_reserved(std::string_view path) {
    return path == "/admin" || path == "/health" || path.starts_with("/health/") ||
           path.starts_with("/metrics/");
}

std::unique_ptr<OperatorOidc> make_oidc(Node const& node, http::Loop& loop,
                                        OperatorAccess& access) {
    auto const* by_provider = node.operator_oidc;
    return by_provider == nullptr ? nullptr
                                  : std::make_unique<OperatorOidc>(by_provider->settings, node,
                                                                   loop, access, by_provider->http);
}

}  // namespace

AdminService::AdminService(Node const& node, http::Loop& loop, std::size_t slot,
                           Secret const& credential, std::span<StaticFile const> files,
                           SetupCode const* setup_code, AdminHosts hosts)
    : node_(node),
      loop_(loop),
      tokens_(node.state, slot),
      access_(node, loop, node.passwords, setup_code),
      live_(node, loop, slot),
      oidc_(make_oidc(node, loop, access_)),
      world_{.random = node.random,
             .tokens = tokens_,
             .passwords = node.passwords,
             .node = &node,
             .loop = &loop,
             .access = &access_,
             .live = &live_,
             .oidc = oidc_.get()},
      keeper_(node, slot),
      files_(files),
      hosts_(std::move(hosts)),
      credential_mac_(token::HmacKey(credential.reveal()).mac(kMacText)) {}

bool AdminService::shows_credential(http::Request const& request) const {
    auto const shown = strip_bearer(request.field("authorization"));
    return !shown.empty() && token::HmacKey(shown).verify(kMacText, credential_mac_);
}

std::string AdminService::address_of(http::Request const& request) const {
    return std::string(address_or_peer(request, node_.proxies));
}

std::expected<Operator, ApiError> AdminService::identify(http::Exchange const& exchange,
                                                         AdminRoute const* route) {
    auto const& request = exchange.request();
    if (is_for_us(request.field("authorization"))) {
        if (!shows_credential(request)) {
            return std::unexpected(not_signed_in());
        }
        return Operator{.kind = Operator::Kind::LocalCredential, .address = address_of(request)};
    }
    bool const over_tls = came_over_tls(request, node_.proxies);
    auto const now = node_.clock.monotonic();
    auto const* session = access_.sessions().find(session_cookie(request, over_tls), now);
    bool const is_open_to_all = route != nullptr && !route->needs;
    if (session == nullptr && !is_open_to_all) {
        return std::unexpected(not_signed_in());
    }
    // What others may have made the browser send: with its session, or to sign it in as somebody
    // else. What everybody may read needs no care.
    auto const kind = kind_of(exchange);
    if (kind != CallKind::Read || !is_open_to_all) {
        if (auto checked = check_browser_call(request, over_tls, kind); !checked) {
            return std::unexpected(std::move(checked).error());
        }
    }
    if (session == nullptr) {
        return Operator{.kind = Operator::Kind::Nobody,
                        .role = domain::OperatorRole::Viewer,
                        .address = address_of(request)};
    }
    if (!is_open_to_all) {  // asking whether one is signed in is no use of the session
        access_.sessions().touch(session->number, now);
    }
    return Operator{.kind = Operator::Kind::Account,
                    .account_id = session->account_id,
                    .name = session->name,
                    .role = session->role,
                    .address = address_of(request),
                    .session = session->number};
}

void AdminService::on_tick() {
    access_.sessions().sweep(node_.clock.monotonic());
    keeper_.on_tick();
    live_.on_tick();
}

void AdminService::handle(http::Exchange& exchange) {
    auto const& request = exchange.request();
    auto& response = exchange.response();
    if (request.path == "/health/live") {
        answer_at_once(exchange, {}, Answer{});
    } else if (request.path == "/health/ready") {
        answer_at_once(exchange, {},
                       node_.ready ? Result(Answer{}) : std::unexpected(store_unavailable()));
    } else if (!hosts_.contains(request.field("host"))) {
        answer_at_once(exchange, {}, std::unexpected(called_by_another_name()));
    } else if (request.path == "/metrics") {
        response.body = format_metrics(node_, tokens_.read());
        response.add_field("Content-Type", kMetricsContentType);
        exchange.answer();
    } else if (request.path.starts_with("/admin/")) {
        handle_admin(exchange);
    } else if (is_reserved(request.path)) {
        answer_at_once(exchange, {}, std::unexpected(nothing_here()));
    } else if (auto const found = answer_with_file(request, files_, response); !found) {
        answer_at_once(exchange, {}, std::unexpected(found.error()));
    } else {
        exchange.answer();
    }
}

void AdminService::handle_admin(http::Exchange& exchange) {
    auto const& request = exchange.request();
    auto const match = find_admin_route(request.method, request.path);
    auto const caller = identify(exchange, match ? &match->route : nullptr);
    if (!caller) {
        if (caller.error().http_status == 401) {
            exchange.response().add_field("WWW-Authenticate", "Bearer");
        }
        answer_at_once(exchange, {}, std::unexpected(caller.error()));
        return;
    }
    if (!match) {
        if (auto const allowed = allowed_admin_methods(request.path); !allowed.empty()) {
            exchange.response().add_field("Allow", allowed);
        }
        answer_at_once(exchange, {}, std::unexpected(no_admin_route(request.path)));
        return;
    }
    call_route(exchange, *match, *caller);
}

void AdminService::call_route(http::Exchange& exchange, AdminRouteMatch const& match,
                              Operator const& caller) {
    auto const operation = match.route.operation;
    auto reply = call_admin_route(match, exchange.request(), node_.clock.now(), caller, world_);
    if (!reply) {
        answer_at_once(exchange, operation, std::unexpected(std::move(reply).error()));
    } else if (auto* finished = std::get_if<Answer>(&*reply)) {
        answer_at_once(exchange, operation, *std::move(finished));
    } else if (auto* conversation = std::get_if<std::unique_ptr<http::Conversation>>(&*reply)) {
        if (exchange.is_upgrade()) {
            exchange.upgrade(std::move(*conversation));
        } else {
            exchange.response().add_field("Upgrade", "websocket");
            answer_at_once(exchange, operation, std::unexpected(wants_websocket()));
        }
    } else if (auto* whole = std::get_if<http::Response>(&*reply)) {
        exchange.response() = std::move(*whole);
        exchange.answer();
    } else {
        Pending pending{
            .operation = operation, .started = exchange.started(), .answer = exchange.defer()};
        if (auto* detour = std::get_if<Detour>(&*reply)) {
            (*detour)([this, pending = std::move(pending)](LateAdminReply late) mutable {
                answer_late(std::move(pending), std::move(late));
            });
        } else {
            answer_late(std::move(pending), std::get<StoreWork>(std::move(*reply)));
        }
    }
}

void AdminService::answer_late(Pending pending, LateAdminReply reply) {
    auto const finish = [this, operation = pending.operation, started = pending.started](
                            Result const& result) { return format(operation, result, started); };
    if (!reply) {
        pending.answer->complete(finish(std::unexpected(std::move(reply).error())));
    } else if (auto* finished = std::get_if<Answer>(&*reply)) {
        pending.answer->complete(finish(std::move(*finished)));
    } else if (auto* whole = std::get_if<http::Response>(&*reply)) {
        pending.answer->complete(std::move(*whole));
    } else {
        answer_from_store(node_, loop_, std::move(pending.answer),
                          std::get<StoreWork>(std::move(*reply)), finish);
    }
}

void AdminService::answer_at_once(http::Exchange& exchange, std::string_view operation,
                                  Result const& result) {
    auto& response = exchange.response();
    auto formatted = format(operation, result, exchange.started());
    response.status = formatted.status;
    response.fields += formatted.fields;
    response.body = std::move(formatted.body);
    exchange.answer();
}

http::Response AdminService::format(std::string_view operation, Result const& result,
                                    std::chrono::steady_clock::time_point started) const {
    http::Response response;
    fill_response(response, operation, result, node_.clock.monotonic() - started);
    response.fields += kAdminAnswerFields;
    return response;
}

void AdminService::describe_error(int status, std::string_view why, http::Response& response) {
    fill_response(response, {}, std::unexpected(unreadable_request(status, why)),
                  std::chrono::nanoseconds{});
    response.fields += kAdminAnswerFields;
}

}  // namespace latchkey::api
