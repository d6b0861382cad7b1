#include "server/durations.hpp"

#include <gtest/gtest.h>

namespace latchkey::server {
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

TEST(ParsePast, ReadsADateOrALengthOfTimeAgo) {
    constexpr Instant kNow{1767225600s};
    EXPECT_EQ(parse_past("2025-12-31T23:59:59.5Z", kNow), kNow - 500ms);
    EXPECT_EQ(parse_past("0s", kNow), kNow);
    EXPECT_EQ(parse_past("1h", kNow), kNow - 1h);
    EXPECT_EQ(parse_past("1h", Instant(1h)), Instant());
}

TEST(ParsePast, RefusesEverythingElse) {
    for (auto const* text : {"", "now", "yesterday", "2026-01-01", "-1h", "1767225600"}) {
        EXPECT_EQ(parse_past(text, Instant(1767225600s)), std::nullopt) << text;
    }
    EXPECT_EQ(parse_past("1h", Instant(1h - 1us)), std::nullopt);
}

}  // namespace
}  // namespace latchkey::server
