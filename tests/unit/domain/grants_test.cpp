#include "domain/grants.hpp"

#include "domain/roles.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::domain {
namespace {

using enum Permission;

App app_with(boost::json::object grants) {
    return {.api_key = *ApiKey::parse("key"),
            .name = "app",
            .secrets = {},
            .created_at = {},
            .updated_at = {},
            .grants = std::move(grants)};
}

PermissionSet stored(App const& app, std::string_view role) {
    return GrantTable(app).of(role, RoleSource::Stored);
}
PermissionSet claimed(App const& app, std::string_view role) {
    return GrantTable(app).of(role, RoleSource::Token);
}

TEST(DefaultPermissions, AreThoseOfTheDocumentation) {
    constexpr PermissionSet kUsers = {SearchUser, UpdateUserOwner};
    for (auto const role : {"user", "guest", "moderator", "support", ""}) {
        EXPECT_EQ(default_permissions(role), kUsers) << role;
    }
    EXPECT_EQ(default_permissions("anonymous"), PermissionSet());
    EXPECT_EQ(default_permissions("admin"), kEveryPermission);
}

TEST(FindPermission, KnowsThemByTheirIds) {
    for (auto const& [id, permission] : kPermissions) {
        EXPECT_EQ(find_permission(id), permission);
    }
    for (auto const* id : {"", "SearchUser", "search-user ", "read-channel"}) {
        EXPECT_EQ(find_permission(id), std::nullopt) << id;
    }
}

TEST(GrantTable, GivesARoleThatIsNamedWhatItListsAndNothingElse) {
    auto const app = app_with({{"user", {"update-user", "read-channel"}},
                               {"admin", boost::json::array()},
                               {"support", {"search-user"}}});
    EXPECT_EQ(stored(app, "user"), PermissionSet{UpdateUser});
    EXPECT_EQ(stored(app, "admin"), PermissionSet());
    EXPECT_EQ(stored(app, "support"), PermissionSet{SearchUser});
    EXPECT_EQ(stored(app, "guest"), default_permissions("guest"));
    EXPECT_EQ(stored(app, "another"), default_permissions("user"));  // not what `user` was granted
}

TEST(GrantTable, GivesAnonymousCallersSearchAtTheMost) {
    auto const app = app_with({{"anonymous", {"search-user", "update-user", "update-user-owner"}}});
    EXPECT_EQ(stored(app, "anonymous"), PermissionSet{SearchUser});
}

TEST(GrantTable, TakesSearchFromRolesThatMayNotSearch) {
    auto app = app_with({{"support", {"search-user", "update-user"}}});
    app.user_search_disallowed_roles = {"support", "bot", "user"};
    EXPECT_EQ(stored(app, "support"), PermissionSet{UpdateUser});
    EXPECT_EQ(stored(app, "bot"), PermissionSet{UpdateUserOwner});
    EXPECT_EQ(stored(app, "user"), PermissionSet{UpdateUserOwner});
    EXPECT_EQ(stored(app, "another"), default_permissions("user"));
}

TEST(GrantTable, GivesEverybodyEverythingWhilePermissionChecksAreOff) {
    auto app = app_with({{"user", boost::json::array()}});
    app.disable_permissions_checks = true;
    app.user_search_disallowed_roles = {"user"};
    for (auto const role : {"user", "guest", "admin", "another"}) {
        EXPECT_EQ(stored(app, role), kEveryPermission) << role;
        EXPECT_EQ(claimed(app, role), kEveryPermission) << role;
    }
    EXPECT_EQ(stored(app, "anonymous"), PermissionSet{SearchUser});
}

TEST(GrantTable, GivesAClaimedRoleOfStaffNoMoreThanAUserHas) {
    auto const app = app_with({{"moderator", {"update-user"}}, {"support", {"update-user"}}});
    EXPECT_EQ(claimed(app, "admin"), default_permissions("user"));
    EXPECT_EQ(claimed(app, "moderator"), PermissionSet());
    EXPECT_EQ(claimed(app, "support"), PermissionSet{UpdateUser});
    EXPECT_EQ(stored(app, "admin"), kEveryPermission);
    EXPECT_EQ(stored(app, "moderator"), PermissionSet{UpdateUser});
}

TEST(Roles, AreBuiltInOrOfTheApp) {
    auto app = app_with({});
    ASSERT_TRUE(create_role(app, "support", {}));
    EXPECT_TRUE(is_custom_role(app, "support"));
    EXPECT_FALSE(is_custom_role(app, "admin"));
    EXPECT_TRUE(is_built_in_role("admin"));
    EXPECT_FALSE(is_built_in_role("support"));
    EXPECT_EQ(create_role(app, "support", {}).error(), RoleError::Exists);
    EXPECT_EQ(create_role(app, "admin", {}).error(), RoleError::Exists);
    EXPECT_EQ(delete_role(app, "admin").error(), RoleError::BuiltIn);
    EXPECT_EQ(delete_role(app, "another").error(), RoleError::Unknown);
    EXPECT_TRUE(delete_role(app, "support"));
    EXPECT_FALSE(is_custom_role(app, "support"));
}

}  // namespace
}  // namespace latchkey::domain
