#pragma once

#include "domain/app.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What clients may do, as one table: role x permission (protocol section 7).
///
/// Servers may do everything and stand in no table. Two kinds of things are no permissions, so that
/// no list of grants can give or take them: what every client may do (connect, read the App, ask
/// what it missed, become a guest), and what is for servers alone (roles, teams, revocations,
/// settings, users who end and come back).
namespace latchkey::domain {

enum class Permission : std::uint8_t {
    SearchUser,       ///< find users
    UpdateUserOwner,  ///< write its own fields, but for those of servers
    UpdateUser,       ///< the same fields of others
};

/// Some of the permissions. A value.
class PermissionSet {
public:
    constexpr PermissionSet() = default;
    constexpr PermissionSet(std::initializer_list<Permission> permissions) {
        for (auto const permission : permissions) {
            add(permission);
        }
    }

    [[nodiscard]] constexpr bool contains(Permission permission) const {
        return (bits_ & bit(permission)) != 0;
    }
    constexpr void add(Permission permission) {
        bits_ = static_cast<std::uint8_t>(bits_ | bit(permission));
    }
    constexpr void remove(Permission permission) {
        bits_ = static_cast<std::uint8_t>(bits_ & ~bit(permission));
    }
    /// What is in both.
    [[nodiscard]] constexpr PermissionSet operator&(PermissionSet other) const {
        other.bits_ = static_cast<std::uint8_t>(bits_ & other.bits_);
        return other;
    }
    bool operator==(PermissionSet const&) const = default;

private:
    static constexpr unsigned bit(Permission permission) {
        return 1U << static_cast<unsigned>(permission);
    }
    std::uint8_t bits_ = 0;
};

struct PermissionName {
    std::string_view id;  ///< as Stream's lists of grants spell it
    Permission permission;
};
inline constexpr std::array<PermissionName, 3> kPermissions = {{
    {.id = "search-user", .permission = Permission::SearchUser},
    {.id = "update-user-owner", .permission = Permission::UpdateUserOwner},
    {.id = "update-user", .permission = Permission::UpdateUser},
}};
inline constexpr PermissionSet kEveryPermission = {
    Permission::SearchUser, Permission::UpdateUserOwner, Permission::UpdateUser};

/// Empty: one of those that mean something to other products of Stream's only.
[[nodiscard]] std::optional<Permission> find_permission(std::string_view id) noexcept;

/// What a role may do in an App whose grants do not name it. Roles that are not built in, and names
/// that are no roles, have what `user` has.
[[nodiscard]] PermissionSet default_permissions(std::string_view role) noexcept;

/// Where a caller's role comes from.
enum class RoleSource : std::uint8_t {
    Stored,  ///< the user's own, or `user` for one never heard of
    Token,   ///< the claim `role`
};

/// The whole table of one App: its grants over the defaults, and the settings that give or take
/// permissions. Made once for each state of the App; looking a role up allocates nothing.
class GrantTable {
public:
    GrantTable() = default;
    explicit GrantTable(App const& app);

    /// A role that a token claims gives what the same role gives when it is stored, but for
    /// `moderator` and `admin`: those give no more than `user` has by default. SDKs mint tokens
    /// with a role for calls, which says nothing about the users of the App.
    [[nodiscard]] PermissionSet of(std::string_view role, RoleSource source) const;

private:
    struct Row {
        std::string role;
        PermissionSet stored;
        PermissionSet claimed;
    };
    std::vector<Row> rows_;  ///< sorted by role
    PermissionSet others_;   ///< of every role without a row
};

}  // namespace latchkey::domain
