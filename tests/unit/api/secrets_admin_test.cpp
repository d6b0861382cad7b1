#include "api/admin_service.hpp"
#include "domain/secrets.hpp"
#include "support/admin_node.hpp"
#include "support/test_node.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::test {
namespace {

using boost::json::object;
using http::Method;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr std::string_view kBrought = "a-secret-brought-along-0123456789-abcdef";

/// A socket of which only the end is of interest.
class CloseRecorder final : public http::WebSocket {
public:
    void send_text(std::string_view) override {}
    void close(std::uint16_t code, std::string_view) override { close_code = code; }
    void send_text_and_close(std::string_view, std::uint16_t code, std::string_view) override {
        close_code = code;
    }
    std::uint16_t close_code = 0;
};

class SecretsAdminTest : public testing::Test {
protected:
    TestNode node;
    api::AdminService service{node.node, node.loop, 0, Secret("the credential")};

    http::Response call(Method method, std::string const& path, std::string const& body = {}) {
        TestExchange exchange({.method = method,
                               .target = "/admin/v1/apps/" + path,
                               .token = "Bearer the credential",
                               .auth_type = "",
                               .body = body});
        service.handle(exchange);
        node.settle();
        return exchange.answer_given();
    }
    /// The object of an answer, which has to be a success.
    object ask(Method method, std::string const& path, std::string const& body = {}) {
        auto const answer = call(method, path, body);
        EXPECT_LT(answer.status, 300) << path << '\n' << answer.body;
        return TestNode::body_of(answer);
    }
    object add(std::string const& body = "{}") {
        return ask(Method::Post, "key/secrets", body).at("secret").as_object();
    }
    /// `2 live signs, 1 retired`: what is listed.
    std::string listed() {
        std::string text;
        auto const answer = ask(Method::Get, "key/secrets");
        for (auto const& entry : answer.at("secrets").as_array()) {
            auto const& secret = entry.as_object();
            text += (text.empty() ? "" : ", ") + std::to_string(secret.at("id").as_int64()) + ' ' +
                    std::string(secret.at("state").as_string());
            text += secret.at("signs_new_tokens").as_bool() ? " signs" : "";
        }
        return text;
    }
    std::unique_ptr<TestConnection> connect(std::string const& token,
                                            std::string const& client = "test") {
        return node.open(
            {.target = "/connect?json=%7B%22user_details%22:%7B%22id%22:%22john%22%7D%7D&api_key="
                       "key&stream-auth-type=jwt&X-Stream-Client=" +
                       client + "&authorization=" + token,
             .auth_type = ""});
    }
    std::string secret_of(object const& added) {
        return std::string(added.at("api_secret").as_string());
    }
    /// What the audit log says: `secret.add 2`, oldest first.
    std::vector<std::string> audited() {
        std::vector<std::string> entries;
        node.commit([&](domain::Transaction& transaction) {
            for (auto const& entry : transaction.audit().query({})) {
                EXPECT_EQ(entry.record.app, "key");
                EXPECT_EQ(boost::json::serialize(entry.record.after).find("api_secret"),
                          std::string::npos);
                entries.insert(entries.begin(), entry.record.action + ' ' + entry.record.target);
            }
            return domain::Outcome::Commit;
        });
        return entries;
    }
};

TEST_F(SecretsAdminTest, ListsSecretsWithoutTheirValues) {
    EXPECT_EQ(listed(), "1 live signs");
    auto const added = add();
    EXPECT_EQ(added.at("id"), 2);
    EXPECT_EQ(secret_of(added).size(), 64U);
    EXPECT_EQ(listed(), "2 live signs, 1 live");
    auto const answer = call(Method::Get, "key/secrets");
    EXPECT_THAT(answer.body, Not(HasSubstr(secret_of(added))));
    EXPECT_THAT(answer.body, Not(HasSubstr("api_secret")));
    EXPECT_EQ(call(Method::Get, "nobody/secrets").status, 404);
}

TEST_F(SecretsAdminTest, TakesASecretThatIsFitAndNew) {
    EXPECT_EQ(secret_of(add(R"({"api_secret":")" + std::string(kBrought) + "\"}")), kBrought);
    for (auto const& body :
         {R"({"api_secret":")" + std::string(kBrought) + "\"}", std::string(R"({"api_secret":5})"),
          std::string(R"({"api_secret":"short"})")}) {
        EXPECT_EQ(call(Method::Post, "key/secrets", body).status, 400) << body;
    }
    EXPECT_EQ(listed(), "2 live signs, 1 live");
}

TEST_F(SecretsAdminTest, HasRoomForSixteen) {
    for (int i = 2; i <= 16; ++i) {
        add();
    }
    auto const refused = call(Method::Post, "key/secrets", "{}");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr("16 live"));
}

TEST_F(SecretsAdminTest, RetiresASecretAndSaysWhatThatEnds) {
    auto const newer = secret_of(add());
    auto const older_socket = connect(user_token("john"));
    auto const newer_socket = connect(sign(R"({"user_id":"john","iat":1767225600})", newer));
    auto const tried = ask(Method::Post, "key/secrets/1/retire", R"({"dry_run":true})");
    EXPECT_TRUE(tried.at("dry_run").as_bool());
    EXPECT_EQ(tried.at("secret").at("state"), "retired");
    EXPECT_EQ(tried.at("ends"), boost::json::parse(R"({"users":1,"tokens":1,"connections":1})"));
    EXPECT_EQ(listed(), "2 live signs, 1 live");
    EXPECT_EQ(older_socket->socket.close_code, 0);

    auto const done = ask(Method::Post, "key/secrets/1/retire", "{}");
    EXPECT_FALSE(done.at("dry_run").as_bool());
    EXPECT_EQ(done.at("ends"), tried.at("ends"));
    EXPECT_EQ(listed(), "2 live signs, 1 retired");
    EXPECT_EQ(older_socket->socket.close_code, 4001);
    EXPECT_EQ(newer_socket->socket.close_code, 0);
    auto const again = ask(Method::Post, "key/secrets/1/retire", "{}");
    EXPECT_EQ(again.at("ends").at("connections"), 0);
    EXPECT_EQ(audited(), (std::vector<std::string>{"secret.add 2", "secret.retire 1"}));
}

TEST_F(SecretsAdminTest, WritesDownWhichRetiredSecretHadToMakeRoom) {
    for (std::size_t count = 1; count < domain::kSecretsMax; ++count) {
        add();
    }
    ask(Method::Post, "key/secrets/3/retire", "{}");
    EXPECT_EQ(audited().back(), "secret.retire 3");
    add();
    auto const log = audited();
    EXPECT_EQ(log.back(), "secret.add 17");
    EXPECT_EQ(log[log.size() - 2], "secret.forget 3");
}

TEST_F(SecretsAdminTest, RetiresAtADateAndTakesThatBack) {
    add();
    auto const planned =
        ask(Method::Post, "key/secrets/1/retire", R"({"at":"2026-01-02T00:00:00Z"})");
    EXPECT_EQ(planned.at("secret").at("retires_at"), "2026-01-02T00:00:00.000000Z");
    EXPECT_EQ(listed(), "2 live signs, 1 retiring");
    EXPECT_EQ(ask(Method::Post, "key/secrets/1/unretire", "{}").at("secret").at("state"), "live");
    ask(Method::Post, "key/secrets/1/retire", R"({"at":"2026-01-02T00:00:00Z"})");
    node.clock.advance(24h);
    EXPECT_EQ(listed(), "2 live signs, 1 retired");
    EXPECT_EQ(call(Method::Post, "key/secrets/1/unretire", "{}").status, 400);
    EXPECT_EQ(audited(), (std::vector<std::string>{"secret.add 2", "secret.retire 1",
                                                   "secret.unretire 1", "secret.retire 1"}));
}

TEST_F(SecretsAdminTest, RefusesRetirementsThatCannotBe) {
    EXPECT_EQ(call(Method::Post, "key/secrets/1/retire", "{}").status, 400) << "the last one";
    add();
    for (auto const* body : {R"({"at":"yesterday"})", R"({"at":5})", R"({"at":null})",
                             R"({"retire_at":"2099-01-01T00:00:00Z"})",
                             R"({"at":"2025-12-31T00:00:00Z"})", R"({"dry_run":"yes"})"}) {
        EXPECT_EQ(call(Method::Post, "key/secrets/1/retire", body).status, 400) << body;
    }
    for (auto const* number : {"3", "0", "-1", "one", "1x", "99999999999999999999"}) {
        for (auto const* action : {"retire", "unretire", "reveal"}) {
            EXPECT_EQ(call(Method::Post, std::string("key/secrets/") + number + '/' + action, "{}")
                          .status,
                      404)
                << number << action;
        }
    }
    EXPECT_EQ(call(Method::Post, "nobody/secrets/1/retire", "{}").status, 404);
    EXPECT_EQ(listed(), "2 live signs, 1 live");
}

TEST_F(SecretsAdminTest, ShowsWhatASecretIsUsedFor) {
    add();
    node.clock.advance(5s);
    (void)node.call({.target = "/app?api_key=key", .token = user_token("john")});
    auto const socket = connect(user_token("john"));
    auto const secrets = ask(Method::Get, "key/secrets").at("secrets").as_array();
    auto const& newer = secrets.at(0).at("usage").as_object();
    auto const& older = secrets.at(1).at("usage").as_object();
    EXPECT_EQ(older.at("tokens_seen"), 2);
    EXPECT_EQ(older.at("connections"), 1);
    EXPECT_EQ(older.at("last_used_at"), "2026-01-01T00:00:05.000000Z");
    EXPECT_EQ(older.at("since"), "2026-01-01T00:00:00.000000Z");
    EXPECT_EQ(newer.at("tokens_seen"), 0);
    EXPECT_EQ(newer.at("connections"), 0);
    EXPECT_TRUE(newer.at("last_used_at").is_null());
}

TEST_F(SecretsAdminTest, ShowsOfAForgottenSecretThatItWas) {
    add();
    ask(Method::Post, "key/secrets/1/retire", "{}");
    node.commit([](domain::Transaction& transaction) {
        EXPECT_EQ(domain::forget_retired_secrets(transaction, AppId{1},
                                                 kNow + domain::kRetiredSecretKeptFor)
                      .size(),
                  1U);
        return domain::Outcome::Commit;
    });
    EXPECT_EQ(listed(), "2 live signs, 1 retired");
    EXPECT_EQ(call(Method::Post, "key/secrets/1/reveal", "{}").status, 404);
}

TEST_F(SecretsAdminTest, RevealsASecretToTheLocalCredentialAndSaysSoInTheAuditLog) {
    auto const added = add();
    auto const revealed = ask(Method::Post, "key/secrets/2/reveal", "{}");
    EXPECT_EQ(revealed.at("api_secret"), added.at("api_secret"));
    EXPECT_EQ(audited(), (std::vector<std::string>{"secret.add 2", "secret.reveal 2"}));
}

TEST_F(SecretsAdminTest, ListsConnectionsWithWhatIsKnownOfThem) {
    auto const socket = connect(user_token("john"), "stream-chat-js%3Cb%3E");
    auto const nobody =
        node.open({.target = "/connect?api_key=key&stream-auth-type=anonymous", .auth_type = ""});
    node.clock.advance(1s);
    auto const answer = ask(Method::Get, "key/connections?user_id=john");
    EXPECT_EQ(answer.at("total"), 1);
    auto const& connection = answer.at("connections").as_array().at(0).as_object();
    EXPECT_EQ(connection.at("id"), socket->socket.last().at("connection_id"));
    EXPECT_EQ(connection.at("user_id"), "john");
    EXPECT_EQ(connection.at("kind"), "user");
    EXPECT_EQ(connection.at("style"), "legacy");
    EXPECT_EQ(connection.at("client"), "stream-chat-js<b>");
    EXPECT_EQ(connection.at("opened_at"), "2026-01-01T00:00:00.000000Z");
    EXPECT_EQ(connection.at("issued_at"), "2026-01-01T00:00:00.000000Z");
    EXPECT_TRUE(connection.at("expires_at").is_null());
    EXPECT_EQ(connection.at("secret_id"), 1);
    EXPECT_EQ(connection.at("developer_token"), false);
    auto const all = ask(Method::Get, "key/connections");
    EXPECT_EQ(all.at("total"), 2);
    auto const one = ask(Method::Get, "key/connections?limit=1");
    EXPECT_EQ(one.at("total"), 2);
    EXPECT_EQ(one.at("connections").as_array().size(), 1U);
    for (auto const* limit : {"0", "1001", "many", "-1"}) {
        EXPECT_EQ(call(Method::Get, std::string("key/connections?limit=") + limit).status, 400);
    }
    EXPECT_EQ(call(Method::Get, "key/connections?limit=1000").status, 200);
    EXPECT_EQ(call(Method::Get, "nobody/connections").status, 404);
}

TEST_F(SecretsAdminTest, GivesAnOverviewOfAnApp) {
    auto const socket = connect(user_token("john"));
    (void)node.call({.target = "/app?api_key=key", .token = user_token("john") + "x"});
    add();
    auto const overview = ask(Method::Get, "key/overview");
    auto const& figures = overview.at("figures").as_object();
    EXPECT_EQ(figures.at("connections"), 1);
    EXPECT_EQ(figures.at("users_online"), 1);
    EXPECT_EQ(figures.at("accepted"),
              boost::json::parse(R"({"user":1,"server":0,"guest":0,"anonymous":0})"));
    EXPECT_EQ(figures.at("refused").as_object().size(), 1U);
    EXPECT_EQ(figures.at("without_iat"), 0);
    EXPECT_EQ(figures.at("developer_tokens"), 0);
    EXPECT_EQ(overview.at("server_now"), "2026-01-01T00:00:00.000000Z");
    auto const& change = overview.at("changes").as_array().at(0).as_object();
    EXPECT_EQ(change.at("action"), "secret.add");
    EXPECT_EQ(change.at("actor").at("kind"), "local");
    EXPECT_EQ(call(Method::Get, "nobody/overview").status, 404);
}

/// Operators in a browser.
class SignedInTest : public testing::Test {
protected:
    AdminNode admin;

    http::Response post(std::string const& cookie, std::string const& path,
                        std::string const& body = "{}") {
        return admin.call({.method = Method::Post, .path = path, .body = body, .cookie = cookie});
    }
    std::unique_ptr<http::Conversation> watch(std::vector<http::Field> const& fields) {
        TestExchange exchange({.target = "/admin/v1/live", .auth_type = "", .fields = fields},
                              true);
        admin.service.handle(exchange);
        admin.node.settle();
        return exchange.take_conversation();
    }
};

TEST_F(SignedInTest, TypeTheirPasswordAgainToReadASecret) {
    admin.make_account("olga", "operator");
    auto const olga = admin.sign_in("olga");
    auto const reveal = std::string("/apps/key/secrets/1/reveal");
    EXPECT_EQ(post(olga, reveal).status, 400);
    auto const wrong = post(olga, reveal, R"({"password":"not the password"})");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_THAT(wrong.body, Not(HasSubstr(std::string(kApiSecret))));
    EXPECT_TRUE(admin.audited("secret.reveal").empty());
    auto const right =
        post(olga, reveal, R"({"password":")" + std::string(AdminNode::kPassword) + "\"}");
    ASSERT_EQ(right.status, 200) << right.body;
    EXPECT_EQ(TestNode::body_of(right).at("api_secret").as_string(), kApiSecret);
    auto const audited = admin.audited("secret.reveal");
    ASSERT_EQ(audited.size(), 1U);
    EXPECT_EQ(audited[0].record.actor, "olga");
    EXPECT_EQ(audited[0].record.target, "1");
}

TEST_F(SignedInTest, ChangeSecretsAsOperatorsAndOnlyLookAsViewers) {
    admin.make_account("vera", "viewer");
    admin.make_account("olga", "operator");
    auto const vera = admin.sign_in("vera");
    auto const olga = admin.sign_in("olga");
    EXPECT_EQ(admin.call({.path = "/apps/key/secrets", .cookie = vera}).status, 200);
    EXPECT_EQ(admin.call({.path = "/apps/key/connections", .cookie = vera}).status, 200);
    EXPECT_EQ(admin.call({.path = "/apps/key/overview", .cookie = vera}).status, 200);
    EXPECT_EQ(admin.call({.path = "/apps/key/secrets"}).status, 401);
    EXPECT_EQ(post(olga, "/apps/key/secrets").status, 201);
    for (auto const* path : {"/apps/key/secrets", "/apps/key/secrets/1/retire",
                             "/apps/key/secrets/1/unretire", "/apps/key/secrets/1/reveal"}) {
        EXPECT_EQ(post(vera, path).status, 403) << path;
    }
    EXPECT_EQ(post(olga, "/apps/key/secrets/1/retire").status, 200);
}

TEST_F(SignedInTest, WatchFromTheirOwnOriginUntilTheySignOut) {
    admin.make_account("vera", "viewer");
    auto const vera = admin.sign_in("vera");
    EXPECT_EQ(watch({{"Cookie", vera},
                     {"Host", "latchkey.test:8081"},
                     {"Origin", "http://elsewhere.test"}}),
              nullptr);
    EXPECT_EQ(watch({{"Host", "latchkey.test:8081"}, {"Origin", "http://latchkey.test:8081"}}),
              nullptr);
    TestConnection connection("");
    connection.conversation = watch({{"Cookie", vera},
                                     {"Host", "latchkey.test:8081"},
                                     {"Origin", "http://latchkey.test:8081"}});
    ASSERT_NE(connection.conversation, nullptr);
    CloseRecorder socket;
    connection.conversation->on_open(socket);
    admin.service.on_tick();
    EXPECT_EQ(socket.close_code, 0);
    EXPECT_EQ(admin.call({.method = Method::Delete, .path = "/session", .cookie = vera}).status,
              200);
    admin.service.on_tick();
    EXPECT_EQ(socket.close_code, 1008);
}

}  // namespace
}  // namespace latchkey::test
