#include "api/admin_routes.hpp"

#include "api/admin_endpoints.hpp"
#include "http/path_pattern.hpp"
#include "http/uri.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace latchkey::api {
namespace {

using http::Method;

constexpr auto kViewer = domain::OperatorRole::Viewer;
constexpr auto kOperator = domain::OperatorRole::Operator;
constexpr auto kOwner = domain::OperatorRole::Owner;

constexpr std::optional<domain::OperatorRole> kNobody;

constexpr auto kRoutes = std::to_array<AdminRoute>({
    {Method::Get, "/session", "ShowSession", kNobody, admin::show_session},
    {Method::Post, "/session", "SignIn", kNobody, admin::sign_in, "name password"},
    {Method::Delete, "/session", "SignOut", kNobody, admin::sign_out},
    {Method::Get, "/session/oidc", "BeginOidc", kNobody, admin::begin_oidc},
    {Method::Get, "/session/oidc/callback", "FinishOidc", kNobody, admin::finish_oidc},
    {Method::Post, "/session/password", "ChangeOwnPassword", kViewer, admin::change_own_password,
     "current new"},
    {Method::Post, "/setup", "SetUp", kNobody, admin::set_up, "code name password"},
    {Method::Get, "/accounts", "ListAccounts", kOwner, admin::list_accounts},
    {Method::Post, "/accounts", "CreateAccount", kOwner, admin::create_account,
     "name role password oidc_subject your_password"},
    {Method::Patch, "/accounts/{id}", "UpdateAccount", kOwner, admin::update_account,
     "role disabled password your_password"},
    {Method::Delete, "/accounts/{id}", "RemoveAccount", kOwner, admin::remove_account},
    {Method::Get, "/apps", "ListApps", kViewer, admin::list_apps},
    {Method::Post, "/apps", "CreateApp", kOwner, admin::create_app, "name mode api_key api_secret"},
    {Method::Get, "/apps/{key}", "ShowApp", kViewer, admin::show_app},
    {Method::Patch, "/apps/{key}", "UpdateApp", kOperator, admin::update_app,
     "name mode suspended suspended_explanation", OtherMembers::AppSettings},
    {Method::Delete, "/apps/{key}", "DeleteApp", kOwner, admin::delete_app, "confirm dry_run"},
    {Method::Post, "/apps/{key}/revoke", "RevokeApp", kOperator, admin::revoke_app,
     "before dry_run"},
    {Method::Post, "/apps/{key}/unrevoke", "UnrevokeApp", kOperator, admin::unrevoke_app,
     "before dry_run"},
    {Method::Get, "/apps/{key}/revocations", "ListRevocations", kViewer, admin::list_revocations},
    {Method::Get, "/apps/{key}/users", "ListUsers", kViewer, admin::list_users},
    {Method::Post, "/apps/{key}/users", "CreateUser", kOperator, admin::create_user, "id name"},
    {Method::Get, "/apps/{key}/users/{id}", "ShowUser", kViewer, admin::show_user},
    {Method::Post, "/apps/{key}/users/deactivate", "DeactivateUsers", kOperator,
     admin::deactivate_users, "user_ids dry_run"},
    {Method::Post, "/apps/{key}/users/reactivate", "ReactivateUsers", kOperator,
     admin::reactivate_users, "user_ids dry_run"},
    {Method::Post, "/apps/{key}/users/revoke", "RevokeUsers", kOperator, admin::revoke_users,
     "user_ids before dry_run"},
    {Method::Post, "/apps/{key}/users/unrevoke", "UnrevokeUsers", kOperator, admin::unrevoke_users,
     "user_ids before dry_run"},
    {Method::Get, "/apps/{key}/overview", "ShowOverview", kViewer, admin::show_overview},
    {Method::Get, "/apps/{key}/connections", "ListConnections", kViewer, admin::list_connections},
    {Method::Get, "/apps/{key}/secrets", "ListSecrets", kViewer, admin::list_secrets},
    {Method::Post, "/apps/{key}/secrets", "AddSecret", kOperator, admin::add_secret, "api_secret"},
    {Method::Post, "/apps/{key}/secrets/{id}/reveal", "RevealSecret", kOperator,
     admin::reveal_secret, "password"},
    {Method::Post, "/apps/{key}/secrets/{id}/retire", "RetireSecret", kOperator,
     admin::retire_secret, "at dry_run"},
    {Method::Post, "/apps/{key}/secrets/{id}/unretire", "UnretireSecret", kOperator,
     admin::unretire_secret},
    {Method::Get, "/live", "WatchLive", kViewer, admin::watch_live},
    {Method::Post, "/apps/{key}/tokens", "MintToken", kOperator, admin::mint_token,
     "user_id expires_in_s"},
    {Method::Get, "/openapi.json", "AdminOpenApi", kNobody, admin::show_openapi},
    {Method::Get, "/server", "ShowServer", kViewer, admin::show_server},
    {Method::Post, "/tokens/check", "CheckToken", kViewer, admin::check_token,
     "api_key token auth_type"},
    {Method::Post, "/tokens/explain", "ExplainToken", kViewer, admin::explain_token,
     "api_key token auth_type now"},
    {Method::Get, "/audit", "ListAudit", kViewer, admin::list_audit},
    {Method::Post, "/audit/verify", "VerifyAudit", kViewer, admin::verify_audit},
    {Method::Get, "/doctor", "Examine", kOperator, admin::examine},
});

static_assert(std::ranges::all_of(kRoutes, http::is_path_pattern, &AdminRoute::path));

using Parameters = std::array<std::string, http::kPathParametersMax>;

/// `path` is what stands behind the prefix; empty where it does not fit the pattern.
std::optional<Parameters> match(std::string_view pattern, std::string_view path) {
    auto const raw = http::match_path(pattern, path);
    if (!raw) {
        return std::nullopt;
    }
    Parameters parameters;
    for (std::size_t i = 0; i < raw->size(); ++i) {
        auto decoded = http::decode_path_segment((*raw)[i]);
        if (!decoded) {
            return std::nullopt;
        }
        parameters[i] = *std::move(decoded);
    }
    return parameters;
}

/// Behind `/admin/v1`; empty where the path is none of the admin API's.
std::string_view strip_prefix(std::string_view path) {
    return path.starts_with(kAdminPrefix) ? path.substr(kAdminPrefix.size()) : std::string_view();
}

}  // namespace

std::span<AdminRoute const> admin_routes() { return kRoutes; }

std::optional<AdminRouteMatch> find_admin_route(Method method, std::string_view path) {
    auto const wanted = method == Method::Head ? Method::Get : method;
    auto const rest = strip_prefix(path);
    for (auto const& route : kRoutes) {
        if (route.method != wanted) {
            continue;
        }
        if (auto parameters = match(route.path, rest)) {
            return AdminRouteMatch{.route = route, .parameters = *std::move(parameters)};
        }
    }
    return std::nullopt;
}

std::string allowed_admin_methods(std::string_view path) {
    std::string allowed;
    for (auto const& route : kRoutes) {
        if (match(route.path, strip_prefix(path))) {
            allowed += allowed.empty() ? "" : ", ";
            allowed += http::served_methods(route.method);
        }
    }
    return allowed;
}

}  // namespace latchkey::api
