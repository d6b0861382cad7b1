#include "domain/figures.hpp"

#include "api/metrics.hpp"
#include "domain/secrets.hpp"
#include "support/test_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::test {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr std::string_view kField = "X-Latchkey-Auth-Checks: disabled\r\n";
constexpr std::string_view kNewer = "newer-secret-0123456789-abcdefghijklmnop";
constexpr std::string_view kUnsigned =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiam9obiJ9.devtoken";  // {"user_id":"john"}

class FiguresTest : public testing::Test {
protected:
    TestNode node{domain::Mode::Development};

    void disable_auth_checks() {
        auto const answer = node.call({.method = Method::Patch,
                                       .target = "/app?api_key=key",
                                       .token = server_token(),
                                       .body = R"({"disable_auth_checks":true})"});
        ASSERT_EQ(answer.status, 200);
    }
    http::Response get(std::string const& path, std::string_view token) {
        auto const mark = path.find('?') == std::string::npos ? "?" : "&";
        return node.call({.target = path + mark + "api_key=key", .token = std::string(token)});
    }
    std::string metrics() { return api::format_metrics(node.node, node.state.read(0)); }
    std::size_t lines() const { return node.log.count("auth.developer_tokens_used"); }
};

TEST_F(FiguresTest, CountsWhoIsLetInAndWhichRuleRefuses) {
    (void)get("/app", server_token());
    (void)get("/app", user_token("john"));
    (void)get("/authz/check", user_token("john"));
    (void)get("/app", user_token("john") + "x");
    (void)get("/app", "");
    auto const text = metrics();
    EXPECT_THAT(text, HasSubstr("latchkey_accepted_total{kind=\"server\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("latchkey_accepted_total{kind=\"user\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("latchkey_refused_total{rule=\"missing\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("latchkey_refused_total{rule=\"user_deleted\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("latchkey_ready 1\n"));
    EXPECT_THAT(text, Not(HasSubstr("john")));
}

TEST_F(FiguresTest, CountsWhatEachSecretVerifiesWhateverIsDecided) {
    node.commit([&](domain::Transaction& transaction) {
        EXPECT_TRUE(domain::add_secret(transaction, AppId{1}, Secret(std::string(kNewer)), kNow,
                                       node.random));
        return domain::Outcome::Commit;
    });
    (void)get("/app", user_token("john"));
    (void)get("/app", sign(R"({"user_id":"john","exp":1})"));  // refused, and yet seen
    (void)get("/app", sign(R"({"user_id":"john"})", kNewer));
    (void)get("/app", sign(R"({"user_id":"john"})", "of another app"));
    EXPECT_THAT(metrics(), HasSubstr(R"(secret_tokens_seen_total{api_key="key",secret="1"} 2)"));
    EXPECT_THAT(metrics(), HasSubstr(R"(secret_tokens_seen_total{api_key="key",secret="2"} 1)"));
    EXPECT_THAT(metrics(), HasSubstr(R"(tokens_without_iat_total{api_key="key"} 1)"));

    node.clock.advance(5s);
    node.commit([&](domain::Transaction& transaction) {
        EXPECT_TRUE(domain::retire_secret(transaction, AppId{1}, 1, std::nullopt, kNow + 5s));
        return domain::Outcome::Commit;
    });
    node.clock.advance(2s);
    (void)get("/app",
              user_token("john"));  // refused for its secret, whose use is still of interest
    auto const reader = node.state.read(0);
    auto const& figures = reader.find_app("key")->secret_figures;
    ASSERT_EQ(figures.size(), 2U);
    EXPECT_EQ(figures[0]->tokens_seen(), 1U);
    EXPECT_EQ(figures[0]->last_used_at(), kNow);
    EXPECT_EQ(figures[1]->tokens_seen(), 3U);
    EXPECT_EQ(figures[1]->last_used_at(), kNow + 7s);
}

TEST_F(FiguresTest, CountsWhoNamedNoAppAndForgetsNoAppThatIsGone) {
    (void)get("/app", user_token("john"));
    (void)node.call({.target = "/app?api_key=nobody", .token = user_token("john")});
    (void)node.call({.target = "/app", .token = user_token("john")});
    node.commit([](domain::Transaction& transaction) {
        transaction.apps().remove(AppId{1});
        return domain::Outcome::Commit;
    });
    (void)get("/app", user_token("john"));
    auto const text = metrics();
    EXPECT_THAT(text, HasSubstr("latchkey_accepted_total{kind=\"user\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("latchkey_refused_total{rule=\"api_key_unknown\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("latchkey_refused_total{rule=\"api_key_missing\"} 1\n"));
}

TEST_F(FiguresTest, CountsOpenConnectionsAndUsersOnline) {
    auto const connect = [&](std::string const& id) {
        return node.open(
            {.target = "/connect?json=%7B%22user_details%22:%7B%22id%22:%22" + id +
                       "%22%7D%7D&api_key=key&stream-auth-type=jwt&authorization=" + user_token(id),
             .auth_type = ""});
    };
    auto const first = connect("john");
    auto const second = connect("john");
    EXPECT_THAT(metrics(), HasSubstr("latchkey_connections{api_key=\"key\"} 2\n"));
    EXPECT_THAT(metrics(), HasSubstr("latchkey_users_online{api_key=\"key\"} 1\n"));
}

TEST_F(FiguresTest, MarksEveryAnswerToATokenThatCountsUnsigned) {
    EXPECT_THAT(get("/app", user_token("john")).fields, Not(HasSubstr(kField)));
    disable_auth_checks();
    for (auto const* path :
         {"/app", "/api/v2/app", "/authz/check", "/longpoll?connection_id=none",
          "/users?payload=%7B%22filter_conditions%22:%7B%7D%7D", "/users?payload=broken"}) {
        EXPECT_THAT(get(path, kUnsigned).fields, HasSubstr(kField)) << path;
        EXPECT_THAT(get(path, server_token()).fields, Not(HasSubstr(kField))) << path;
    }
    EXPECT_THAT(metrics(), HasSubstr("latchkey_developer_tokens_total{api_key=\"key\"} 6\n"));
}

TEST_F(FiguresTest, SaysOnceAMinuteThatTokensCountUnsigned) {
    disable_auth_checks();
    (void)get("/app", kUnsigned);
    (void)get("/app", kUnsigned);
    EXPECT_EQ(lines(), 1U);
    node.clock.advance(api::DeveloperTokenUses::kLoggedEvery - 1s);
    (void)get("/app", kUnsigned);
    EXPECT_EQ(lines(), 1U);
    node.clock.advance(1s);
    (void)get("/app", kUnsigned);
    EXPECT_EQ(lines(), 2U);
    EXPECT_THAT(node.log.text(), HasSubstr("uses=3\n"));
}

TEST_F(FiguresTest, CountsConnectsWithTokensThatCountUnsigned) {
    disable_auth_checks();
    auto const socket =
        node.open({.target = "/api/v2/connect?api_key=key&stream-auth-type=jwt", .auth_type = ""});
    socket->say(R"({"token":")" + std::string(kUnsigned) + R"(","user_details":{"id":"john"}})");
    node.settle();
    EXPECT_EQ(socket->socket.last().at("type"), "connection.ok");
    EXPECT_THAT(metrics(), HasSubstr("latchkey_developer_tokens_total{api_key=\"key\"} 1\n"));
}

}  // namespace
}  // namespace latchkey::test
