#include "domain/grants.hpp"

#include "domain/roles.hpp"
#include "domain/user.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <utility>

namespace latchkey::domain {
namespace {

using enum Permission;

struct DefaultGrants {
    std::string_view role;
    PermissionSet permissions;
};

/// The defaults, and a role's place here is its row in the documentation.
constexpr std::array<DefaultGrants, kBuiltInRoles.size()> kDefaults = {{
    {.role = kRoleUser, .permissions = {SearchUser, UpdateUserOwner}},
    {.role = kRoleGuest, .permissions = {SearchUser, UpdateUserOwner}},
    {.role = kRoleAnonymous, .permissions = {}},
    {.role = kRoleModerator, .permissions = {SearchUser, UpdateUserOwner}},
    {.role = kRoleAdmin, .permissions = {SearchUser, UpdateUserOwner, UpdateUser}},
}};

/// The most that callers without an id can be given: what nobody did cannot be written.
constexpr PermissionSet kAnonymousMost = {SearchUser};

PermissionSet listed_permissions(boost::json::value const& list) {
    PermissionSet permissions;
    for (auto const& id : list.as_array()) {
        if (auto const permission = find_permission(id.as_string())) {
            permissions.add(*permission);
        }
    }
    return permissions;
}

PermissionSet permissions_in(App const& app, std::string_view role) {
    if (app.disable_permissions_checks) {
        return role == kRoleAnonymous ? kAnonymousMost : kEveryPermission;
    }
    auto const* listed = app.grants.if_contains(role);
    auto permissions = listed != nullptr ? listed_permissions(*listed) : default_permissions(role);
    if (std::ranges::find(app.user_search_disallowed_roles, role) !=
        app.user_search_disallowed_roles.end()) {
        permissions.remove(SearchUser);
    }
    return role == kRoleAnonymous ? permissions & kAnonymousMost : permissions;
}

std::vector<std::string> roles_with_rows(App const& app) {
    std::vector<std::string> roles(kBuiltInRoles.begin(), kBuiltInRoles.end());
    for (auto const& entry : app.grants) {
        roles.emplace_back(entry.key());
    }
    roles.insert(roles.end(), app.user_search_disallowed_roles.begin(),
                 app.user_search_disallowed_roles.end());
    std::ranges::sort(roles);
    auto const repeated = std::ranges::unique(roles);
    roles.erase(repeated.begin(), repeated.end());
    return roles;
}

bool is_staff(std::string_view role) { return role == kRoleModerator || role == kRoleAdmin; }

}  // namespace

std::optional<Permission> find_permission(std::string_view id) noexcept {
    auto const found = std::ranges::find(kPermissions, id, &PermissionName::id);
    return found == kPermissions.end() ? std::nullopt : std::optional(found->permission);
}

PermissionSet default_permissions(std::string_view role) noexcept {
    auto const found = std::ranges::find(kDefaults, role, &DefaultGrants::role);
    return found == kDefaults.end() ? default_permissions(kRoleUser) : found->permissions;
}

GrantTable::GrantTable(App const& app) {
    auto roles = roles_with_rows(app);
    rows_.reserve(roles.size());
    for (auto& role : roles) {
        auto const stored = permissions_in(app, role);
        bool const capped = is_staff(role) && !app.disable_permissions_checks;
        auto const claimed = capped ? stored & default_permissions(kRoleUser) : stored;
        rows_.push_back({.role = std::move(role), .stored = stored, .claimed = claimed});
    }
    others_ = app.disable_permissions_checks ? kEveryPermission : default_permissions(kRoleUser);
}

PermissionSet GrantTable::of(std::string_view role, RoleSource source) const {
    auto const row = std::ranges::lower_bound(rows_, role, {}, &Row::role);
    if (row == rows_.end() || row->role != role) {
        return others_;
    }
    return source == RoleSource::Token ? row->claimed : row->stored;
}

}  // namespace latchkey::domain
