#include <latchkey/token/compact_token.hpp>

#include <latchkey/token/limits.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace latchkey::token {
namespace {

TEST(CompactTokenParse, SplitsThreePartsAndLeavesThemUnread) {
    auto const token = CompactToken::parse("he.{}+=.s g");
    ASSERT_TRUE(token);
    EXPECT_EQ(token->header(), "he");
    EXPECT_EQ(token->payload(), "{}+=");
    EXPECT_EQ(token->signature(), "s g");
    EXPECT_EQ(token->signing_input(), "he.{}+=");
}

TEST(CompactTokenParse, RefusesAnEmptyTextAsMissing) {
    EXPECT_EQ(CompactToken::parse("").error(), TokenError::Missing);
    EXPECT_EQ(CompactToken::parse(std::string_view()).error(), TokenError::Missing);
}

TEST(CompactTokenParse, RefusesAnyOtherNumberOfPartsAndEmptyParts) {
    for (std::string_view const text : {"a", ".", "..", "...", "a.b", "a.b.", ".b.c", "a..c",
                                        "a.b.c.", "a.b.c.d", ".a.b.c", "a.b..c", "a.b.c.d.e"}) {
        auto const token = CompactToken::parse(text);
        ASSERT_FALSE(token) << text;
        EXPECT_EQ(token.error(), TokenError::WrongSegmentCount) << text;
    }
    EXPECT_TRUE(CompactToken::parse("a.b.c"));
}

TEST(CompactTokenParse, TakesATokenAtTheLengthLimitAndRefusesOneByteMore) {
    auto const longest = "a.b." + std::string(kTokenBytesMax - 4, 'c');
    EXPECT_TRUE(CompactToken::parse(longest));
    EXPECT_EQ(CompactToken::parse(longest + 'c').error(), TokenError::TooLong);
}

TEST(RuleName, IsDistinctSnakeCaseForEveryCause) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(TokenError::RevokedForApp); ++i) {
        auto const name = rule_name(static_cast<TokenError>(i));
        EXPECT_TRUE(names.insert(name).second) << name;
        EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), name.npos);
    }
    EXPECT_EQ(rule_name(TokenError::RevokedForUser), "revoked_for_user");
}

}  // namespace
}  // namespace latchkey::token
