#include "domain/roles.hpp"
#include "support/test_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace latchkey::test {
namespace {

using http::Method;
using testing::ElementsAre;
using namespace std::chrono_literals;

class RolesEndpointTest : public testing::Test {
protected:
    TestNode node;

    http::Response ask(Method method, std::string const& path, std::string const& body = {}) {
        return node.call({.method = method,
                          .target = path + "?api_key=key",
                          .token = server_token(),
                          .body = body});
    }
    http::Response create(std::string_view name, std::string const& path = "/roles") {
        return ask(Method::Post, path, R"({"name":")" + std::string(name) + "\"}");
    }
    std::vector<std::string> names() {
        std::vector<std::string> found;
        auto const body = TestNode::body_of(ask(Method::Get, "/roles"));
        for (auto const& role : body.at("roles").as_array()) {
            found.emplace_back(role.at("name").as_string());
        }
        return found;
    }
    void expect_refused(http::Response const& response, int status, int code) {
        EXPECT_EQ(response.status, status) << response.body;
        EXPECT_EQ(TestNode::code_of(response), code);
    }
};

TEST_F(RolesEndpointTest, ListsTheBuiltInRolesAndThenThoseOfTheApp) {
    ASSERT_EQ(create("support").status, 201);
    ASSERT_EQ(create("bot").status, 201);
    EXPECT_THAT(names(),
                ElementsAre("user", "guest", "anonymous", "moderator", "admin", "support", "bot"));
}

TEST_F(RolesEndpointTest, ShowsARoleInBothStyles) {
    node.clock.advance(1s);
    auto const legacy = TestNode::body_of(create("support"));
    auto const& role = legacy.at("role").as_object();
    EXPECT_EQ(role, (boost::json::object{{"name", "support"},
                                         {"custom", true},
                                         {"scopes", boost::json::array()},
                                         {"created_at", "2026-01-01T00:00:01.000000Z"},
                                         {"updated_at", "2026-01-01T00:00:01.000000Z"}}));
    EXPECT_TRUE(legacy.contains("duration"));
    auto const v2 = TestNode::body_of(create("bot", "/api/v2/roles"));
    EXPECT_EQ(v2.at("role").at("created_at"), 1767225601000000000);
    auto const listed = TestNode::body_of(ask(Method::Get, "/api/v2/roles"));
    auto const& built_in = listed.at("roles").at(0).as_object();
    EXPECT_EQ(built_in.at("custom"), false);
    EXPECT_EQ(built_in.at("scopes"), (boost::json::array{".app"}));
    EXPECT_EQ(built_in.at("created_at"), 1767225600000000000);
}

TEST_F(RolesEndpointTest, SaysWhichRolesTheGrantsOfTheAppName) {
    ASSERT_EQ(create("support").status, 201);
    ASSERT_EQ(ask(Method::Patch, "/app", R"({"grants":{"support":["search-user"]}})").status, 200);
    auto const listed = TestNode::body_of(ask(Method::Get, "/roles"));
    EXPECT_EQ(listed.at("roles").as_array().back().at("scopes"), (boost::json::array{".app"}));
}

TEST_F(RolesEndpointTest, DeletesARole) {
    ASSERT_EQ(create("support").status, 201);
    auto const deleted = ask(Method::Delete, "/api/v2/roles/support");
    EXPECT_EQ(deleted.status, 200);
    EXPECT_EQ(TestNode::body_of(deleted).size(), 1U);  // the duration
    EXPECT_EQ(names().size(), domain::kBuiltInRoles.size());
    expect_refused(ask(Method::Delete, "/roles/support"), 404, 16);
}

TEST_F(RolesEndpointTest, DeletesARoleWhoseNameIsEscapedInThePath) {
    ASSERT_EQ(create("a@b").status, 201);
    EXPECT_EQ(ask(Method::Delete, "/roles/a%40b").status, 200);
}

TEST_F(RolesEndpointTest, DeletesNoRoleThatEveryAppHas) {
    for (auto const role : domain::kBuiltInRoles) {
        expect_refused(ask(Method::Delete, "/roles/" + std::string(role)), 400, 4);
    }
    expect_refused(ask(Method::Delete, "/roles/%2F"), 404, 16);
}

TEST_F(RolesEndpointTest, RefusesNamesThatAreTakenOrNone) {
    ASSERT_EQ(create("support").status, 201);
    for (auto const* name :
         {"support", "admin", "anonymous", "", "a b", "a.b", "!anon", "\xc3\xa9"}) {
        expect_refused(create(name), 400, 4);
    }
    for (auto const* body : {"", "[]", "{", "{}", R"({"name":null})", R"({"name":5})"}) {
        expect_refused(ask(Method::Post, "/roles", body), 400, 4);
    }
    EXPECT_EQ(create("Support").status, 201);
    EXPECT_EQ(create(std::string(255, 'r')).status, 201);
    expect_refused(create(std::string(256, 'r')), 400, 4);
}

TEST_F(RolesEndpointTest, HoldsAnAppToItsNumberOfRoles) {
    for (std::size_t i = 0; i < domain::kCustomRolesMax; ++i) {
        ASSERT_EQ(create("role-" + std::to_string(i)).status, 201);
    }
    expect_refused(create("one-more"), 400, 4);
    ASSERT_EQ(ask(Method::Delete, "/roles/role-7").status, 200);
    EXPECT_EQ(create("one-more").status, 201);
}

TEST_F(RolesEndpointTest, LeavesUsersTheNameOfARoleThatIsDeleted) {
    ASSERT_EQ(create("support").status, 201);
    ASSERT_EQ(ask(Method::Post, "/users", R"({"users":{"h":{"id":"h","role":"support"}}})").status,
              201);
    ASSERT_EQ(ask(Method::Delete, "/roles/support").status, 200);
    auto const user = TestNode::body_of(ask(Method::Get, "/users/h/export"));
    EXPECT_EQ(user.at("user").at("role"), "support");
}

}  // namespace
}  // namespace latchkey::test
