#include <latchkey/token/validity.hpp>

namespace latchkey::token {

std::expected<void, TokenError> check_dates(TokenDates const& dates, Instant now,
                                            std::chrono::seconds skew) noexcept {
    // RFC 7519 section 4.1.4: "on or after which the JWT MUST NOT be accepted". The allowance for
    // clock skew that the section permits is not made: a token never outlives what was asked for.
    if (dates.expires_at && now >= *dates.expires_at) {
        return std::unexpected(TokenError::Expired);
    }
    // Section 4.1.5: "before which the JWT MUST NOT be accepted", "some small leeway" allowed.
    if (dates.not_before && *dates.not_before > now + skew) {
        return std::unexpected(TokenError::NotYetValid);
    }
    if (dates.issued_at && *dates.issued_at > now + skew) {
        return std::unexpected(TokenError::IssuedInFuture);
    }
    return {};
}

std::expected<void, TokenError> check_not_revoked(std::optional<Instant> issued_at,
                                                  IssuedBefore const& revoked) noexcept {
    // An empty optional is smaller than any instant: without revocations nothing is covered, and
    // where both scopes name the same instant the narrower one, the user's, is reported.
    auto const by_user = revoked.user >= revoked.app;
    auto const& latest = by_user ? revoked.user : revoked.app;
    if (latest && (!issued_at || *issued_at < *latest)) {
        return std::unexpected(by_user ? TokenError::RevokedForUser : TokenError::RevokedForApp);
    }
    return {};
}

std::expected<void, TokenError> check_validity(UserClaims const& claims,
                                               IssuedBefore const& revoked, Instant now,
                                               std::chrono::seconds skew) noexcept {
    auto const in_time = check_dates(claims.dates, now, skew);
    return in_time ? check_not_revoked(claims.dates.issued_at, revoked) : in_time;
}

}  // namespace latchkey::token
