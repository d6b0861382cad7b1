#include <latchkey/token/issue.hpp>

#include "signing.hpp"

#include <latchkey/token/validity.hpp>

#include <gtest/gtest.h>

namespace latchkey::token {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1767225600s};

UserId const kJohn = *UserId::parse("john");

std::string claims_of(std::string_view text) {
    auto const payload = CompactToken::parse(text)->payload();
    std::string claims(base64url::decoded_bytes_max(payload.size()), '\0');
    auto const size = base64url::decode(
        payload, std::span(reinterpret_cast<std::uint8_t*>(claims.data()), claims.size()));
    return claims.substr(0, *size);
}

TEST(IssueUserToken, WritesTheUsualHeaderAndCompactClaimsInOrder) {
    HmacKey const key(test::kSecret);
    auto const text = issue_user_token(
        {.user_id = kJohn, .issued_at = kNow, .expires_at = kNow + kDefaultValidity}, key);
    EXPECT_EQ(CompactToken::parse(text)->header(), base64url::encode(test::kHeader));
    EXPECT_EQ(claims_of(text), R"({"user_id":"john","iat":1767225600,"exp":1767229200})");
    EXPECT_EQ(text, test::sign_claims(claims_of(text)));
    EXPECT_EQ(text.size(), 151U);
}

TEST(IssueUserToken, LeavesOutDatesThatAreAbsent) {
    HmacKey const key(test::kSecret);
    EXPECT_EQ(
        claims_of(issue_user_token({.user_id = kJohn, .issued_at = {}, .expires_at = {}}, key)),
        R"({"user_id":"john"})");
    EXPECT_EQ(
        claims_of(issue_user_token({.user_id = kJohn, .issued_at = {}, .expires_at = kNow}, key)),
        R"({"user_id":"john","exp":1767225600})");
}

TEST(IssueUserToken, PutsFurtherMembersBehindItsOwn) {
    HmacKey const key(test::kSecret);
    auto const text = issue_user_token(
        {.user_id = kJohn, .issued_at = kNow, .further_members = R"("role":"host","n":1)"}, key);
    EXPECT_EQ(claims_of(text), R"({"user_id":"john","iat":1767225600,"role":"host","n":1})");
}

TEST(IssueUserToken, CutsInstantsDownToWholeSeconds) {
    HmacKey const key(test::kSecret);
    auto claims_at = [&](Instant instant) {
        return claims_of(
            issue_user_token({.user_id = kJohn, .issued_at = instant, .expires_at = instant}, key));
    };
    EXPECT_EQ(claims_at(kNow), R"({"user_id":"john","iat":1767225600,"exp":1767225600})");
    EXPECT_EQ(claims_at(kNow + 1us), R"({"user_id":"john","iat":1767225600,"exp":1767225600})");
    EXPECT_EQ(claims_at(kNow - 1us), R"({"user_id":"john","iat":1767225599,"exp":1767225599})");
}

TEST(ChooseIssuedAt, IsTheFirstSecondThatARevocationInForceDoesNotCover) {
    EXPECT_EQ(choose_issued_at(kNow + 400ms, kNow + 400ms), kNow + 1s);
    EXPECT_EQ(choose_issued_at(kNow + 400ms, kNow + 1us), kNow + 1s);
    EXPECT_EQ(choose_issued_at(kNow + 400ms, kNow), kNow);
    EXPECT_EQ(choose_issued_at(kNow + 400ms, kNow - 1h), kNow);
}

TEST(ChooseIssuedAt, IsNoneWhereThatSecondLiesFurtherAheadThanClocksMayDiffer) {
    EXPECT_EQ(choose_issued_at(kNow, kNow + kClockSkewMax), kNow + kClockSkewMax);
    EXPECT_EQ(choose_issued_at(kNow, kNow + kClockSkewMax + 1us), std::nullopt);
    EXPECT_EQ(choose_issued_at(kNow + 400ms, kNow + kClockSkewMax + 1us), std::nullopt)
        << "the next whole second is too far";
    EXPECT_EQ(choose_issued_at(kNow + 1us, kNow + 24h * 365), std::nullopt);
    EXPECT_EQ(choose_issued_at(kNow, Instant::max()), std::nullopt);
}

TEST(ChooseIssuedAt, IsAcceptedThen) {
    for (auto const ahead : {-1us, 0us, 1us, 999'999us, 9'999'999us, 10'000'000us}) {
        auto const issued_at = choose_issued_at(kNow, kNow + ahead);
        UserClaims const claims{
            .user_id = "john",
            .role = {},
            .dates = {.expires_at = {}, .not_before = {}, .issued_at = issued_at}};
        EXPECT_TRUE(check_validity(claims, {.user = kNow + ahead}, kNow, kClockSkewMax))
            << ahead.count();
    }
}

TEST(ChooseIssuedAt, LetsALaterRevocationOfTheSameSecondCoverTheToken) {
    auto const issued_at = choose_issued_at(kNow + 400ms, std::nullopt);
    EXPECT_EQ(issued_at, kNow);
    EXPECT_FALSE(check_not_revoked(issued_at, {.user = kNow + 500ms}));
}

TEST(IssueUserToken, IsVerifiedWithWhatWasPutIn) {
    HmacKey const key(test::kSecret);
    for (std::string_view const id : {"a", "@", "user@example_-09"}) {
        auto const outcome = test::verify(issue_user_token(
            {.user_id = *UserId::parse(id), .issued_at = kNow, .expires_at = kNow + 1h}, key));
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->who, id);
        TokenDates const dates{.expires_at = kNow + 1h, .not_before = {}, .issued_at = kNow};
        EXPECT_EQ(outcome->dates, dates);
    }
}

TEST(IssueServerToken, SpeaksForTheServer) {
    HmacKey const key(test::kSecret);
    auto const bare = issue_server_token(key);
    EXPECT_EQ(claims_of(bare), R"({"server":true})");
    EXPECT_EQ(test::verdict(bare), "server");
    auto const dated = issue_server_token(key, kNow + 1us);
    EXPECT_EQ(claims_of(dated), R"({"server":true,"iat":1767225600})");
    EXPECT_EQ(test::verdict(dated), "server");
}

}  // namespace
}  // namespace latchkey::token
