#include "wire/event_json.hpp"

#include "support/response_shapes.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::wire {
namespace {

using test::missing_fields;
using test::Shape;

constexpr Instant kThen{std::chrono::microseconds(1'795'289'763'812'000)};
boost::json::object const color{{"color", "blue"}};

boost::json::object user_event(UserEventType type, Style style) {
    std::string text;
    append_user_event(text, type, kThen,
                      {.id = "john",
                       .role = "user",
                       .custom = &color,
                       .online = true,
                       .created_at = kThen,
                       .updated_at = kThen},
                      style);
    return boost::json::parse(text).as_object();
}

TEST(AppendUserEvent, WritesALegacyEventThatBelongsToNoChannel) {
    auto const event = user_event(UserEventType::Updated, Style::Legacy);
    EXPECT_EQ(event.at("type"), "user.updated");
    EXPECT_EQ(event.at("created_at"), "2026-11-21T19:36:03.812000Z");
    EXPECT_FALSE(event.contains("cid"));
    auto const& user = event.at("user").as_object();
    EXPECT_EQ(missing_fields(user, Shape::UserLegacy), std::vector<std::string>());
    EXPECT_EQ(user.at("color"), "blue");
}

TEST(AppendUserEvent, WritesAV2EventWithItsOwnCustomObject) {
    auto const event = user_event(UserEventType::Updated, Style::V2);
    EXPECT_EQ(event.at("created_at"), 1795289763812000000);
    EXPECT_TRUE(event.at("custom").as_object().empty());
    auto const& user = event.at("user").as_object();
    EXPECT_EQ(missing_fields(user, Shape::UserV2), std::vector<std::string>());
    EXPECT_EQ(user.at("custom").at("color"), "blue");
}

TEST(AppendUserEvent, NamesEachEventAsTheSdksDo) {
    std::vector<std::pair<UserEventType, std::string>> const rows = {
        {UserEventType::Updated, "user.updated"},
        {UserEventType::PresenceChanged, "user.presence.changed"},
        {UserEventType::Deactivated, "user.deactivated"},
        {UserEventType::Reactivated, "user.reactivated"},
        {UserEventType::Deleted, "user.deleted"},
    };
    for (auto const& [type, name] : rows) {
        EXPECT_EQ(user_event(type, Style::Legacy).at("type").as_string(), name);
    }
}

TEST(AppendAppUpdated, CarriesTheObjectItIsGiven) {
    std::string legacy;
    append_app_updated(legacy, kThen, R"({"name":"A"})", Style::Legacy);
    EXPECT_EQ(
        legacy,
        R"({"type":"app.updated","created_at":"2026-11-21T19:36:03.812000Z","app":{"name":"A"}})");
    std::string v2;
    append_app_updated(v2, kThen, R"({"name":"A"})", Style::V2);
    EXPECT_EQ(
        v2,
        R"({"type":"app.updated","created_at":1795289763812000000,"custom":{},"app":{"name":"A"}})");
}

}  // namespace
}  // namespace latchkey::wire
