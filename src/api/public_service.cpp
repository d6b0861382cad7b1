#include "api/public_service.hpp"

#include "api/access.hpp"
#include "api/credentials.hpp"
#include "api/errors.hpp"
#include "api/joining.hpp"
#include "api/openapi.hpp"
#include "api/peer_address.hpp"
#include "api/replies.hpp"
#include "api/token_provider/token_route.hpp"
#include "http/uri.hpp"
#include "wire/json.hpp"

#include <latchkey/wire/api_error.hpp>

#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace latchkey::api {
namespace {

using wire::ApiError;

/// On every answer (protocol section 2.4): browsers call from everywhere, with no credentials mode.
constexpr std::string_view kCorsFields =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, "
    "retry-after\r\n";
/// On every answer to a caller whose token counted unsigned: development must not pass for safety.
constexpr std::string_view kDeveloperTokenField = "X-Latchkey-Auth-Checks: disabled\r\n";
constexpr std::string_view kPreflightFields =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Allow-Methods: GET, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
    "Access-Control-Allow-Headers: authorization, content-type, stream-auth-type, x-stream-client, "
    "x-client-request-id, x-api-key, accept\r\n"
    "Access-Control-Max-Age: 86400\r\n";

Reply run_endpoint(Operation operation, Call const& call) {
    switch (operation) {
        case Operation::GetApp: return get_app(call);
        case Operation::UpdateApp: return update_app(call);
        case Operation::QueryUsers: return query_users(call);
        case Operation::UpdateUsers: return update_users(call);
        case Operation::UpdateUsersPartial: return update_users_partial(call);
        case Operation::CreateGuest: return create_guest(call);
        case Operation::DeactivateUser: return deactivate_user(call);
        case Operation::DeactivateUsers: return deactivate_users(call);
        case Operation::ReactivateUser: return reactivate_user(call);
        case Operation::ReactivateUsers: return reactivate_users(call);
        case Operation::DeleteUser: return delete_user(call);
        case Operation::DeleteUsers: return delete_users(call);
        case Operation::RestoreUsers: return restore_users(call);
        case Operation::ExportUser: return export_user(call);
        case Operation::GetTask: return get_task(call);
        case Operation::GetRateLimits: return get_rate_limits(call);
        case Operation::ListRoles: return list_roles(call);
        case Operation::CreateRole: return create_role(call);
        case Operation::DeleteRole: return delete_role(call);
        case Operation::Sync: return sync(call);
        case Operation::Connect:
        case Operation::LongPoll:
        case Operation::CheckAuthorization:
        case Operation::GetProviderToken:
        case Operation::CreateProviderToken:
        case Operation::Hi:
        case Operation::HealthLive:
        case Operation::HealthReady:
        case Operation::OpenApi: break;
    }
    std::unreachable();  // those have paths of their own in `handle`
}

domain::Credentials request_credentials(http::Request const& request, std::string& key_storage) {
    return {.api_key = query_parameter(request.query, "api_key", key_storage),
            .auth_type = request.field("stream-auth-type"),
            .token = strip_bearer(request.field("authorization"))};
}

/// A header line whose value is of a type that holds no control character: an API key, a user id, a
/// name of ours. Others go through `add_field`, which looks.
void append_known_field(std::string& fields, std::string_view name_and_colon,
                        std::string_view value) {
    fields += name_and_colon;
    fields += value;
    fields += "\r\n";
}

bool has_cors_of_its_own(std::optional<Operation> operation) {
    return operation == Operation::GetProviderToken || operation == Operation::CreateProviderToken;
}

std::string_view method_text(http::Method method) {
    switch (method) {
        case http::Method::Get: return "GET";
        case http::Method::Head: return "HEAD";
        case http::Method::Post: return "POST";
        case http::Method::Put: return "PUT";
        case http::Method::Patch: return "PATCH";
        case http::Method::Delete: return "DELETE";
        case http::Method::Options: return "OPTIONS";
        case http::Method::Other: return "other";
    }
    std::unreachable();
}

}  // namespace

PublicService::PublicService(Node const& node, http::Loop& loop, std::size_t loop_index)
    : node_(node),
      loop_(loop),
      slot_(loop_index),
      connections_(node, loop, loop_index),
      polls_(connections_) {
    node_.changes.subscribe(*this);
}

PublicService::~PublicService() { node_.changes.unsubscribe(*this); }

void PublicService::handle(http::Exchange& exchange) {
    auto const& request = exchange.request();
    if (request.method == http::Method::Options) {
        answer_preflight(exchange);
        return;
    }
    auto const route = find_route(request.method, request.path);
    if (!route) {
        refuse_path(exchange);
        return;
    }
    switch (route->operation) {
        case Operation::CheckAuthorization: check_authorization(exchange); return;
        case Operation::Connect: connect(exchange, *route); return;
        case Operation::LongPoll: long_poll(exchange); return;
        case Operation::OpenApi: describe_api(exchange); return;
        case Operation::GetProviderToken:
        case Operation::CreateProviderToken: provide_token(exchange, *route); return;
        case Operation::Hi:
        case Operation::HealthLive:
        case Operation::HealthReady: break;
        case Operation::GetApp:
        case Operation::UpdateApp:
        case Operation::QueryUsers:
        case Operation::UpdateUsers:
        case Operation::UpdateUsersPartial:
        case Operation::CreateGuest:
        case Operation::DeactivateUser:
        case Operation::DeactivateUsers:
        case Operation::ReactivateUser:
        case Operation::ReactivateUsers:
        case Operation::DeleteUser:
        case Operation::DeleteUsers:
        case Operation::RestoreUsers:
        case Operation::ExportUser:
        case Operation::GetTask:
        case Operation::GetRateLimits:
        case Operation::ListRoles:
        case Operation::CreateRole:
        case Operation::DeleteRole:
        case Operation::Sync: call_endpoint(exchange, *route); return;
    }
    auto const rate = connections_.rates.uncounted(route->operation, node_.clock.now());
    if (route->operation == Operation::HealthReady && !node_.ready) {
        answer(exchange, route->operation, rate, std::unexpected(store_unavailable()));
        return;
    }
    answer(exchange, route->operation, rate, Answer{});
}

std::expected<Caller, domain::Refusal> PublicService::identify(
    domain::Credentials const& credentials, Instant now) {
    auto const state = node_.state.read(slot_);
    auto identity = connections_.authenticator.decide(state, credentials, now);
    if (!identity) {
        return std::unexpected(identity.error());
    }
    auto const permissions = identity->kind == domain::CallerKind::Server
                                 ? domain::kEveryPermission
                                 : identity->app->grants.of(identity->role, identity->role_source);
    return Caller{.app = identity->app->app,
                  .kind = identity->kind,
                  .user_id = identity->user_id,
                  .role = std::move(identity->role),
                  .permissions = permissions,
                  .developer_token = identity->developer_token};
}

void PublicService::refuse_path(http::Exchange& exchange) {
    auto const rate = connections_.rates.uncounted(Operation::Hi, node_.clock.now());
    auto const allowed = allowed_methods(exchange.request().path);
    if (allowed.empty()) {
        answer(exchange, std::nullopt, rate, std::unexpected(nothing_here()));
        return;
    }
    exchange.response().add_field("Allow", allowed);
    answer(exchange, std::nullopt, rate,
           std::unexpected(ApiError{.code = wire::ErrorCode::InputError,
                                    .http_status = 405,
                                    .message = "this path has other methods: " + allowed}));
}

/// The document itself, with no `duration` in it: it is no answer of the API, it is about them.
void PublicService::describe_api(http::Exchange& exchange) {
    auto const& request = exchange.request();
    auto& response = exchange.response();
    response.fields += kCorsFields;
    rate_fields_.append_to(response.fields,
                           connections_.rates.uncounted(Operation::OpenApi, node_.clock.now()));
    fill_with_openapi(request, openapi_document(), openapi_etag(), response);
    log_request(take_for_log(request), response.status, exchange.started());
    exchange.answer();
}

void PublicService::call_endpoint(http::Exchange& exchange, RouteMatch const& route) {
    auto const& request = exchange.request();
    auto const now = node_.clock.now();
    std::string key_storage;
    auto const credentials = request_credentials(request, key_storage);
    auto const caller = identify(credentials, now);
    if (!caller) {
        answer(exchange, route.operation, connections_.rates.uncounted(route.operation, now),
               std::unexpected(to_api_error(caller.error(), credentials.api_key)));
        return;
    }
    if (caller->developer_token) {
        exchange.response().fields += kDeveloperTokenField;
    }
    auto const address = client_address(request, node_.proxies);
    auto const rate = connections_.rates.count({.app = caller->app->id,
                                                .kind = caller->kind,
                                                .user_id = caller->user_id,
                                                .address = address},
                                               route.operation, now);
    if (!rate.allowed) {
        answer(exchange, route.operation, rate, std::unexpected(too_many_requests()));
        return;
    }
    if (auto allowed = check_access(route.needs, route.operation, *caller); !allowed) {
        answer(exchange, route.operation, rate, std::unexpected(std::move(allowed).error()));
        return;
    }
    auto reply = run_endpoint(route.operation, {.request = request,
                                                .style = route.style,
                                                .now = now,
                                                .caller = *caller,
                                                .presence = node_.presence,
                                                .events = *node_.events,
                                                .readings = node_.readings,
                                                .random = node_.random,
                                                .rates = connections_.rates,
                                                .address = address,
                                                .id = route.id});
    if (!reply) {
        answer(exchange, route.operation, rate, std::unexpected(std::move(reply).error()));
    } else if (auto* finished = std::get_if<Answer>(&*reply)) {
        answer(exchange, route.operation, rate, std::move(*finished));
    } else {
        answer_from_store(node_, loop_, exchange.defer(), std::get<StoreWork>(std::move(*reply)),
                          finish_later(exchange, route.operation, rate));
    }
}

std::move_only_function<http::Response(Result const&)> PublicService::finish_later(
    http::Exchange& exchange, Operation operation, RateStatus const& rate) {
    return [complete = finish_with_rate(exchange, operation), rate](Result const& result) mutable {
        return complete(result, rate);
    };
}

std::move_only_function<http::Response(Result const&, RateStatus const&)>
PublicService::finish_with_rate(http::Exchange& exchange, Operation operation) {
    return [this, operation, logged = take_for_log(exchange.request()),
            fields = std::move(exchange.response().fields),
            started = exchange.started()](Result const& result, RateStatus const& rate) mutable {
        http::Response response{.fields = std::move(fields), .body = {}};
        finish(response, operation, rate, result, started);
        log_request(logged, response.status, started);
        return response;
    };
}

LongPolls::Respond PublicService::answer_later(http::Exchange& exchange, Operation operation,
                                               RateStatus const& rate) {
    return [complete = finish_later(exchange, operation, rate), answer = exchange.defer()](
               Result const& result) mutable { answer->complete(complete(result)); };
}

void PublicService::finish(http::Response& response, std::optional<Operation> operation,
                           RateStatus const& rate, Result const& result,
                           std::chrono::steady_clock::time_point started) {
    fill_response(response, operation ? facts(*operation).id : std::string_view(), result,
                  node_.clock.monotonic() - started);
    if (!has_cors_of_its_own(operation)) {
        response.fields += kCorsFields;
    }
    rate_fields_.append_to(response.fields, rate);
    if (!rate.allowed) {
        append_retry_after(response.fields, rate, node_.clock.now());
    }
}

void PublicService::answer(http::Exchange& exchange, std::optional<Operation> operation,
                           RateStatus const& rate, Result const& result) {
    finish(exchange.response(), operation, rate, result, exchange.started());
    log_request(take_for_log(exchange.request()), exchange.response().status, exchange.started());
    exchange.answer();
}

void PublicService::check_authorization(http::Exchange& exchange) {
    auto const& request = exchange.request();
    auto const now = node_.clock.now();
    ForwardedCredentials storage;
    auto const credentials = find_forwarded_credentials(request, node_.proxies, storage);
    auto const state = node_.state.read(slot_);
    auto const identity = connections_.authenticator.decide(state, credentials, now);
    auto const rate = connections_.rates.uncounted(Operation::CheckAuthorization, now);
    if (!identity) {
        answer(exchange, Operation::CheckAuthorization, rate,
               std::unexpected(to_api_error(identity.error(), credentials.api_key)));
        return;
    }
    auto& response = exchange.response();
    auto& fields = response.fields;
    if (identity->developer_token) {
        fields += kDeveloperTokenField;
    }
    append_known_field(fields, "X-Latchkey-App: ", identity->app->app->api_key.text());
    append_known_field(fields, "X-Latchkey-Kind: ", domain::kind_name(identity->kind));
    if (identity->kind != domain::CallerKind::Server) {
        append_known_field(fields, "X-Latchkey-User: ", identity->user_id);
        response.add_field("X-Latchkey-Role", identity->role);
    }
    if (auto const expires_at = identity->expires_at) {
        fields += "X-Latchkey-Token-Expires-At: ";
        wire::append_json_number(
            fields,
            std::chrono::floor<std::chrono::seconds>(*expires_at).time_since_epoch().count());
        fields += "\r\n";
    }
    answer(exchange, Operation::CheckAuthorization, rate, Answer{});
}

void PublicService::answer_preflight(http::Exchange& exchange) {
    auto const& request = exchange.request();
    auto& response = exchange.response();
    response.status = 204;
    if (request.path.starts_with(kTokenPath) && node_.token_providers != nullptr) {
        auto const* provider = node_.token_providers->find(request.path.substr(kTokenPath.size()));
        response.fields += provider == nullptr ? std::string(kPreflightFields)
                                               : token_preflight_fields(*provider, request);
    } else {
        response.fields += kPreflightFields;
    }
    exchange.answer();
}

void PublicService::provide_token(http::Exchange& exchange, RouteMatch const& route) {
    auto const& request = exchange.request();
    auto const now = node_.clock.now();
    auto* provider =
        node_.token_providers == nullptr ? nullptr : node_.token_providers->find(route.id);
    exchange.response().fields += "Cache-Control: no-store\r\n";
    if (provider == nullptr) {
        answer(exchange, std::nullopt, connections_.rates.uncounted(route.operation, now),
               std::unexpected(ApiError{.code = wire::ErrorCode::DoesNotExistError,
                                        .http_status = 404,
                                        .message = "there is no token provider of this name"}));
        return;
    }
    exchange.response().fields += token_cors_fields(*provider, request);
    if (auto allowed = check_token_page(*provider, request); !allowed) {
        // Not counted for its address: a page must not use up what its visitors have.
        provider->note_refusal(allowed.error().http_status);
        answer(exchange, route.operation, connections_.rates.uncounted(route.operation, now),
               std::unexpected(std::move(allowed).error()));
        return;
    }
    auto const address = client_address(request, node_.proxies);
    auto const rate = provider->addresses().count(
        node_.rate_limits.enforced ? network_of(address) : std::string(), now);
    auto const refuse = [&](ApiError error) {
        provider->note_refusal(error.http_status);
        answer(exchange, route.operation, rate, std::unexpected(std::move(error)));
    };
    if (!rate.allowed) {
        refuse(too_many_requests());
    } else if (request.body.size() > kProofBodyBytesMax) {
        refuse(unreadable_request(413, "a proof has at most 65536 bytes"));
    } else if (!find_app_of(*provider)) {
        refuse(TokenProvider::app_unknown());
    } else {
        give_token(node_, loop_, exchange, *provider, address, rate,
                   finish_with_rate(exchange, route.operation));
    }
}

bool PublicService::find_app_of(TokenProvider& provider) const {
    bool const exists = node_.state.read(slot_).find_app(provider.settings().app.text()) != nullptr;
    provider.note_app(exists, node_.clock.now());
    return exists;
}

void PublicService::connect(http::Exchange& exchange, RouteMatch const& route) {
    auto const now = node_.clock.now();
    if (!exchange.is_upgrade()) {
        exchange.response().add_field("Upgrade", "websocket");
        answer(exchange, Operation::Connect, connections_.rates.uncounted(Operation::Connect, now),
               std::unexpected(ApiError{.code = wire::ErrorCode::InputError,
                                        .http_status = 426,
                                        .message = "this path wants a WebSocket"}));
        return;
    }
    log_request(take_for_log(exchange.request()), 101, exchange.started());
    exchange.upgrade(open_connection(connections_, exchange.request(), route.style));
}

void PublicService::long_poll(http::Exchange& exchange) {
    auto const& request = exchange.request();
    std::string id_storage;
    std::string close_storage;
    auto const id = query_parameter(request.query, "connection_id", id_storage);
    bool const close = query_parameter(request.query, "close", close_storage) == "true";
    if (id.empty() && !close) {
        connect_long_poll(exchange);
        return;
    }
    std::string key_storage;
    auto const now = node_.clock.now();
    auto const rate = connections_.rates.uncounted(Operation::LongPoll, now);
    auto const credentials = request_credentials(request, key_storage);
    auto const caller = identify(credentials, now);
    if (!caller) {
        answer(exchange, Operation::LongPoll, rate,
               std::unexpected(to_api_error(caller.error(), credentials.api_key)));
        return;
    }
    if (caller->developer_token) {
        exchange.response().fields += kDeveloperTokenField;
    }
    if (id.empty()) {
        answer(exchange, Operation::LongPoll, rate,
               std::unexpected(wire::input_error("connection_id is a required field")));
        return;
    }
    auto const parsed = parse_connection_id(id);
    if (!parsed) {
        answer(exchange, Operation::LongPoll, rate, std::unexpected(unknown_connection()));
        return;
    }
    polls_.ask({.app = caller->app->id,
                .user_id = std::string(caller->user_id),
                .id = *parsed,
                .close = close},
               answer_later(exchange, Operation::LongPoll, rate));
}

void PublicService::connect_long_poll(http::Exchange& exchange) {
    auto const& request = exchange.request();
    auto join = decide_legacy_join(connections_, request);
    if (!join) {
        answer(exchange, Operation::Connect,
               connections_.rates.uncounted(Operation::Connect, node_.clock.now()),
               std::unexpected(std::move(join).error()));
        return;
    }
    auto const rate = count_connect(connections_, *join, client_address(request, node_.proxies));
    if (join->developer_token) {
        exchange.response().fields += kDeveloperTokenField;
    }
    if (!rate.allowed) {
        answer(exchange, Operation::Connect, rate, std::unexpected(too_many_requests()));
        return;
    }
    polls_.connect(*std::move(join), answer_later(exchange, Operation::Connect, rate));
}

void PublicService::describe_error(int status, std::string_view why, http::Response& response) {
    finish(response, std::nullopt, connections_.rates.uncounted(Operation::Hi, node_.clock.now()),
           std::unexpected(unreadable_request(status, why)), node_.clock.monotonic());
}

void PublicService::on_tick() {
    connections_.on_tick();
    polls_.on_tick();
    if (slot_ == 0 && node_.token_providers != nullptr) {  // one loop's tick is enough
        node_.token_providers->keep_due_records(node_.store, node_.clock.now());
    }
}

void PublicService::on_stop() {
    connections_.on_stop();
    polls_.on_stop();
}

void PublicService::on_changes(std::shared_ptr<std::vector<domain::Change> const> const& changes) {
    loop_.post([this, changes] { connections_.registry.on_changes(*changes, node_.clock.now()); });
}

PublicService::Logged PublicService::take_for_log(http::Request const& request) const {
    if (!node_.log.enabled(LogLevel::Debug)) {
        return {};
    }
    return {.method = method_text(request.method), .target = http::redact_target(request.target)};
}

void PublicService::log_request(Logged const& logged, int status,
                                std::chrono::steady_clock::time_point started) const {
    if (logged.method.empty()) {
        return;
    }
    auto const took = node_.clock.monotonic() - started;
    node_.log.write(
        LogLevel::Debug, "http.request",
        {{"method", logged.method},
         {"target", logged.target},
         {"status", status},
         {"took_us", std::chrono::duration_cast<std::chrono::microseconds>(took).count()}});
}

}  // namespace latchkey::api
