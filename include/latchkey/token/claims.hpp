#pragma once

#include <latchkey/base/instant.hpp>

#include <optional>
#include <string_view>
#include <variant>

namespace latchkey::token {

/// The dates of a token. Absent: the claim is not there. Seconds on the wire (RFC 7519 section 2),
/// fractions allowed.
struct TokenDates {
    std::optional<Instant> expires_at{};  ///< `exp`; absent: never expires
    std::optional<Instant> not_before{};  ///< `nbf`
    std::optional<Instant> issued_at{};   ///< `iat`

    bool operator==(TokenDates const&) const = default;
};

/// What a user's token says, its signature checked. Only a `Verifier` makes one.
/// The views point into the verifier and live until its next call.
struct UserClaims {
    std::string_view user_id;  ///< a valid `UserId`, or `kAnonymousUserId`
    std::string_view role;     ///< `role`; empty where absent or not a string
    TokenDates dates;
};

/// What a backend's token says: it speaks for the App (protocol: no `user_id`, and nothing but
/// `server: true`, `iat`, `exp`, `nbf`).
struct ServerClaims {
    TokenDates dates;
};

using Claims = std::variant<UserClaims, ServerClaims>;

}  // namespace latchkey::token
