#include "sdk/server_clock.hpp"

#include "support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace latchkey::sdk {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{std::chrono::seconds{1'767'225'600}};

TEST(ServerClock, KnowsNothingBeforeTheServerHasSaidSomething) {
    test::ManualClock const clock(kNow);
    ServerClock const server(clock);
    EXPECT_FALSE(server.now());
    EXPECT_EQ(server.skew(), 0ms);
}

TEST(ServerClock, GoesOnWithThisMachinesClock) {
    test::ManualClock clock(kNow);
    ServerClock server(clock);
    server.observe_frame(kNow - 1h);
    clock.advance(90s);
    EXPECT_EQ(server.now(), kNow - 1h + 90s);
    EXPECT_EQ(server.skew(), -1h);
}

TEST(ServerClock, AFieldDateMovesItOnlyWhereItDoesNotExplainTheDate) {
    struct Row {
        std::chrono::microseconds date;  ///< off `kNow`, which the server's clock shows
        bool moved;
    };
    for (auto const& [date, moved] : {Row{0s, false}, Row{2s, false}, Row{2s + 1us, true},
                                      Row{-3s, false}, Row{-3s - 1us, true}}) {
        SCOPED_TRACE(date.count());
        test::ManualClock const clock(kNow);
        ServerClock server(clock);
        server.observe_frame(kNow);
        server.observe_date(kNow + date);
        EXPECT_EQ(server.now() != kNow, moved);
    }
}

TEST(ServerClock, TakesTheMiddleOfTheSecondThatADateNames) {
    test::ManualClock const clock(kNow);
    ServerClock server(clock);
    server.observe_date(kNow + 1h);
    EXPECT_EQ(server.skew(), 1h + 500ms);
}

}  // namespace
}  // namespace latchkey::sdk
