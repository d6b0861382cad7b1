#include "sdk/provider_thread.hpp"

#include "support/fake_network.hpp"
#include "support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>

namespace latchkey::sdk {
namespace {

constexpr Instant kNow{std::chrono::seconds{1'767'225'600}};

class ProviderThreadTest : public testing::Test {
protected:
    /// What the provider says for `john`, brought back by the network's thread.
    ProvidedToken ask(TokenAsker& asker) {
        std::optional<ProvidedToken> answer;
        asker.ask("john", [&answer](ProvidedToken token) { answer = std::move(token); });
        EXPECT_FALSE(answer);
        EXPECT_TRUE(fake.run_until([&answer] { return answer.has_value(); }));
        return answer.value();
    }

    test::ManualClock clock{kNow};
    test::FakeNetwork fake{clock};
    std::unique_ptr<Network> network = fake.port();
};

TEST_F(ProviderThreadTest, AsksOnAThreadOfItsOwnAndAnswersOnTheNetworks) {
    std::thread::id asked_on;
    ProviderThread thread(
        [&asked_on](std::string_view user_id) -> ProvidedToken {
            asked_on = std::this_thread::get_id();
            return "token of " + std::string(user_id);
        },
        *network);
    EXPECT_EQ(ask(thread), "token of john");
    EXPECT_EQ(ask(thread), "token of john");
    EXPECT_NE(asked_on, std::this_thread::get_id());
}

TEST_F(ProviderThreadTest, AProviderThatThrowsIsOneThatFailed) {
    ProviderThread standard(
        [](std::string_view) -> ProvidedToken { throw std::runtime_error("no backend"); },
        *network);
    EXPECT_EQ(ask(standard).error(), "the token provider threw: no backend");
    ProviderThread other([](std::string_view) -> ProvidedToken { throw 7; }, *network);
    EXPECT_EQ(ask(other).error(), "the token provider threw");
}

TEST_F(ProviderThreadTest, TheProviderIsGoneWithItWhereItWasNotInItsCall) {
    auto const captured = std::make_shared<int>();
    {
        ProviderThread asked([captured](std::string_view) -> ProvidedToken { return "t"; },
                             *network);
        ProviderThread const never_asked(
            [captured](std::string_view) -> ProvidedToken { return "t"; }, *network);
        EXPECT_EQ(ask(asked), "t");
    }
    EXPECT_EQ(captured.use_count(), 1);
}

TEST_F(ProviderThreadTest, DoesNotWaitForAProviderThatHangsAndItsLateAnswerGoesNowhere) {
    struct Gate {
        std::promise<void> entered;
        std::promise<void> leave;
    };
    auto const gate = std::make_shared<Gate>();
    auto answered = false;
    {
        ProviderThread thread(
            [gate](std::string_view) -> ProvidedToken {
                gate->entered.set_value();
                gate->leave.get_future().wait();
                return "late";
            },
            *network);
        thread.ask("john", [&answered](ProvidedToken const&) { answered = true; });
        gate->entered.get_future().wait();
    }
    network.reset();  // the thread outlives the network too
    gate->leave.set_value();
    fake.run();
    EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace latchkey::sdk
