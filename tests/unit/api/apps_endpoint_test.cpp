#include "support/response_shapes.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

namespace latchkey::test {
namespace {

using http::Method;
using namespace std::chrono_literals;

class AppEndpointTest : public testing::Test {
protected:
    TestNode node{domain::Mode::Development};

    boost::json::object get_app(std::string const& path = "/app",
                                std::string const& token = server_token()) {
        auto const answer = node.call({.target = path + "?api_key=key", .token = token});
        return TestNode::body_of(answer).at("app").as_object();
    }
    http::Response patch(std::string const& body, std::string const& path = "/app",
                         std::string const& token = server_token()) {
        return node.call({.method = Method::Patch,
                          .target = path + "?api_key=key",
                          .token = token,
                          .body = body});
    }
};

TEST_F(AppEndpointTest, ShowsServersTheWholeAppAndClientsLess) {
    EXPECT_EQ(missing_fields(get_app(), Shape::App), std::vector<std::string>());
    auto const reduced = get_app("/api/v2/app", user_token("john"));
    EXPECT_EQ(missing_fields(reduced, Shape::ReducedApp), std::vector<std::string>());
    EXPECT_FALSE(reduced.contains("disable_auth_checks"));
}

TEST_F(AppEndpointTest, ShowsAnonymousCallersTheReducedApp) {
    auto const answer =
        node.call({.target = "/app?api_key=key", .token = "", .auth_type = "anonymous"});
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(TestNode::body_of(answer).at("app").as_object().contains("sqs_key"));
}

TEST_F(AppEndpointTest, StoresASettingInOneStyleAndShowsItInTheOther) {
    EXPECT_EQ(patch(R"({"disable_auth_checks":true,"webhook_url":"https://example.org/hook"})",
                    "/api/v2/app")
                  .status,
              200);
    EXPECT_TRUE(get_app().at("disable_auth_checks").as_bool());
    EXPECT_EQ(get_app("/api/v2/app").at("webhook_url"), "https://example.org/hook");
}

TEST_F(AppEndpointTest, RevokesAndUndoesForTheWholeApp) {
    EXPECT_EQ(patch(R"({"revoke_tokens_issued_before":"2026-01-01T00:00:00.123456Z"})").status,
              200);
    EXPECT_EQ(get_app().at("revoke_tokens_issued_before"), "2026-01-01T00:00:00.123456Z");
    EXPECT_EQ(get_app("/api/v2/app").at("revoke_tokens_issued_before"), 1767225600123456000);
    auto const refused = node.call({.target = "/app?api_key=key", .token = user_token("john")});
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(TestNode::code_of(refused), 40);
    EXPECT_EQ(patch(R"({"revoke_tokens_issued_before":null})").status, 200);
    EXPECT_FALSE(get_app().contains("revoke_tokens_issued_before"));
    EXPECT_EQ(node.call({.target = "/app?api_key=key", .token = user_token("john")}).status, 200);
}

TEST_F(AppEndpointTest, TakesAPatchOfNothingAsAnUndo) {
    for (auto const* body : {"", "{}", "null", R"({"grants":null,"event_hooks":null})"}) {
        ASSERT_EQ(patch(R"({"revoke_tokens_issued_before":"2026-01-01T00:00:00Z"})").status, 200);
        EXPECT_EQ(patch(body).status, 200) << body;
        EXPECT_FALSE(get_app().contains("revoke_tokens_issued_before")) << body;
    }
}

TEST_F(AppEndpointTest, TakesAPatchOfNothingAsNothingWhereToldSo) {
    node.readings.empty_app_patch_undoes_revocation = false;
    ASSERT_EQ(patch(R"({"revoke_tokens_issued_before":"2026-01-01T00:00:00Z"})").status, 200);
    EXPECT_EQ(patch("{}").status, 200);
    EXPECT_TRUE(get_app().contains("revoke_tokens_issued_before"));
}

TEST_F(AppEndpointTest, LeavesTheRevocationAloneWhereAnotherSettingIsChanged) {
    ASSERT_EQ(patch(R"({"revoke_tokens_issued_before":"2026-01-01T00:00:00Z"})").status, 200);
    ASSERT_EQ(patch(R"({"multi_tenant_enabled":true})").status, 200);
    EXPECT_TRUE(get_app().contains("revoke_tokens_issued_before"));
}

TEST_F(AppEndpointTest, AppliesNothingOfABodyWithOneBadValue) {
    auto const refused =
        patch(R"({"multi_tenant_enabled":true,"revoke_tokens_issued_before":"yesterday"})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(TestNode::code_of(refused), 4);
    EXPECT_TRUE(TestNode::body_of(refused)
                    .at("exception_fields")
                    .as_object()
                    .contains("revoke_tokens_issued_before"));
    EXPECT_FALSE(get_app().at("multi_tenant_enabled").as_bool());
}

TEST_F(AppEndpointTest, RefusesClientsBeforeItJudgesTheBody) {
    for (auto const* body : {"{}", "not json"}) {
        auto const refused = patch(body, "/app", user_token("john"));
        EXPECT_EQ(refused.status, 403);
        EXPECT_EQ(TestNode::code_of(refused), 17);
    }
    EXPECT_EQ(patch("not json").status, 400);
}

TEST(AppEndpointInProduction, RefusesToDisableAuthChecks) {
    TestNode node(domain::Mode::Production);
    auto const refused = node.call({.method = Method::Patch,
                                    .target = "/app?api_key=key",
                                    .token = server_token(),
                                    .body = R"({"disable_auth_checks":true})"});
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find("development mode"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::test
