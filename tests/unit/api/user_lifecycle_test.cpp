#include "api/task_ids.hpp"
#include "support/response_shapes.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::test {
namespace {

using http::Method;
using namespace std::chrono_literals;

class UserLifecycleTest : public testing::Test {
protected:
    UserLifecycleTest() {
        (void)post("/users", R"({"users":{"john":{"id":"john","name":"John","color":"blue"},
                                          "jane":{"id":"jane"}}})");
    }

    TestNode node;

    http::Response send(Method method, std::string const& path, std::string const& body = {},
                        std::string const& token = server_token()) {
        auto const mark = path.find('?') == std::string::npos ? "?" : "&";
        return node.call({.method = method,
                          .target = path + mark + "api_key=key",
                          .token = token,
                          .body = body});
    }
    http::Response post(std::string const& path, std::string const& body = {}) {
        return send(Method::Post, path, body);
    }
    /// What a call with a token of this user comes to: 0, or the error code.
    std::int64_t code_for(std::string const& id) {
        auto const answer = send(Method::Get, "/app", {}, user_token(id));
        return answer.status == 200 ? 0 : TestNode::code_of(answer);
    }
    std::size_t found(std::string const& id) {
        auto const answer =
            send(Method::Get,
                 "/users?payload=%7B%22filter_conditions%22:%7B%22id%22:%22" + id + "%22%7D%7D");
        return TestNode::body_of(answer).at("users").as_array().size();
    }
};

TEST_F(UserLifecycleTest, DeactivatesAndReactivatesOneUser) {
    auto const gone = post("/api/v2/users/john/deactivate");
    EXPECT_EQ(gone.status, 201);
    auto const user = TestNode::body_of(gone).at("user").as_object();
    EXPECT_EQ(missing_fields(user, Shape::UserV2), std::vector<std::string>());
    EXPECT_EQ(user.at("deactivated_at"), 1767225600000000000);
    EXPECT_EQ(code_for("john"), 5);
    EXPECT_EQ(code_for("jane"), 0);
    auto const back = post("/users/john/reactivate", R"({"name":"Johnny"})");
    EXPECT_EQ(back.status, 201);
    EXPECT_EQ(TestNode::body_of(back).at("user").at("name"), "Johnny");
    EXPECT_EQ(code_for("john"), 0);
}

TEST_F(UserLifecycleTest, DeactivatesListsAndTellsTheTask) {
    auto const gone = post("/users/deactivate", R"({"user_ids":["john","jane"]})");
    EXPECT_EQ(gone.status, 201);
    std::string const task(TestNode::body_of(gone).at("task_id").as_string());
    auto const asked = send(Method::Get, "/api/v2/tasks/" + task);
    EXPECT_EQ(asked.status, 200);
    EXPECT_EQ(TestNode::body_of(asked).at("status"), "completed");
    EXPECT_EQ(TestNode::body_of(asked).at("created_at"), 1767225600000000000);
    EXPECT_EQ(code_for("john"), 5);
    EXPECT_EQ(code_for("jane"), 5);
    EXPECT_EQ(post("/users/reactivate", R"({"user_ids":["john","jane"]})").status, 201);
    EXPECT_EQ(code_for("jane"), 0);
}

TEST_F(UserLifecycleTest, KnowsNoTaskThatItDidNotGive) {
    for (auto const* id : {"019b76da-a800-8000-8000-000000000000", "nothing", "0"}) {
        EXPECT_EQ(send(Method::Get, "/tasks/" + std::string(id)).status, 404) << id;
    }
}

TEST_F(UserLifecycleTest, DeletesSoftlyAndRestores) {
    EXPECT_EQ(post("/users/delete", R"({"user_ids":["john"]})").status, 201);
    EXPECT_EQ(code_for("john"), 5);
    EXPECT_EQ(found("john"), 0U);
    EXPECT_EQ(post("/users/john/deactivate").status, 404);
    auto const back = post("/users/restore", R"({"user_ids":["john"]})");
    EXPECT_EQ(back.status, 201);
    EXPECT_EQ(code_for("john"), 0);
    EXPECT_EQ(found("john"), 1U);
}

TEST_F(UserLifecycleTest, ForgetsWhatAPrunedUserSaidOfItself) {
    EXPECT_EQ(post("/users/delete", R"({"user_ids":["john"],"user":"pruning"})").status, 201);
    EXPECT_EQ(post("/users/restore", R"({"user_ids":["john"]})").status, 201);
    auto const user =
        TestNode::body_of(send(Method::Get, "/users/john/export")).at("user").as_object();
    EXPECT_FALSE(user.contains("name"));
    EXPECT_FALSE(user.contains("color"));
}

TEST_F(UserLifecycleTest, DeletesForGood) {
    auto const gone = send(Method::Delete, "/users/john?hard_delete=true");
    EXPECT_EQ(gone.status, 200);
    EXPECT_EQ(TestNode::body_of(gone).at("user").at("id"), "john");
    EXPECT_EQ(post("/users/restore", R"({"user_ids":["john"]})").status, 404);
    EXPECT_EQ(post("/users/delete", R"({"user_ids":["jane"],"user":"hard"})").status, 201);
    EXPECT_EQ(found("jane"), 0U);
}

TEST_F(UserLifecycleTest, LeavesTokensVoidThatWereRevokedBeforeTheUserWasDeletedForGood) {
    auto const revoke = [&](std::string const& date) {
        return send(Method::Patch, "/users",
                    R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":)" + date +
                        "}}]}")
            .status;
    };
    ASSERT_EQ(revoke("1767225601"), 200);
    ASSERT_EQ(code_for("john"), 40);
    ASSERT_EQ(send(Method::Delete, "/users/john?hard_delete=true").status, 200);
    EXPECT_EQ(code_for("john"), 40);
    auto const again = post("/users", R"({"users":{"john":{"id":"john"}}})");
    EXPECT_EQ(TestNode::body_of(again).at("users").at("john").at("revoke_tokens_issued_before"),
              "2026-01-01T00:00:01.000000Z");
    EXPECT_EQ(code_for("john"), 40);
    ASSERT_EQ(revoke("null"), 200);
    EXPECT_EQ(code_for("john"), 0);
}

TEST_F(UserLifecycleTest, EndsTheConnectionsOfUsersWhoEndWithACodeThatStartsNoRefresh) {
    auto const connect = [&](std::string const& id) {
        return node.open({.target = "/connect?json=%7B%22user_details%22:%7B%22id%22:%22" + id +
                                    "%22%7D%7D&api_key=key&stream-auth-type=jwt&X-Stream-Client=x"
                                    "&authorization=" +
                                    user_token(id),
                          .auth_type = ""});
    };
    for (auto const* path : {"/users/deactivate", "/users/delete"}) {
        (void)post("/users/reactivate", R"({"user_ids":["john","jane"]})");
        auto const john = connect("john");
        auto const jane = connect("jane");
        ASSERT_EQ(post(path, R"({"user_ids":["john"]})").status, 201);
        EXPECT_EQ(john->socket.close_code, 4001);
        EXPECT_EQ(john->socket.last().at("error").at("code"), 5);
        EXPECT_EQ(jane->socket.close_code, 0);
    }
    auto const jane = connect("jane");
    ASSERT_EQ(post("/users/delete", R"({"user_ids":["jane"],"user":"hard"})").status, 201);
    EXPECT_EQ(jane->socket.close_code, 4001);
    EXPECT_EQ(jane->socket.last().at("error").at("code"), 5);
}

TEST_F(UserLifecycleTest, ExportsAUser) {
    auto const answer = send(Method::Get, "/users/john/export");
    EXPECT_EQ(answer.status, 200);
    auto const body = TestNode::body_of(answer);
    EXPECT_EQ(body.at("user").at("name"), "John");
    EXPECT_TRUE(body.at("messages").as_array().empty());
    EXPECT_EQ(send(Method::Get, "/users/nobody/export").status, 404);
}

TEST_F(UserLifecycleTest, ChangesNobodyWhereOneIsUnknown) {
    for (auto const* path : {"/users/deactivate", "/users/delete", "/users/restore"}) {
        auto const refused = post(path, R"({"user_ids":["john","nobody"]})");
        EXPECT_EQ(refused.status, 404) << path;
        EXPECT_EQ(code_for("john"), 0) << path;
    }
}

TEST_F(UserLifecycleTest, RefusesListsThatAreNone) {
    std::string many = R"({"user_ids":["u0")";
    for (int i = 1; i < 101; ++i) {
        many += ",\"u" + std::to_string(i) + "\"";
    }
    many += "]}";
    for (auto const& body :
         {std::string(), std::string("{}"), std::string(R"({"user_ids":[]})"),
          std::string(R"({"user_ids":"john"})"), std::string(R"({"user_ids":[5]})"),
          std::string(R"({"user_ids":["a b"]})"), std::string(R"({"user_ids":["john","john"]})"),
          many}) {
        auto const refused = post("/users/delete", body);
        EXPECT_EQ(refused.status, 400) << body.substr(0, 40);
        EXPECT_EQ(TestNode::code_of(refused), 4) << body.substr(0, 40);
    }
    EXPECT_EQ(post("/users/delete", R"({"user_ids":["john"],"user":"gently"})").status, 400);
}

TEST_F(UserLifecycleTest, IsForServersOnlyWhateverTheBody) {
    struct Row {
        Method method;
        char const* path;
    };
    for (auto const& [method, path] :
         {Row{Method::Post, "/users/deactivate"}, Row{Method::Post, "/users/reactivate"},
          Row{Method::Post, "/users/delete"}, Row{Method::Post, "/users/restore"},
          Row{Method::Post, "/users/john/deactivate"}, Row{Method::Post, "/users/john/reactivate"},
          Row{Method::Delete, "/users/john"}, Row{Method::Get, "/users/john/export"},
          Row{Method::Get, "/tasks/x"}}) {
        auto const refused = send(method, path, "not json", user_token("john"));
        EXPECT_EQ(refused.status, 403) << path;
        EXPECT_EQ(TestNode::code_of(refused), 17) << path;
    }
}

}  // namespace
}  // namespace latchkey::test
