#include <latchkey/sdk/server_client.hpp>

#include "sdk/server_core.hpp"
#include "support/fake_network.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"

#include <latchkey/token/verifier.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <concepts>
#include <coroutine>
#include <regex>
#include <set>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

namespace latchkey::sdk {
namespace {

using namespace std::chrono_literals;
using test::FakeNetwork;
using test::ManualClock;
using test::SeededRandom;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

static_assert(std::same_as<latchkey::ServerClient, ServerClient>);

constexpr Instant kNow{1'767'225'600s};
constexpr std::string_view kSecret = "a-secret-of-tests-that-is-long-enough";
constexpr std::string_view kApp = R"({"app":{"id":1},"duration":"1ms"})";
constexpr std::string_view kJohn = R"({"id":"john","role":"user","created_at":1700000000000000000,)"
                                   R"("updated_at":1700000000000000000})";
constexpr std::string_view kRateLimited =
    R"({"code":9,"message":"GetApp failed with error: \"too many requests\"","StatusCode":429,)"
    R"("duration":"0ms","more_info":"","details":[]})";

ServerClient::Options options(std::chrono::milliseconds deadline = 10s) {
    return {.api_key = "key-1",
            .api_secret = Secret(std::string(kSecret)),
            .connection = {.base_url = "http://localhost", .deadline = deadline}};
}

class ServerClientTest : public testing::Test {
protected:
    [[nodiscard]] ServerClient make_client(std::chrono::milliseconds deadline = 10s) {
        return ServerClient(std::make_unique<ServerClient::Core>(to_parts(options(deadline)),
                                                                 fake.port(), clock, random));
    }
    /// Sends what waits for its pause.
    void pass_pause() { fake.advance(5s); }

    ManualClock clock{kNow};
    SeededRandom random;
    FakeNetwork fake{clock};
};

/// A coroutine that nobody waits for.
struct Started {
    struct promise_type {
        Started get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

TEST_F(ServerClientTest, SaysOnEveryRequestWhoCallsAndWithWhat) {
    auto client = make_client();
    auto call = client.get_app();
    fake.run();
    ASSERT_EQ(fake.request_count(), 1U);
    auto const& request = fake.request(0);
    EXPECT_EQ(request.method(), "GET");
    EXPECT_EQ(request.target(), "/api/v2/app?api_key=key-1");
    EXPECT_EQ(request.field("stream-auth-type"), "jwt");
    EXPECT_THAT(request.field("X-Stream-Client"), HasSubstr("latchkey-cpp-"));
    EXPECT_TRUE(std::regex_match(
        request.field("x-client-request-id"),
        std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")));
    EXPECT_EQ(request.deadline(), clock.monotonic() + 10s);
    token::HmacKey const key(kSecret);
    token::Verifier verifier;
    auto const verified = verifier.verify(
        *token::CompactToken::parse(request.field("Authorization")), std::span(&key, 1));
    ASSERT_TRUE(verified.has_value());
    auto const* const server = std::get_if<token::ServerClaims>(&verified->claims);
    ASSERT_NE(server, nullptr);
    EXPECT_EQ(server->dates, token::TokenDates());  // a clock that is wrong does no harm
    fake.request(0).answer(200, std::string(kApp));
    EXPECT_EQ(std::move(call).get(), R"({"id":1})");
}

TEST_F(ServerClientTest, DrawsARequestIdForEachCall) {
    auto client = make_client();
    auto const first = client.get_app();
    auto const second = client.get_app();
    fake.run();
    EXPECT_NE(fake.request(0).field("x-client-request-id"),
              fake.request(1).field("x-client-request-id"));
}

TEST_F(ServerClientTest, YieldsUsersThatItChanged) {
    auto client = make_client();
    auto call = client.revoke_user_token("john", kNow);
    fake.run();
    EXPECT_THAT(fake.request(0).body(), HasSubstr("2026-01-01T00:00:00.000000Z"));
    fake.request(0).answer(200, R"({"users":{"john":)" + std::string(kJohn) + "}}");
    auto const user = std::move(call).get();
    ASSERT_TRUE(user.has_value());
    EXPECT_EQ(user->id, "john");
}

TEST_F(ServerClientTest, UndoesRevocationsByAnExplicitNull) {
    auto client = make_client();
    std::vector<std::string> const john = {"john"};
    auto const one = client.undo_user_token_revocation("john");
    auto const also_one = client.revoke_user_token("john", std::nullopt);
    auto const list = client.undo_users_token_revocation(john);
    auto const app = client.undo_tokens_revocation();
    auto const also_app = client.revoke_tokens(std::nullopt);
    fake.run();
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(fake.request(i).body(),
                  R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":null}}]})");
    }
    for (std::size_t i = 3; i < 5; ++i) {
        EXPECT_EQ(fake.request(i).target(), "/api/v2/app?api_key=key-1");
        EXPECT_EQ(fake.request(i).body(), R"({"revoke_tokens_issued_before":null})");
    }
}

TEST_F(ServerClientTest, AsksEachOperationWithItsRequestAndReadsItsAnswer) {
    auto client = make_client();
    std::vector<std::string> const ids = {"john"};
    std::vector<UserRequest> const users = {{.id = "john"}};
    std::vector<UserPatch> const patches = {{.id = "john", .unset = {"name"}}};
    std::string const user(kJohn);
    std::string const map = R"({"users":{"john":)" + user + "}}";
    std::string const one = "{\"user\":" + user + '}';
    std::string const task = R"({"task_id":"t"})";
    auto const check = [&](auto call, std::string_view start, std::string const& answer) {
        fake.run();
        auto& request = fake.last_request();
        EXPECT_TRUE((request.method() + ' ' + request.target()).starts_with(start))
            << request.target();
        EXPECT_TRUE(request.answer(201, answer)) << start;
        EXPECT_TRUE(std::move(call).get().has_value()) << start;
    };
    check(client.upsert_users(users), "POST /api/v2/users?", map);
    check(client.update_users_partial(patches), "PATCH /api/v2/users?", map);
    check(client.query_users(), "GET /api/v2/users?payload=", R"({"users":[]})");
    check(client.deactivate_user("john"), "POST /api/v2/users/john/deactivate?", one);
    check(client.reactivate_user("john"), "POST /api/v2/users/john/reactivate?", one);
    check(client.export_user("john"), "GET /api/v2/users/john/export?", one);
    check(client.create_guest({.id = "tom"}), "POST /api/v2/guest?",
          "{\"user\":" + user + R"(,"access_token":"a.b.c"})");
    check(client.deactivate_users(ids), "POST /api/v2/users/deactivate?", task);
    check(client.reactivate_users(ids), "POST /api/v2/users/reactivate?", task);
    check(client.delete_users(ids), "POST /api/v2/users/delete?", task);
    check(client.get_task("t"), "GET /api/v2/tasks/t?",
          R"({"task_id":"t","status":"completed","created_at":1,"updated_at":1})");
    check(client.restore_users(ids), "POST /api/v2/users/restore?", "{}");
    check(client.revoke_users_token(ids, kNow), "PATCH /api/v2/users?", map);
    check(client.revoke_tokens(kNow), "PATCH /api/v2/app?", "{}");
    check(client.update_app(R"({"name":"x"})"), "PATCH /api/v2/app?", "{}");
}

TEST_F(ServerClientTest, SendsNothingWhereAnArgumentCannotBe) {
    auto client = make_client();
    auto const result = client.revoke_users_token({}, kNow).get();
    fake.run();
    EXPECT_EQ(fake.request_count(), 0U);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, Error::Kind::InvalidArgument);
}

TEST_F(ServerClientTest, YieldsTheServersErrorsAsValues) {
    auto client = make_client();
    auto call = client.get_app();
    fake.run();
    fake.request(0).answer(
        401, R"({"code":43,"message":"GetApp failed","StatusCode":401,"details":[]})");
    auto const result = std::move(call).get();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, Error::Kind::Api);
    EXPECT_EQ(result.error().code, 43);
    EXPECT_EQ(result.error().http_status, 401);
    EXPECT_EQ(result.error().message, "GetApp failed");
    EXPECT_EQ(result.error().request_id, fake.request(0).field("x-client-request-id"));
    EXPECT_FALSE(result.error().may_retry);
}

TEST_F(ServerClientTest, YieldsABadAnswerWhereASuccessHasNotItsShape) {
    auto client = make_client();
    auto call = client.get_app();
    fake.run();
    fake.request(0).answer(200, "<html>");
    auto const result = std::move(call).get();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, Error::Kind::BadAnswer);
    EXPECT_EQ(result.error().request_id, fake.request(0).field("x-client-request-id"));
}

TEST_F(ServerClientTest, YieldsABadAnswerWhereAnErrorHasNotItsShape) {
    auto client = make_client();
    for (std::string_view const body :
         {"", "[]", "{}", "<html>", R"({"code":"40"})", R"({"code":-9223372036854775808})",
          R"({"code":18446744073709551615})", R"({"code":1e3})", R"({"code":null,"message":1})"}) {
        auto call = client.get_app();
        fake.run();
        fake.last_request().answer(400, std::string(body));
        auto const result = std::move(call).get();
        ASSERT_FALSE(result.has_value()) << body;
        EXPECT_EQ(result.error().kind, Error::Kind::BadAnswer) << body;
        EXPECT_EQ(result.error().http_status, 400);
    }
}

TEST_F(ServerClientTest, RepeatsAReadThatMayGoWellLaterWithTheSameRequestId) {
    auto client = make_client();
    auto call = client.get_app();
    fake.run();
    fake.request(0).answer(503, "");
    pass_pause();
    ASSERT_EQ(fake.request_count(), 2U);
    EXPECT_EQ(fake.request(0).field("x-client-request-id"),
              fake.request(1).field("x-client-request-id"));
    EXPECT_EQ(fake.request(1).deadline(), fake.request(0).deadline());
    fake.request(1).answer(200, std::string(kApp));
    EXPECT_TRUE(std::move(call).get().has_value());
}

TEST_F(ServerClientTest, RepeatsWritesThatLeaveTheSameBehindAlsoWhereTheyMayHaveBeenDone) {
    auto client = make_client();
    auto const revoked = client.revoke_user_token("john", kNow);
    auto const deactivated = client.deactivate_user("john");
    fake.run();
    EXPECT_TRUE(fake.request(0).repeatable());
    fake.request(0).fail(Error::Kind::Disconnected, true);
    fake.request(1).fail(Error::Kind::Disconnected, true);
    pass_pause();
    EXPECT_EQ(fake.request_count(), 4U);
}

TEST_F(ServerClientTest, RepeatsTheCreationOfAGuestOnlyWhereTheServerCannotHaveSeenIt) {
    auto client = make_client();
    auto unsent = client.create_guest({.id = "tom"});
    fake.run();
    EXPECT_FALSE(fake.request(0).repeatable());
    fake.request(0).fail(Error::Kind::CannotConnect, false);
    pass_pause();
    EXPECT_EQ(fake.request_count(), 2U);
    fake.request(1).fail(Error::Kind::Disconnected, true);
    auto const result = std::move(unsent).get();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, Error::Kind::Disconnected);

    auto answered = client.create_guest({.id = "tom"});
    fake.run();
    fake.request(2).answer(503, "");
    EXPECT_FALSE(std::move(answered).get().has_value());
}

TEST_F(ServerClientTest, NeverRepeatsWhatWouldBeAnsweredTheSame) {
    auto client = make_client();
    for (int const status : {301, 400, 401, 403, 404, 413, 500}) {
        auto call = client.get_app();
        fake.run();
        fake.last_request().answer(status, R"({"code":4,"message":"no"})");
        auto const result = std::move(call).get();
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().http_status, status);
    }
    EXPECT_EQ(fake.request_count(), 7U);
    auto refused = client.get_app();
    fake.run();
    fake.last_request().fail(Error::Kind::TlsRefused, false);
    EXPECT_EQ(std::move(refused).get().error().kind, Error::Kind::TlsRefused);
}

TEST_F(ServerClientTest, WaitsAsLongAsTheServerAsksFor) {
    auto client = make_client();
    auto call = client.get_app();
    fake.run();
    auto const start = clock.monotonic();
    fake.request(0).answer({.status = 429, .body = std::string(kRateLimited), .retry_after = 3s});
    ASSERT_EQ(fake.waits().size(), 1U);
    EXPECT_GE(fake.waits()[0], start + 3s);
    EXPECT_LE(fake.waits()[0], start + 3s + kRepeatPauses.first);
    fake.advance(3s + kRepeatPauses.first);
    ASSERT_EQ(fake.request_count(), 2U);
    fake.request(1).answer(200, std::string(kApp));
    EXPECT_TRUE(std::move(call).get().has_value());
}

TEST_F(ServerClientTest, AnswersAtOnceWhereTheNextTryWouldComeBehindTheDeadline) {
    auto client = make_client();
    for (auto const wait : {10s, 3600s, std::chrono::seconds::max()}) {
        auto call = client.get_app();
        fake.run();
        fake.last_request().answer(
            {.status = 429, .body = std::string(kRateLimited), .retry_after = wait});
        auto const result = std::move(call).get();
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().code, 9);
        EXPECT_TRUE(result.error().may_retry);
    }
    EXPECT_TRUE(fake.waits().empty());
}

TEST_F(ServerClientTest, TakesANegativeRetryAfterForNone) {
    auto client = make_client();
    auto const call = client.get_app();
    fake.run();
    fake.request(0).answer({.status = 429, .retry_after = -5s});
    ASSERT_EQ(fake.waits().size(), 1U);
    EXPECT_GE(fake.waits()[0], clock.monotonic());
}

TEST_F(ServerClientTest, PausesLongerFromOneRepeatToTheNext) {
    auto client = make_client(1h);
    auto const call = client.get_app();
    fake.run();
    auto bound = kRepeatPauses.first;
    for (int i = 1; i < kSendsMax; ++i) {
        fake.last_request().answer(503, "");
        ASSERT_EQ(fake.waits().size(), 1U);
        EXPECT_LE(fake.waits()[0], clock.monotonic() + bound);
        bound = std::min(bound * 2, kRepeatPauses.max);
        pass_pause();
        ASSERT_EQ(fake.request_count(), static_cast<std::size_t>(i) + 1);
    }
}

TEST_F(ServerClientTest, SendsACallNoMoreThanSoOften) {
    auto client = make_client(1h);
    auto call = client.get_app();
    fake.run();
    for (int i = 0; i < kSendsMax; ++i) {
        fake.last_request().answer(503, "");
        pass_pause();
    }
    EXPECT_EQ(fake.request_count(), static_cast<std::size_t>(kSendsMax));
    auto const result = std::move(call).get();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().http_status, 503);
    EXPECT_TRUE(result.error().may_retry);
}

TEST_F(ServerClientTest, EndsWithItsDeadlineWhereNobodyAnswers) {
    auto client = make_client(10s);
    auto call = client.get_app();
    fake.advance(10s - 1us);
    EXPECT_FALSE(call.await_ready());
    fake.advance(1us);
    EXPECT_EQ(std::move(call).get().error().kind, Error::Kind::TimedOut);
}

TEST_F(ServerClientTest, EndsWithinItsDeadlineWhereEachTryFails) {
    auto client = make_client(10s);
    auto call = client.get_app();
    fake.run();
    while (!call.await_ready()) {
        fake.last_request().fail(Error::Kind::CannotConnect, false);
        fake.advance(100ms);
        ASSERT_LE(clock.now(), kNow + 10s);
    }
    EXPECT_GT(fake.request_count(), 3U);
    EXPECT_EQ(std::move(call).get().error().kind, Error::Kind::CannotConnect);
}

TEST_F(ServerClientTest, ResumesACoroutineThatAwaitsACall) {
    auto client = make_client();
    std::vector<std::string> seen;
    auto const ask = [](ServerClient* asked, std::vector<std::string>* out) -> Started {
        auto const app = co_await asked->get_app();
        out->push_back(app.value_or("failed"));
        auto const user = co_await asked->deactivate_user("john");
        out->push_back(user ? user->id : "failed");
        auto const refused = co_await asked->deactivate_user("j hn");
        out->push_back(refused ? "done" : refused.error().message);
    };
    ask(&client, &seen);
    EXPECT_TRUE(seen.empty());
    fake.run();
    fake.request(0).answer(200, std::string(kApp));
    fake.run();
    fake.request(1).answer(201, "{\"user\":" + std::string(kJohn) + '}');
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0], R"({"id":1})");
    EXPECT_EQ(seen[1], "john");
    EXPECT_THAT(seen[2], HasSubstr("user id"));
}

TEST_F(ServerClientTest, RefusesToBlockItsOwnThread) {
    auto client = make_client();
    std::optional<Error> refused;
    auto const ask = [](ServerClient* asked, std::optional<Error>* out) -> Started {
        auto const app = co_await asked->get_app();  // goes on on the client's own thread
        *out = asked->get_app().get().error();
    };
    ask(&client, &refused);
    fake.run();
    fake.request(0).answer(200, std::string(kApp));
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->kind, Error::Kind::InvalidArgument);
    EXPECT_THAT(refused->message, HasSubstr("own thread"));
}

TEST_F(ServerClientTest, StopsCallsUnderWayWhenItIsDestroyed) {
    std::optional<ServerClient> client(make_client());
    auto sent = client->get_app();
    auto pausing = client->get_app();
    fake.run();
    fake.request(1).answer(503, "");
    auto posted = client->get_app();
    client.reset();
    for (auto* const call : {&sent, &pausing, &posted}) {
        auto const result = std::move(*call).get();
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().kind, Error::Kind::Stopped);
        EXPECT_NE(result.error().request_id, "");
    }
    EXPECT_TRUE(fake.is_stopped());
}

TEST_F(ServerClientTest, KeepsItsCallsWhenItIsMoved) {
    auto client = make_client();
    auto call = client.get_app();
    auto moved = std::move(client);
    fake.run();
    fake.request(0).answer(200, std::string(kApp));
    EXPECT_TRUE(std::move(call).get().has_value());
    EXPECT_TRUE(moved.create_token("john").has_value());
}

TEST_F(ServerClientTest, BoundsTheCallsUnderWay) {
    auto client = make_client();
    std::vector<Call<std::string>> calls;
    calls.reserve(ServerClient::kCallsMax);
    for (std::size_t i = 0; i < ServerClient::kCallsMax; ++i) {
        calls.push_back(client.get_app());
    }
    auto const refused = client.get_app().get();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, Error::Kind::TooManyCalls);
    EXPECT_TRUE(refused.error().may_retry);
    fake.run();
    EXPECT_EQ(fake.request_count(), ServerClient::kCallsMax);
    fake.request(0).answer(200, std::string(kApp));
    EXPECT_FALSE(client.get_app().await_ready());
}

TEST_F(ServerClientTest, ServesSeveralThreads) {
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kCallsEach = 50;
    auto client = make_client();
    std::atomic<std::size_t> good = 0;
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (std::size_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([&client, &good] {
            for (std::size_t k = 0; k < kCallsEach; ++k) {
                auto const token = client.create_token("john");
                auto const app = client.get_app().get();
                if (app && token && client.verify_token(*token)) {
                    ++good;
                }
            }
        });
    }
    std::size_t answered = 0;
    ASSERT_TRUE(fake.run_until([&] {
        for (; answered < fake.request_count(); ++answered) {
            fake.request(answered).answer(200, std::string(kApp));
        }
        return answered == kThreads * kCallsEach;
    }));
    threads.clear();
    EXPECT_EQ(good, kThreads * kCallsEach);
}

TEST_F(ServerClientTest, KeepsItsSecretOutOfEveryError) {
    auto client = make_client();
    auto call = client.get_app();
    fake.run();
    fake.request(0).fail(Error::Kind::Disconnected, true);
    fake.advance(20s);
    std::vector<Error> const errors = {
        std::move(call).get().error(), client.create_token("a b").error(),
        client.verify_token("a.b.c").error(), client.deactivate_user("").get().error()};
    auto const token = fake.request(0).field("Authorization");
    for (auto const& error : errors) {
        EXPECT_THAT(error.message, AllOf(Not(HasSubstr(kSecret)), Not(HasSubstr(token))));
    }
}

TEST(ToParts, WantsAKeyASecretAndADeadline) {
    auto const refused = [](auto change) {
        auto changed = options();
        change(changed);
        try {
            static_cast<void>(to_parts(changed));
            return false;
        } catch (std::invalid_argument const&) {
            return true;
        }
    };
    EXPECT_FALSE(refused([](auto&) {}));
    EXPECT_FALSE(refused([](auto& o) { o.connection.deadline = 1ms; }));
    EXPECT_FALSE(refused([](auto& o) { o.connection.deadline = ServerClient::kDeadlineMax; }));
    EXPECT_TRUE(refused([](auto& o) { o.connection.deadline = 0ms; }));
    EXPECT_TRUE(refused([](auto& o) { o.connection.deadline = ServerClient::kDeadlineMax + 1ms; }));
    EXPECT_TRUE(refused([](auto& o) { o.api_key = ""; }));
    EXPECT_TRUE(refused([](auto& o) { o.api_key = "a&b"; }));
    EXPECT_TRUE(refused([](auto& o) { o.api_secret = Secret(""); }));
}

TEST(ReadServerOptions, TakesThreeVariablesAndNamesEachThatIsMissing) {
    using Variables = std::map<std::string, std::string>;
    auto const read = [](Variables const& variables) {
        return read_server_options([&variables](std::string const& name) {
            auto const found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        });
    };
    auto const refusal = [&read](Variables const& variables) {
        try {
            static_cast<void>(read(variables));
            return std::string();
        } catch (std::invalid_argument const& error) {
            return std::string(error.what());
        }
    };
    Variables const all = {{"STREAM_API_KEY", "key-1"},
                           {"STREAM_API_SECRET", std::string(kSecret)},
                           {"STREAM_BASE_URL", "http://localhost"}};
    auto const options = read(all);
    EXPECT_EQ(options.api_key, "key-1");
    EXPECT_EQ(options.api_secret.reveal(), kSecret);
    EXPECT_EQ(options.connection.base_url, "http://localhost");
    for (auto const& [name, value] : all) {
        auto without = all;
        without.erase(name);
        EXPECT_EQ(refusal(without), "not set in the environment: " + name);
        without[name] = "";
        EXPECT_EQ(refusal(without), "not set in the environment: " + name);
    }
    EXPECT_EQ(refusal({}),
              "not set in the environment: STREAM_API_KEY, STREAM_API_SECRET, STREAM_BASE_URL");
}

}  // namespace
}  // namespace latchkey::sdk
