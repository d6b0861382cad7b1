#include "api/routes.hpp"

#include <array>
#include <utility>

namespace latchkey::api {
namespace {

using http::Method;

constexpr std::string_view kV2Prefix = "/api/v2";

constexpr auto kRoutes = std::to_array<Route>({
    {Method::Get, "/authz/check", Operation::CheckAuthorization, false},
    {Method::Get, "/app", Operation::GetApp, true},
    {Method::Patch, "/app", Operation::UpdateApp, true},
    {Method::Get, "/users", Operation::QueryUsers, true},
    {Method::Post, "/users", Operation::UpdateUsers, true},
    {Method::Patch, "/users", Operation::UpdateUsersPartial, true},
    {Method::Get, "/connect", Operation::Connect, true},
    {Method::Get, "/hi", Operation::Hi, false},
    {Method::Get, "/health/live", Operation::HealthLive, false},
    {Method::Get, "/health/ready", Operation::HealthReady, false},
});

/// The path as the table has it, and the style that it was asked in.
std::pair<std::string_view, wire::Style> split_style(std::string_view path) {
    if (path.starts_with(kV2Prefix) && path.substr(kV2Prefix.size()).starts_with('/')) {
        return {path.substr(kV2Prefix.size()), wire::Style::V2};
    }
    return {path, wire::Style::Legacy};
}

bool serves(Route const& route, std::string_view path, wire::Style style) {
    return route.path == path && (route.both_styles || style == wire::Style::Legacy);
}

std::string_view method_name(Method method) {
    switch (method) {
        case Method::Get: return "GET, HEAD";
        case Method::Post: return "POST";
        case Method::Patch: return "PATCH";
        case Method::Put: return "PUT";
        case Method::Delete: return "DELETE";
        case Method::Head:
        case Method::Options:
        case Method::Other: return "";
    }
    std::unreachable();
}

}  // namespace

std::span<Route const> routes() { return kRoutes; }

std::optional<RouteMatch> find_route(Method method, std::string_view path) {
    auto const wanted = method == Method::Head ? Method::Get : method;
    auto const [plain, style] = split_style(path);
    for (auto const& route : kRoutes) {
        if (route.method == wanted && serves(route, plain, style)) {
            return RouteMatch{route.operation, style};
        }
    }
    return std::nullopt;
}

std::string allowed_methods(std::string_view path) {
    auto const [plain, style] = split_style(path);
    std::string allowed;
    for (auto const& route : kRoutes) {
        if (serves(route, plain, style)) {
            allowed += method_name(route.method);
            allowed += ", ";
        }
    }
    if (!allowed.empty()) {
        allowed += "OPTIONS";
    }
    return allowed;
}

}  // namespace latchkey::api
