#include "session_fixture.hpp"

#include <numeric>
#include <set>

namespace latchkey::sdk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Kind = Error::Kind;

class CallTest : public SessionTest {
protected:
    void SetUp() override { go_online(); }

    /// Answers every request that waits, as it came.
    void answer_all(int status, std::string const& body) {
        for (std::size_t i = 0; i < fake.request_count(); ++i) {
            fake.request(i).answer(status, body);
        }
    }
    /// Moves time until the provider is asked once more.
    void wait_for_question() {
        auto const questions = provider->questions.size();
        for (int i = 0; i < 10'000 && provider->questions.size() == questions; ++i) {
            fake.advance(1ms);
        }
        ASSERT_EQ(provider->questions.size(), questions + 1);
    }
};

TEST_F(CallTest, CarriesKeyTokenAndNames) {
    auto const index = call("POST", "/api/v2/users?x=1", "{}");
    auto const& request = fake.last_request();
    EXPECT_EQ(request.method(), "POST");
    EXPECT_EQ(request.target(), "/api/v2/users?x=1&api_key=key");
    EXPECT_EQ(request.field("Authorization"), make_token("john"));
    EXPECT_EQ(request.field("stream-auth-type"), "jwt");
    EXPECT_THAT(request.field("X-Stream-Client"), testing::StartsWith("latchkey-cpp-"));
    EXPECT_EQ(request.field("x-client-request-id").size(), 36U);
    EXPECT_EQ(request.field("Content-Type"), "application/json");
    EXPECT_EQ(request.deadline(), clock.monotonic() + kDeadline);
    EXPECT_FALSE(request.repeatable());
    fake.last_request().answer(201, "the body");
    EXPECT_EQ(results[index].value().value(), "the body");
}

TEST_F(CallTest, ErrorsSayWhatTheServerSaid) {
    auto const index = call();
    auto const id = fake.last_request().field("x-client-request-id");
    fake.last_request().answer(403, error_json(17, 403));
    auto const error = error_of(index);
    EXPECT_EQ(error.kind, Kind::Api);
    EXPECT_EQ(error.code, 17);
    EXPECT_EQ(error.http_status, 403);
    EXPECT_EQ(error.message, "m17");
    EXPECT_EQ(error.request_id, id);
    EXPECT_FALSE(error.may_retry);
}

TEST_F(CallTest, WhatIsNoErrorOfTheApiIsABadAnswer) {
    for (auto const& [status, body, may_retry] :
         {std::tuple{502, "<html>", true}, std::tuple{404, "{}", false}, std::tuple{302, "", false},
          std::tuple{404, R"({"code":"x"})", false}}) {
        SCOPED_TRACE(status);
        auto const index = call();
        fake.last_request().answer(status, body);
        EXPECT_EQ(error_of(index).kind, Kind::BadAnswer);
        EXPECT_EQ(error_of(index).http_status, status);
        EXPECT_EQ(error_of(index).may_retry, may_retry);
    }
}

TEST_F(CallTest, RefusesWhatCannotStandInARequestLine) {
    struct Row {
        std::string method;
        std::string path;
        bool accepted;
    };
    std::string const longest(kCallPathBytesMax - 1, 'a');
    for (auto const& [method, path, accepted] :
         {Row{"GET", "/a", true}, Row{"DELETE", "/a%20b?c=d", true}, Row{"get", "/a", false},
          Row{"CONNECT", "/a", false}, Row{"GET", "", false}, Row{"GET", "a", false},
          Row{"GET", "/a b", false}, Row{"GET", "/a\r\nX: y", false}, Row{"GET", "/a#b", false},
          Row{"GET", "/" + longest, true}, Row{"GET", "/a" + longest, false}}) {
        SCOPED_TRACE(method + ' ' + path.substr(0, 20));
        auto const requests = fake.request_count();
        auto const index = call(method, path);
        EXPECT_EQ(fake.request_count() > requests, accepted);
        if (!accepted) {
            EXPECT_EQ(error_of(index).kind, Kind::InvalidArgument);
        }
    }
    auto const large = call("POST", "/a", std::string(kCallBodyBytesMax, ' '));
    EXPECT_FALSE(results[large]);
    auto const too_large = call("POST", "/a", std::string(kCallBodyBytesMax + 1, ' '));
    EXPECT_EQ(error_of(too_large).kind, Kind::InvalidArgument);
}

TEST_F(CallTest, DoesNotWaitForTheSocket) {
    fake.last_socket().fail(Kind::Disconnected);
    ASSERT_EQ(session.state(), SessionState::Connecting);
    call();
    EXPECT_EQ(fake.waiting_request_count(), 1U);
}

TEST_F(CallTest, OneProviderCallServesAThousandCallsAcrossOneExpiry) {
    constexpr std::size_t kCalls = 1000;
    for (std::size_t i = 0; i < kCalls / 2; ++i) {
        call("GET", "/" + std::to_string(i));
    }
    answer_all(401, error_json(40, 401));
    for (std::size_t i = kCalls / 2; i < kCalls; ++i) {
        call("GET", "/" + std::to_string(i));
    }
    EXPECT_EQ(fake.request_count(), kCalls / 2) << "calls are held while the provider is asked";
    EXPECT_EQ(provider->questions.size(), 2U) << "the first was for the socket";
    EXPECT_TRUE(ended.empty());
    EXPECT_EQ(session.state(), SessionState::WaitingForToken);

    auto const fresh = make_token("john", 2);
    provider->answer(fresh);
    EXPECT_EQ(session.state(), SessionState::Online);
    ASSERT_EQ(fake.request_count(), kCalls / 2 + kCalls);
    for (std::size_t i = 0; i < kCalls; ++i) {
        auto const& request = fake.request(kCalls / 2 + i);
        ASSERT_EQ(request.target(), "/" + std::to_string(i) + "?api_key=key");
        ASSERT_EQ(request.field("Authorization"), fresh);
    }
    EXPECT_EQ(fake.request(0).field("x-client-request-id"),
              fake.request(kCalls / 2).field("x-client-request-id"));
    answer_all(200, "{}");
    std::vector<std::size_t> in_order(kCalls);
    std::iota(in_order.begin(), in_order.end(), 0U);
    EXPECT_EQ(ended, in_order);
    EXPECT_TRUE(std::ranges::all_of(in_order, [this](auto i) { return succeeded(i); }));
    EXPECT_EQ(provider->questions.size(), 2U);
    EXPECT_EQ(fake.socket_count(), 1U) << "the socket does not need to come back";
}

TEST_F(CallTest, ACallThatFailsUnderTheOldTokenWaitsForTheNewOneAndAsksForNoOther) {
    auto const first = call();
    auto const second = call();
    auto const third = call();
    fake.request(0).answer(401, error_json(40, 401));
    fake.request(1).answer(401, error_json(40, 401));
    EXPECT_EQ(provider->questions.size(), 2U);
    provider->answer(make_token("john", 2));
    fake.request(2).answer(401, error_json(40, 401));  // once the new one is there
    EXPECT_EQ(provider->questions.size(), 2U);
    ASSERT_EQ(fake.request_count(), 6U);
    EXPECT_EQ(fake.request(5).field("Authorization"), make_token("john", 2));
    answer_all(200, "{}");
    EXPECT_TRUE(succeeded(first) && succeeded(second) && succeeded(third));
}

TEST_F(CallTest, OnlyCode40AsksTheProvider) {
    for (auto const& [code, status] : {std::pair{43, 401}, std::pair{5, 401}, std::pair{41, 401},
                                       std::pair{42, 401}, std::pair{2, 401}, std::pair{17, 403}}) {
        auto const index = call();
        fake.last_request().answer(status, error_json(code, status));
        EXPECT_EQ(error_of(index).code, code);
    }
    EXPECT_EQ(provider->questions.size(), 1U);
    EXPECT_EQ(session.state(), SessionState::Online);
    call();
    fake.last_request().answer(401, error_json(40, 401));
    EXPECT_EQ(provider->questions.size(), 2U);
}

TEST_F(CallTest, AStaticTokenThatExpiredIsTheCallersToLearn) {
    session.disconnect();
    connect(make_token("john"));
    greet();
    auto const index = call();
    fake.last_request().answer(401, error_json(40, 401));
    EXPECT_EQ(error_of(index).code, 40);
    EXPECT_EQ(session.state(), SessionState::Online);
}

TEST_F(CallTest, AsManyCallsAsTheLimitMayBeUnderWayAndOneMoreIsRefused) {
    call();
    fake.last_request().answer(401, error_json(40, 401));
    for (std::size_t i = 1; i < UserClient::kWaitingCallsMax; ++i) {
        call();
    }
    EXPECT_TRUE(ended.empty());
    auto const one_more = call();
    EXPECT_EQ(error_of(one_more).kind, Kind::TooManyCalls);
    EXPECT_TRUE(error_of(one_more).may_retry);
    session.disconnect();
    EXPECT_EQ(ended.size(), UserClient::kWaitingCallsMax + 1);
}

TEST_F(CallTest, TheDeadlineHoldsWhileACallWaitsForAToken) {
    auto const early = call();
    fake.last_request().answer(401, error_json(40, 401));
    fake.advance(5s);
    auto const late = call();
    fake.advance(kDeadline - 5s - 1us);
    EXPECT_TRUE(ended.empty());
    fake.advance(1us);
    EXPECT_EQ(error_of(early).kind, Kind::TimedOut);
    EXPECT_THAT(ended, ElementsAre(early));
    provider->answer(make_token("john", 2));
    answer_all(200, "{}");
    EXPECT_TRUE(succeeded(late));
}

TEST_F(CallTest, AFailingProviderIsAskedAgainWithPausesAndThenThoseWhoWaitAreTold) {
    auto const waiting = call();
    fake.last_request().answer(401, error_json(40, 401));
    for (int tries = 1; tries < kProviderTriesMax; ++tries) {
        ASSERT_TRUE(provider->fail("the backend is down"));
        EXPECT_EQ(session.state(), SessionState::WaitingForToken);
        EXPECT_TRUE(ended.empty());
        wait_for_question();
    }
    provider->fail("the backend is down");
    EXPECT_EQ(error_of(waiting).kind, Kind::TokenProvider);
    EXPECT_EQ(error_of(waiting).message, "the backend is down");
    EXPECT_EQ(session.state(), SessionState::Online) << "the socket lives on";
    fake.advance(20s);
    EXPECT_EQ(provider->questions.size(), 6U) << "nobody needs a token now";

    auto const later = call();
    wait_for_question();
    provider->fail("still down");
    EXPECT_EQ(error_of(later).message, "still down") << "told at the first failure now";
    auto const last = call();
    wait_for_question();
    provider->answer(make_token("john", 2));
    answer_all(200, "{}");
    EXPECT_TRUE(succeeded(last));
}

TEST_F(CallTest, AnotherUsersTokenIsAFailedProviderCallThatSaysSo) {
    auto const waiting = call();
    fake.last_request().answer(401, error_json(40, 401));
    auto const requests = fake.request_count();
    for (int tries = 1; tries < kProviderTriesMax; ++tries) {
        ASSERT_TRUE(provider->answer(make_token("jane")));
        wait_for_question();
    }
    provider->answer(make_token("jane"));
    EXPECT_EQ(error_of(waiting).kind, Kind::TokenProvider);
    EXPECT_THAT(error_of(waiting).message, HasSubstr("another user's token"));
    EXPECT_EQ(fake.request_count(), requests) << "it is never sent";
}

TEST_F(CallTest, WhatIsNoTokenIsAFailedProviderCall) {
    for (std::string_view const text : {"", "a.b", "no token", "e30.e30.e30"}) {
        call();
        fake.last_request().answer(401, error_json(40, 401));
        ASSERT_TRUE(provider->answer(std::string(text)));
        wait_for_question();
        provider->answer(make_token("john", 2));
        answer_all(200, "{}");
    }
    EXPECT_EQ(ended.size(), 4U);
}

TEST_F(CallTest, AHangingProviderIsNotAskedTwiceAndItsLateAnswerCounts) {
    session.disconnect();
    connect(with_provider(), 10min);
    fake.advance(kProviderAnswerMax - 1us);
    EXPECT_FALSE(session.last_error());
    fake.advance(1us);
    EXPECT_EQ(connected.value().error().kind, Kind::TokenProvider);
    EXPECT_EQ(session.state(), SessionState::Offline);

    connect(with_provider());
    provider->answer(make_token("john"));
    greet();
    stay(20s);
    fake.last_socket().text(error_frame(40, 401));
    fake.advance(kProviderAnswerMax - 5s);
    auto const waiting = call();
    fake.advance(5s);
    EXPECT_EQ(error_of(waiting).kind, Kind::TokenProvider);
    EXPECT_EQ(session.state(), SessionState::WaitingForToken);
    auto const questions = provider->questions.size();
    auto const patient = call();
    fake.advance(5s);
    EXPECT_EQ(provider->questions.size(), questions);
    provider->answer(make_token("john", 2));
    answer_all(200, "{}");
    EXPECT_TRUE(succeeded(patient));
    if (!fake.last_socket().is_alive()) {
        ASSERT_TRUE(wait_for_socket());
    }
    greet();
    EXPECT_EQ(session.state(), SessionState::Online);
}

TEST_F(CallTest, AProviderWhoseTokensAreRefusedTimeAndAgainEndsTheSession) {
    call_deadline = 60s;
    auto const waiting = call();
    auto const held = call();
    answer_all(401, error_json(40, 401));  // the one that has worked so far
    for (int tokens = 1; tokens <= UserClient::kRefusedTokensMax; ++tokens) {
        ASSERT_EQ(session.state(), SessionState::WaitingForToken);
        if (!provider->answered) {
            wait_for_question();
        }
        ASSERT_TRUE(provider->answer(make_token("john", tokens)));
        fake.last_socket().fail(Kind::Disconnected);
        ASSERT_TRUE(wait_for_socket());
        refuse_handshake(40, 401);
    }
    EXPECT_EQ(session.state(), SessionState::Failed);
    EXPECT_EQ(listener.error.value().kind, Kind::TokenRefused);
    EXPECT_THAT(listener.error.value().message, HasSubstr("clock"));
    EXPECT_EQ(error_of(waiting).kind, Kind::TokenRefused);
    EXPECT_EQ(error_of(held).kind, Kind::TokenRefused);
    EXPECT_EQ(provider->questions.size(), 1U + UserClient::kRefusedTokensMax);
    fake.advance(60s);
    EXPECT_EQ(provider->questions.size(), 1U + UserClient::kRefusedTokensMax);
    EXPECT_FALSE(fake.last_socket().is_alive());
}

TEST_F(CallTest, OutlastsARevocationOfThisMomentThoughTokensAreDatedBack) {
    for (int round = 0; round < 20; ++round) {
        SCOPED_TRACE(round);
        stay(20s);
        auto const revoked = clock.monotonic();
        fake.last_socket().text(error_frame(40, 401));
        while (session.state() != SessionState::Online) {
            if (!provider->answered) {
                wait_for_question();
            }
            ASSERT_NE(session.state(), SessionState::Failed);
            // Dated back by five seconds, and in whole seconds.
            auto const is_good = clock.monotonic() - revoked >= 6s;
            ASSERT_TRUE(provider->answer(make_token("john")));
            if (is_good) {
                greet();
            } else {
                refuse_handshake(40, 401);
            }
        }
        EXPECT_LE(clock.monotonic() - revoked, 14s);
    }
}

TEST_F(CallTest, ASuccessStartsTheCountOfRefusedTokensAnew) {
    for (int round = 0; round < 3; ++round) {
        auto const index = call();
        fake.last_request().answer(401, error_json(40, 401));
        for (int tokens = 1; tokens < UserClient::kRefusedTokensMax; ++tokens) {
            if (!provider->answered) {
                wait_for_question();
            }
            ASSERT_TRUE(provider->answer(make_token("john", tokens)));
            if (tokens < UserClient::kRefusedTokensMax - 1) {
                fake.last_request().answer(401, error_json(40, 401));
            }
        }
        fake.last_request().answer(200, "{}");
        EXPECT_TRUE(succeeded(index));
    }
    EXPECT_EQ(session.state(), SessionState::Online);
}

TEST_F(CallTest, OneCallIsNotResentForEverThoughOthersSucceed) {
    auto const unlucky = call("GET", "/unlucky");
    fake.last_request().answer(401, error_json(40, 401));
    for (int tokens = 1; tokens <= UserClient::kRefusedTokensMax; ++tokens) {
        ASSERT_FALSE(results[unlucky]);
        ASSERT_TRUE(provider->answer(make_token("john", tokens)));
        auto& resent = fake.last_request();
        call();
        fake.last_request().answer(200, "{}");
        resent.answer(401, error_json(40, 401));
    }
    EXPECT_EQ(error_of(unlucky).kind, Kind::TokenRefused);
    EXPECT_EQ(error_of(unlucky).code, 40);
    EXPECT_NE(session.state(), SessionState::Failed);
}

TEST_F(CallTest, ATokenThatHasExpiredByTheServersClockIsNotSent) {
    auto const old_token = make_token("john", 2, kNow + 1h);
    call();
    fake.last_request().answer(401, error_json(40, 401));
    provider->answer(old_token);
    fake.last_request().answer({.status = 200, .date = kNow + 30min});
    ASSERT_EQ(provider->questions.size(), 2U);
    auto const expiry = 1h - server_clock.skew();  // by this machine's clock
    stay(std::chrono::floor<std::chrono::seconds>(expiry));
    fake.advance(expiry - std::chrono::floor<std::chrono::seconds>(expiry) - 1us);
    call();
    EXPECT_EQ(fake.last_request().field("Authorization"), old_token);
    fake.advance(1us);
    auto const requests = fake.request_count();
    call();
    EXPECT_EQ(fake.request_count(), requests);
    EXPECT_EQ(provider->questions.size(), 3U);
    EXPECT_EQ(session.state(), SessionState::WaitingForToken);
    provider->answer(make_token("john", 3, kNow + 2h));
    EXPECT_EQ(fake.last_request().field("Authorization"), make_token("john", 3, kNow + 2h));
}

TEST_F(CallTest, FreshTokensThatHaveExpiredByTheServersClockCountAsRefused) {
    call_deadline = 60s;
    server_clock.observe_frame(kNow);
    auto const waiting = call();
    fake.last_request().answer(401, error_json(40, 401));
    auto const requests = fake.request_count();
    for (int tokens = 1; tokens <= UserClient::kRefusedTokensMax; ++tokens) {
        if (!provider->answered) {
            wait_for_question();
        }
        provider->answer(make_token("john", -10, kNow - 1s));
    }
    EXPECT_EQ(error_of(waiting).kind, Kind::TokenRefused);
    EXPECT_EQ(fake.request_count(), requests);
    EXPECT_EQ(session.state(), SessionState::Failed);
}

TEST_F(CallTest, AMachineWhoseClockIsWrongSendsItsTokensAllTheSame) {
    session.disconnect();
    clock.advance(2h);  // and nothing of the server is known yet
    connect(with_provider());
    provider->answer(make_token("john", 0, kNow + 1h));
    EXPECT_EQ(fake.socket_count(), 2U);
}

TEST_F(CallTest, ReadsAreRepeatedWhenTheServerSaysSoWithinTheDeadline) {
    for (int const status : {429, 503}) {
        SCOPED_TRACE(status);
        auto const index = call();
        auto const id = fake.last_request().field("x-client-request-id");
        auto const requests = fake.request_count();
        fake.last_request().answer(
            {.status = status, .body = error_json(9, status), .retry_after = 3s});
        fake.advance(3s - 1us);
        EXPECT_EQ(fake.request_count(), requests);
        fake.advance(1us);
        ASSERT_EQ(fake.request_count(), requests + 1);
        EXPECT_EQ(fake.last_request().field("x-client-request-id"), id);
        fake.last_request().answer(200, "{}");
        EXPECT_TRUE(succeeded(index));
    }
}

TEST_F(CallTest, WhatIsNotRepeatedSaysThatARetryMayHelp) {
    struct Row {
        std::string method;
        int status;
        std::optional<std::chrono::seconds> retry_after;
    };
    for (auto const& [method, status, retry_after] :
         {Row{"POST", 429, 1s}, Row{"GET", 429, std::nullopt}, Row{"GET", 429, kDeadline},
          Row{"GET", 503, std::chrono::seconds::max()}, Row{"GET", 500, 1s}}) {
        SCOPED_TRACE(method + std::to_string(status));
        auto const index = call(method);
        fake.last_request().answer(
            {.status = status, .body = error_json(9, status), .retry_after = retry_after});
        EXPECT_EQ(error_of(index).http_status, status);
        EXPECT_TRUE(error_of(index).may_retry);
    }
}

TEST_F(CallTest, RepeatsOnlyWhatDoesNoHarmAfterTheNetworksFailures) {
    struct Row {
        std::string method;
        Kind kind;
        bool sent;
        bool repeated;
    };
    for (auto const& [method, kind, sent, repeated] :
         {Row{"GET", Kind::Disconnected, true, true}, Row{"POST", Kind::Disconnected, true, false},
          Row{"POST", Kind::CannotConnect, false, true}, Row{"GET", Kind::TlsRefused, false, false},
          Row{"GET", Kind::BadAnswer, true, false}, Row{"GET", Kind::TimedOut, true, false}}) {
        SCOPED_TRACE(method);
        auto const index = call(method);
        auto const requests = fake.request_count();
        fake.last_request().fail(kind, sent);
        fake.advance(kCallPauses.max);
        EXPECT_EQ(fake.request_count() > requests, repeated);
        if (repeated) {
            fake.last_request().answer(200, "{}");
            EXPECT_TRUE(succeeded(index));
        } else {
            EXPECT_EQ(error_of(index).kind, kind);
        }
    }
}

TEST_F(CallTest, ACallIsRepeatedAFewTimesAndNoMore) {
    auto const index = call();
    for (int repeats = 0; repeats <= kCallRepeatsMax; ++repeats) {
        ASSERT_FALSE(results[index]);
        fake.last_request().fail(Kind::Disconnected, true);
        fake.advance(kCallPauses.max);
    }
    EXPECT_EQ(error_of(index).kind, Kind::Disconnected);
    EXPECT_EQ(fake.request_count(), 1U + kCallRepeatsMax);
    EXPECT_TRUE(error_of(index).may_retry);
}

TEST_F(CallTest, RequestIdsDiffer) {
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i) {
        call();
        ids.insert(fake.last_request().field("x-client-request-id"));
    }
    EXPECT_EQ(ids.size(), 100U);
}

}  // namespace
}  // namespace latchkey::sdk
