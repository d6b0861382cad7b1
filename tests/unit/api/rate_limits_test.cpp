#include "api/rate_limits.hpp"

#include "api/credentials.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace latchkey::api {
namespace {

using domain::CallerKind;
using namespace std::chrono_literals;

constexpr Instant kSomeTime{1767225601s};
constexpr RateSubject kServer{.app = AppId{1}, .kind = CallerKind::Server};
constexpr RateSubject kJohn{
    .app = AppId{1}, .kind = CallerKind::User, .user_id = "john", .address = "192.0.2.1"};

/// How many of `tries` requests get through.
int count_allowed(RateLimits& limits, RateSubject const& subject, Operation operation, int tries,
                  Instant now = kSomeTime) {
    int allowed = 0;
    for (int i = 0; i < tries; ++i) {
        allowed += limits.count(subject, operation, now).allowed ? 1 : 0;
    }
    return allowed;
}

class RateLimitsTest : public testing::Test {
protected:
    RateLimitSettings settings{.enforced = true, .servers_exempt = false, .multiplier = 1};
    RateLimits limits{1, settings};
};

TEST_F(RateLimitsTest, CountsDownAndBeginsAnewWithTheMinute) {
    auto const first = limits.count(kServer, Operation::UpdateApp, kSomeTime);
    EXPECT_EQ(first.limit, 60U);
    EXPECT_EQ(first.remaining, 59U);
    EXPECT_EQ(first.resets_at_s, 1767225660);
    EXPECT_EQ(limits.count(kServer, Operation::UpdateApp, kSomeTime + 58s).remaining, 58U);
    EXPECT_EQ(limits.count(kServer, Operation::UpdateApp, kSomeTime + 59s).remaining, 59U);
}

TEST_F(RateLimitsTest, CountsAppsAndOperationsApart) {
    (void)limits.count(kServer, Operation::UpdateApp, kSomeTime);
    RateSubject const other = {.app = AppId{2}, .kind = CallerKind::Server};
    EXPECT_EQ(limits.count(other, Operation::UpdateApp, kSomeTime).remaining, 59U);
    EXPECT_EQ(limits.count(kServer, Operation::UpdateUsers, kSomeTime).remaining, 299U);
}

TEST_F(RateLimitsTest, RefusesAnAppItsNextRequestUntilTheMinuteIsOver) {
    EXPECT_EQ(count_allowed(limits, kServer, Operation::UpdateApp, 62), 60);
    EXPECT_EQ(limits.count(kServer, Operation::UpdateApp, kSomeTime + 58s).remaining, 0U);
    EXPECT_EQ(count_allowed(limits, kServer, Operation::UpdateApp, 1, kSomeTime + 59s), 1);
}

TEST_F(RateLimitsTest, GivesEachLoopItsShareRoundedUp) {
    RateLimits seven(7, settings);
    EXPECT_EQ(count_allowed(seven, kServer, Operation::UpdateApp, 20), 9);
    EXPECT_EQ(seven.count(kServer, Operation::UpdateApp, kSomeTime).remaining, 0U);
}

TEST_F(RateLimitsTest, ShowsWhatIsLeftAndCountsNothing) {
    RateLimits seven(7, settings);
    EXPECT_EQ(seven.show(AppId{1}, Operation::UpdateApp, kSomeTime).remaining, 60U);
    auto const counted = seven.count(kServer, Operation::UpdateApp, kSomeTime);
    EXPECT_EQ(counted.remaining, 53U);
    EXPECT_EQ(seven.show(AppId{1}, Operation::UpdateApp, kSomeTime), counted);
    EXPECT_EQ(seven.show(AppId{2}, Operation::UpdateApp, kSomeTime).remaining, 60U);
    EXPECT_EQ(count_allowed(seven, kServer, Operation::UpdateApp, 20), 8);
    EXPECT_EQ(seven.show(AppId{1}, Operation::UpdateApp, kSomeTime).remaining, 0U);
    EXPECT_EQ(seven.show(AppId{1}, Operation::UpdateApp, kSomeTime + 59s).remaining, 60U);
}

TEST_F(RateLimitsTest, RefusesNoServerWhereServersAreExempt) {
    settings.servers_exempt = true;
    EXPECT_EQ(count_allowed(limits, kServer, Operation::UpdateApp, 100), 100);
    EXPECT_EQ(limits.count(kServer, Operation::UpdateApp, kSomeTime).remaining, 0U);
}

TEST_F(RateLimitsTest, MultipliesWhatAUserMay) {
    settings.multiplier = 2;
    EXPECT_EQ(count_allowed(limits, kJohn, Operation::GetApp, 200), 120);
}

TEST_F(RateLimitsTest, MultipliesWhatAnAppMay) {
    settings.multiplier = 3;
    EXPECT_EQ(count_allowed(limits, kServer, Operation::UpdateApp, 200), 180);
    EXPECT_EQ(limits.uncounted(Operation::UpdateApp, kSomeTime).limit, 180U);
}

TEST_F(RateLimitsTest, RefusesNothingWhereTheyAreNotEnforced) {
    settings.enforced = false;
    EXPECT_EQ(count_allowed(limits, kServer, Operation::UpdateApp, 100), 100);
    EXPECT_EQ(limits.count(kServer, Operation::UpdateApp, kSomeTime).remaining, 0U);
    EXPECT_EQ(count_allowed(limits, kJohn, Operation::GetApp, 100), 100);
}

TEST_F(RateLimitsTest, RefusesAUserTheSixtyFirstOfAnOperation) {
    EXPECT_EQ(count_allowed(limits, kJohn, Operation::GetApp, 62), 60);
    auto const refused = limits.count(kJohn, Operation::GetApp, kSomeTime);
    EXPECT_EQ(refused.limit, 60U);
    EXPECT_EQ(refused.remaining, 0U);
    EXPECT_EQ(count_allowed(limits, kJohn, Operation::QueryUsers, 1), 1);
    auto jane = kJohn;
    jane.user_id = "jane";
    EXPECT_EQ(count_allowed(limits, jane, Operation::GetApp, 1), 1);
    auto elsewhere = kJohn;
    elsewhere.app = AppId{2};
    EXPECT_EQ(count_allowed(limits, elsewhere, Operation::GetApp, 1), 1);
    EXPECT_EQ(count_allowed(limits, kJohn, Operation::GetApp, 1, kSomeTime + 59s), 1);
}

TEST_F(RateLimitsTest, TakesNothingFromTheAppForWhatAUserIsRefused) {
    (void)count_allowed(limits, kJohn, Operation::GetApp, 100);
    EXPECT_EQ(limits.count(kServer, Operation::GetApp, kSomeTime).remaining, 10'000U - 61U);
}

TEST_F(RateLimitsTest, ExemptsServersFromTheLimitOfUsers) {
    EXPECT_EQ(count_allowed(limits, kServer, Operation::GetApp, 100), 100);
}

TEST_F(RateLimitsTest, CountsGuestsToBeByTheirAddress) {
    auto jane = kJohn;
    jane.user_id = "jane";
    EXPECT_EQ(count_allowed(limits, kJohn, Operation::CreateGuest, 60), 60);
    EXPECT_EQ(count_allowed(limits, jane, Operation::CreateGuest, 1), 0);
    jane.address = "192.0.2.2";
    EXPECT_EQ(count_allowed(limits, jane, Operation::CreateGuest, 1), 1);
}

TEST_F(RateLimitsTest, CountsAnonymousCallersByAddressAsFarAsItIsKnown) {
    RateSubject anonymous = {
        .app = AppId{1}, .kind = CallerKind::Anonymous, .user_id = "!anon", .address = "192.0.2.1"};
    EXPECT_EQ(count_allowed(limits, anonymous, Operation::GetApp, 61), 60);
    anonymous.address = "192.0.2.2";
    EXPECT_EQ(count_allowed(limits, anonymous, Operation::GetApp, 1), 1);
    anonymous.address = {};
    EXPECT_EQ(count_allowed(limits, anonymous, Operation::GetApp, 100), 100);
}

TEST_F(RateLimitsTest, RemembersSoManyUsersForAMinute) {
    settings.multiplier = RateLimitSettings::kMultiplierMax;
    for (std::size_t i = 0; i < RateLimits::kUserCountersMax; ++i) {
        auto const id = std::to_string(i);
        (void)limits.count({.app = AppId{1}, .kind = CallerKind::User, .user_id = id},
                           Operation::GetApp, kSomeTime);
    }
    EXPECT_EQ(limits.user_counter_count(), RateLimits::kUserCountersMax);
    EXPECT_EQ(count_allowed(limits, kJohn, Operation::GetApp, 100), 100) << "one too many";
    EXPECT_EQ(limits.user_counter_count(), RateLimits::kUserCountersMax);
    settings.multiplier = 1;
    EXPECT_EQ(count_allowed(limits, kJohn, Operation::GetApp, 100, kSomeTime + 60s), 60);
    EXPECT_EQ(limits.user_counter_count(), 1U);
}

TEST_F(RateLimitsTest, CountsNoOperationWithoutALimit) {
    for (auto const operation : {Operation::LongPoll, Operation::Hi, Operation::HealthLive,
                                 Operation::HealthReady, Operation::CheckAuthorization}) {
        EXPECT_EQ(count_allowed(limits, kJohn, operation, 100), 100);
    }
    EXPECT_EQ(limits.user_counter_count(), 0U);
}

TEST(AppendRateLimitFields, WritesWholeNumbers) {
    std::string fields;
    append_rate_limit_fields(fields, {.limit = 60, .remaining = 59, .resets_at_s = 1767225660});
    EXPECT_EQ(fields,
              "X-RateLimit-Limit: 60\r\nX-RateLimit-Remaining: 59\r\n"
              "X-RateLimit-Reset: 1767225660\r\n");
}

TEST(AppendRetryAfter, NamesTheSecondsToTheEndOfTheMinute) {
    RateStatus const status = {.limit = 1, .remaining = 0, .resets_at_s = 1767225660};
    std::string fields;
    append_retry_after(fields, status, kSomeTime + 1ms);
    append_retry_after(fields, status, kSomeTime + 58s + 999ms);
    EXPECT_EQ(fields, "Retry-After: 59\r\nRetry-After: 1\r\n");
}

/// Who asks, where `peer` says so of a client; only 127.0.0.1 is a trusted proxy.
std::string address_said(std::string_view said, std::string_view peer = "127.0.0.1") {
    std::array<http::Field, 1> fields = {http::Field{"X-Forwarded-For", said}};
    http::Request request{};
    request.fields = fields;
    request.peer_address = peer;
    return std::string(client_address(request, *TrustedProxies::parse("127.0.0.1")));
}

TEST(ClientAddress, BelievesATrustedProxyOnly) {
    EXPECT_EQ(address_said("6.6.6.6, 192.0.2.9 ", "192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(address_said("6.6.6.6, 192.0.2.9 "), "192.0.2.9");
    std::string const longest(45, 'a');
    std::string const too_long(46, 'a');
    for (auto const& [said, found] :
         std::vector<std::pair<std::string_view, std::string_view>>{{"192.0.2.9", "192.0.2.9"},
                                                                    {"", ""},
                                                                    {"192.0.2.9, ", ""},
                                                                    {longest, longest},
                                                                    {too_long, ""}}) {
        EXPECT_EQ(address_said(said), found) << said;
    }
}

TEST(ClientAddress, PassesTrustedProxiesUntilSomebodyElse) {
    auto const proxies = *TrustedProxies::parse("127.0.0.1, 10.0.0.0/8");
    std::vector<http::Field> fields;
    http::Request request{};
    request.peer_address = "127.0.0.1";
    auto const address = [&](std::vector<std::string_view> const& lines) {
        fields.clear();
        for (auto const line : lines) {
            fields.push_back({"X-Forwarded-For", line});
            fields.push_back({"X-Other", "6.6.6.6"});
        }
        request.fields = fields;
        return client_address(request, proxies);
    };
    EXPECT_EQ(address({"192.0.2.9, 10.0.0.5"}), "192.0.2.9");
    EXPECT_EQ(address({"6.6.6.6, 192.0.2.9,10.1.1.1 ,10.0.0.5"}), "192.0.2.9");
    EXPECT_EQ(address({"6.6.6.6, 10.0.0.5, 192.0.2.9"}), "192.0.2.9");
    EXPECT_EQ(address({"6.6.6.6", "192.0.2.9", "10.0.0.5"}), "192.0.2.9");
    EXPECT_EQ(address({"10.0.0.7, 10.0.0.5"}), "10.0.0.7");  // a client among the proxies
    EXPECT_EQ(address({"192.0.2.9, , 10.0.0.5"}), "");
    EXPECT_EQ(address({}), "");
}

TEST(ClientAddress, IsTheSameInWhateverForm) {
    for (auto const& [said, found] : std::vector<std::pair<std::string_view, std::string_view>>{
             {"192.0.2.9:1234", "192.0.2.9"},
             {"::ffff:192.0.2.9", "192.0.2.9"},
             {"[::FFFF:192.0.2.9]:1234", "192.0.2.9"},
             {"2001:db8::1", "2001:db8::1"},
             {"[2001:db8::1]", "2001:db8::1"},
             {"[2001:db8::1]:443", "2001:db8::1"},
             {"unknown", "unknown"},
             {"[", ""},
             {":", ""}}) {
        EXPECT_EQ(address_said(said, "::ffff:127.0.0.1"), found) << said;
    }
    EXPECT_EQ(address_said("", "::ffff:192.0.2.1"), "192.0.2.1");
}

class EnforcedLimits : public testing::Test {
protected:
    EnforcedLimits() { node.node.rate_limits.multiplier = 1; }

    test::TestNode node;
    std::string john = test::user_token("john");

    http::Response get_app(std::string const& token) {
        return node.call({.target = "/app?api_key=key", .token = token});
    }
    static std::string connect_query(std::string const& token) {
        return "?api_key=key&stream-auth-type=jwt&authorization=" + token +
               "&X-Stream-Client=t&json=%7B%22user_details%22:%7B%22id%22:%22john%22%7D%7D";
    }
};

TEST_F(EnforcedLimits, TellARefusedClientWhenToComeBack) {
    for (int i = 0; i < 60; ++i) {
        ASSERT_EQ(get_app(john).status, 200) << i;
    }
    auto const refused = get_app(john);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(test::TestNode::code_of(refused), 9);
    EXPECT_NE(refused.body.find("Too many requests, check response headers for more information."),
              std::string::npos);
    EXPECT_NE(refused.fields.find("\r\nRetry-After: 60\r\n"), std::string::npos) << refused.fields;
    EXPECT_NE(refused.fields.find("X-RateLimit-Limit: 60\r\n"), std::string::npos);
    EXPECT_NE(refused.fields.find("X-RateLimit-Remaining: 0\r\n"), std::string::npos);
    EXPECT_EQ(get_app(test::server_token()).status, 200);
    EXPECT_EQ(get_app("bad").status, 401) << "who is calling comes first";
    EXPECT_EQ(get_app("bad").fields.find("Retry-After: "), std::string::npos);
    EXPECT_EQ(node.call({.target = "/authz/check?api_key=key", .token = john}).status, 200);
}

TEST_F(EnforcedLimits, LeaveABadTokenToAnswerFor) {
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(get_app("bad").status, 401) << i;
    }
    EXPECT_EQ(get_app(john).status, 200);
}

TEST_F(EnforcedLimits, CountConnectsHoweverTheyAreMadeButNoPolls) {
    auto const poll = node.call({.target = "/longpoll" + connect_query(john), .token = john});
    std::string const id(test::TestNode::body_of(poll).at("event").at("connection_id").as_string());
    for (int i = 0; i < 29; ++i) {
        ASSERT_EQ(node.open({.target = "/connect" + connect_query(john), .auth_type = ""})
                      ->socket.last()
                      .at("type"),
                  "health.check");
        auto const v2 = node.open({.target = "/api/v2/connect?api_key=key&stream-auth-type=jwt"
                                             "&X-Stream-Client=t",
                                   .auth_type = ""});
        v2->say(R"({"user_details":{"id":"john"},"token":")" + john + "\"}");
        node.settle();
        ASSERT_EQ(v2->socket.last().at("type"), "connection.ok");
    }
    std::string const poll_path = "/longpoll?api_key=key&connection_id=" + id;
    for (int i = 0; i < 70; ++i) {
        EXPECT_NE(node.call({.target = poll_path, .token = john}).status, 429);
    }
    EXPECT_EQ(node.call({.target = "/longpoll" + connect_query(john), .token = john}).status, 200);
    auto const refused = node.call({.target = "/longpoll" + connect_query(john), .token = john});
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(test::TestNode::code_of(refused), 9);
    EXPECT_NE(refused.fields.find("Retry-After: "), std::string::npos);
    auto const socket = node.open({.target = "/connect" + connect_query(john), .auth_type = ""});
    EXPECT_EQ(socket->socket.last().at("error").at("code"), 9);
}

TEST_F(EnforcedLimits, CanBeSwitchedOff) {
    node.node.rate_limits.enforced = false;
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(get_app(john).status, 200) << i;
    }
}

}  // namespace
}  // namespace latchkey::api
