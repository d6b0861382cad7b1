#pragma once

#include "domain/app.hpp"
#include "domain/store.hpp"
#include "domain/user.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

/// Values that store tests put in and expect back.
namespace latchkey::test {

inline constexpr Instant kNow{std::chrono::microseconds{1'767'225'600'123'456}};
inline constexpr std::string_view kSampleSecret = "sample-secret-with-more-than-32-bytes-in-it";

inline UserId user_id(std::string_view text) { return *UserId::parse(text); }

inline domain::App plain_app(std::string_view key) {
    domain::App app = {.api_key = *ApiKey::parse(key),
                       .name = "Sample",
                       .secrets = {},
                       .created_at = kNow,
                       .updated_at = kNow};
    app.secrets.push_back(
        {.id = 1, .secret = Secret(std::string(kSampleSecret)), .created_at = kNow});
    return app;
}

inline domain::User plain_user(std::string_view id) {
    return {.id = user_id(id), .created_at = kNow, .updated_at = kNow};
}

inline domain::User revoked_user(std::string_view id, Instant before = kNow) {
    auto user = plain_user(id);
    user.revoke_tokens_issued_before = before;
    return user;
}

/// Stores `user` as somebody whose standing did not change, or did.
inline void put(domain::Transaction& transaction, AppId app, domain::User user,
                bool standing_changed = false) {
    domain::UserWrite const write = {.user = std::move(user), .standing_changed = standing_changed};
    transaction.users().put(app, {&write, 1});
}

inline void expect_same(domain::App const& actual, domain::App const& expected) {
    EXPECT_EQ(actual.api_key, expected.api_key);
    EXPECT_EQ(actual.name, expected.name);
    EXPECT_EQ(actual.mode, expected.mode);
    EXPECT_EQ(actual.created_at, expected.created_at);
    EXPECT_EQ(actual.updated_at, expected.updated_at);
    EXPECT_EQ(actual.revoke_tokens_issued_before, expected.revoke_tokens_issued_before);
    EXPECT_EQ(actual.disable_auth_checks, expected.disable_auth_checks);
    EXPECT_EQ(actual.disable_permissions_checks, expected.disable_permissions_checks);
    EXPECT_EQ(actual.guest_user_creation_disabled, expected.guest_user_creation_disabled);
    EXPECT_EQ(actual.multi_tenant_enabled, expected.multi_tenant_enabled);
    EXPECT_EQ(actual.suspended, expected.suspended);
    EXPECT_EQ(actual.suspended_explanation, expected.suspended_explanation);
    EXPECT_EQ(actual.enforce_unique_usernames, expected.enforce_unique_usernames);
    EXPECT_EQ(actual.user_search_disallowed_roles, expected.user_search_disallowed_roles);
    EXPECT_EQ(actual.grants, expected.grants);
    EXPECT_EQ(actual.custom_roles, expected.custom_roles);
    EXPECT_EQ(actual.forgotten_secrets, expected.forgotten_secrets);
    EXPECT_EQ(actual.other_settings, expected.other_settings);
    ASSERT_EQ(actual.secrets.size(), expected.secrets.size());
    for (std::size_t i = 0; i < actual.secrets.size(); ++i) {
        EXPECT_EQ(actual.secrets[i].id, expected.secrets[i].id);
        EXPECT_EQ(actual.secrets[i].secret.reveal(), expected.secrets[i].secret.reveal());
        EXPECT_EQ(actual.secrets[i].created_at, expected.secrets[i].created_at);
        EXPECT_EQ(actual.secrets[i].retires_at, expected.secrets[i].retires_at);
    }
}

}  // namespace latchkey::test
