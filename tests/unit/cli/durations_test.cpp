#include "cli/durations.hpp"

#include <gtest/gtest.h>

namespace latchkey::cli {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, ReadsANumberAndItsUnit) {
    EXPECT_EQ(parse_duration("0s"), 0s);
    EXPECT_EQ(parse_duration("90s"), 90s);
    EXPECT_EQ(parse_duration("30m"), 30min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("7d"), 168h);
    EXPECT_EQ(parse_duration("36500d"), 24h * 36500);
}

TEST(ParseDuration, RefusesEverythingElse) {
    for (auto const* text : {"", "h", "1", "-1h", "+1h", "1.5h", "1 h", "1hh", "h1", "1w", "36501d",
                             "9223372036854775807d", "99999999999999999999s"}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace latchkey::cli
