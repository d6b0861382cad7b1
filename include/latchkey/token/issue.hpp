#pragma once

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace latchkey::token {

/// How long a token lives that this product mints itself, unless told otherwise.
inline constexpr std::chrono::seconds kDefaultValidity{3600};

/// What a new user token is to say. Instants are cut to whole seconds, downwards: a token neither
/// lives longer than was asked for nor claims to be newer than it is, which would let it outlive a
/// revocation later in the same second.
struct UserTokenContent {
    UserId user_id;
    std::optional<Instant> issued_at{};   ///< absent: no `iat`; such a token dies by any revocation
    std::optional<Instant> expires_at{};  ///< absent: never expires
    /// Members of the claims to stand behind these: JSON without braces, such as `"role":"host"`.
    /// Not looked into; well-formed and with names of their own. Empty: none.
    std::string further_members{};
};

/// The `issued_at` of a token that is made at `now`: this second; or, where a revocation of tokens
/// issued before `revoked_before` is in force, the first one that it does not cover, so that a
/// fresh token is never void already. Empty where that one lies more than `kClockSkewMax` ahead:
/// there is no token yet that would be accepted.
[[nodiscard]] std::optional<Instant> choose_issued_at(
    Instant now, std::optional<Instant> revoked_before) noexcept;

/// A compact JWS, HS256, with the header that every SDK writes (RFC 7515 section 7.1).
[[nodiscard]] std::string issue_user_token(UserTokenContent const& content, HmacKey const& key);

/// `{"server":true}`, or with `iat` where given: speaks for the App's backend.
[[nodiscard]] std::string issue_server_token(HmacKey const& key,
                                             std::optional<Instant> issued_at = std::nullopt);

/// What a client's `devToken` makes: unsigned, good only while the App's auth checks are off.
[[nodiscard]] std::string make_developer_token(UserId const& user_id);

}  // namespace latchkey::token
