#include "api/routes.hpp"

#include "http/path_pattern.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace latchkey::api {
namespace {

using http::Method;

constexpr std::string_view kV2Prefix = "/api/v2";

constexpr auto kRoutes = std::to_array<Route>({
    {Method::Get, "/authz/check", Operation::CheckAuthorization, Styles::LegacyOnly,
     Needs::Credentials},
    {Method::Get, "/app", Operation::GetApp, Styles::Both, Needs::Credentials},
    {Method::Patch, "/app", Operation::UpdateApp, Styles::Both, Needs::Server},
    {Method::Get, "/users", Operation::QueryUsers, Styles::Both, Needs::SearchUser},
    {Method::Post, "/users", Operation::UpdateUsers, Styles::Both, Needs::UpdateUser},
    {Method::Patch, "/users", Operation::UpdateUsersPartial, Styles::Both, Needs::UpdateUser},
    {Method::Post, "/guest", Operation::CreateGuest, Styles::Both, Needs::Credentials},
    {Method::Get, "/connect", Operation::Connect, Styles::Both, Needs::Client},
    {Method::Get, "/longpoll", Operation::LongPoll, Styles::Both, Needs::Client},
    {Method::Post, "/sync", Operation::Sync, Styles::LegacyOnly, Needs::Credentials},
    {Method::Post, "/chat/sync", Operation::Sync, Styles::V2Only, Needs::Credentials},
    {Method::Post, "/users/deactivate", Operation::DeactivateUsers, Styles::Both, Needs::Server},
    {Method::Post, "/users/reactivate", Operation::ReactivateUsers, Styles::Both, Needs::Server},
    {Method::Post, "/users/delete", Operation::DeleteUsers, Styles::Both, Needs::Server},
    {Method::Post, "/users/restore", Operation::RestoreUsers, Styles::Both, Needs::Server},
    {Method::Post, "/users/{id}/deactivate", Operation::DeactivateUser, Styles::Both,
     Needs::Server},
    {Method::Post, "/users/{id}/reactivate", Operation::ReactivateUser, Styles::Both,
     Needs::Server},
    {Method::Get, "/users/{id}/export", Operation::ExportUser, Styles::Both, Needs::Server},
    {Method::Delete, "/users/{id}", Operation::DeleteUser, Styles::LegacyOnly, Needs::Server},
    {Method::Get, "/tasks/{id}", Operation::GetTask, Styles::Both, Needs::Server},
    {Method::Get, "/rate_limits", Operation::GetRateLimits, Styles::Both, Needs::Server},
    {Method::Get, "/roles", Operation::ListRoles, Styles::Both, Needs::Server},
    {Method::Post, "/roles", Operation::CreateRole, Styles::Both, Needs::Server},
    {Method::Delete, "/roles/{id}", Operation::DeleteRole, Styles::Both, Needs::Server},
    {Method::Get, "/token/{provider}", Operation::GetProviderToken, Styles::LegacyOnly,
     Needs::Nothing},
    {Method::Post, "/token/{provider}", Operation::CreateProviderToken, Styles::LegacyOnly,
     Needs::Nothing},
    {Method::Get, "/hi", Operation::Hi, Styles::LegacyOnly, Needs::Nothing},
    {Method::Get, "/health/live", Operation::HealthLive, Styles::LegacyOnly, Needs::Nothing},
    {Method::Get, "/health/ready", Operation::HealthReady, Styles::LegacyOnly, Needs::Nothing},
    {Method::Get, "/openapi.json", Operation::OpenApi, Styles::LegacyOnly, Needs::Nothing},
});

static_assert(std::ranges::all_of(kRoutes, http::is_path_pattern, &Route::path));

/// The path as the table has it, and the style that it was asked in.
std::pair<std::string_view, wire::Style> split_style(std::string_view path) {
    if (path.starts_with(kV2Prefix) && path.substr(kV2Prefix.size()).starts_with('/')) {
        return {path.substr(kV2Prefix.size()), wire::Style::V2};
    }
    return {path, wire::Style::Legacy};
}

bool is_served_in(Styles styles, wire::Style style) {
    switch (styles) {
        case Styles::Both: return true;
        case Styles::LegacyOnly: return style == wire::Style::Legacy;
        case Styles::V2Only: return style == wire::Style::V2;
    }
    std::unreachable();
}

}  // namespace

std::span<Route const> routes() { return kRoutes; }

std::optional<RouteMatch> find_route(Method method, std::string_view path) {
    auto const wanted = method == Method::Head ? Method::Get : method;
    auto const [plain, style] = split_style(path);
    for (auto const& route : kRoutes) {
        if (route.method != wanted || !is_served_in(route.styles, style)) {
            continue;
        }
        if (auto const parameters = http::match_path(route.path, plain)) {
            return RouteMatch{.operation = route.operation,
                              .needs = route.needs,
                              .style = style,
                              .id = parameters->front()};
        }
    }
    return std::nullopt;
}

std::string allowed_methods(std::string_view path) {
    auto const [plain, style] = split_style(path);
    std::string allowed;
    for (auto const& route : kRoutes) {
        if (is_served_in(route.styles, style) && http::match_path(route.path, plain)) {
            allowed += http::served_methods(route.method);
            allowed += ", ";
        }
    }
    if (!allowed.empty()) {
        allowed += "OPTIONS";
    }
    return allowed;
}

}  // namespace latchkey::api
