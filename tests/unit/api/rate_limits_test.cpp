#include "api/rate_limits.hpp"

#include <gtest/gtest.h>

namespace latchkey::api {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1767225601s};

TEST(RateLimits, CountsDownAndBeginsAnewWithTheMinute) {
    RateLimits limits(1);
    auto const first = limits.count(AppId{1}, Operation::UpdateApp, kNow);
    EXPECT_EQ(first.limit, 60U);
    EXPECT_EQ(first.remaining, 59U);
    EXPECT_EQ(first.resets_at_s, 1767225660);
    EXPECT_EQ(limits.count(AppId{1}, Operation::UpdateApp, kNow + 58s).remaining, 58U);
    EXPECT_EQ(limits.count(AppId{1}, Operation::UpdateApp, kNow + 59s).remaining, 59U);
}

TEST(RateLimits, CountsAppsAndOperationsApart) {
    RateLimits limits(1);
    (void)limits.count(AppId{1}, Operation::UpdateApp, kNow);
    EXPECT_EQ(limits.count(AppId{2}, Operation::UpdateApp, kNow).remaining, 59U);
    EXPECT_EQ(limits.count(AppId{1}, Operation::UpdateUsers, kNow).remaining, 299U);
}

TEST(RateLimits, NeverShowsLessThanNothing) {
    RateLimits limits(2);
    RateStatus last{};
    for (int i = 0; i < 40; ++i) {
        last = limits.count(AppId{1}, Operation::UpdateApp, kNow);
    }
    EXPECT_EQ(last.remaining, 0U);
}

TEST(AppendRateLimitFields, WritesWholeNumbers) {
    std::string fields;
    append_rate_limit_fields(fields, {.limit = 60, .remaining = 59, .resets_at_s = 1767225660});
    EXPECT_EQ(fields,
              "X-RateLimit-Limit: 60\r\nX-RateLimit-Remaining: 59\r\n"
              "X-RateLimit-Reset: 1767225660\r\n");
}

}  // namespace
}  // namespace latchkey::api
