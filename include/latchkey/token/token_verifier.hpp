#pragma once

#include <latchkey/base/instant.hpp>
#include <latchkey/base/secret.hpp>
#include <latchkey/token/error.hpp>
#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/refusal.hpp>
#include <latchkey/token/validity.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::token {

/// Who an accepted token speaks for. Owns what it says: it needs neither token nor verifier.
struct VerifiedIdentity {
    enum class Kind : std::uint8_t {
        User,    ///< one of the App's users
        Server,  ///< the App's backend, which may do anything
    };

    Kind kind{};
    std::string user_id{};  ///< a valid `UserId`; empty for a server
    /// The claim `role` as the signer wrote it; empty where there is none. Latchkey's server takes
    /// only the roles of its own from a token.
    std::string role{};
    std::optional<Instant> issued_at{};
    std::optional<Instant> expires_at{};  ///< absent: never
    std::size_t secret_index = 0;         ///< which of the App's secrets signed it, the first is 0

    bool operator==(VerifiedIdentity const&) const = default;
};

/// Checks an App's tokens in any service that holds its secret: no network, no clock, no log.
///
/// Decides as Latchkey's server does with auth checks on, but for what only the server knows:
/// whether the user was deactivated or deleted. Developer tokens and tokens for the anonymous
/// identity are refused.
///
/// Thread-safe: one for the whole process is enough. The memory for checking belongs to the thread
/// that calls, about 72 KiB from its first call to its end.
class TokenVerifier {
public:
    /// `secrets`: the texts as the operator sees them, newest first; they are not kept. `api_key`
    /// is for `describe` alone.
    /// @throws std::invalid_argument without secrets, with more than `kSecretsMax`, or with an
    /// empty one, which everybody knows.
    explicit TokenVerifier(std::span<Secret const> secrets, std::string api_key = {});
    explicit TokenVerifier(Secret const& secret, std::string api_key = {});

    /// Who `token_text` speaks for at `now`, or the first reason against it in the order of
    /// `TokenError`. `token_text` is the token alone, without `Bearer`.
    ///
    /// `revoked` are the revocations that the caller knows of; a server's token is under none, it
    /// ends with its secret. `exp` counts to the second, `nbf` and `iat` may be `kClockSkewMax`
    /// ahead of `now`.
    ///
    /// Allocates in a thread's first call, and for ids and roles longer than a `std::string` holds
    /// in itself.
    [[nodiscard]] std::expected<VerifiedIdentity, TokenError> verify(
        std::string_view token_text, Instant now, IssuedBefore const& revoked = {}) const;

    /// What to answer and to log: code, rule and text, none of which repeats the token.
    [[nodiscard]] TokenRefusal describe(TokenError error) const;

private:
    std::vector<HmacKey> keys_;
    std::string api_key_;
};

}  // namespace latchkey::token

namespace latchkey {

using token::IssuedBefore;
using token::TokenError;
using token::TokenRefusal;
using token::TokenVerifier;
using token::VerifiedIdentity;

}  // namespace latchkey
