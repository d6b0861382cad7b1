#include "api/admin_service.hpp"
#include "support/test_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::test {
namespace {

using boost::json::array;
using boost::json::object;
using http::Method;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Ids = std::vector<std::string>;
using namespace std::chrono_literals;

class UsersAdminTest : public testing::Test {
protected:
    UsersAdminTest() {
        (void)node.call({.method = Method::Post,
                         .target = "/users?api_key=key",
                         .token = server_token(),
                         .body = R"({"users":{
                            "john":{"id":"john","name":"John Smith","image":"https://x/y.png","level":3},
                            "jane@example":{"id":"jane@example","name":"jonna"},
                            "boss":{"id":"boss","role":"admin"}}})"});
    }

    TestNode node;
    api::AdminService service{node.node, node.loop, 0, Secret("the credential")};

    http::Response call(Method method, std::string const& path, std::string const& body = {}) {
        TestExchange exchange({.method = method,
                               .target = "/admin/v1/" + path,
                               .token = "Bearer the credential",
                               .auth_type = "",
                               .body = body});
        service.handle(exchange);
        node.settle();
        return exchange.answer_given();
    }
    object done(Method method, std::string const& path, std::string const& body = {}) {
        auto const answer = call(method, path, body);
        EXPECT_EQ(answer.status, 200) << path << ' ' << answer.body;
        return TestNode::body_of(answer);
    }
    object get(std::string const& path) { return done(Method::Get, path); }
    object post(std::string const& path, std::string const& body) {
        return done(Method::Post, path, body);
    }
    Ids list(std::string const& query) {
        Ids ids;
        auto const page = get("apps/key/users?" + query);
        for (auto const& user : page.at("users").as_array()) {
            ids.emplace_back(user.at("id").as_string());
        }
        return ids;
    }
    std::unique_ptr<TestConnection> connect(std::string const& id) {
        return node.open({.target = "/connect?json=%7B%22user_id%22:%22" + id +
                                    "%22,%22user_details%22:%7B%22id%22:%22" + id +
                                    "%22%7D%7D&api_key=key&stream-auth-type=jwt&authorization=" +
                                    user_token(id, -1s) + "&X-Stream-Client=test",
                          .auth_type = ""});
    }
};

TEST_F(UsersAdminTest, ShowsEveryMemberOfAUserWhetherItIsSetOrNot) {
    auto const user = get("apps/key/users/john").at("user").as_object();
    EXPECT_EQ(user.at("id"), "john");
    EXPECT_EQ(user.at("name"), "John Smith");
    EXPECT_EQ(user.at("image"), "https://x/y.png");
    EXPECT_EQ(user.at("role"), "user");
    EXPECT_EQ(user.at("online"), false);
    EXPECT_EQ(user.at("connections"), 0);
    EXPECT_EQ(user.at("custom"), (object{{"level", 3}}));
    for (auto const* name : {"last_active", "revoke_tokens_issued_before", "deactivated_at",
                             "deleted_at", "revocation"}) {
        EXPECT_TRUE(user.at(name).is_null()) << name;
    }
    EXPECT_TRUE(get("apps/key/users/boss").at("user").at("name").is_null());
}

TEST_F(UsersAdminTest, FindsUsersWhoseIdsAreEncodedInThePath) {
    for (auto const* id : {"jane@example", "jane%40example", "%6aane%40example"}) {
        EXPECT_EQ(get(std::string("apps/key/users/") + id).at("user").at("id"), "jane@example");
    }
    for (auto const* id : {"nobody", "jane%2540example", "a%20b", "!anon"}) {
        EXPECT_EQ(call(Method::Get, std::string("apps/key/users/") + id).status, 404) << id;
    }
    EXPECT_EQ(call(Method::Get, "apps/other/users/john").status, 404);
}

TEST_F(UsersAdminTest, TellsWhoRevokedAUserAndWhen) {
    post("apps/key/users/revoke", R"({"user_ids":["john"],"before":"2025-12-31T00:00:00Z"})");
    auto const revocation = get("apps/key/users/john").at("user").at("revocation").as_object();
    EXPECT_EQ(revocation.at("before"), "2025-12-31T00:00:00.000000Z");
    EXPECT_EQ(revocation.at("set_at"), "2026-01-01T00:00:00.000000Z");
    EXPECT_EQ(revocation.at("set_by"), "an operator, by the admin API or the command line");
}

TEST_F(UsersAdminTest, ListsBySearchStateAndRole) {
    EXPECT_THAT(list(""), ElementsAre("boss", "jane@example", "john"));
    EXPECT_THAT(list("search=JO"), ElementsAre("john", "jane@example"));
    EXPECT_THAT(list("search=john+s"), ElementsAre("john"));
    EXPECT_THAT(list("search=smith"), IsEmpty());
    EXPECT_THAT(list("role=admin"), ElementsAre("boss"));
    EXPECT_THAT(list("state=revoked"), IsEmpty());
    post("apps/key/users/revoke", R"({"user_ids":["john"]})");
    post("apps/key/users/deactivate", R"({"user_ids":["boss"]})");
    EXPECT_THAT(list("state=revoked"), ElementsAre("john"));
    EXPECT_THAT(list("state=deactivated"), ElementsAre("boss"));
    EXPECT_THAT(list("state=active"), ElementsAre("jane@example", "john"));
    EXPECT_THAT(list("state=all"), ElementsAre("boss", "jane@example", "john"));
    EXPECT_THAT(list("state=deleted"), IsEmpty());
}

TEST_F(UsersAdminTest, ListsWhoIsOnline) {
    EXPECT_THAT(list("state=online"), IsEmpty());
    auto const john = connect("john");
    auto const again = connect("john");
    auto const boss = connect("boss");
    EXPECT_THAT(list("state=online"), ElementsAre("boss", "john"));
    EXPECT_THAT(list("state=online&search=Jo"), ElementsAre("john"));
    EXPECT_THAT(list("state=online&role=admin"), ElementsAre("boss"));
    auto const first = get("apps/key/users?state=online&limit=1");
    EXPECT_EQ(first.at("users").at(0).at("connections"), 1);
    auto const next = std::string(first.at("next").as_string());
    auto const second = get("apps/key/users?state=online&limit=1&cursor=" + next);
    EXPECT_EQ(second.at("users").at(0).at("id"), "john");
    EXPECT_EQ(second.at("users").at(0).at("connections"), 2);
    EXPECT_EQ(second.at("users").at(0).at("online"), true);
    EXPECT_TRUE(second.at("next").is_null());
}

TEST_F(UsersAdminTest, GoesOnWhereAPageEnded) {
    for (std::string const filter : {"", "search=j&", "state=active&"}) {
        Ids seen;
        std::string cursor;
        do {
            auto const page = get("apps/key/users?" + filter + "limit=1" + cursor);
            for (auto const& user : page.at("users").as_array()) {
                seen.emplace_back(user.at("id").as_string());
            }
            cursor = page.at("next").is_null()
                         ? ""
                         : "&cursor=" + std::string(page.at("next").as_string());
        } while (!cursor.empty());
        EXPECT_EQ(seen, list(filter)) << filter;
    }
}

TEST_F(UsersAdminTest, GoesOnBehindIdsOfEachLength) {
    Ids ids;
    for (std::size_t length = 1; length <= 9; ++length) {
        ids.emplace_back(length, 'z');
        (void)node.call(
            {.method = Method::Post,
             .target = "/users?api_key=key",
             .token = server_token(),
             .body = R"({"users":{")" + ids.back() + R"(":{"id":")" + ids.back() + "\"}}}"});
        post("apps/key/users/revoke", R"({"user_ids":[")" + ids.back() + "\"]}");
    }
    auto const walk = [&](std::string const& path, std::string_view id_member) {
        Ids seen;
        std::string cursor;
        do {
            auto const page = get(path + "limit=1" + cursor);
            for (auto const& user : page.at("users").as_array()) {
                seen.emplace_back(user.at(id_member).as_string());
            }
            auto const& next = page.at("next");
            cursor = next.is_null() ? "" : "&cursor=" + std::string(next.as_string());
        } while (!cursor.empty());
        return seen;
    };
    EXPECT_EQ(walk("apps/key/users?search=z&", "id"), ids);
    EXPECT_EQ(walk("apps/key/revocations?", "user_id"), ids);
}

TEST_F(UsersAdminTest, RefusesListsThatCannotBe) {
    auto const status = [&](std::string const& query) {
        return call(Method::Get, "apps/key/users?" + query).status;
    };
    for (auto const* query : {"limit=0", "limit=101", "limit=-1", "limit=1x",
                              "limit=", "state=gone", "cursor=!", "cursor=AAAA", "cursor=aQ"}) {
        EXPECT_EQ(status(query), std::string_view(query) == "limit=" ? 200 : 400) << query;
    }
    EXPECT_EQ(status("limit=100"), 200);
    EXPECT_EQ(status("search=" + std::string(255, 'a')), 200);
    EXPECT_EQ(status("search=" + std::string(256, 'a')), 400);
    EXPECT_EQ(call(Method::Get, "apps/other/users").status, 404);
}

TEST_F(UsersAdminTest, MakesAUserWhoIsNotThereYet) {
    auto const answer = call(Method::Post, "apps/key/users", R"({"id":"new","name":"Newcomer"})");
    EXPECT_EQ(answer.status, 201);
    auto const made = TestNode::body_of(answer).at("user").as_object();
    EXPECT_EQ(made.at("name"), "Newcomer");
    EXPECT_EQ(made.at("role"), "user");
    EXPECT_EQ(get("apps/key/users/new").at("user").at("name"), "Newcomer");
    auto const audit = get("audit?action=users.create");
    auto const& entry = audit.at("entries").as_array().at(0);
    EXPECT_EQ(entry.at("target"), "new");
    EXPECT_FALSE(entry.at("after").as_object().contains("name")) << "what users say of themselves";
    EXPECT_EQ(call(Method::Post, "apps/key/users", R"({"id":"nameless"})").status, 201);
}

TEST_F(UsersAdminTest, RefusesToMakeAUserWhoIsThereOrCannotBe) {
    auto const named = [](std::size_t bytes) {
        return R"({"id":"long","name":")" + std::string(bytes, 'n') + "\"}";
    };
    for (auto const& body : {std::string(R"({"id":"john","name":"Another"})"),
                             std::string(R"({"id":"no id"})"), std::string("{}"), named(256)}) {
        EXPECT_EQ(call(Method::Post, "apps/key/users", body).status, 400) << body;
    }
    EXPECT_EQ(get("apps/key/users/john").at("user").at("name"), "John Smith");
    EXPECT_EQ(call(Method::Post, "apps/none/users", R"({"id":"new"})").status, 404);
    EXPECT_EQ(call(Method::Post, "apps/key/users", named(255)).status, 201);
}

TEST_F(UsersAdminTest, DeactivatesAndReactivatesAllOrNone) {
    auto const open = connect("john");
    auto const told =
        post("apps/key/users/deactivate", R"({"user_ids":["john","boss"],"dry_run":true})");
    EXPECT_EQ(told.at("changed"), (array{"john", "boss"}));
    EXPECT_EQ(told.at("ends"), (object{{"users", 2}, {"tokens", 1}, {"connections", 1}}));
    EXPECT_EQ(told.at("dry_run"), true);
    EXPECT_EQ(open->socket.close_code, 0);
    EXPECT_EQ(
        call(Method::Post, "apps/key/users/deactivate", R"({"user_ids":["john","who"]})").status,
        404);
    EXPECT_EQ(open->socket.close_code, 0);
    EXPECT_EQ(post("apps/key/users/deactivate", R"({"user_ids":["john","boss"]})").at("ends"),
              told.at("ends"));
    EXPECT_NE(open->socket.close_code, 0);
    EXPECT_EQ(node.call({.target = "/app?api_key=key", .token = user_token("john")}).status, 401);

    auto const again = post("apps/key/users/deactivate", R"({"user_ids":["john"]})");
    EXPECT_EQ(again.at("changed"), array());
    EXPECT_EQ(again.at("already"), array{"john"});
    auto const back = post("apps/key/users/reactivate", R"({"user_ids":["john"]})");
    EXPECT_EQ(back.at("changed"), array{"john"});
    EXPECT_EQ(back.at("ends"), (object{{"users", 0}, {"tokens", 0}, {"connections", 0}}));
    EXPECT_EQ(node.call({.target = "/app?api_key=key", .token = user_token("john")}).status, 200);
    EXPECT_EQ(post("apps/key/users/reactivate", R"({"user_ids":["john"]})").at("already"),
              array{"john"});
}

TEST_F(UsersAdminTest, RefusesToDeactivateWhatIsNoListOfUsers) {
    for (auto const* body : {"{}", R"({"user_ids":[]})", R"({"user_ids":["a b"]})",
                             R"({"user_ids":"john"})", R"({"user_ids":["john"],"dry_run":1})"}) {
        EXPECT_EQ(call(Method::Post, "apps/key/users/deactivate", body).status, 400) << body;
        EXPECT_EQ(call(Method::Post, "apps/key/users/reactivate", body).status, 400) << body;
    }
}

TEST_F(UsersAdminTest, ListsTheRevocationsInForce) {
    auto const none = get("apps/key/revocations");
    EXPECT_TRUE(none.at("app").is_null());
    EXPECT_EQ(none.at("users"), array());
    post("apps/key/revoke", "{}");
    post("apps/key/users/revoke", R"({"user_ids":["john","boss","jane@example"]})");
    post("apps/key/users/unrevoke", R"({"user_ids":["boss"]})");
    auto const page = get("apps/key/revocations?limit=1");
    EXPECT_EQ(page.at("app").at("before"), "2026-01-01T00:00:00.000000Z");
    EXPECT_EQ(page.at("app").at("set_by"), "an operator, by the admin API or the command line");
    ASSERT_EQ(page.at("users").as_array().size(), 1U);
    EXPECT_EQ(page.at("users").at(0).at("user_id"), "jane@example");
    auto const rest =
        get("apps/key/revocations?cursor=" + std::string(page.at("next").as_string()));
    ASSERT_EQ(rest.at("users").as_array().size(), 1U);
    EXPECT_EQ(rest.at("users").at(0).at("user_id"), "john");
    EXPECT_EQ(rest.at("users").at(0).at("set_at"), "2026-01-01T00:00:00.000000Z");
    EXPECT_TRUE(rest.at("next").is_null());
    EXPECT_EQ(call(Method::Get, "apps/key/revocations?cursor=%25").status, 400);
    EXPECT_EQ(call(Method::Get, "apps/other/revocations").status, 404);
}

TEST_F(UsersAdminTest, ListsTheRevocationsOfThoseAloneWhomItCanBeTakenBackFrom) {
    post("apps/key/users/revoke", R"({"user_ids":["john","boss"]})");
    auto const answer_to = [&](std::string const& path) {
        return node
            .call({.method = Method::Post,
                   .target = path + "?api_key=key",
                   .token = server_token(),
                   .body = R"({"user_ids":["john"]})"})
            .status;
    };
    auto const listed = [&] {
        Ids ids;
        auto const page = get("apps/key/revocations");
        for (auto const& user : page.at("users").as_array()) {
            ids.emplace_back(user.at("user_id").as_string());
        }
        return ids;
    };
    ASSERT_EQ(answer_to("/users/delete"), 201);
    EXPECT_THAT(listed(), ElementsAre("boss"));
    EXPECT_EQ(listed(), list("state=revoked"));
    ASSERT_EQ(answer_to("/users/restore"), 201);
    EXPECT_THAT(listed(), ElementsAre("boss", "john"));
}

TEST_F(UsersAdminTest, FindsDeletedUsersByTheirIdAlone) {
    ASSERT_EQ(node.call({.method = Method::Post,
                         .target = "/users/delete?api_key=key",
                         .token = server_token(),
                         .body = R"({"user_ids":["jane@example"]})"})
                  .status,
              201);
    EXPECT_THAT(list("state=deleted&search=jane"), ElementsAre("jane@example"));
    EXPECT_THAT(list("search=jane"), ElementsAre("jane@example"));
    EXPECT_THAT(list("state=deleted&search=jonna"), IsEmpty());
    EXPECT_THAT(list("search=jonna"), IsEmpty());
}

TEST_F(UsersAdminTest, DeletesAnAppWithEverythingInItWhereItsNameIsGiven) {
    auto const open = connect("john");
    auto const told = done(Method::Delete, "apps/key", R"({"dry_run":true})");
    EXPECT_EQ(told.at("ends"), (object{{"users", 1}, {"tokens", 1}, {"connections", 1}}));
    EXPECT_EQ(told.at("users"), 3);
    for (auto const* body : {"", "{}", R"({"confirm":"test app"})", R"({"confirm":"key"})",
                             R"({"confirm":5})", R"({"confirm":"Test app","dry_run":"no"})"}) {
        EXPECT_EQ(call(Method::Delete, "apps/key", body).status, 400) << body;
    }
    EXPECT_EQ(open->socket.close_code, 0);
    auto const gone = done(Method::Delete, "apps/key", R"({"confirm":"Test app"})");
    EXPECT_EQ(gone.at("ends"), told.at("ends"));
    EXPECT_EQ(gone.at("dry_run"), false);
    EXPECT_NE(open->socket.close_code, 0);
    EXPECT_EQ(call(Method::Get, "apps/key").status, 404);
    EXPECT_EQ(call(Method::Delete, "apps/key", R"({"confirm":"Test app"})").status, 404);
    EXPECT_EQ(
        TestNode::code_of(node.call({.target = "/app?api_key=key", .token = user_token("john")})),
        2);
}

TEST_F(UsersAdminTest, KeepsWhatChangedInTheAuditLogAndNoDryRun) {
    post("apps/key/users/deactivate", R"({"user_ids":["john"],"dry_run":true})");
    post("apps/key/users/deactivate", R"({"user_ids":["john"]})");
    post("apps/key/users/deactivate", R"({"user_ids":["john"]})");
    post("apps/key/users/reactivate", R"({"user_ids":["john"]})");
    done(Method::Delete, "apps/key", R"({"dry_run":true})");
    done(Method::Delete, "apps/key", R"({"confirm":"Test app"})");
    node.commit([](domain::Transaction& transaction) {
        Ids acts;
        for (auto const& entry : transaction.audit().query({})) {
            EXPECT_EQ(entry.record.actor_kind, domain::ActorKind::LocalCredential);
            EXPECT_EQ(entry.record.address, "127.0.0.1");
            EXPECT_EQ(entry.record.app, "key");
            acts.push_back(entry.record.action + ' ' + entry.record.target);
        }
        EXPECT_THAT(acts,
                    ElementsAre("app.delete ", "users.reactivate john", "users.deactivate john"));
        return domain::Outcome::Commit;
    });
}

TEST_F(UsersAdminTest, TellsWhatTheServerIs) {
    node.node.facts->version = "1.2.3";
    node.node.facts->data_directory = "/data";
    node.node.facts->listen_host = "::1";
    node.node.facts->listen_port = 8080;
    node.node.facts->libraries = {{"SQLite", "3.40"}};
    node.clock.advance(90s);
    auto const open = connect("john");
    auto const server = get("server");
    EXPECT_EQ(server.at("version"), "1.2.3");
    EXPECT_EQ(server.at("uptime_s"), 90);
    EXPECT_EQ(server.at("ready"), true);
    EXPECT_EQ(server.at("apps"), 1);
    EXPECT_EQ(server.at("connections"), 1);
    EXPECT_EQ(server.at("listen"), "[::1]:8080");
    EXPECT_EQ(server.at("public_url"), "http://[::1]:8080");
    EXPECT_EQ(server.at("store"), (object{{"kind", "sqlite"}, {"data", "/data"}}));
    EXPECT_EQ(server.at("libraries"), (object{{"SQLite", "3.40"}}));
    node.ready = false;
    EXPECT_EQ(get("server").at("ready"), false);
}

}  // namespace
}  // namespace latchkey::test
