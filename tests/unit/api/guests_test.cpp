#include "support/response_shapes.hpp"
#include "support/test_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace latchkey::test {
namespace {

using http::Method;
using namespace std::chrono_literals;

class GuestsTest : public testing::Test {
protected:
    TestNode node;

    http::Response create(std::string const& body, std::string const& path = "/guest",
                          std::string const& token = "", std::string const& type = "anonymous") {
        return node.call({.method = Method::Post,
                          .target = path + "?api_key=key",
                          .token = token,
                          .auth_type = type,
                          .body = body});
    }
    void patch_app(std::string const& body) {
        ASSERT_EQ(node.call({.method = Method::Patch,
                             .target = "/app?api_key=key",
                             .token = server_token(),
                             .body = body})
                      .status,
                  200);
    }
    int call_as(std::string const& token) {
        return node.call({.target = "/app?api_key=key", .token = token}).status;
    }
};

TEST_F(GuestsTest, MakesANewGuestEachTimeAndATokenForIt) {
    auto const* const id =
        "guest-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-visitor";
    std::string last;
    for (auto const* path : {"/guest", "/api/v2/guest"}) {
        auto const answer = create(R"({"user":{"id":"visitor","name":"V"}})", path);
        ASSERT_EQ(answer.status, 201);
        auto const body = TestNode::body_of(answer);
        auto const& user = body.at("user").as_object();
        std::string const made(user.at("id").as_string());
        EXPECT_THAT(made, testing::MatchesRegex(id));
        EXPECT_NE(made, last);
        last = made;
        EXPECT_EQ(user.at("role"), "guest");
        EXPECT_EQ(user.at("name"), "V");
        EXPECT_EQ(call_as(std::string(body.at("access_token").as_string())), 200);
    }
}

TEST_F(GuestsTest, GivesNoGuestAnotherRole) {
    auto const answer = create(R"({"user":{"id":"visitor","role":"admin","teams":["red"]}})");
    ASSERT_EQ(answer.status, 201);
    EXPECT_EQ(TestNode::body_of(answer).at("user").at("role"), "guest");
}

TEST_F(GuestsTest, EndsGuestsWithTheirApp) {
    auto const answer = create(R"({"user":{"id":"visitor"}})");
    std::string const token(TestNode::body_of(answer).at("access_token").as_string());
    node.clock.advance(2s);
    patch_app(R"({"revoke_tokens_issued_before":"2026-01-01T00:00:02Z"})");
    EXPECT_EQ(call_as(token), 401);
    auto const newer = create(R"({"user":{"id":"visitor"}})");
    EXPECT_EQ(call_as(std::string(TestNode::body_of(newer).at("access_token").as_string())), 200);
}

TEST_F(GuestsTest, AreNotMadeWhereTheirTokenWouldBeVoidAlready) {
    patch_app(R"({"revoke_tokens_issued_before":"2026-01-01T00:00:10Z"})");
    auto const made = create(R"({"user":{"id":"visitor"}})");
    EXPECT_EQ(call_as(std::string(TestNode::body_of(made).at("access_token").as_string())), 200);
    patch_app(R"({"revoke_tokens_issued_before":"2026-01-01T00:00:10.000001Z"})");
    auto const refused = create(R"({"user":{"id":"visitor"}})");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(TestNode::code_of(refused), 17);
    EXPECT_THAT(refused.body, testing::HasSubstr("revoked up to an instant that lies ahead"));
}

TEST_F(GuestsTest, MayBeMadeByServersAndUsersToo) {
    EXPECT_EQ(create(R"({"user":{"id":"v"}})", "/guest", server_token(), "jwt").status, 201);
    EXPECT_EQ(create(R"({"user":{"id":"v"}})", "/guest", user_token("john"), "jwt").status, 201);
    EXPECT_EQ(create(R"({"user":{"id":"v"}})", "/guest", "garbage", "jwt").status, 401);
}

TEST_F(GuestsTest, CanBeSwitchedOff) {
    for (auto const* setting : {"guest_user_creation_disabled", "multi_tenant_enabled"}) {
        patch_app("{\"" + std::string(setting) + "\":true}");
        auto const refused = create(R"({"user":{"id":"visitor"}})");
        EXPECT_EQ(refused.status, 403);
        EXPECT_EQ(TestNode::code_of(refused), 17);
        patch_app("{\"" + std::string(setting) + "\":false}");
        EXPECT_EQ(create(R"({"user":{"id":"visitor"}})").status, 201);
    }
}

TEST_F(GuestsTest, RefusesIdsThatAreNone) {
    for (auto const& body :
         {std::string(R"({"user":{}})"), std::string("{}"), std::string(""),
          std::string(R"({"user":{"id":"<img>"}})"), std::string(R"({"user":{"id":5}})"),
          R"({"user":{"id":")" + std::string(250, 'x') + "\"}}"}) {
        auto const refused = create(body);
        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_EQ(TestNode::code_of(refused), 4) << body;
    }
    EXPECT_EQ(create(R"({"user":{"id":")" + std::string(212, 'x') + "\"}}").status, 201);
    EXPECT_EQ(create(R"({"user":{"id":")" + std::string(213, 'x') + "\"}}").status, 400);
}

}  // namespace
}  // namespace latchkey::test
