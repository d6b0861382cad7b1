#include "sdk/server_answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::sdk::answers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr std::string_view kJohn =
    R"({"id":"john","role":"user","name":"John","image":"i","teams":["red"],"online":true,)"
    R"("created_at":1700000000000000000,"updated_at":1700000000000000001,)"
    R"("last_active":1700000002000000000,"deactivated_at":null,)"
    R"("revoke_tokens_issued_before":1700000000123000000,"custom":{"color":"blue"},"new":[]})";

std::string user(std::string_view id, std::string_view further = "") {
    return R"({"id":")" + std::string(id) +
           R"(","role":"user","created_at":1700000000000000000,"updated_at":1700000000000000000)" +
           std::string(further) + '}';
}

Response answer(std::string body) { return {.status = 200, .body = std::move(body)}; }

TEST(ReadOneUser, ReadsAllThatIsThere) {
    auto const read = read_one_user(answer("{\"user\":" + std::string(kJohn) + '}'));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->id, "john");
    EXPECT_EQ(read->role, "user");
    EXPECT_EQ(read->name, "John");
    EXPECT_EQ(read->image, "i");
    EXPECT_THAT(read->teams, ElementsAre("red"));
    EXPECT_TRUE(read->online);
    EXPECT_EQ(read->created_at, Instant(1'700'000'000s));
    EXPECT_EQ(read->updated_at, Instant(1'700'000'000s) + 1us);  // a nanosecond rounded up
    EXPECT_EQ(read->last_active, Instant(1'700'000'002s));
    EXPECT_EQ(read->deactivated_at, std::nullopt);
    EXPECT_EQ(read->deleted_at, std::nullopt);
    EXPECT_EQ(read->revoke_tokens_issued_before, Instant(1'700'000'000s) + 123ms);
    EXPECT_EQ(read->custom_json, R"({"color":"blue"})");
}

TEST(ReadOneUser, NeedsNoMoreThanIdRoleAndDates) {
    auto const read = read_one_user(answer("{\"user\":" + user("john") + '}'));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->name, "");
    EXPECT_FALSE(read->online);
    EXPECT_EQ(read->custom_json, "{}");
}

TEST(ReadOneUser, ReadsDatesAsTextToo) {
    auto const read = read_one_user(
        answer("{\"user\":" + user("john", R"(,"last_active":"2023-11-14T22:13:22Z")") + '}'));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->last_active, Instant(1'700'000'002s));
}

TEST(ReadOneUser, CallsEveryOtherShapeABadAnswer) {
    for (std::string const& body : {
             std::string(),
             std::string("null"),
             std::string("[]"),
             std::string("{}"),
             std::string("<html>"),
             std::string(R"({"user":null})"),
             std::string(R"({"user":[]})"),
             std::string(R"({"user":{}})"),
             "{\"user\":" + user("") + '}',
             "{\"user\":" + user("john") + "}}",
             "{\"user\":" + user("john") + ",\"user\":" + user("john") + '}',
             "{\"user\":" + user("john").substr(0, 40),
             "{\"user\":" + user("john", R"(,"name":1)") + '}',
             "{\"user\":" + user("john", R"(,"teams":"red")") + '}',
             "{\"user\":" + user("john", R"(,"teams":[1])") + '}',
             "{\"user\":" + user("john", R"(,"online":"yes")") + '}',
             "{\"user\":" + user("john", R"(,"custom":[])") + '}',
             "{\"user\":" + user("john", R"(,"last_active":-1)") + '}',
             "{\"user\":" + user("john", R"(,"last_active":1.5)") + '}',
             "{\"user\":" + user("john", R"(,"last_active":true)") + '}',
             "{\"user\":" + user("john", R"(,"last_active":9223372036854775808)") + '}',
             "{\"user\":" + user("john", R"(,"last_active":"soon")") + '}',
             std::string(R"({"user":{"id":"john","role":"user","created_at":1}})"),
             std::string(R"({"user":{"id":"john","created_at":1,"updated_at":1}})"),
             std::string(R"({"user":{"id":1,"role":"user","created_at":1,"updated_at":1}})"),
             std::string(R"({"user":)") + std::string(5000, '['),
             std::string("{\"user\":\"\xff\"}"),
         }) {
        auto const read = read_one_user(answer(body));
        ASSERT_FALSE(read.has_value()) << body;
        EXPECT_EQ(read.error().kind, Error::Kind::BadAnswer) << body;
        EXPECT_EQ(read.error().http_status, 200);
    }
    EXPECT_TRUE(read_one_user(answer("{\"user\":" +
                                     user("john", R"(,"last_active":9223372036854775807)") + '}'))
                    .has_value());
}

TEST(ReadChangedUsers, YieldsTheUsersInTheOrderAskedFor) {
    std::vector<std::string> const ids = {"john", "jane"};
    auto const read = read_changed_users(
        answer(R"({"users":{"jane":)" + user("jane") + R"(,"john":)" + user("john") + "}}"), ids);
    ASSERT_TRUE(read.has_value());
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ(read->front().id, "john");
    EXPECT_EQ(read->back().id, "jane");
}

TEST(ReadChangedUsers, WantsEachUserUnderItsId) {
    std::vector<std::string> const ids = {"john", "jane"};
    for (std::string const& body : {
             std::string(R"({"users":{}})"),
             std::string(R"({"users":[]})"),
             R"({"users":{"john":)" + user("john") + "}}",
             R"({"users":{"john":)" + user("john") + R"(,"jane":)" + user("john") + "}}",
         }) {
        EXPECT_FALSE(read_changed_users(answer(body), ids).has_value()) << body;
    }
}

TEST(ReadFoundUsers, KeepsTheServersOrder) {
    auto const read =
        read_found_users(answer(R"({"users":[)" + user("b") + ',' + user("a") + "]}"));
    ASSERT_TRUE(read.has_value());
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ(read->front().id, "b");
    EXPECT_TRUE(read_found_users(answer(R"({"users":[]})"))->empty());
    for (std::string_view const body :
         {"{}", R"({"users":{}})", R"({"users":[1]})", R"({"users":[{}]})"}) {
        EXPECT_FALSE(read_found_users(answer(std::string(body))).has_value()) << body;
    }
}

TEST(ReadExport, YieldsTheUserAndWhatItWrote) {
    auto const read =
        read_export(answer("{\"user\":" + user("john") + R"(,"messages":[{"id":"m"}]})"));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->user.id, "john");
    EXPECT_EQ(read->messages_json, R"([{"id":"m"}])");
    EXPECT_EQ(read->reactions_json, "[]");
    EXPECT_FALSE(read_export(answer("{\"user\":" + user("john") + R"(,"messages":{}})")));
    EXPECT_FALSE(read_export(answer(R"({"messages":[]})")));
}

TEST(ReadGuest, YieldsTheUserAndItsToken) {
    auto const body = "{\"user\":" + user("guest-1-tom") + R"(,"access_token":)";
    auto const read = read_guest(answer(body + R"("a.b.c"})"));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->user.id, "guest-1-tom");
    EXPECT_EQ(read->access_token, "a.b.c");
    EXPECT_FALSE(read_guest(answer(body + R"(""})")));
    EXPECT_FALSE(read_guest(answer(body + "null}")));
    EXPECT_FALSE(read_guest(answer(R"({"access_token":"a.b.c"})")));
}

TEST(ReadTask, YieldsHowItStands) {
    EXPECT_EQ(read_task_id(answer(R"({"task_id":"t"})")), "t");
    EXPECT_FALSE(read_task_id(answer(R"({"task_id":""})")));
    EXPECT_FALSE(read_task_id(answer("{}")));
    auto const read = read_task(
        answer(R"({"task_id":"t","status":"completed","created_at":1000,"updated_at":2000,)"
               R"("result":{"n":1},"error":null})"));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->id, "t");
    EXPECT_EQ(read->status, "completed");
    EXPECT_EQ(read->created_at, Instant(1us));
    EXPECT_EQ(read->updated_at, Instant(2us));
    EXPECT_EQ(read->result_json, R"({"n":1})");
    EXPECT_EQ(read->error_json, "");
    EXPECT_FALSE(read_task(answer(R"({"task_id":"t","created_at":1,"updated_at":1})")));
    EXPECT_FALSE(read_task(answer(R"({"task_id":"t","status":1,"created_at":1,"updated_at":1})")));
}

TEST(ReadApp, YieldsTheTextOfTheSettings) {
    EXPECT_EQ(read_app(answer(R"({"app":{"id":1,"grants":{}},"duration":"1ms"})")),
              R"({"id":1,"grants":{}})");
    EXPECT_FALSE(read_app(answer(R"({"app":[]})")));
    EXPECT_FALSE(read_app(answer("{}")));
}

TEST(ReadDone, WantsAnObject) {
    EXPECT_TRUE(read_done(answer(R"({"duration":"1ms"})")));
    EXPECT_FALSE(read_done(answer("")));
    EXPECT_FALSE(read_done(answer("ok")));
}

}  // namespace
}  // namespace latchkey::sdk::answers
