#include "api/admin.hpp"

#include "api/replies.hpp"
#include "wire/app_settings.hpp"
#include "wire/json.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <string>
#include <utility>

namespace latchkey::api {
namespace {

using boost::json::object;
using wire::ApiError;

/// A DELETE may come without a body: most have nothing to say.
std::expected<object, ApiError> read_body(http::Request const& request) {
    switch (request.method) {
        case http::Method::Delete:
            if (request.body.empty()) {
                return object();
            }
            break;
        case http::Method::Post:
        case http::Method::Patch:
        case http::Method::Put: break;
        case http::Method::Get:
        case http::Method::Head:
        case http::Method::Options:
        case http::Method::Other: return object();
    }
    auto body = wire::parse_json_object(request.body);
    if (!body) {
        return std::unexpected(wire::input_error(std::string(wire::describe(body.error()))));
    }
    return *std::move(body);
}

/// A longer one is not sent back: a name may be as long as a body.
constexpr std::size_t kShownNameBytesMax = 64;

bool takes(AdminRoute const& route, std::string_view name) {
    return std::ranges::any_of(std::views::split(route.members, ' '),
                               [name](auto const& known) {
                                   return std::string_view(known.begin(), known.end()) == name;
                               }) ||
           (route.others == OtherMembers::AppSettings &&
            std::ranges::binary_search(wire::app_settings(), name, {}, &wire::Setting::name));
}

std::string describe_members(AdminRoute const& route) {
    std::string text;
    for (char const letter : route.members) {
        text += letter == ' ' ? ", " : std::string(1, letter);
    }
    if (route.others == OtherMembers::AppSettings) {
        text += ", any setting of an app";
    }
    return text.empty() ? "none" : text;
}

ApiError no_such_member(AdminRoute const& route, std::string_view name) {
    auto const known = " here: the call takes " + describe_members(route);
    if (name.size() > kShownNameBytesMax) {
        return wire::input_error("there is no member with a name of " +
                                 std::to_string(name.size()) + " bytes" + known);
    }
    return wire::input_error("there is no member " + std::string(name) + known, std::string(name),
                             "no such member");
}

/// Nothing is passed over: with `dryRun` for `dry_run` a question would be an order.
std::expected<void, ApiError> check_members(AdminRoute const& route, object const& body) {
    auto const unknown = std::ranges::find_if(
        body, [&route](auto const& member) { return !takes(route, member.key()); });
    if (unknown != body.end()) {
        return std::unexpected(no_such_member(route, unknown->key()));
    }
    return {};
}

}  // namespace

AdminReply call_admin_route(AdminRouteMatch const& match, http::Request const& request, Instant now,
                            Operator const& caller, AdminWorld const& world) {
    auto const& route = match.route;
    if (route.needs) {
        if (auto allowed = check_role(caller, *route.needs, route.operation); !allowed) {
            return std::unexpected(std::move(allowed).error());
        }
    }
    auto const body = read_body(request);
    if (!body) {
        return std::unexpected(body.error());
    }
    if (auto known = check_members(route, *body); !known) {
        return std::unexpected(std::move(known).error());
    }
    return route.handler({.request = request,
                          .body = *body,
                          .parameters = match.parameters,
                          .now = now,
                          .caller = caller,
                          .world = world});
}

std::expected<void, ApiError> check_role(Operator const& caller, domain::OperatorRole needed,
                                         std::string_view what) {
    if (caller.role >= needed) {
        return {};
    }
    auto message = describe(caller);
    message += " with role '";
    message += domain::role_name(caller.role);
    message += "' is not allowed to perform action ";
    message += what;
    message += ", which wants role '";
    message += domain::role_name(needed);
    message += '\'';
    return std::unexpected(ApiError{.code = wire::ErrorCode::NotAllowedError,
                                    .http_status = 403,
                                    .message = std::move(message)});
}

ApiError no_admin_route(std::string_view path) {
    auto const allowed = allowed_admin_methods(path);
    if (allowed.empty()) {
        return nothing_here();
    }
    return {.code = wire::ErrorCode::InputError,
            .http_status = 405,
            .message = "this path has other methods: " + allowed};
}

std::string describe(Operator const& caller) {
    switch (caller.kind) {
        case Operator::Kind::Nobody: return "nobody";
        case Operator::Kind::LocalCredential: return std::string(kByOperator);
        case Operator::Kind::Account: return "the account " + caller.name;
    }
    std::unreachable();
}

}  // namespace latchkey::api
