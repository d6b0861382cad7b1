#include "support/fake_network.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace latchkey::sdk {
namespace {

using namespace latchkey::test;
using namespace std::chrono_literals;

constexpr Instant kNow{std::chrono::seconds{1'767'225'600}};

class RecordingHandler final : public SocketHandler {
public:
    void on_open() override { events.emplace_back("open"); }
    void on_text(std::string_view text) override { events.emplace_back(text); }
    void on_closed(std::optional<std::uint16_t> code, Failure const& failure) override {
        events.push_back(code ? "closed " + std::to_string(*code)
                              : "failed " + std::to_string(static_cast<int>(failure.kind)));
    }
    std::vector<std::string> events;
};

class FakeNetworkTest : public testing::Test {
protected:
    ManualClock clock{kNow};
    FakeNetwork fake{clock};
    std::unique_ptr<Network> network = fake.port();
    std::vector<std::string> events;
};

TEST_F(FakeNetworkTest, RunsWhatAnotherThreadPosts) {
    std::jthread const other([this] { network->post([this] { events.emplace_back("task"); }); });
    EXPECT_TRUE(fake.run_until([this] { return events.size() == 1; }));
}

TEST_F(FakeNetworkTest, AnswersARequestOnceAndTimesOutOnlyOneThatWaits) {
    auto const deadline = clock.monotonic() + 10s;
    for (int i = 0; i < 2; ++i) {
        network->send({.method = "GET", .target = "/"}, deadline,
                      [this](auto result) { events.push_back(result ? result->body : "failed"); });
    }
    EXPECT_TRUE(fake.request(0).answer(200, "fine"));
    EXPECT_FALSE(fake.request(0).answer(200, "again"));
    fake.advance(9'999'999us);
    EXPECT_EQ(events, (std::vector<std::string>{"fine"}));
    fake.advance(1us);
    EXPECT_EQ(events, (std::vector<std::string>{"fine", "failed"}));
}

TEST_F(FakeNetworkTest, CallsWaitsInTheOrderInWhichTheyAreDueButNotDestroyedOnes) {
    auto const now = clock.monotonic();
    auto const late = network->wait_until(now + 2s, [this] { events.emplace_back("late"); });
    auto dropped = network->wait_until(now + 1s, [this] { events.emplace_back("dropped"); });
    auto const early = network->wait_until(now + 1s, [&, this] {
        EXPECT_EQ(clock.monotonic(), now + 1s);
        events.emplace_back("early");
    });
    dropped.reset();
    fake.advance(5s);
    EXPECT_EQ(events, (std::vector<std::string>{"early", "late"}));
    EXPECT_EQ(clock.monotonic(), now + 5s);
}

TEST_F(FakeNetworkTest, TellsASocketsHandlerNothingOnceTheSocketIsGone) {
    RecordingHandler handler;
    auto socket = network->open_socket("/connect", clock.monotonic() + 10s, handler);
    fake.last_socket().open();
    fake.last_socket().text("hello");
    socket->send_text("hi");
    fake.advance(20s);
    socket.reset();
    EXPECT_FALSE(fake.last_socket().text("lost"));
    EXPECT_EQ(handler.events, (std::vector<std::string>{"open", "hello"}));
    EXPECT_EQ(fake.last_socket().sent(), std::vector<std::string>{"hi"});
}

TEST_F(FakeNetworkTest, DropsEverythingWhenItStops) {
    network->post([this] { events.emplace_back("task"); });
    network->send({.method = "GET", .target = "/"}, clock.monotonic() + 1s,
                  [this](auto) { events.emplace_back("answer"); });
    network->stop();
    fake.advance(5s);
    EXPECT_TRUE(events.empty());
}

}  // namespace
}  // namespace latchkey::sdk
