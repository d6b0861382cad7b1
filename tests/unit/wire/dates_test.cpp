#include "wire/dates.hpp"

#include "wire/json.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace latchkey::wire {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr std::int64_t kSecond = 1'700'000'000'000'000;  // 2023-11-14T22:13:20Z
constexpr std::int64_t kMicrosMax = 253'402'300'799'999'999;

/// -1: no date.
std::int64_t micros_of(std::optional<Instant> instant) {
    return instant ? instant->time_since_epoch().count() : -1;
}

struct TextCase {
    std::string_view text;
    std::int64_t micros;
};

class RequestDateText : public testing::TestWithParam<TextCase> {};

TEST_P(RequestDateText, IsRead) {
    auto const instant = parse_request_date(GetParam().text);
    EXPECT_EQ(micros_of(instant), GetParam().micros) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    OfEverySdk, RequestDateText,
    testing::Values(TextCase{"2023-11-14T22:13:20.123Z", kSecond + 123'000},
                    TextCase{"2023-11-14T22:13:20.123456789Z", kSecond + 123'457},
                    TextCase{"2023-11-14T23:13:20.123456789+01:00", kSecond + 123'457},
                    TextCase{"2023-11-14T22:13:20Z", kSecond},
                    TextCase{"2023-11-14T22:13:20+00:00", kSecond},
                    TextCase{"2023-11-14T22:13:20.000+00:00", kSecond},
                    TextCase{"2023-11-14T22:13:20.1234567+00:00", kSecond + 123'457},
                    TextCase{"2023-11-14T22:13:20.123456", kSecond + 123'456},
                    TextCase{"2023-11-14T22:13:20.123456+00:00", kSecond + 123'456},
                    TextCase{"2023-11-14T22:13:20", kSecond},
                    TextCase{"2023-11-15T00:13:20+0200", kSecond},
                    TextCase{"2023-11-14T20:13:20.5-0200", kSecond + 500'000},
                    TextCase{"2023-11-14 22:13:20 UTC", kSecond},
                    TextCase{"2023-11-15 00:13:20 +0200", kSecond},
                    TextCase{"2023-11-14 17:13:20 -0500", kSecond},
                    TextCase{"2023-11-14 22:13:20.000000001 UTC", kSecond + 1},
                    TextCase{"1970-01-01T00:00:00Z", 0}, TextCase{"1970-01-01 00:00:00 UTC", 0},
                    TextCase{"2024-02-29T00:00:00", 1'709'164'800'000'000},
                    TextCase{"9999-12-31T23:59:59.999999", kMicrosMax}));

class NoRequestDateText : public testing::TestWithParam<std::string_view> {};

TEST_P(NoRequestDateText, IsRefused) { EXPECT_FALSE(parse_request_date(GetParam())) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(
    NearlyADate, NoRequestDateText,
    testing::Values("", "soon", "now", "1767225600", "1767225600000", "2023-11-14",
                    "2023-11-14T22:13", "2023-11-14T22:13:2", "2023-11-14 22:13:20",
                    "2023-11-14 22:13:20Z", "2023-11-14 22:13:20+0200", "2023-11-14 22:13:20  UTC",
                    "2023-11-14 22:13:20 utc", "2023-11-14 22:13:20 CET",
                    "2023-11-14 22:13:20 +02:00", "2023-11-14 22:13:20 +020",
                    "2023-11-14T22:13:20 UTC", "2023-11-14T22:13:20 +0200", "2023-11-14t22:13:20Z",
                    "2023-11-14T22:13:20z", "2023-11-14T22:13:20ZZ", "2023-11-14T22:13:20.",
                    "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20.1234567890Z",
                    "2023-11-14T22:13:20.1.2", "2023-11-14T22:13:20+2400",
                    "2023-11-14T22:13:20+0260", "2023-11-14T22:13:20+02000", "2023-11-14T22:13:60Z",
                    "2023-11-14T24:00:00Z", "2023-02-29T00:00:00", "2023-13-01T00:00:00",
                    "1969-12-31T23:59:59", "1970-01-01T00:59:59+0100",
                    "9999-12-31T23:59:59.9999991", "9999-12-31T23:59:59-0001",
                    " 2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z ", "+2023-11-14T22:13:20Z",
                    "20231114T221320Z", "2023-11-14T22:13:20.123456789 +0200 extra text behind"));

struct NumberCase {
    std::string_view json;
    std::int64_t micros;
};

class RequestDateNumber : public testing::TestWithParam<NumberCase> {};

TEST_P(RequestDateNumber, IsReadByItsMagnitude) {
    auto const body = parse_json_object(R"({"x":)" + std::string(GetParam().json) + '}');
    ASSERT_TRUE(body);
    auto const instant = parse_request_date(body->at("x"));
    EXPECT_EQ(micros_of(instant), GetParam().micros) << GetParam().json;
}

INSTANTIATE_TEST_SUITE_P(
    Exactly, RequestDateNumber,
    testing::Values(NumberCase{"0", 0}, NumberCase{"-0", 0}, NumberCase{"-0.0", 0},
                    NumberCase{"1", 1'000'000}, NumberCase{"1700000000", kSecond},
                    NumberCase{"99999999999", 99'999'999'999'000'000},
                    NumberCase{"100000000000", 100'000'000'000'000},  // milliseconds from here
                    NumberCase{"1700000000123", kSecond + 123'000},
                    NumberCase{"99999999999999", 99'999'999'999'999'000},
                    NumberCase{"100000000000000", 100'000'000'000'000},  // microseconds
                    NumberCase{"1700000000123456", kSecond + 123'456},
                    NumberCase{"99999999999999999", 99'999'999'999'999'999},
                    NumberCase{"100000000000000000", 100'000'000'000'000},  // nanoseconds
                    NumberCase{"1700000000123456000", kSecond + 123'456},
                    NumberCase{"1700000000123456001", kSecond + 123'457},
                    NumberCase{"1700000000123456999", kSecond + 123'457},
                    NumberCase{"9223372036854775807", 9'223'372'036'854'776},
                    NumberCase{"18446744073709551615", 18'446'744'073'709'552},
                    NumberCase{"1700000000.5", kSecond + 500'000},
                    NumberCase{"1700000000.123456", kSecond + 123'456},
                    NumberCase{"1700000000.1", kSecond + 100'000},
                    NumberCase{"1700000000.3", kSecond + 300'000},
                    NumberCase{"1700000000123.4", kSecond + 123'400},
                    NumberCase{"1700000000123456.5", kSecond + 123'457},
                    NumberCase{"1.7e9", kSecond}, NumberCase{"1.7e18", kSecond},
                    NumberCase{"1.5", 1'500'000}, NumberCase{"0.000001", 1},
                    NumberCase{"0.0000001", 1}, NumberCase{"5e-324", 1},
                    NumberCase{"99999999999.5", 99'999'999'999'500'000},
                    NumberCase{"2.5e20", 250'000'000'000'000'000}));

class NoRequestDateNumber : public testing::TestWithParam<std::string_view> {};

TEST_P(NoRequestDateNumber, IsRefused) {
    auto const body = parse_json_object(R"({"x":)" + std::string(GetParam()) + '}');
    ASSERT_TRUE(body);
    EXPECT_FALSE(parse_request_date(body->at("x"))) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(OfAnotherKind, NoRequestDateNumber,
                         testing::Values("-1", "-0.5", "-9223372036854775808", "2.6e20", "1e21",
                                         "1.7976931348623157e308", "null", "true", "false", "[]",
                                         "{}", R"("1700000000")", R"(["2023-11-14T22:13:20Z"])"));

TEST(ParseRequestDate, RefusesNumbersThatJsonDoesNotHave) {
    EXPECT_FALSE(parse_request_date(boost::json::value(std::numeric_limits<double>::infinity())));
    EXPECT_FALSE(parse_request_date(boost::json::value(std::nan(""))));
}

std::string written(Instant instant, Style style) {
    std::string out;
    append_date(out, instant, style);
    return out;
}

TEST(AppendDate, WritesNanosecondsOrRfc3339ByStyle) {
    Instant const instant{microseconds(kSecond + 123'000)};
    EXPECT_EQ(written(instant, Style::V2), "1700000000123000000");
    EXPECT_EQ(written(instant, Style::Legacy), R"("2023-11-14T22:13:20.123000Z")");
    EXPECT_EQ(written(kInstantMin, Style::V2), "0");
    EXPECT_EQ(written(kInstantMin, Style::Legacy), R"("1970-01-01T00:00:00.000000Z")");
}

TEST(AppendDate, StaysWithinWhatTypedSdksCanReadAsNanoseconds) {
    EXPECT_EQ(written(Instant(microseconds(9'223'372'036'854'775)), Style::V2),
              "9223372036854775000");
    EXPECT_EQ(written(Instant(microseconds(9'223'372'036'854'776)), Style::V2),
              "9223372036854775000");
    EXPECT_EQ(written(kInstantMax, Style::V2), "9223372036854775000");
    EXPECT_EQ(written(kInstantMax, Style::Legacy), R"("9999-12-31T23:59:59.999999Z")");
}

TEST(AppendDate, WritesWhatParseRequestDateReads) {
    for (std::int64_t const micros : {std::int64_t{100'000'000'000'000}, kSecond, kSecond + 1,
                                      kSecond + 999'999, std::int64_t{9'223'372'036'854'775}}) {
        Instant const instant{microseconds(micros)};
        for (auto const style : {Style::Legacy, Style::V2}) {
            auto const body = parse_json_object(R"({"x":)" + written(instant, style) + '}');
            ASSERT_TRUE(body);
            EXPECT_EQ(parse_request_date(body->at("x")), instant);
        }
    }
}

TEST(AppendDuration, WritesMillisecondsWithTwoPlaces) {
    struct Case {
        nanoseconds duration;
        std::string_view text;
    };
    for (auto const& [duration, text] :
         {Case{nanoseconds(0), R"("0.00ms")"}, Case{nanoseconds(4'999), R"("0.00ms")"},
          Case{nanoseconds(5'000), R"("0.01ms")"}, Case{nanoseconds(120'000), R"("0.12ms")"},
          Case{nanoseconds(5'230'000), R"("5.23ms")"},
          Case{nanoseconds(999'999'999), R"("1000.00ms")"}, Case{nanoseconds(-1), R"("0.00ms")"},
          Case{std::chrono::seconds(61), R"("61000.00ms")"}}) {
        std::string out;
        append_duration(out, duration);
        EXPECT_EQ(out, text);
    }
}

}  // namespace
}  // namespace latchkey::wire
