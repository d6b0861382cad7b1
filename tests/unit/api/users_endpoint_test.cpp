#include "support/response_shapes.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

namespace latchkey::test {
namespace {

using http::Method;

class UsersEndpointTest : public testing::Test {
protected:
    TestNode node;

    http::Response post(std::string const& body, std::string const& token = server_token(),
                        std::string const& path = "/users") {
        return node.call({.method = Method::Post,
                          .target = path + "?api_key=key",
                          .token = token,
                          .body = body});
    }
    http::Response patch(std::string const& body, std::string const& token = server_token(),
                         std::string const& path = "/users") {
        return node.call({.method = Method::Patch,
                          .target = path + "?api_key=key",
                          .token = token,
                          .body = body});
    }
    http::Response query(std::string const& payload, std::string const& token = server_token(),
                         std::string const& path = "/users") {
        return node.call(
            {.target = path + "?api_key=key&payload=" + escape(payload), .token = token});
    }
    boost::json::object find(std::string const& id, std::string const& path = "/users") {
        auto const answer =
            query(R"({"filter_conditions":{"id":")" + id + "\"}}", server_token(), path);
        return TestNode::body_of(answer).at("users").as_array().at(0).as_object();
    }
    static std::string escape(std::string const& text) {
        std::string escaped;
        for (char const c : text) {
            constexpr std::string_view kDigits = "0123456789ABCDEF";
            escaped += '%';
            escaped += kDigits[static_cast<unsigned char>(c) >> 4];
            escaped += kDigits[static_cast<unsigned char>(c) & 15];
        }
        return escaped;
    }
    static std::int64_t code_of(http::Response const& response) {
        return TestNode::code_of(response);
    }
};

TEST_F(UsersEndpointTest, CreatesUsersAndShowsThemInBothStyles) {
    auto const answer =
        post(R"({"users":{"john":{"id":"john","name":"John","custom":{"color":"blue"}}}})",
             server_token(), "/api/v2/users");
    EXPECT_EQ(answer.status, 201);
    auto const body = TestNode::body_of(answer);
    EXPECT_EQ(body.at("membership_deletion_task_id"), "");
    EXPECT_EQ(missing_fields(body.at("users").at("john").as_object(), Shape::FullUserV2),
              std::vector<std::string>());
    auto const legacy = find("john");
    EXPECT_EQ(missing_fields(legacy, Shape::FullUserLegacy), std::vector<std::string>());
    EXPECT_EQ(legacy.at("color"), "blue");
    EXPECT_EQ(legacy.at("created_at"), "2026-01-01T00:00:00.000000Z");
    EXPECT_EQ(find("john", "/api/v2/users").at("created_at"), 1767225600000000000);
}

TEST_F(UsersEndpointTest, ReplacesAUserButKeepsRoleTeamsLanguageAndRevocation) {
    ASSERT_EQ(post(R"({"users":{"john":{"id":"john","name":"John","role":"admin","teams":["red"],
        "language":"de","color":"blue"}}})")
                  .status,
              201);
    ASSERT_EQ(patch(R"({"users":[{"id":"john","set":
        {"revoke_tokens_issued_before":"2026-01-01T00:00:00Z"}}]})")
                  .status,
              200);
    ASSERT_EQ(post(R"({"users":{"john":{"id":"john"}}})").status, 201);
    auto const user = find("john");
    EXPECT_EQ(user.at("role"), "admin");
    EXPECT_EQ(user.at("teams").as_array().at(0), "red");
    EXPECT_EQ(user.at("language"), "de");
    EXPECT_TRUE(user.contains("revoke_tokens_issued_before"));
    EXPECT_FALSE(user.contains("name"));
    EXPECT_FALSE(user.contains("color"));
}

TEST_F(UsersEndpointTest, SetsAndUnsetsFields) {
    ASSERT_EQ(
        post(R"({"users":{"john":{"id":"john","name":"John","a":1,"b":{"c":2,"d":3}}}})").status,
        201);
    auto const answer =
        patch(R"({"users":[{"id":"john","set":{"a":5,"b.c":6},"unset":["name","b.d"]}]})");
    EXPECT_EQ(answer.status, 200);
    auto const user = find("john");
    EXPECT_EQ(user.at("a"), 5);
    EXPECT_EQ(user.at("b").at("c"), 6);
    EXPECT_FALSE(user.at("b").as_object().contains("d"));
    EXPECT_FALSE(user.contains("name"));
}

TEST_F(UsersEndpointTest, RevokesAndUndoesOneUser) {
    ASSERT_EQ(post(R"({"users":{"john":{"id":"john"},"jane":{"id":"jane"}}})").status, 201);
    ASSERT_EQ(patch(R"({"users":[{"id":"john","set":
        {"revoke_tokens_issued_before":"2026-01-01T00:00:00.000001Z"}}]})")
                  .status,
              200);
    auto const check = [&](std::string const& id) {
        return node.call({.target = "/app?api_key=key", .token = user_token(id)}).status;
    };
    EXPECT_EQ(check("john"), 401);
    EXPECT_EQ(check("jane"), 200);
    for (auto const* undo :
         {R"({"users":[{"id":"john","unset":["revoke_tokens_issued_before"]}]})",
          R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":null}}]})"}) {
        ASSERT_EQ(patch(undo).status, 200);
        EXPECT_EQ(check("john"), 200);
        ASSERT_EQ(patch(R"({"users":[{"id":"john","set":
            {"revoke_tokens_issued_before":"2026-01-01T00:00:01Z"}}]})")
                      .status,
                  200);
    }
}

TEST_F(UsersEndpointTest, ChangesNobodyWhereOneOfAListIsUnknown) {
    ASSERT_EQ(post(R"({"users":{"john":{"id":"john","name":"John"}}})").status, 201);
    auto const refused =
        patch(R"({"users":[{"id":"john","set":{"name":"x"}},{"id":"nobody","set":{"name":"x"}}]})");
    EXPECT_EQ(refused.status, 404);
    EXPECT_EQ(code_of(refused), 16);
    EXPECT_EQ(find("john").at("name"), "John");
}

TEST_F(UsersEndpointTest, LetsClientsWriteTheirOwnHarmlessFieldsOnly) {
    ASSERT_EQ(post(R"({"users":{"jane":{"id":"jane","name":"Jane"}}})").status, 201);
    auto const john = user_token("john");
    EXPECT_EQ(post(R"({"users":{"john":{"id":"john","name":"John"}}})", john).status, 201);
    EXPECT_EQ(patch(R"({"users":[{"id":"john","set":{"name":"J"}}]})", john).status, 200);
    for (auto const* body :
         {R"({"users":[{"id":"jane","set":{"name":"x"}}]})",
          R"({"users":[{"id":"john","set":{"name":"ok"}},{"id":"jane","set":{"name":"x"}}]})",
          R"({"users":[{"id":"john","set":{"role":"admin"}}]})",
          R"({"users":[{"id":"john","set":{"teams":["red"]}}]})",
          R"({"users":[{"id":"john","set":{"teams_role.red":"admin"}}]})",
          R"({"users":[{"id":"john","unset":["revoke_tokens_issued_before"]}]})",
          R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":"not a date"}}]})"}) {
        auto const refused = patch(body, john);
        EXPECT_EQ(refused.status, 403) << body;
        EXPECT_EQ(code_of(refused), 17) << body;
    }
    for (auto const* body : {R"({"users":{"jane":{"id":"jane"}}})",
                             R"({"users":{"john":{"id":"john","role":"admin"}}})"}) {
        EXPECT_EQ(post(body, john).status, 403) << body;
    }
    EXPECT_EQ(find("jane").at("name"), "Jane");
    EXPECT_EQ(find("john").at("name"), "J");
}

TEST_F(UsersEndpointTest, LetsNoAnonymousCallerWriteOrSearch) {
    for (auto const method : {Method::Post, Method::Patch, Method::Get}) {
        auto const refused = node.call({.method = method,
                                        .target = "/users?api_key=key&payload=%7B%7D",
                                        .auth_type = "anonymous",
                                        .body = "{}"});
        EXPECT_EQ(refused.status, 403);
        EXPECT_EQ(code_of(refused), 17);
    }
}

TEST_F(UsersEndpointTest, LetsClientsWriteOthersWherePermissionChecksAreOffButNoRoles) {
    ASSERT_EQ(node.call({.method = Method::Patch,
                         .target = "/app?api_key=key",
                         .token = server_token(),
                         .body = R"({"disable_permissions_checks":true})"})
                  .status,
              200);
    ASSERT_EQ(post(R"({"users":{"jane":{"id":"jane"}}})").status, 201);
    auto const john = user_token("john");
    EXPECT_EQ(patch(R"({"users":[{"id":"jane","set":{"name":"x"}}]})", john).status, 200);
    EXPECT_EQ(patch(R"({"users":[{"id":"jane","set":{"role":"admin"}}]})", john).status, 403);
}

TEST_F(UsersEndpointTest, HidesRevocationsFromClients) {
    ASSERT_EQ(post(R"({"users":{"jane":{"id":"jane"}}})").status, 201);
    ASSERT_EQ(patch(R"({"users":[{"id":"jane","set":
        {"revoke_tokens_issued_before":"2026-01-01T00:00:00Z"}}]})")
                  .status,
              200);
    auto const seen = query(R"({"filter_conditions":{"id":"jane"}})", user_token("john"));
    EXPECT_FALSE(TestNode::body_of(seen).at("users").at(0).as_object().contains(
        "revoke_tokens_issued_before"));
    EXPECT_TRUE(find("jane").contains("revoke_tokens_issued_before"));
}

TEST_F(UsersEndpointTest, KeepsDisallowedRolesFromSearching) {
    ASSERT_EQ(node.call({.method = Method::Patch,
                         .target = "/app?api_key=key",
                         .token = server_token(),
                         .body = R"({"user_search_disallowed_roles":["user"]})"})
                  .status,
              200);
    EXPECT_EQ(query("{}", user_token("john")).status, 403);
    EXPECT_EQ(query(R"({"filter_conditions":{}})").status, 200);
}

TEST_F(UsersEndpointTest, RefusesQueriesItCannotRead) {
    EXPECT_EQ(query(R"({"filter_conditions":{}})").status, 200);
    for (auto const* payload :
         {"", "[]", "{", R"({"filter_conditions":5})", R"({"filter_conditions":{},"limit":101})",
          R"({"filter_conditions":{},"presence":true})"}) {
        auto const refused = query(payload);
        EXPECT_EQ(refused.status, 400) << payload;
        EXPECT_EQ(code_of(refused), 4) << payload;
    }
    EXPECT_EQ(node.call({.target = "/users?api_key=key", .token = server_token()}).status, 400);
}

TEST_F(UsersEndpointTest, WantsAnOpenConnectionForPresence) {
    auto const answer =
        node.call({.target = "/users?api_key=key&connection_id=00000000-0000-4000-8000-000000000000"
                             "&payload=" +
                             escape(R"({"filter_conditions":{},"presence":true})"),
                   .token = server_token()});
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(code_of(answer), 46);
}

TEST_F(UsersEndpointTest, RefusesBodiesThatAreNone) {
    for (auto const* body : {"", "null", "[]", "{", R"({"users":null})", R"({"users":[]})",
                             R"({"users":[{"id":5}]})", R"({"users":[{"id":"a"},{"id":"a"}]})"}) {
        auto const refused = patch(body);
        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_EQ(code_of(refused), 4) << body;
    }
}

TEST_F(UsersEndpointTest, RefusesNamesTakenWhereTheAppWantsThemUnique) {
    ASSERT_EQ(node.call({.method = Method::Patch,
                         .target = "/app?api_key=key",
                         .token = server_token(),
                         .body = R"({"enforce_unique_usernames":"app"})"})
                  .status,
              200);
    ASSERT_EQ(post(R"({"users":{"john":{"id":"john","name":"Same"}}})").status, 201);
    auto const refused = post(R"({"users":{"jane":{"id":"jane","name":"Same"}}})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(code_of(refused), 6);
}

}  // namespace
}  // namespace latchkey::test
