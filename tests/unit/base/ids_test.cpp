#include <latchkey/base/ids.hpp>

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace latchkey {
namespace {

static_assert(!std::is_convertible_v<std::string, UserId> &&
              !std::is_constructible_v<UserId, std::string>);
static_assert(!std::is_convertible_v<UserId, ApiKey> && !std::is_constructible_v<ApiKey, UserId>);

TEST(UserIdParse, TakesLettersDigitsAndThreeSigns) {
    for (std::string_view const text :
         {"a", "Z", "0", "@", "_", "-", "user@example", "__proto__"}) {
        auto const id = UserId::parse(text);
        ASSERT_TRUE(id) << text;
        EXPECT_EQ(id->text(), text);
    }
}

TEST(UserIdParse, RefusesEveryOtherByte) {
    for (unsigned c = 0; c < 256; ++c) {
        auto const byte = static_cast<char>(c);
        auto const allowed = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                             (byte >= '0' && byte <= '9') || byte == '@' || byte == '_' ||
                             byte == '-';
        EXPECT_EQ(is_user_id(std::string("ab") + byte), allowed) << c;
    }
}

TEST(UserIdParse, TakesLengthsUpToTheLimit) {
    EXPECT_FALSE(UserId::parse(""));
    EXPECT_TRUE(UserId::parse(std::string(kUserIdBytesMax, 'a')));
    EXPECT_FALSE(UserId::parse(std::string(kUserIdBytesMax + 1, 'a')));
}

TEST(UserIdParse, RefusesTheReservedAnonymousId) { EXPECT_FALSE(UserId::parse(kAnonymousUserId)); }

TEST(UserId, ComparesAndHashesByItsText) {
    std::unordered_set<UserId> const ids{*UserId::parse("john"), *UserId::parse("John"),
                                         *UserId::parse("john")};
    EXPECT_EQ(ids.size(), 2U);
    EXPECT_LT(*UserId::parse("a"), *UserId::parse("b"));
}

TEST(ApiKeyParse, TakesLettersDigitsAndTwoSigns) {
    EXPECT_TRUE(ApiKey::parse("key_1-A"));
    for (std::string_view const text : {"", "key@1", "key 1", "key.1", "key/1", "\xc3\xa9"}) {
        EXPECT_FALSE(ApiKey::parse(text)) << text;
    }
}

TEST(ApiKeyParse, TakesLengthsUpToTheLimit) {
    EXPECT_TRUE(ApiKey::parse(std::string(kApiKeyBytesMax, 'a')));
    EXPECT_FALSE(ApiKey::parse(std::string(kApiKeyBytesMax + 1, 'a')));
}

}  // namespace
}  // namespace latchkey
