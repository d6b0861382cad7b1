#include "wire/user_json.hpp"

#include "support/response_shapes.hpp"
#include "wire/json.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace latchkey::wire {
namespace {

using std::chrono::microseconds;
using test::missing_fields;
using test::Shape;
using testing::IsEmpty;

boost::json::object const color{{"color", "blue"}};

UserView john() {
    return {.id = "john",
            .role = "user",
            .name = "John",
            .image = "",
            .custom = &color,
            .created_at = Instant(microseconds(1'795'289'763'812'000)),
            .updated_at = Instant(microseconds(1'795'289'763'812'000)),
            .revoke_tokens_issued_before = Instant(microseconds(1'700'000'000'123'000))};
}

std::string written(UserView const& user, UserShape shape, Style style) {
    std::string out;
    append_user(out, user, shape, style);
    return out;
}

boost::json::object read(std::string const& text) {
    auto const json = parse_json_object(text);
    EXPECT_TRUE(json) << text;
    return json.value_or(boost::json::object());
}

TEST(AppendUser, WritesTheDocumentedFullUserOfTheV2Style) {
    EXPECT_EQ(written(john(), UserShape::Full, Style::V2),
              R"({"id":"john","name":"John","image":"","role":"user","language":"","teams":[],)"
              R"("banned":false,"online":false,"invisible":false,"shadow_banned":false,)"
              R"("blocked_user_ids":[],"created_at":1795289763812000000,)"
              R"("updated_at":1795289763812000000,)"
              R"("revoke_tokens_issued_before":1700000000123000000,"custom":{"color":"blue"},)"
              R"("devices":[],"mutes":[],"channel_mutes":[],"total_unread_count":0,)"
              R"("unread_channels":0,"unread_count":0,"unread_threads":0})");
}

TEST(AppendUser, WritesTheSameUserInTheLegacyStyle) {
    EXPECT_EQ(written(john(), UserShape::Full, Style::Legacy),
              R"({"id":"john","name":"John","image":"","role":"user","language":"","teams":[],)"
              R"("banned":false,"online":false,"invisible":false,"shadow_banned":false,)"
              R"("blocked_user_ids":[],"created_at":"2026-11-21T19:36:03.812000Z",)"
              R"("updated_at":"2026-11-21T19:36:03.812000Z",)"
              R"("revoke_tokens_issued_before":"2023-11-14T22:13:20.123000Z","color":"blue",)"
              R"("devices":[],"mutes":[],"channel_mutes":[],"total_unread_count":0,)"
              R"("unread_channels":0,"unread_count":0,"unread_threads":0})");
}

struct ShapeCase {
    UserShape shape;
    Style style;
    Shape required;
};

class UserShapes : public testing::TestWithParam<ShapeCase> {};

TEST_P(UserShapes, HaveEveryRequiredFieldOfABareUser) {
    auto const& [shape, style, required] = GetParam();
    auto const json = read(written({.id = "a", .role = "user"}, shape, style));
    EXPECT_THAT(missing_fields(json, required), IsEmpty());
    for (auto const* name : {"name", "image", "teams_role", "privacy_settings", "last_active",
                             "revoke_tokens_issued_before", "deactivated_at", "deleted_at"}) {
        EXPECT_FALSE(json.contains(name)) << name;
    }
}

TEST_P(UserShapes, HaveEveryOptionalFieldThatIsSet) {
    auto const& [shape, style, required] = GetParam();
    std::array<std::string, 2> const teams{"red", "b\"lue"};
    boost::json::object const roles{{"red", "admin"}};
    boost::json::object const privacy{{"read_receipts", {{"enabled", false}}}};
    auto user = john();
    user.language = "en";
    user.teams = teams;
    user.teams_role = &roles;
    user.privacy_settings = &privacy;
    user.invisible = true;
    user.online = true;
    user.last_active = user.deactivated_at = user.deleted_at = Instant(microseconds(1));
    auto const json = read(written(user, shape, style));
    EXPECT_THAT(missing_fields(json, required), IsEmpty());
    EXPECT_EQ(json.at("language"), boost::json::value("en"));
    EXPECT_EQ(json.at("teams"), (boost::json::value{"red", "b\"lue"}));
    EXPECT_EQ(json.at("teams_role"), boost::json::value(roles));
    EXPECT_EQ(json.at("privacy_settings"), boost::json::value(privacy));
    EXPECT_EQ(json.at("invisible"), boost::json::value(true));
    EXPECT_EQ(json.at("online"), boost::json::value(true));
    boost::json::value const date =
        style == Style::V2 ? boost::json::value(1000) : "1970-01-01T00:00:00.000001Z";
    for (auto const* name : {"last_active", "deactivated_at", "deleted_at"}) {
        EXPECT_EQ(json.at(name), date) << name;
    }
}

TEST_P(UserShapes, LeaveOutEmptyObjects) {
    auto const& [shape, style, required] = GetParam();
    boost::json::object const none;
    auto user = john();
    user.teams_role = &none;
    user.privacy_settings = &none;
    user.custom = &none;
    auto const json = read(written(user, shape, style));
    EXPECT_FALSE(json.contains("teams_role"));
    EXPECT_FALSE(json.contains("privacy_settings"));
    EXPECT_EQ(json.contains("custom"), style == Style::V2);
}

INSTANTIATE_TEST_SUITE_P(
    AppendUser, UserShapes,
    testing::Values(ShapeCase{UserShape::User, Style::Legacy, Shape::UserLegacy},
                    ShapeCase{UserShape::User, Style::V2, Shape::UserV2},
                    ShapeCase{UserShape::Full, Style::Legacy, Shape::FullUserLegacy},
                    ShapeCase{UserShape::Full, Style::V2, Shape::FullUserV2},
                    ShapeCase{UserShape::Own, Style::Legacy, Shape::OwnUserLegacy},
                    ShapeCase{UserShape::Own, Style::V2, Shape::OwnUserV2}));

TEST(AppendUser, NeverLetsACustomKeyStandForAReservedOne) {
    boost::json::object const custom{
        {"role", "admin"}, {"banned", true}, {"unread_threads", 9}, {"colour", "red"}};
    auto user = john();
    user.custom = &custom;
    auto const legacy = read(written(user, UserShape::User, Style::Legacy));
    EXPECT_EQ(legacy.at("role"), boost::json::value("user"));
    EXPECT_EQ(legacy.at("banned"), boost::json::value(false));
    EXPECT_FALSE(legacy.contains("unread_threads"));
    EXPECT_EQ(legacy.at("colour"), boost::json::value("red"));
    auto const v2 = read(written(user, UserShape::User, Style::V2));
    EXPECT_EQ(v2.at("custom"), boost::json::value(custom));
}

TEST(AppendUser, KeepsShadowBansFromTheUserItself) {
    EXPECT_FALSE(read(written(john(), UserShape::Own, Style::V2)).contains("shadow_banned"));
    EXPECT_TRUE(read(written(john(), UserShape::Full, Style::V2)).contains("shadow_banned"));
}

TEST(AppendUser, EscapesWhatUsersWriteThemselves) {
    boost::json::object const custom{{"a\"\n", "\x01</script>"}};
    auto user = john();
    user.name = "\"},{\"role\":\"admin\"";
    user.custom = &custom;
    for (auto const style : {Style::Legacy, Style::V2}) {
        auto const json = read(written(user, UserShape::Full, style));
        EXPECT_EQ(json.at("name"), boost::json::value("\"},{\"role\":\"admin\""));
        EXPECT_EQ(json.at("role"), boost::json::value("user"));
    }
}

TEST(AppendAnonymousMe, WritesTheDocumentedLegacyObject) {
    std::string out;
    append_anonymous_me(out, Style::Legacy);
    EXPECT_EQ(out,
              R"({"id":"!anon","role":"anonymous","roles":[],"created_at":"0001-01-01T00:00:00Z",)"
              R"("updated_at":"0001-01-01T00:00:00Z","online":true,"banned":false,)"
              R"("invisible":false,"devices":[],"mutes":[],"channel_mutes":[],"unread_count":0,)"
              R"("total_unread_count":0,"unread_channels":0,"unread_threads":0,"language":"",)"
              R"("teams":[]})");
}

TEST(AppendAnonymousMe, HasEveryFieldThatTypedClientsNeed) {
    std::string v2;
    append_anonymous_me(v2, Style::V2);
    auto const json = read(v2);
    EXPECT_THAT(missing_fields(json, Shape::OwnUserV2), IsEmpty());
    EXPECT_EQ(json.at("id"), boost::json::value("!anon"));
    EXPECT_EQ(json.at("role"), boost::json::value("anonymous"));
    EXPECT_EQ(json.at("online"), boost::json::value(true));
    EXPECT_EQ(json.at("created_at"), boost::json::value(0));
}

TEST(IsReservedUserKey, KnowsEveryKeyOfTheProtocolAndNoOther) {
    for (auto const* key : {"id",
                            "role",
                            "name",
                            "image",
                            "language",
                            "teams",
                            "teams_role",
                            "invisible",
                            "privacy_settings",
                            "banned",
                            "shadow_banned",
                            "ban_expires",
                            "online",
                            "last_active",
                            "created_at",
                            "updated_at",
                            "deleted_at",
                            "deactivated_at",
                            "revoke_tokens_issued_before",
                            "devices",
                            "mutes",
                            "channel_mutes",
                            "blocked_user_ids",
                            "unread_count",
                            "total_unread_count",
                            "unread_channels",
                            "unread_threads",
                            "push_notifications",
                            "avg_response_time",
                            "bypass_moderation",
                            "latest_hidden_channels"}) {
        EXPECT_TRUE(is_reserved_user_key(key)) << key;
    }
    for (auto const* key :
         {"", "color", "custom", "Role", "role ", "rol", "roles", "zzz", "anon"}) {
        EXPECT_FALSE(is_reserved_user_key(key)) << key;
    }
}

}  // namespace
}  // namespace latchkey::wire
