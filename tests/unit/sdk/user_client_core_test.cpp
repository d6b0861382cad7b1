#include "sdk/user_client_core.hpp"

#include "session_fixture.hpp"

#include <coroutine>
#include <future>
#include <stdexcept>
#include <thread>

namespace latchkey::sdk {
namespace {

using testing::ElementsAre;

using Kind = Error::Kind;

/// A coroutine that nobody waits for.
struct Detached {
    struct promise_type {
        Detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

class UserClientCoreTest : public testing::Test {
protected:
    static UserClient::Options options(std::string key, std::chrono::milliseconds deadline) {
        UserClient::Options made;
        made.api_key = std::move(key);
        made.connection.deadline = deadline;
        return made;
    }
    /// A core whose network's thread is this one.
    std::unique_ptr<UserClientCore> make_core() {
        return std::make_unique<UserClientCore>(options("key", 10s), fake.port(), clock, random);
    }
    void go_online() {
        auto connecting = core->connect_user({.id = "john"}, make_token("john"));
        fake.run();
        greet();
        ASSERT_TRUE(std::move(connecting).get());
    }
    void greet() {
        ASSERT_TRUE(fake.last_socket().open());
        ASSERT_TRUE(fake.last_socket().text(greeting("john")));
    }

    test::ManualClock clock{kNow};
    test::SeededRandom random;
    test::FakeNetwork fake{clock};
    std::unique_ptr<UserClientCore> core = make_core();
};

TEST_F(UserClientCoreTest, BringsCallsToTheSessionAndResultsBack) {
    go_online();
    EXPECT_EQ(core->state(), SessionState::Online);
    auto call = core->call({.method = "GET", .path = "/api/v2/app"});
    fake.run();
    fake.last_request().answer(200, "the body");
    EXPECT_EQ(std::move(call).get().value(), "the body");
    auto disconnecting = core->disconnect();
    fake.run();
    EXPECT_TRUE(std::move(disconnecting).get());
    EXPECT_EQ(core->state(), SessionState::Offline);
}

TEST_F(UserClientCoreTest, TheDeadlineOfACallCountsFromTheCall) {
    go_online();
    auto const begin = clock.monotonic();
    auto const call = core->call({.method = "GET", .path = "/"});
    clock.advance(1s);  // before the network's thread gets to it
    fake.run();
    EXPECT_EQ(fake.last_request().deadline(), begin + 10s);
}

TEST_F(UserClientCoreTest, AsksTheApplicationsProviderForTokens) {
    auto connecting = core->connect_user(
        {.id = "john"},
        [](std::string_view user_id) -> ProvidedToken { return make_token(user_id); });
    ASSERT_TRUE(fake.run_until([this] { return fake.socket_count() == 1; }));
    greet();
    EXPECT_EQ(std::move(connecting).get()->id, "john");
    auto second = core->connect_user({.id = "john"}, TokenProvider());
    fake.run();
    EXPECT_EQ(std::move(second).get().error().kind, Kind::InvalidArgument);
}

TEST_F(UserClientCoreTest, TellsHandlersOfStatesAndOfTheEventsTheyAskedFor) {
    std::vector<SessionState> states;
    std::vector<std::string> updates;
    std::vector<std::string> all;
    core->on_state([&states](SessionState state) { states.push_back(state); });
    core->on("user.updated", [&updates](Event const& event) { updates.push_back(event.json); });
    core->on("", [&all](Event const& event) { all.push_back(event.type); });
    go_online();
    std::string const update = R"({"type":"user.updated","user":{"id":"john"}})";
    fake.last_socket().text(update);
    fake.last_socket().text(R"({"type":"health.check"})");
    fake.last_socket().text(error_frame(5, 401));
    EXPECT_THAT(states,
                ElementsAre(SessionState::Connecting, SessionState::Online, SessionState::Failed));
    EXPECT_THAT(updates, ElementsAre(update));
    EXPECT_THAT(all, ElementsAre("user.updated", "health.check"));
    EXPECT_EQ(core->last_error().value().code, 5);
}

TEST_F(UserClientCoreTest, AHandlerMayCallTheClientButNotWaitForIt) {
    go_online();
    std::optional<Result<std::string>> waited;
    std::optional<Call<std::string>> started;
    core->on("user.updated", [&](Event const&) {
        EXPECT_EQ(core->state(), SessionState::Online);
        core->on("other", [](Event const&) {});
        waited = core->call({.method = "GET", .path = "/waited"}).get();
        started = core->call({.method = "GET", .path = "/started"});
    });
    fake.last_socket().text(R"({"type":"user.updated"})");
    EXPECT_EQ(waited.value().error().kind, Kind::InvalidArgument);
    fake.run();
    fake.last_request().answer(200, "{}");
    EXPECT_TRUE((*std::move(started)).get());
}

TEST_F(UserClientCoreTest, AwaitedCallsGoOnOnTheClientsThread) {
    go_online();
    std::optional<std::string> body;
    auto const await = [](Call<std::string> call, std::optional<std::string>* out) -> Detached {
        *out = (co_await std::move(call)).value();
    };
    await(core->call({.method = "GET", .path = "/"}), &body);
    fake.run();
    EXPECT_FALSE(body);
    fake.last_request().answer(200, "{}");
    EXPECT_EQ(body, "{}");
}

Detached note_state_after(Call<User> connecting, UserClientCore const* core,
                          std::vector<SessionState>* states) {
    (void)co_await std::move(connecting);
    states->push_back(core->state());
}

TEST_F(UserClientCoreTest, WhoHearsHowConnectingEndedFindsTheStateOfIt) {
    std::vector<SessionState> states;
    note_state_after(core->connect_user({.id = "john"}, make_token("john")), core.get(), &states);
    fake.run();
    greet();
    (void)core->disconnect();
    note_state_after(core->connect_user({.id = "john"}, make_token("john")), core.get(), &states);
    fake.run();
    ASSERT_TRUE(fake.last_socket().open());
    ASSERT_TRUE(fake.last_socket().text(error_frame(5, 401)));
    EXPECT_THAT(states, ElementsAre(SessionState::Online, SessionState::Failed));
}

TEST_F(UserClientCoreTest, EverythingThatWaitsEndsWithStoppedWhereTheClientIsDestroyed) {
    auto handled = 0;
    core->on_state([&handled](SessionState) { ++handled; });
    auto connecting = core->connect_user({.id = "john"}, make_token("john"));
    fake.run();
    auto sent = core->call({.method = "GET", .path = "/sent"});
    fake.run();
    auto posted = core->call({.method = "GET", .path = "/posted"});
    auto const handled_before = handled;
    core.reset();
    EXPECT_EQ(std::move(connecting).get().error().kind, Kind::Stopped);
    EXPECT_EQ(std::move(sent).get().error().kind, Kind::Stopped);
    EXPECT_EQ(std::move(posted).get().error().kind, Kind::Stopped);
    EXPECT_EQ(handled, handled_before) << "no handler runs afterwards";
}

TEST_F(UserClientCoreTest, ItsDestructionDoesNotWaitForAProviderThatHangs) {
    struct Gate {
        std::promise<void> entered;
        std::promise<void> leave;
    };
    auto const gate = std::make_shared<Gate>();
    auto connecting = core->connect_user({.id = "john"}, [gate](std::string_view) -> ProvidedToken {
        gate->entered.set_value();
        gate->leave.get_future().wait();
        return make_token("john");
    });
    fake.run();
    gate->entered.get_future().wait();
    core.reset();
    EXPECT_EQ(std::move(connecting).get().error().kind, Kind::Stopped);
    gate->leave.set_value();
}

TEST_F(UserClientCoreTest, MayBeUsedFromSeveralThreadsAtOnce) {
    go_online();
    constexpr int kThreads = 4;
    constexpr int kCallsEach = 50;
    std::atomic<int> succeeded = 0;
    std::atomic<int> ready = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(kThreads);
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([this, &succeeded, &ready] {
                for (int j = 0; j < kCallsEach; ++j) {
                    auto call = core->call({.method = "GET", .path = "/"});
                    core->on("x", [](Event const&) {});
                    (void)core->last_error();
                    (void)core->clock_skew();
                    if (std::move(call).get() && core->state() == SessionState::Online) {
                        ++succeeded;
                    }
                }
                ++ready;
            });
        }
        std::size_t answered = 0;
        ASSERT_TRUE(fake.run_until([&] {
            while (answered < fake.request_count()) {
                fake.request(answered++).answer({.status = 200, .date = kNow});
            }
            return answered == std::size_t{kThreads} * kCallsEach;
        }));
    }
    EXPECT_EQ(ready, kThreads);
    EXPECT_EQ(succeeded, kThreads * kCallsEach);
}

TEST_F(UserClientCoreTest, RefusesKeysAndDeadlinesThatCannotBe) {
    auto const make = [this](std::string key, std::chrono::milliseconds deadline) {
        UserClientCore const made(options(std::move(key), deadline), fake.port(), clock, random);
    };
    EXPECT_NO_THROW(make("key", 1ms));
    EXPECT_THROW(make("", 1s), std::invalid_argument);
    EXPECT_THROW(make("k&y", 1s), std::invalid_argument);
    EXPECT_THROW(make("key", 0ms), std::invalid_argument);
    EXPECT_NO_THROW(make("key", 24h));
    EXPECT_THROW(make("key", 24h + 1ms), std::invalid_argument);
}

}  // namespace
}  // namespace latchkey::sdk
