#include <latchkey/base/rfc3339.hpp>

#include <gtest/gtest.h>

namespace latchkey {
namespace {

using namespace std::chrono_literals;

TEST(ParseRfc3339, ReadsEveryFormOfADateTime) {
    struct Row {
        std::string_view text;
        Instant instant;
    };
    constexpr Instant kBase{1700000000s};  // 2023-11-14T22:13:20Z
    for (auto const& [text, instant] : {
             Row{"2023-11-14T22:13:20Z", kBase},
             Row{"2023-11-14T22:13:20.123Z", kBase + 123ms},
             Row{"2023-11-14T22:13:20.123456Z", kBase + 123456us},
             Row{"2023-11-14T22:13:20+00:00", kBase},
             Row{"2023-11-14T22:13:20-00:00", kBase},
             Row{"2023-11-14T23:13:20+01:00", kBase},
             Row{"2023-11-14T16:43:20.5-05:30", kBase + 500ms},
             Row{"2023-11-15T22:12:20+23:59", kBase},
             Row{"1970-01-01T00:00:00Z", kInstantMin},
             Row{"9999-12-31T23:59:59.999999Z", kInstantMax},
             Row{"2024-02-29T00:00:00Z", Instant(1709164800s)},
             Row{"2000-02-29T00:00:00Z", Instant(951782400s)},
         }) {
        EXPECT_EQ(parse_rfc3339(text), instant) << text;
    }
}

TEST(ParseRfc3339, RoundsUpWhatIsFinerThanAMicrosecond) {
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01.0000001Z"), Instant(1000001us));
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01.123456789Z"), Instant(1123457us));
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01.999999999Z"), Instant(2s));
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01.000000000Z"), Instant(1s));
}

TEST(ParseRfc3339, RefusesDatesAndTimesThatDoNotExist) {
    for (std::string_view const text :
         {"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
          "2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z", "2027-02-29T00:00:00Z",
          "2100-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
          "2026-01-01T00:00:60Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60"}) {
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
    }
}

TEST(ParseRfc3339, RefusesOtherSpellings) {
    for (std::string_view const text : {"",
                                        "2026",
                                        "2026-01-01",
                                        "2026-01-01T00:00Z",
                                        "2026-01-01T00:00:00",
                                        "2026-01-01t00:00:00Z",
                                        "2026-01-01T00:00:00z",
                                        "2026-01-01 00:00:00Z",
                                        "2026-01-01T00:00:00.Z",
                                        "2026-01-01T00:00:00,5Z",
                                        "2026-01-01T00:00:00.1234567890Z",
                                        "2026-01-01T00:00:00+0000",
                                        "2026-01-01T00:00:00+00",
                                        "2026-01-01T00:00:00+1:00",
                                        "2026-01-01T00:00:00ZZ",
                                        " 2026-01-01T00:00:00Z",
                                        "2026-01-01T00:00:00Z ",
                                        "2026-1-01T00:00:00Z",
                                        "+2026-01-01T00:00:00Z",
                                        "-026-01-01T00:00:00Z",
                                        "12026-01-01T00:00:00Z",
                                        "2026-01-01T00:00:0aZ",
                                        "20260101T000000Z",
                                        "2026-01-01T00:00:00.12 Z",
                                        "2026-01-01T00:00:00Z+00:00"}) {
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
    }
}

TEST(ParseRfc3339, RefusesInstantsOutsideTheRangeAlsoByTheirOffset) {
    EXPECT_TRUE(parse_rfc3339("1970-01-01T01:00:00+01:00"));
    for (std::string_view const text :
         {"0000-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:59:59+01:00",
          "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:59.9999991Z"}) {
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
    }
    EXPECT_TRUE(parse_rfc3339("9999-12-31T23:59:59+00:01"));
}

TEST(FormatRfc3339, WritesUtcWithSixDigitsOfFraction) {
    EXPECT_EQ(format_rfc3339(kInstantMin), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(format_rfc3339(Instant(1700000000123456us)), "2023-11-14T22:13:20.123456Z");
    EXPECT_EQ(format_rfc3339(kInstantMax), "9999-12-31T23:59:59.999999Z");
}

TEST(FormatRfc3339, IsReadBackAsTheSameInstant) {
    for (std::int64_t micros = 1; micros < kInstantMax.time_since_epoch().count();
         micros = micros * 3 + 1) {
        Instant const instant{std::chrono::microseconds(micros)};
        EXPECT_EQ(parse_rfc3339(format_rfc3339(instant)), instant);
    }
}

}  // namespace
}  // namespace latchkey
