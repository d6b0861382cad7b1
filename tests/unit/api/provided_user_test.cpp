#include "api/token_provider/provided_user.hpp"

#include "wire/user_requests.hpp"

#include <latchkey/base/base64url.hpp>

#include <boost/json/array.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using testing::HasSubstr;
using testing::Not;

TokenProviderSettings oidc_settings() {
    return {.name = "idp",
            .app = *ApiKey::parse("key"),
            .source =
                OidcSource{.expected = {.issuer = "https://id.example.com", .audiences = {"app"}}}};
}

domain::App app_with_roles(std::vector<std::string> const& roles) {
    domain::App app{.api_key = *ApiKey::parse("key"),
                    .name = "App",
                    .secrets = {},
                    .created_at = {},
                    .updated_at = {}};
    for (auto const& role : roles) {
        app.custom_roles.push_back({.name = role, .created_at = {}});
    }
    return app;
}

TEST(UserOfClaims, TakesIdNameAndImage) {
    auto const user = user_of_claims(
        {{"sub", "john"}, {"name", "John"}, {"picture", "https://img.example/j.png"}},
        oidc_settings());
    ASSERT_TRUE(user);
    EXPECT_EQ(*user, (ProvidedUser{.id = *UserId::parse("john"),
                                   .name = "John",
                                   .image = "https://img.example/j.png"}));
}

TEST(UserOfClaims, TakesTheClaimsThatTheSettingsName) {
    auto settings = oidc_settings();
    std::get<OidcSource>(settings.source).claims = {
        .user_id = "uid", .name = "nick", .image = "icon", .role = "groups"};
    auto const user = user_of_claims(
        {{"sub", "x"}, {"uid", "john"}, {"nick", "J"}, {"icon", "i"}, {"groups", {"a", "b"}}},
        settings);
    EXPECT_EQ(user->id.text(), "john");
    EXPECT_EQ(user->name, "J");
    EXPECT_EQ(user->image, "i");
    EXPECT_EQ(user->roles, (std::vector<std::string>{"a", "b"}));
}

TEST(UserOfClaims, RefusesAClaimThatIsNoUserIdAndRepeatsNothingOfIt) {
    for (auto const& claim : {value("auth0|5f7c"), value("a b"), value(""), value(7),
                              value(nullptr), value(array{"john"}), value("!anon")}) {
        auto const user = user_of_claims({{"sub", claim}}, oidc_settings());
        ASSERT_FALSE(user);
        EXPECT_EQ(user.error().code, wire::ErrorCode::AuthenticationError);
        EXPECT_EQ(user.error().http_status, 401);
        EXPECT_THAT(user.error().message, Not(HasSubstr("5f7c")));
    }
    EXPECT_FALSE(user_of_claims({}, oidc_settings()));
    EXPECT_THAT(user_of_claims({{"sub", "a|b"}}, oidc_settings()).error().message,
                HasSubstr("base64url"));
}

TEST(UserOfClaims, MakesAUserIdOfAnyTextWhereAsked) {
    auto settings = oidc_settings();
    settings.user_id_encoding = UserIdEncoding::Base64Url;
    settings.user_id_prefix = "idp-";
    EXPECT_EQ(user_of_claims({{"sub", "auth0|5f7c"}}, settings)->id.text(),
              "idp-" + base64url::encode("auth0|5f7c"));
    EXPECT_FALSE(user_of_claims({{"sub", ""}}, settings));
    settings.user_id_prefix.clear();
    EXPECT_TRUE(
        user_of_claims({{"sub", value(std::string_view(std::string(191, '|')))}}, settings));
    EXPECT_FALSE(
        user_of_claims({{"sub", value(std::string_view(std::string(192, '|')))}}, settings));
}

TEST(UserOfClaims, PassesOverTextsThatDoNotFit) {
    auto const long_name = std::string(wire::kUserNameBytesMax + 1, 'n');
    auto const claims = object{
        {"sub", "john"}, {"name", std::string_view(long_name)}, {"picture", object{{"url", "x"}}}};
    auto const user = user_of_claims(claims, oidc_settings());
    EXPECT_EQ(user->name, std::nullopt);
    EXPECT_EQ(user->image, std::nullopt);
    auto const fits = object{{"sub", "john"}, {"name", std::string_view(long_name).substr(1)}};
    EXPECT_TRUE(user_of_claims(fits, oidc_settings())->name);
}

TEST(UserOfClaims, TakesNoEmailForAUserThatTheTokenSaysIsNotVerified) {
    auto settings = oidc_settings();
    auto& claims = std::get<OidcSource>(settings.source).claims;
    auto const with = [&](value verified) {
        return user_of_claims({{"sub", "john"},
                               {"email", "john@example"},
                               {"email_verified", std::move(verified)}},
                              settings)
            .has_value();
    };
    EXPECT_TRUE(with(false));  // it is not the email that names the user
    claims.user_id = "email";
    EXPECT_TRUE(with(true));
    EXPECT_TRUE(with("true"));
    EXPECT_FALSE(with(false));
    EXPECT_FALSE(with("false"));
    EXPECT_FALSE(with(0));
}

TEST(UserOfClaims, TellsNoRolesFromNoClaimOfRoles) {
    auto settings = oidc_settings();
    EXPECT_EQ(user_of_claims({{"sub", "john"}, {"role", "admin"}}, settings)->roles, std::nullopt);
    std::get<OidcSource>(settings.source).claims.role = "role";
    EXPECT_EQ(user_of_claims({{"sub", "john"}}, settings)->roles, std::vector<std::string>());
    EXPECT_EQ(user_of_claims({{"sub", "john"}, {"role", 1}}, settings)->roles,
              std::vector<std::string>());
    array roles(kProvidedRolesMax + 1, "r");
    EXPECT_EQ(user_of_claims({{"sub", "john"}, {"role", roles}}, settings)->roles->size(),
              kProvidedRolesMax);
}

TEST(ChooseRole, TakesRolesOfTheAppAndNoneThatRulesOthers) {
    auto const app = app_with_roles({"editor"});
    auto const settings = oidc_settings();
    EXPECT_EQ(choose_role(app, {"editor"}, settings), "editor");
    EXPECT_EQ(choose_role(app, {"unknown", "editor"}, settings), "editor");
    for (auto const* role : {"admin", "moderator", "guest", "anonymous", "unknown", ""}) {
        EXPECT_EQ(choose_role(app, {role}, settings), "user") << role;
    }
    EXPECT_EQ(choose_role(app, {}, settings), "user");
}

TEST(ChooseRole, TakesWhatTheMapSays) {
    auto const app = app_with_roles({"editor", "staff"});
    auto settings = oidc_settings();
    settings.role_map = {{"ops", "admin"}, {"staff", "editor"}, {"gone", "no-role-here"}};
    EXPECT_EQ(choose_role(app, {"ops"}, settings), "admin");
    EXPECT_EQ(choose_role(app, {"staff"}, settings), "editor");
    EXPECT_EQ(choose_role(app, {"gone"}, settings), "user");
    EXPECT_EQ(choose_role(app, {"admin"}, settings), "user");
}

TokenProviderSettings webhook_settings() {
    return {.name = "hook",
            .app = *ApiKey::parse("key"),
            .source = WebhookSource{.url = *http::parse_url("http://127.0.0.1:1/hook"),
                                    .secret = Secret(std::string(32, 's'))}};
}

TEST(UserOfAnswer, TakesTheUserOfAWebhook) {
    auto const settings = webhook_settings();
    EXPECT_EQ(user_of_answer(R"({"user_id":"john"})", settings),
              ProvidedUser{.id = *UserId::parse("john")});
    EXPECT_EQ(user_of_answer(R"({"user_id":"john","name":null,"image":null,"role":null,
                                 "expires_in_s":null,"more":[1]})",
                             settings),
              ProvidedUser{.id = *UserId::parse("john")});
    EXPECT_EQ(user_of_answer(R"({"user_id":"john","name":"J","image":"i","role":"editor",
                                 "expires_in_s":600})",
                             settings),
              (ProvidedUser{.id = *UserId::parse("john"),
                            .name = "J",
                            .image = "i",
                            .roles = std::vector<std::string>{"editor"},
                            .lifetime = std::chrono::seconds(600)}));
}

TEST(UserOfAnswer, RefusesWhatTheDocumentationDoesNotSay) {
    auto const settings = webhook_settings();
    for (auto const* answer :
         {"", "[]", "{}", R"({"user_id":1})", R"({"user_id":"a b"})", R"({"user_id":"a","name":1})",
          R"({"user_id":"a","image":{}})", R"({"user_id":"a","role":1})",
          R"({"user_id":"a","user_id":"b"})", R"({"user_id":"a","expires_in_s":"600"})",
          R"({"user_id":"a","expires_in_s":0})", R"({"user_id":"a","expires_in_s":31536001})"}) {
        EXPECT_FALSE(user_of_answer(answer, settings)) << answer;
    }
    EXPECT_TRUE(user_of_answer(R"({"user_id":"a","expires_in_s":1})", settings));
    EXPECT_TRUE(user_of_answer(R"({"user_id":"a","expires_in_s":31536000})", settings));
}

TEST(DescribeUser, LeavesWhatTheProofSaysNothingOf) {
    auto const app = app_with_roles({});
    domain::User user{.id = *UserId::parse("john"),
                      .role = "admin",
                      .name = "John",
                      .image = "i",
                      .created_at = {},
                      .updated_at = {}};
    auto const before = user;
    describe_user({.id = user.id}, app, oidc_settings(), user);
    EXPECT_EQ(user, before);
    describe_user({.id = user.id, .name = "J", .roles = std::vector<std::string>()}, app,
                  oidc_settings(), user);
    EXPECT_EQ(user.name, "J");
    EXPECT_EQ(user.image, "i");
    EXPECT_EQ(user.role, "user");
}

TEST(IsProviderName, BoundsIt) {
    EXPECT_TRUE(is_provider_name("idp_2-x"));
    EXPECT_TRUE(is_provider_name(std::string(kProviderNameBytesMax, 'a')));
    for (auto const& name : {std::string(), std::string("Idp"), std::string("a/b"),
                             std::string("a b"), std::string(kProviderNameBytesMax + 1, 'a')}) {
        EXPECT_FALSE(is_provider_name(name)) << name;
    }
}

}  // namespace
}  // namespace latchkey::api
