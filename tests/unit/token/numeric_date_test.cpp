#include "token/numeric_date.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace latchkey::token {
namespace {

std::optional<std::int64_t> micros(std::string_view number) {
    Instant date;
    return parse_numeric_date(number, date) ? std::optional(date.time_since_epoch().count())
                                            : std::nullopt;
}

TEST(ParseNumericDate, ReadsEverySpellingExactly) {
    struct Row {
        std::string number;
        std::int64_t micros;
    };
    Row const rows[] = {
        {"0", 0},
        {"-0", 0},
        {"0.0", 0},
        {"-0.0e5", 0},
        {"0e999999999999999999999", 0},
        {"1", 1'000'000},
        {"1767229200", 1'767'229'200'000'000},
        {"1767229200.5", 1'767'229'200'500'000},
        {"1767229200.000001", 1'767'229'200'000'001},
        {"1e9", 1'000'000'000'000'000},
        {"1E+9", 1'000'000'000'000'000},
        {"1.7672292005e9", 1'767'229'200'500'000},
        {"17672292005e-1", 1'767'229'200'500'000},
        {"0.0000000017672292e18", 1'767'229'200'000'000},
        {"0.000001", 1},
        {"1.6722921019", 1'672'293},
        {"1e-6", 1},
        {"253402300799", 253'402'300'799'000'000},
        {"253402300799.999999", 253'402'300'799'999'999},
        {"1" + std::string(5000, '0') + "e-5000", 1'000'000},
        {"0." + std::string(5000, '0') + "1e5001", 1'000'000},
        // A double has no room for these digits.
        {"9007199254.740993", 9'007'199'254'740'993},
    };
    for (auto const& row : rows) {
        EXPECT_EQ(micros(row.number), row.micros) << row.number.substr(0, 40);
    }
}

TEST(ParseNumericDate, RoundsUpWhatIsFinerThanAMicrosecond) {
    EXPECT_EQ(micros("1.0000001"), 1'000'001);
    EXPECT_EQ(micros("1.0000010"), 1'000'001);
    EXPECT_EQ(micros("1.9999999"), 2'000'000);
    EXPECT_EQ(micros("1e-300"), 1);
    EXPECT_EQ(micros("1e-999999999999999999999"), 1);
}

TEST(ParseNumericDate, RefusesWhatLiesOutsideTheRangeOfInstants) {
    for (std::string const& number :
         {std::string("253402300800"), std::string("253402300799.9999991"), std::string("-1"),
          std::string("-1e-300"), std::string("1e12"), std::string("9.9e99"), std::string("1e400"),
          std::string("1e999999999999999999999"), std::string("1767225600000"),
          std::string("9223372036854775807"), std::string("9223372036854775808"),
          std::string("18446744073709551617"), std::string(6000, '9'),
          std::string("0.1e") + std::string(100, '9')}) {
        EXPECT_EQ(micros(number), std::nullopt) << number.substr(0, 40);
    }
}

}  // namespace
}  // namespace latchkey::token
