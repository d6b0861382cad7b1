#include "sdk/unchecked_claims.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/token/limits.hpp>

#include <gtest/gtest.h>

namespace latchkey::sdk {
namespace {

std::string with_claims(std::string_view claims) {
    return "e30." + base64url::encode(claims) + ".c2ln";
}

TEST(ReadUncheckedClaims, ReadsWhoATokenIsForAndWhenItEnds) {
    auto const claims =
        read_unchecked_claims(with_claims(R"({"user_id":"john","exp":1700000000})"));
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->user_id, "john");
    EXPECT_EQ(claims->expires_at, Instant(std::chrono::seconds(1'700'000'000)));
}

TEST(ReadUncheckedClaims, ReadsDatesAsTheServerDoesOrNotAtAll) {
    struct Row {
        std::string_view exp;
        std::optional<std::int64_t> millis;
    };
    for (auto const& [exp, millis] :
         {Row{"1.5", 1500}, Row{"0", 0}, Row{"-1", {}}, Row{"\"soon\"", {}}, Row{"null", {}},
          Row{"1e300", {}}, Row{"253402300798", 253'402'300'798'000}, Row{"253402300800", {}},
          Row{"18446744073709551615", {}}}) {
        SCOPED_TRACE(exp);
        auto const claims = read_unchecked_claims(
            with_claims(R"({"user_id":"john","exp":)" + std::string(exp) + '}'));
        ASSERT_TRUE(claims);
        EXPECT_EQ(
            claims->expires_at,
            millis ? std::optional(Instant(std::chrono::milliseconds(*millis))) : std::nullopt);
    }
}

TEST(ReadUncheckedClaims, ReadsDeveloperTokensOfBothAlphabetsPaddedOrNot) {
    // {"user_id":"a","x":"??>>"} has the characters in which the alphabets differ.
    for (std::string_view const payload :
         {"eyJ1c2VyX2lkIjoiYSIsIngiOiI/Pz4+In0=", "eyJ1c2VyX2lkIjoiYSIsIngiOiI_Pz4-In0"}) {
        auto const claims = read_unchecked_claims("e30." + std::string(payload) + ".devtoken");
        ASSERT_TRUE(claims) << payload;
        EXPECT_EQ(claims->user_id, "a");
    }
}

TEST(ReadUncheckedClaims, RefusesWhatIsNoUsersToken) {
    for (auto const& token :
         {std::string(), std::string("e30.e30"), with_claims("{}"), with_claims("[]"),
          with_claims(R"({"user_id":1})"), std::string("e30.a.c2ln"), std::string("e30.===.c2ln"),
          with_claims(R"({"user_id":"a","user_id":"b"})"), with_claims(R"({"user_id":"a"})") + '.',
          with_claims(R"({"user_id":"a"})") + std::string(token::kTokenBytesMax, 'a')}) {
        EXPECT_FALSE(read_unchecked_claims(token)) << token.substr(0, 80);
    }
}

}  // namespace
}  // namespace latchkey::sdk
