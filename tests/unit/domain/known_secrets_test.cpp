#include "domain/known_secrets.hpp"

#include <gtest/gtest.h>

namespace latchkey::domain {
namespace {

TEST(IsKnownSecret, FindsAPlaceholderFromPublicCode) {
    EXPECT_TRUE(is_known_secret("PUT_HERE_YOUR_SUPER_SECRET_JWT_CODE"));
    EXPECT_TRUE(is_known_secret("YoUR sUpEr S3krEt 1337 HMAC kEy HeRE"));
}

TEST(IsKnownSecret, KnowsNothingOfASecretThatDiffersInOneLetter) {
    EXPECT_FALSE(is_known_secret("PUT_HERE_YOUR_SUPER_SECRET_JWT_CODe"));
    EXPECT_FALSE(is_known_secret(""));
}

}  // namespace
}  // namespace latchkey::domain
