#include "support/test_node.hpp"

#include <gtest/gtest.h>

namespace latchkey::test {
namespace {

using namespace std::chrono_literals;

bool has_line(http::Response const& response, std::string_view line) {
    return response.fields.find(std::string(line) + "\r\n") != std::string::npos;
}

TEST(AuthzCheck, TellsWhoHoldsAToken) {
    TestNode node;
    auto const answer = node.call(
        {.target = "/authz/check?api_key=key",
         .token = "Bearer " + sign(R"({"user_id":"john","iat":1767225600,"exp":1767229200})"),
         .auth_type = ""});
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(has_line(answer, "X-Latchkey-App: key"));
    EXPECT_TRUE(has_line(answer, "X-Latchkey-User: john"));
    EXPECT_TRUE(has_line(answer, "X-Latchkey-Role: user"));
    EXPECT_TRUE(has_line(answer, "X-Latchkey-Kind: user"));
    EXPECT_TRUE(has_line(answer, "X-Latchkey-Token-Expires-At: 1767229200"));
}

TEST(AuthzCheck, LeavesOutTheEndOfATokenThatHasNone) {
    TestNode node;
    auto const answer =
        node.call({.target = "/authz/check?api_key=key", .token = user_token("john")});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.fields.find("X-Latchkey-Token-Expires-At"), std::string::npos);
}

TEST(AuthzCheck, TakesTheKeyFromAHeaderToo) {
    TestNode node;
    EXPECT_EQ(node.call({.target = "/authz/check",
                         .token = user_token("john"),
                         .fields = {{"X-Api-Key", "key"}}})
                  .status,
              200);
    EXPECT_EQ(TestNode::code_of(node.call({.target = "/authz/check", .token = user_token("john")})),
              2);
}

TEST(AuthzCheck, NamesNoUserForAServer) {
    TestNode node;
    auto const answer = node.call({.target = "/authz/check?api_key=key", .token = server_token()});
    EXPECT_TRUE(has_line(answer, "X-Latchkey-Kind: server"));
    EXPECT_EQ(answer.fields.find("X-Latchkey-User"), std::string::npos);
    EXPECT_EQ(answer.fields.find("X-Latchkey-Role"), std::string::npos);
}

TEST(AuthzCheck, RefusesWithTheCodeThatSdksActOn) {
    TestNode node;
    struct Row {
        std::string token;
        int code;
    };
    for (auto const& [token, code] :
         {Row{"", 5}, Row{"garbage", 5}, Row{sign(R"({"user_id":"john"})", "another"), 43},
          Row{sign(R"({"user_id":"john","exp":1767225600})"), 40},
          Row{sign(R"({"user_id":"john","nbf":1767229200})"), 41},
          Row{user_token("john", 11s), 42}}) {
        auto const answer = node.call({.target = "/authz/check?api_key=key", .token = token});
        EXPECT_EQ(answer.status, 401);
        EXPECT_EQ(TestNode::code_of(answer), code);
    }
}

TEST(AuthzCheck, TakesWhatAProxyAsksAboutFromTheOriginalRequest) {
    TestNode node;
    auto const uri = "/connect?json=%7B%7D&api_key=key&authorization=" + user_token("john");
    for (auto const* name : {"X-Original-URI", "X-Forwarded-Uri"}) {
        auto const answer =
            node.call({.target = "/authz/check", .auth_type = "", .fields = {{name, uri}}});
        EXPECT_EQ(answer.status, 200) << name;
        EXPECT_TRUE(has_line(answer, "X-Latchkey-User: john")) << name;
    }
}

TEST(AuthzCheck, BelievesNobodyElseWhatTheRequestWas) {
    TestNode node;
    node.proxies = *api::TrustedProxies::parse("10.0.0.1");
    auto const uri = "/connect?api_key=key&authorization=" + user_token("john");
    EXPECT_EQ(
        node.call({.target = "/authz/check", .auth_type = "", .fields = {{"X-Original-URI", uri}}})
            .status,
        401);
}

TEST(AuthzCheck, PutsTheCallersOwnCredentialsOverTheForwardedOnes) {
    TestNode node;
    auto const uri = "/x?api_key=other&authorization=garbage";
    EXPECT_EQ(node.call({.target = "/authz/check?api_key=key",
                         .token = user_token("john"),
                         .fields = {{"X-Original-URI", uri}}})
                  .status,
              200);
}

}  // namespace
}  // namespace latchkey::test
