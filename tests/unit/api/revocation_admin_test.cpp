#include "api/admin.hpp"
#include "api/admin_service.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

namespace latchkey::test {
namespace {

using boost::json::array;
using boost::json::object;
using http::Method;
using namespace std::chrono_literals;

class RevocationAdminTest : public testing::Test {
protected:
    RevocationAdminTest() {
        (void)node.call({.method = Method::Post,
                         .target = "/users?api_key=key",
                         .token = server_token(),
                         .body = R"({"users":{"john":{"id":"john"},"jane":{"id":"jane"},
                                              "jim":{"id":"jim"}}})"});
    }

    TestNode node;
    api::AdminService service{node.node, node.loop, 0, Secret("the credential")};

    http::Response post(std::string const& path, std::string const& body) {
        TestExchange exchange({.method = Method::Post,
                               .target = "/admin/v1/apps/" + path,
                               .token = "Bearer the credential",
                               .auth_type = "",
                               .body = body});
        service.handle(exchange);
        node.settle();
        return exchange.answer_given();
    }
    object done(std::string const& path, std::string const& body = "{}") {
        auto const answer = post(path, body);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return TestNode::body_of(answer);
    }
    std::unique_ptr<TestConnection> connect(std::string const& id) {
        return node.open({.target = "/connect?json=%7B%22user_id%22:%22" + id +
                                    "%22,%22user_details%22:%7B%22id%22:%22" + id +
                                    "%22%7D%7D&api_key=key&stream-auth-type=jwt&authorization=" +
                                    user_token(id, -1s) + "&X-Stream-Client=test",
                          .auth_type = ""});
    }
    std::unique_ptr<TestConnection> connect_anonymously() {
        return node.open(
            {.target = "/connect?api_key=key&stream-auth-type=anonymous&authorization="
                       "&X-Stream-Client=x&json=%7B%22user_id%22:%22!anon%22,%22user_details%22:%7B"
                       "%22id%22:%22!anon%22,%22anon%22:true%7D%7D",
             .auth_type = ""});
    }
    /// What a call with a token of this user, issued a second ago, comes to: 0, or the code.
    std::int64_t code_for(std::string const& id) {
        auto const answer = node.call({.target = "/app?api_key=key", .token = user_token(id, -1s)});
        return answer.status == 200 ? 0 : TestNode::code_of(answer);
    }
    std::optional<Instant> revocation_of(std::string const& id) {
        auto const reader = node.state.read(0);
        auto const standing = reader.find_app("key")->find_standing(id);
        return standing ? standing->revoke_tokens_issued_before : std::nullopt;
    }
    std::optional<Instant> revocation_of_app() {
        return node.state.read(0).find_app("key")->app->revoke_tokens_issued_before;
    }
};

TEST_F(RevocationAdminTest, EndsWhatUsersHoldAndTakesThatBack) {
    auto const connection = connect("john");
    ASSERT_EQ(connection->socket.close_code, 0);
    auto const revoked = done("key/users/revoke", R"({"user_ids":["john","jane","john"]})");
    EXPECT_EQ(revoked.at("before"), "2026-01-01T00:00:00.000000Z");
    EXPECT_EQ(revoked.at("dry_run"), false);
    EXPECT_EQ(revoked.at("changed"), array({"john", "jane"}));
    EXPECT_EQ(revoked.at("already"), array());
    EXPECT_EQ(revoked.at("ends"), (object{{"users", 2}, {"tokens", 1}, {"connections", 1}}));
    EXPECT_EQ(code_for("john"), 40);
    EXPECT_EQ(code_for("jane"), 40);
    EXPECT_EQ(code_for("jim"), 0);
    EXPECT_NE(connection->socket.close_code, 0);
    auto const undone = done("key/users/unrevoke", R"({"user_ids":["john","jim"]})");
    EXPECT_EQ(undone.at("before"), nullptr);
    EXPECT_EQ(undone.at("changed"), array({"john"}));
    EXPECT_EQ(undone.at("already"), array({"jim"}));
    EXPECT_EQ(code_for("john"), 0);
    EXPECT_EQ(code_for("jane"), 40);
}

TEST_F(RevocationAdminTest, TellsTheUsersAsAnyUpdateDoes) {
    auto const john = connect("john");
    done("key/users/revoke",
         R"({"user_ids":["john"],"before":"2025-01-01T00:00:00Z","dry_run":true})");
    EXPECT_EQ(john->socket.sent.size(), 1U);
    done("key/users/revoke", R"({"user_ids":["john"],"before":"2025-01-01T00:00:00Z"})");
    ASSERT_EQ(john->socket.sent.size(), 2U);
    EXPECT_EQ(john->socket.last().at("type"), "user.updated");
}

TEST_F(RevocationAdminTest, CountsTheConnectionsThatItCoversAndTheirTokens) {
    auto const token = user_token("john", -2s);
    auto const with = [&](std::string const& shown) {
        return node.open({.target = "/connect?json=%7B%22user_details%22:%7B%22id%22:%22john%22%7D"
                                    "%7D&api_key=key&stream-auth-type=jwt&authorization=" +
                                    shown + "&X-Stream-Client=test",
                          .auth_type = ""});
    };
    auto const first = with(token);
    auto const again = with(token);
    auto const second = with(user_token("john", -1s));
    auto const newer = with(user_token("john"));
    auto const timeless = with(sign(R"({"user_id":"john"})"));
    object const ends = {{"users", 1}, {"tokens", 3}, {"connections", 4}};
    EXPECT_EQ(done("key/users/revoke", R"({"user_ids":["john"],"dry_run":true})").at("ends"), ends);
    EXPECT_EQ(done("key/revoke", R"({"dry_run":true})").at("ends"), ends);
    EXPECT_EQ(done("key/users/revoke", R"({"user_ids":["john"]})").at("ends"), ends);
    EXPECT_EQ(newer->socket.close_code, 0);
    for (auto const* ended : {&first, &again, &second, &timeless}) {
        EXPECT_EQ((*ended)->socket.close_code, 4001);
    }
}

TEST_F(RevocationAdminTest, ChangesNothingInADryRunAndTellsTheSame) {
    auto const first = connect("john");
    auto const second = connect("john");
    auto const other = connect("jim");
    auto const told = done("key/users/revoke", R"({"user_ids":["john","jane"],"dry_run":true})");
    EXPECT_EQ(told.at("dry_run"), true);
    EXPECT_EQ(told.at("changed"), array({"john", "jane"}));
    EXPECT_EQ(told.at("ends"), (object{{"users", 2}, {"tokens", 1}, {"connections", 2}}));
    EXPECT_EQ(revocation_of("john"), std::nullopt);
    EXPECT_EQ(first->socket.close_code, 0);
    EXPECT_EQ(code_for("john"), 0);
}

TEST_F(RevocationAdminTest, RevokesAllOrNone) {
    auto const unknown = post("key/users/revoke", R"({"user_ids":["john","nobody"]})");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_NE(unknown.body.find("user nobody not found"), std::string::npos);
    EXPECT_EQ(revocation_of("john"), std::nullopt);
    EXPECT_EQ(post("other/users/revoke", R"({"user_ids":["john"]})").status, 404);
}

TEST_F(RevocationAdminTest, TakesOneToAHundredUsers) {
    auto const body_with = [](int count) {
        std::string ids;
        for (int i = 0; i < count; ++i) {
            ids += (i == 0 ? "\"u" : ",\"u") + std::to_string(i) + '"';
        }
        return R"({"user_ids":[)" + ids + "]}";
    };
    EXPECT_EQ(post("key/users/revoke", body_with(0)).status, 400);
    EXPECT_EQ(post("key/users/revoke", body_with(100)).status, 404);  // read, and nobody known
    EXPECT_EQ(post("key/users/revoke", body_with(101)).status, 400);
}

TEST_F(RevocationAdminTest, RefusesBodiesThatSaySomethingElse) {
    for (auto const* body :
         {"", "[]", "{}", R"({"user_ids":"john"})", R"({"user_ids":[1]})",
          R"({"user_ids":["a b"]})", R"({"user_ids":["john"],"before":"yesterday"})",
          R"({"user_ids":["john"],"dry_run":"yes"})"}) {
        EXPECT_EQ(post("key/users/revoke", body).status, 400) << body;
    }
    EXPECT_EQ(post("key/users/unrevoke", R"({"user_ids":["john"],"before":"yesterday"})").status,
              400);
    EXPECT_EQ(revocation_of("john"), std::nullopt);
}

/// A program that had no date sends null, and its user may have meant another day than today.
TEST_F(RevocationAdminTest, TakesNoNullForNow) {
    auto const null_in = [this](std::string const& path) {
        return post("key/" + path, path.starts_with("users")
                                       ? R"({"user_ids":["john"],"before":null})"
                                       : R"({"before":null})");
    };
    for (auto const* path : {"users/revoke", "revoke"}) {
        auto const refused = null_in(path);
        EXPECT_EQ(refused.status, 400) << path;
        EXPECT_EQ(TestNode::code_of(refused), 4) << path;
        EXPECT_NE(refused.body.find("before wants a date"), std::string::npos) << refused.body;
    }
    EXPECT_EQ(revocation_of("john"), std::nullopt);
    EXPECT_EQ(revocation_of_app(), std::nullopt);
    (void)done("key/users/revoke", R"({"user_ids":["john"]})");
    (void)done("key/revoke");
    EXPECT_EQ(null_in("users/unrevoke").status, 200);  // no date is no revocation there
    EXPECT_EQ(null_in("unrevoke").status, 200);
    EXPECT_EQ(revocation_of("john"), std::nullopt);
    EXPECT_EQ(revocation_of_app(), std::nullopt);
}

TEST_F(RevocationAdminTest, TakesNoOtherSpellingOfADryRunForTheLackOfOne) {
    EXPECT_EQ(post("key/users/revoke", R"({"user_ids":["john"],"dryRun":true})").status, 400);
    EXPECT_EQ(post("key/revoke", R"({"dryRun":true})").status, 400);
    EXPECT_EQ(revocation_of("john"), std::nullopt);
    EXPECT_EQ(revocation_of_app(), std::nullopt);
}

TEST_F(RevocationAdminTest, NeverTakesALaterRevocationBack) {
    (void)done("key/users/revoke", R"({"user_ids":["john"]})");
    auto const earlier =
        done("key/users/revoke", R"({"user_ids":["john"],"before":"2025-12-31T23:00:00Z"})");
    EXPECT_EQ(earlier.at("already"), array({"john"}));
    EXPECT_EQ(revocation_of("john"), kNow);
    auto const same =
        done("key/users/revoke", R"({"user_ids":["john"],"before":"2026-01-01T00:00:00Z"})");
    EXPECT_EQ(same.at("already"), array({"john"}));
    auto const later =
        done("key/users/revoke", R"({"user_ids":["john"],"before":"2026-01-01T00:00:00.000001Z"})");
    EXPECT_EQ(later.at("changed"), array({"john"}));
    EXPECT_EQ(revocation_of("john"), kNow + 1us);
}

TEST_F(RevocationAdminTest, LetsAnEarlierRevocationCountAgainAndMakesNoneByIt) {
    auto const john = connect("john");
    (void)done("key/users/revoke", R"({"user_ids":["jane"]})");
    auto const users = done("key/users/unrevoke",
                            R"({"user_ids":["john","jane"],"before":"2025-12-31T23:00:00Z"})");
    EXPECT_EQ(users.at("before"), "2025-12-31T23:00:00.000000Z");
    EXPECT_EQ(users.at("changed"), array({"jane"}));
    EXPECT_EQ(users.at("already"), array({"john"}));  // not revoked at all
    EXPECT_EQ(users.at("ends"), (object{{"users", 0}, {"tokens", 0}, {"connections", 0}}));
    EXPECT_EQ(revocation_of("jane"), kNow - 1h);
    EXPECT_EQ(revocation_of("john"), std::nullopt);
    EXPECT_EQ(john->socket.close_code, 0);
    (void)done("key/revoke");
    constexpr auto* kBack = R"({"before":"2025-12-31T23:00:00Z"})";
    EXPECT_EQ(done("key/unrevoke", kBack).at("changed"), true);
    EXPECT_EQ(revocation_of_app(), kNow - 1h);
    EXPECT_EQ(done("key/unrevoke", kBack).at("changed"), false);
}

TEST_F(RevocationAdminTest, RevokesUsersWhoseNamesTheAppNoLongerAllows) {
    ASSERT_EQ(node.call({.method = Method::Post,
                         .target = "/users?api_key=key",
                         .token = server_token(),
                         .body = R"({"users":{"john":{"id":"john","name":"Jo"},
                                              "jane":{"id":"jane","name":"Jo"}}})"})
                  .status,
              201);
    ASSERT_EQ(node.call({.method = Method::Patch,
                         .target = "/app?api_key=key",
                         .token = server_token(),
                         .body = R"({"enforce_unique_usernames":"app"})"})
                  .status,
              200);
    EXPECT_EQ(done("key/users/revoke", R"({"user_ids":["john"]})").at("changed"), array({"john"}));
}

TEST_F(RevocationAdminTest, EndsWhatAWholeAppHoldsAndTakesThatBack) {
    auto const first = connect("john");
    auto const second = connect("john");
    auto const other = connect("jane");
    auto const nobody = connect_anonymously();
    auto const told = done("key/revoke", R"({"dry_run":true})");
    EXPECT_EQ(told.at("changed"), true);
    EXPECT_EQ(told.at("ends"), (object{{"users", 2}, {"tokens", 2}, {"connections", 3}}));
    EXPECT_EQ(revocation_of_app(), std::nullopt);
    EXPECT_EQ(done("key/revoke").at("ends"), told.at("ends"));
    EXPECT_EQ(revocation_of_app(), kNow);
    EXPECT_EQ(code_for("jim"), 40);
    EXPECT_NE(other->socket.close_code, 0);
    EXPECT_EQ(nobody->socket.close_code, 0);
    EXPECT_EQ(done("key/revoke", R"({"before":"2025-12-31T23:00:00Z"})").at("changed"), false);
    EXPECT_EQ(done("key/unrevoke").at("changed"), true);
    EXPECT_EQ(done("key/unrevoke").at("changed"), false);
    EXPECT_EQ(code_for("jim"), 0);
    EXPECT_EQ(post("other/revoke", "{}").status, 404);
}

/// For calls that ask about no token.
class NoTokens final : public api::TokenState {
public:
    [[nodiscard]] domain::NodeState::Reader read() override {
        throw std::logic_error("nobody should read node state");
    }
    [[nodiscard]] token::Verifier& verifier() override {
        throw std::logic_error("nobody should verify a token");
    }
};

TEST_F(RevocationAdminTest, KnowsOfNoConnectionsWithoutAServer) {
    auto const open = connect("john");
    NoTokens tokens;
    auto const route = api::find_admin_route(Method::Post, "/admin/v1/apps/key/revoke");
    ASSERT_TRUE(route);
    auto reply = api::call_admin_route(
        *route, {.method = Method::Post, .body = "{}"}, kNow, api::Operator{},
        {.random = node.random, .tokens = tokens, .passwords = node.passwords});
    ASSERT_TRUE(reply);
    node.commit([&](domain::Transaction& transaction) {
        auto const answer = std::get<api::StoreWork>(*reply)(transaction);
        EXPECT_TRUE(answer);
        EXPECT_NE(answer->members.find(R"("ends":{"users":0,"tokens":0,"connections":0})"),
                  std::string::npos);
        return domain::Outcome::Commit;
    });
    EXPECT_EQ(revocation_of_app(), kNow);
}

}  // namespace
}  // namespace latchkey::test
