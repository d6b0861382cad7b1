#pragma once

#include <latchkey/base/instant.hpp>
#include <latchkey/token/claims.hpp>
#include <latchkey/token/error.hpp>

#include <chrono>
#include <expected>
#include <optional>

namespace latchkey::token {

/// How far a signer's clock may be ahead of ours, for `iat` and `nbf`. `exp` has no such allowance.
inline constexpr std::chrono::seconds kClockSkewMax{10};

/// The revocations in force for one user: tokens issued before these instants are void.
/// An empty member: nothing was revoked, or the revocation was undone.
struct IssuedBefore {
    std::optional<Instant> app{};
    std::optional<Instant> user{};
};

/// Decides whether a token's dates let it in at `now`; first of `Expired` (from the second of `exp`
/// on, no skew), `NotYetValid` and `IssuedInFuture` (more than `skew` ahead of `now`).
///
/// Pure: reads no clock. A token without `exp` never expires. Thread-safe.
[[nodiscard]] std::expected<void, TokenError> check_dates(TokenDates const& dates, Instant now,
                                                          std::chrono::seconds skew) noexcept;

/// Decides whether a revocation covers a token: refused when `iat` is earlier than the later of the
/// two instants, compared exactly, or absent while either is in force. Reports the scope whose
/// instant is the later one. For users' tokens only; a server's ends with its secret. Thread-safe.
[[nodiscard]] std::expected<void, TokenError> check_not_revoked(
    std::optional<Instant> issued_at, IssuedBefore const& revoked) noexcept;

/// `check_dates`, then `check_not_revoked`.
[[nodiscard]] std::expected<void, TokenError> check_validity(UserClaims const& claims,
                                                             IssuedBefore const& revoked,
                                                             Instant now,
                                                             std::chrono::seconds skew) noexcept;

}  // namespace latchkey::token
