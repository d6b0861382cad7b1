#include <latchkey/token/validity.hpp>

#include "signing.hpp"

#include <gtest/gtest.h>

namespace latchkey::token {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1767225600s};
constexpr auto kSkew = kClockSkewMax;
constexpr std::expected<void, TokenError> kGood{};

std::expected<void, TokenError> refused(TokenError error) { return std::unexpected(error); }

std::expected<void, TokenError> check(TokenDates const& dates) {
    return check_dates(dates, kNow, kSkew);
}

TEST(CheckDates, AcceptsATokenWithoutDatesForEver) {
    EXPECT_EQ(check({}), kGood);
    EXPECT_EQ(check_dates({}, kInstantMax, kSkew), kGood);
}

TEST(CheckDates, RefusesATokenFromTheMicrosecondOfExpOnWithoutSkew) {
    EXPECT_EQ(check({.expires_at = kNow + 1us}), kGood);
    EXPECT_EQ(check({.expires_at = kNow}), refused(TokenError::Expired));
    EXPECT_EQ(check({.expires_at = kNow - 1us}), refused(TokenError::Expired));
    EXPECT_EQ(check({.expires_at = kInstantMin}), refused(TokenError::Expired));
    EXPECT_EQ(check({.expires_at = kInstantMax}), kGood);
}

TEST(CheckDates, RefusesNbfFurtherAheadThanTheSkew) {
    EXPECT_EQ(check({.not_before = kNow}), kGood);
    EXPECT_EQ(check({.not_before = kNow + kSkew}), kGood);
    EXPECT_EQ(check({.not_before = kNow + kSkew + 1us}), refused(TokenError::NotYetValid));
    EXPECT_EQ(check({.not_before = kNow + kSkew + 1s}), refused(TokenError::NotYetValid));
}

TEST(CheckDates, RefusesIatFurtherAheadThanTheSkew) {
    EXPECT_EQ(check({.issued_at = kNow}), kGood);
    EXPECT_EQ(check({.issued_at = kNow + kSkew}), kGood);
    EXPECT_EQ(check({.issued_at = kNow + kSkew + 1us}), refused(TokenError::IssuedInFuture));
    EXPECT_EQ(check({.issued_at = kNow + kSkew + 1s}), refused(TokenError::IssuedInFuture));
    EXPECT_EQ(check({.issued_at = kInstantMin}), kGood);
}

TEST(CheckDates, ReportsExpThenNbfThenIat) {
    TokenDates dates{.expires_at = kNow, .not_before = kNow + 1h, .issued_at = kNow + 1h};
    EXPECT_EQ(check(dates), refused(TokenError::Expired));
    dates.expires_at = kNow + 1h;
    EXPECT_EQ(check(dates), refused(TokenError::NotYetValid));
    dates.not_before.reset();
    EXPECT_EQ(check(dates), refused(TokenError::IssuedInFuture));
}

TEST(CheckNotRevoked, AcceptsAnythingWhileNothingIsRevoked) {
    EXPECT_EQ(check_not_revoked(std::nullopt, {}), kGood);
    EXPECT_EQ(check_not_revoked(kInstantMin, {}), kGood);
}

TEST(CheckNotRevoked, RefusesATokenIssuedAMicrosecondBeforeTheRevocation) {
    EXPECT_EQ(check_not_revoked(kNow, {.user = kNow}), kGood);
    EXPECT_EQ(check_not_revoked(kNow - 1us, {.user = kNow}), refused(TokenError::RevokedForUser));
    EXPECT_EQ(check_not_revoked(kNow, {.app = kNow}), kGood);
    EXPECT_EQ(check_not_revoked(kNow - 1us, {.app = kNow}), refused(TokenError::RevokedForApp));
}

TEST(CheckNotRevoked, RefusesATokenWithoutIatWhileEitherRevocationIsInForce) {
    EXPECT_EQ(check_not_revoked(std::nullopt, {.user = kInstantMin}),
              refused(TokenError::RevokedForUser));
    EXPECT_EQ(check_not_revoked(std::nullopt, {.app = kInstantMin}),
              refused(TokenError::RevokedForApp));
}

TEST(CheckNotRevoked, GoesByTheLaterOfTheTwoAndReportsIt) {
    IssuedBefore const user_later{.app = kNow - 2s, .user = kNow};
    EXPECT_EQ(check_not_revoked(kNow - 1s, user_later), refused(TokenError::RevokedForUser));
    EXPECT_EQ(check_not_revoked(kNow - 3s, user_later), refused(TokenError::RevokedForUser));
    EXPECT_EQ(check_not_revoked(kNow, user_later), kGood);
    IssuedBefore const app_later{.app = kNow, .user = kNow - 2s};
    EXPECT_EQ(check_not_revoked(kNow - 1s, app_later), refused(TokenError::RevokedForApp));
    EXPECT_EQ(check_not_revoked(kNow - 3s, app_later), refused(TokenError::RevokedForApp));
    EXPECT_EQ(check_not_revoked(kNow, app_later), kGood);
}

TEST(CheckNotRevoked, ReportsTheUserWhereBothNameOneInstant) {
    EXPECT_EQ(check_not_revoked(kNow - 1s, {.app = kNow, .user = kNow}),
              refused(TokenError::RevokedForUser));
}

TEST(CheckValidity, ReportsDatesBeforeRevocations) {
    UserClaims claims{.user_id = "john", .role = {}, .dates = {.issued_at = kNow - 1s}};
    EXPECT_EQ(check_validity(claims, {}, kNow, kSkew), kGood);
    EXPECT_EQ(check_validity(claims, {.user = kNow}, kNow, kSkew),
              refused(TokenError::RevokedForUser));
    claims.dates.expires_at = kNow;
    EXPECT_EQ(check_validity(claims, {.user = kNow}, kNow, kSkew), refused(TokenError::Expired));
}

}  // namespace
}  // namespace latchkey::token
