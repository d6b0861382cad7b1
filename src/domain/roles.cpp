#include "domain/roles.hpp"

#include <latchkey/base/ids.hpp>

#include <algorithm>
#include <string>

namespace latchkey::domain {

bool is_built_in_role(std::string_view name) noexcept {
    return std::ranges::find(kBuiltInRoles, name) != kBuiltInRoles.end();
}

bool is_custom_role(App const& app, std::string_view name) noexcept {
    return std::ranges::find(app.custom_roles, name, &CustomRole::name) != app.custom_roles.end();
}

std::expected<CustomRole, RoleError> create_role(App& app, std::string_view name, Instant now) {
    if (!is_user_id(name)) {
        return std::unexpected(RoleError::NameInvalid);
    }
    if (is_built_in_role(name) || is_custom_role(app, name)) {
        return std::unexpected(RoleError::Exists);
    }
    if (app.custom_roles.size() >= kCustomRolesMax) {
        return std::unexpected(RoleError::TooMany);
    }
    return app.custom_roles.emplace_back(CustomRole{.name = std::string(name), .created_at = now});
}

std::expected<void, RoleError> delete_role(App& app, std::string_view name) {
    if (is_built_in_role(name)) {
        return std::unexpected(RoleError::BuiltIn);
    }
    if (std::erase_if(app.custom_roles, [&](auto const& role) { return role.name == name; }) == 0) {
        return std::unexpected(RoleError::Unknown);
    }
    return {};
}

}  // namespace latchkey::domain
