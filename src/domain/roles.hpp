#pragma once

#include "domain/app.hpp"
#include "domain/user.hpp"

#include <latchkey/base/instant.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

/// The roles of an App: those that every App has, and its own. A role is a name that grants are
/// made out to; users hold names, and may hold one that is no role.
namespace latchkey::domain {

inline constexpr std::array kBuiltInRoles = {kRoleUser, kRoleGuest, kRoleAnonymous, kRoleModerator,
                                             kRoleAdmin};
inline constexpr std::size_t kCustomRolesMax = 100;  ///< of one App

[[nodiscard]] bool is_built_in_role(std::string_view name) noexcept;
[[nodiscard]] bool is_custom_role(App const& app, std::string_view name) noexcept;

enum class RoleError : std::uint8_t {
    NameInvalid,  ///< a role's name is made of what a user id is made of
    Exists,
    TooMany,  ///< `kCustomRolesMax` are there
    BuiltIn,  ///< every App has it
    Unknown,
};

/// Adds a role to the App; it stands behind the older ones.
[[nodiscard]] std::expected<CustomRole, RoleError> create_role(App& app, std::string_view name,
                                                               Instant now);

/// Takes a role from the App. Users who hold the name keep it, and the grants made out to it stay:
/// nobody's rights grow, or shrink, because a name left a list.
[[nodiscard]] std::expected<void, RoleError> delete_role(App& app, std::string_view name);

}  // namespace latchkey::domain
