#include "sdk/user_json.hpp"

#include "wire/json.hpp"

#include <gtest/gtest.h>

namespace latchkey::sdk {
namespace {

User read(std::string_view text) {
    return read_user(wire::parse_json_object(text).value()).value();
}

TEST(FormatUserRequest, WritesWhatWasGivenAndNothingElse) {
    EXPECT_EQ(format_user_request({.id = "john"}, UserFields::OfADevice).value(),
              R"({"id":"john"})");
    UserRequest const whole{.id = "john",
                            .name = "J \"x\"",
                            .image = "i",
                            .role = "admin",
                            .teams = {"red", "blue"},
                            .invisible = false,
                            .custom_json = R"( {"a" : [1.5]} )"};
    EXPECT_EQ(format_user_request(whole, UserFields::OfADevice).value(),
              R"({"id":"john","name":"J \"x\"","image":"i","invisible":false,)"
              R"("custom":{"a":[1.5]}})");
    EXPECT_EQ(format_user_request(whole, UserFields::OfABackend).value(),
              R"({"id":"john","name":"J \"x\"","image":"i","invisible":false,"role":"admin",)"
              R"("teams":["red","blue"],"custom":{"a":[1.5]}})");
}

TEST(FormatUserRequest, RefusesWhatIsNoIdOrNoObject) {
    for (auto const& [id, custom, accepted] :
         {std::tuple{"john", "", true}, std::tuple{"", "", false}, std::tuple{"a b", "", false},
          std::tuple{"!anon", "", false}, std::tuple{"john", "{}", true},
          std::tuple{"john", "[]", false}, std::tuple{"john", "{},\"role\":\"admin\"", false}}) {
        auto const text =
            format_user_request({.id = id, .custom_json = custom}, UserFields::OfADevice);
        EXPECT_EQ(text.has_value(), accepted) << id << custom;
    }
}

TEST(ReadUser, ReadsDatesAndCustomDataOfTheV2Style) {
    auto const user = read(
        R"({"id":"john","role":"user","name":"John","image":"i","teams":["red",7],"online":true,)"
        R"("created_at":1700000000123456000,"updated_at":1700000001000000000,)"
        R"("revoke_tokens_issued_before":1700000002000000000,"custom":{"a":1}})");
    EXPECT_EQ(user.id, "john");
    EXPECT_EQ(user.role, "user");
    EXPECT_EQ(user.teams, std::vector<std::string>{"red"});
    EXPECT_TRUE(user.online);
    EXPECT_EQ(user.created_at, Instant(std::chrono::microseconds(1'700'000'000'123'456)));
    EXPECT_EQ(user.revoke_tokens_issued_before, Instant(std::chrono::seconds(1'700'000'002)));
    EXPECT_FALSE(user.last_active);
    EXPECT_EQ(user.custom_json, R"({"a":1})");
}

TEST(ReadUser, PassesOverWhatIsOfAnotherTypeButNeedsAnId) {
    auto const user = read(R"({"id":"john","name":1,"teams":"red","online":"yes","custom":[]})");
    EXPECT_EQ(user.name, "");
    EXPECT_TRUE(user.teams.empty());
    EXPECT_FALSE(user.online);
    EXPECT_EQ(user.custom_json, "{}");
    for (std::string_view const text : {"{}", R"({"id":""})", R"({"id":7})"}) {
        EXPECT_FALSE(read_user(wire::parse_json_object(text).value())) << text;
    }
}

}  // namespace
}  // namespace latchkey::sdk
