#include "api/token_provider/webhook_judge.hpp"
#include "unit/api/token_provider_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::api {
namespace {

using test::kNow;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr std::string_view kSecret = "webhook-secret-0123456789-abcdefgh";

TokenProviderSettings settings_of() {
    return {.name = "hook",
            .app = *ApiKey::parse("key"),
            .source = WebhookSource{.url = *http::parse_url("https://shop.example.com/chat-token"),
                                    .secret = Secret(std::string(kSecret)),
                                    .forwarded_fields = {"cookie", "x-tenant"}},
            .allowed_origins = {"*"}};
}

class WebhookProviderTest : public testing::Test {
protected:
    test::ProviderNode at{settings_of()};

    std::unique_ptr<test::TestExchange> ask(std::string body = R"({"session":"s-1"})") {
        return at.ask({.method = http::Method::Post,
                       .target = "/token/hook",
                       .token = "Bearer session-1",
                       .auth_type = "",
                       .body = std::move(body),
                       .fields = {{"Cookie", "sid=1"}, {"X-Other", "no"}}});
    }
    int status_of(test::TestExchange const& exchange) {
        at.settle();
        return exchange.answered() ? exchange.answer_given().status : 0;
    }
    /// The status of the answer where the service answers this once.
    int status_where(int status, std::string body) {
        auto const asked = ask();
        at.http.answer(status, std::move(body));
        return status_of(*asked);
    }
};

TEST(SignWebhook, IsAnHmacOverTimeAndBody) {
    token::HmacKey const key(kSecret);
    auto const signature = sign_webhook(key, kNow + 1500ms, R"({"a":1})");
    auto const mac = key.mac(R"(1767225601.{"a":1})");
    ASSERT_TRUE(signature.starts_with("t=1767225601,v1="));
    EXPECT_EQ(signature.size(), std::string_view("t=1767225601,v1=").size() + 2 * mac.size());
    constexpr std::string_view kHex = "0123456789abcdef";
    EXPECT_EQ(signature[16], kHex[mac[0] >> 4U]);
    EXPECT_EQ(signature[17], kHex[mac[0] & 15U]);
    EXPECT_NE(sign_webhook(key, kNow, R"({"a":2})"), sign_webhook(key, kNow, R"({"a":1})"));
}

TEST_F(WebhookProviderTest, HandsTheProofOnAndGivesATokenForTheUserThatComesBack) {
    auto const asked = ask();
    ASSERT_EQ(at.http.sent.size(), 1U);
    auto const& request = at.http.sent[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url.path, "/chat-token");
    EXPECT_EQ(request.body, R"({"session":"s-1"})");
    EXPECT_EQ(at.http.field("Authorization"), "Bearer session-1");
    EXPECT_EQ(at.http.field("cookie"), "sid=1");
    EXPECT_EQ(at.http.field("x-other"), "");
    EXPECT_EQ(at.http.field("X-Latchkey-Provider"), "hook");
    EXPECT_EQ(at.http.field("X-Latchkey-App"), "key");
    EXPECT_EQ(at.http.field("X-Latchkey-Signature"),
              sign_webhook(token::HmacKey(kSecret), kNow, request.body));
    EXPECT_EQ(at.http.timeouts[0], 5s);
    at.http.answer(200, R"({"user_id":"john","name":"John","expires_in_s":600})");
    EXPECT_EQ(status_of(*asked), 200);
    auto const body = test::TestNode::body_of(asked->answer_given());
    EXPECT_EQ(body.at("user_id"), "john");
    EXPECT_TRUE(at.accepts(std::string(body.at("token").as_string())));
    EXPECT_EQ(at.user("john")->name, "John");
    EXPECT_EQ(at.count(ProviderOutcome::Minted), 1U);
}

TEST_F(WebhookProviderTest, SendsAnEmptyObjectWhereTheCallerSentNone) {
    auto const asked = at.ask({.target = "/token/hook", .auth_type = ""});
    EXPECT_EQ(at.http.sent[0].body, "{}");
    EXPECT_EQ(at.http.field("Authorization"), "");
}

TEST_F(WebhookProviderTest, HandsOnNoCookiesOfPagesWhereAllMayAsk) {
    auto const asked = at.ask(
        {.method = http::Method::Post,
         .target = "/token/hook",
         .auth_type = "",
         .body = "{}",
         .fields = {
             {"Origin", "https://any.example.com"}, {"Cookie", "sid=1"}, {"X-Tenant", "t"}}});
    EXPECT_EQ(at.http.field("cookie"), "");
    EXPECT_EQ(at.http.field("x-tenant"), "t");
}

TEST_F(WebhookProviderTest, HandsOnNoBodyThatIsNoObject) {
    EXPECT_EQ(ask("[1]")->answer_given().status, 400);
    EXPECT_EQ(ask(R"({"a":1,"a":2})")->answer_given().status, 400);
    EXPECT_TRUE(at.http.sent.empty());
}

TEST_F(WebhookProviderTest, TakesARefusalAsOne) {
    for (int const status : {401, 403}) {
        auto const asked = ask();
        at.http.answer(status, "secret reasons");
        EXPECT_EQ(status_of(*asked), 401);
        EXPECT_EQ(test::TestNode::code_of(asked->answer_given()), 5);
        EXPECT_THAT(asked->answer_given().body, Not(HasSubstr("secret reasons")));
    }
    EXPECT_EQ(at.count(ProviderOutcome::Refused), 2U);
}

TEST_F(WebhookProviderTest, TakesNothingElseForAnAnswer) {
    EXPECT_EQ(status_where(200, R"({"user_id":"john"})"), 200);
    for (auto const& [status, body] : {std::pair{200, "{}"},
                                       {200, "<html>"},
                                       {200, R"({"user_id":"not an id"})"},
                                       {201, R"({"user_id":"john"})"},
                                       {302, ""},
                                       {404, ""},
                                       {429, ""},
                                       {500, ""}}) {
        EXPECT_EQ(status_where(status, body), 502) << status << body;
        EXPECT_EQ(at.http.pauses.size(), 0U) << status;
    }
    auto const fitting =
        R"({"user_id":"john"})" + std::string(WebhookJudge::kAnswerBytesMax - 18, ' ');
    EXPECT_EQ(status_where(200, fitting), 200);
    EXPECT_EQ(status_where(200, fitting + ' '), 502);
}

TEST_F(WebhookProviderTest, AsksAgainWhereNobodyWorkedOnIt) {
    auto const asked = ask();
    auto const id = at.http.field("Idempotency-Key");
    EXPECT_EQ(id.size(), 36U);
    at.http.answer(std::unexpected(OutgoingFailure::NotConnected));
    EXPECT_EQ(at.http.pauses, std::vector{WebhookJudge::kPauses[0]});
    at.node.clock.advance(1s);
    at.http.pass();
    EXPECT_EQ(at.http.field("Idempotency-Key"), id);
    EXPECT_EQ(at.http.field("X-Latchkey-Signature"),
              sign_webhook(token::HmacKey(kSecret), kNow + 1s, at.http.sent[1].body));
    EXPECT_EQ(at.http.timeouts[1], 4s);
    at.http.answer(503, "");
    at.http.pass();
    at.http.answer(200, R"({"user_id":"john"})");
    EXPECT_EQ(status_of(*asked), 200);
    EXPECT_EQ(at.http.sent.size(), 3U);
}

TEST_F(WebhookProviderTest, AsksThreeTimesAndNoMore) {
    auto const asked = ask();
    for (int const status : {502, 503, 504}) {
        at.http.answer(status, "");
        at.http.pass();
    }
    EXPECT_EQ(status_of(*asked), 502);
    EXPECT_EQ(at.http.sent.size(), 3U);
}

TEST_F(WebhookProviderTest, AsksAgainOnlyWithinItsDeadline) {
    auto const asked = ask();
    at.node.clock.advance(5s - WebhookJudge::kPauses[0]);
    at.http.answer(503, "");
    EXPECT_TRUE(at.http.pauses.empty());
    EXPECT_EQ(status_of(*asked), 502);
}

TEST_F(WebhookProviderTest, DoesNotAskAgainWhatMayHaveArrived) {
    for (auto const failure : {OutgoingFailure::TimedOut, OutgoingFailure::Broken}) {
        auto const asked = ask();
        at.http.answer(std::unexpected(failure));
        EXPECT_EQ(status_of(*asked), 502);
    }
    EXPECT_TRUE(at.http.pauses.empty());
    EXPECT_EQ(at.count(ProviderOutcome::Failed), 2U);
}

TEST_F(WebhookProviderTest, LetsOnlySoManyBeUnderWay) {
    std::vector<std::unique_ptr<test::TestExchange>> all;
    auto settings = settings_of();
    settings.per_address = kProviderRateMax;
    test::ProviderNode busy(std::move(settings));
    for (std::size_t i = 0; i <= WebhookJudge::kUnderWayMax; ++i) {
        all.push_back(busy.ask({.target = "/token/hook", .auth_type = ""}));
    }
    EXPECT_FALSE(all.front()->answered());
    EXPECT_EQ(all.back()->answer_given().status, 502);
    busy.http.answer(401, "");
    busy.settle();
    all.push_back(busy.ask({.target = "/token/hook", .auth_type = ""}));
    EXPECT_FALSE(all.back()->answered());
}

TEST_F(WebhookProviderTest, AllowsEveryPageWhereTheSettingsSaySoButNoCookies) {
    auto const asked = at.ask({.method = http::Method::Options,
                               .target = "/token/hook",
                               .auth_type = "",
                               .fields = {{"Origin", "https://any.example.com"}}});
    auto const& fields = asked->answer_given().fields;
    EXPECT_THAT(fields, HasSubstr("Access-Control-Allow-Origin: *\r\n"));
    EXPECT_THAT(fields, Not(HasSubstr("Allow-Credentials")));
    EXPECT_THAT(fields, HasSubstr("accept, cookie, x-tenant\r\n"));
}

}  // namespace
}  // namespace latchkey::api
