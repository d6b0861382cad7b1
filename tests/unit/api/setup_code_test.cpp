#include "api/setup_code.hpp"

#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace latchkey::api {
namespace {

TEST(SetupCode, IsEightyRandomBitsInGroups) {
    test::SeededRandom random;
    SetupCode const code(random);
    SetupCode const another(random);
    EXPECT_EQ(code.reveal().size(), 19U);
    EXPECT_EQ(std::ranges::count(code.reveal(), '-'), 3);
    EXPECT_NE(code.reveal(), another.reveal());
}

TEST(SetupCode, MatchesAsPeopleWriteIt) {
    test::SeededRandom random;
    SetupCode const code(random);
    std::string const text(code.reveal());
    EXPECT_TRUE(code.matches(text));
    auto lower = text;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_TRUE(code.matches(lower));
    auto bare = text;
    std::erase(bare, '-');
    EXPECT_TRUE(code.matches(bare));
    EXPECT_TRUE(code.matches(' ' + text + ' '));
    auto misread = text;
    std::ranges::replace(misread, '0', 'o');
    std::ranges::replace(misread, '1', 'L');
    EXPECT_TRUE(code.matches(misread));
}

TEST(SetupCode, MatchesNothingElse) {
    test::SeededRandom random;
    SetupCode const code(random);
    std::string const text(code.reveal());
    EXPECT_FALSE(code.matches(""));
    EXPECT_FALSE(code.matches(text.substr(1)));
    EXPECT_FALSE(code.matches(text + "0"));
    EXPECT_FALSE(code.matches(text + std::string(100, ' ')));
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto changed = text;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(code.matches(changed)) << i;
    }
}

}  // namespace
}  // namespace latchkey::api
