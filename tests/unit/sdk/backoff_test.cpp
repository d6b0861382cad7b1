#include "sdk/backoff.hpp"

#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace latchkey::sdk {
namespace {

using namespace std::chrono_literals;

constexpr Backoff::Bounds kBounds{.first = 100ms, .max = 1000ms};

/// The shortest and the longest of that pause, out of many.
std::pair<std::chrono::milliseconds, std::chrono::milliseconds> range_of_pause(int number) {
    test::SeededRandom random;
    std::vector<std::chrono::milliseconds> drawn;
    for (int i = 0; i < 2000; ++i) {
        Backoff backoff(random, kBounds);
        for (int j = 1; j < number; ++j) {
            (void)backoff.next();
        }
        drawn.push_back(backoff.next());
    }
    auto const [shortest, longest] = std::ranges::minmax(drawn);
    return {shortest, longest};
}

TEST(Backoff, DrawsEachPauseFromZeroToABoundThatDoublesUpToTheLast) {
    auto bound = kBounds.first;
    for (int number = 1; number <= 6; ++number) {
        SCOPED_TRACE(number);
        auto const [shortest, longest] = range_of_pause(number);
        EXPECT_LE(shortest, bound / 50);
        EXPECT_LE(longest, bound);
        EXPECT_GE(longest, bound - bound / 50);
        bound = std::min(bound * 2, kBounds.max);
    }
}

TEST(Backoff, StartsAnewAfterAReset) {
    test::SeededRandom random;
    Backoff backoff(random, kBounds);
    for (int i = 0; i < 1000; ++i) {
        (void)backoff.next();
        (void)backoff.next();
        backoff.reset();
        EXPECT_LE(backoff.next(), kBounds.first);
        backoff.reset();
    }
}

}  // namespace
}  // namespace latchkey::sdk
