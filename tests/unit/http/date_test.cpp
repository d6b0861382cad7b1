#include "http/date.hpp"

#include <gtest/gtest.h>

namespace latchkey::http {
namespace {

TEST(ParseHttpDate, ReadsTheFormThatIsSent) {
    struct Row {
        std::string_view text;
        std::int64_t seconds;
    };
    for (auto const& [text, seconds] : {
             Row{"Sun, 06 Nov 1994 08:49:37 GMT", 784'111'777},
             Row{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
             Row{"Thu, 29 Feb 2024 23:59:59 GMT", 1'709'251'199},
             Row{"Fri, 31 Dec 9999 23:59:59 GMT", 253'402'300'799},
         }) {
        auto const parsed = parse_http_date(text);
        ASSERT_TRUE(parsed.has_value()) << text;
        EXPECT_EQ(*parsed, Instant(std::chrono::seconds(seconds))) << text;
    }
}

TEST(ParseHttpDate, RefusesEverythingElse) {
    for (std::string_view const text : {
             "",
             "Sun, 06 Nov 1994 08:49:37 UTC",
             "Mon, 06 Nov 1994 08:49:37 GMT",
             "Sun, 6 Nov 1994 08:49:37 GMT",
             "Sun, 06 nov 1994 08:49:37 GMT",
             "Sun, 06 anF 1994 08:49:37 GMT",
             "Sun, 06 Nov 1994 24:49:37 GMT",
             "Sun, 06 Nov 1994 08:60:37 GMT",
             "Sun, 06 Nov 1994 08:49:60 GMT",
             "Wed, 29 Feb 2023 00:00:00 GMT",
             "Wed, 00 Feb 2023 00:00:00 GMT",
             "Wed, -1 Feb 2023 00:00:00 GMT",
             "Wed, 31 Dec 1969 23:59:59 GMT",
             "Sunday, 06-Nov-94 08:49:37 GMT",
             "Sun Nov  6 08:49:37 1994",
             "Sun, 06 Nov 1994 08:49:37 GMT ",
             "784111777",
         }) {
        EXPECT_FALSE(parse_http_date(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace latchkey::http
