#pragma once

#include <cstdint>
#include <string_view>

namespace latchkey::token {

/// Why a token is refused; one cause each, so that the wire code, the text and `explain` can tell
/// them apart. In the order in which the checks are made.
enum class TokenError : std::uint8_t {
    Missing,              ///< no token at all, or an empty one
    TooLong,              ///< over `kTokenBytesMax`
    WrongSegmentCount,    ///< not three non-empty parts (RFC 7515 section 3.1)
    NotBase64Url,         ///< a part is not canonical base64url (RFC 7515 section 2)
    HeaderNotJson,        ///< the header is not one JSON object, or nested too deep
    HeaderDuplicateName,  ///< a header parameter stands twice (RFC 7515 section 4)
    HeaderCritical,       ///< `crit` or `b64`: extensions are not understood (RFC 7515 4.1.11)
    TypeNotAllowed,       ///< `typ` is neither absent nor `JWT` or `application/jwt`
    AlgorithmNotAllowed,  ///< `alg` is anything but HS256 (RFC 8725 section 3.1)
    SignatureMismatch,    ///< no live secret of the App made this MAC
    ClaimsNotJson,        ///< the claims are not one JSON object, or nested too deep
    ClaimDuplicateName,   ///< a claim stands twice (RFC 7519 section 4)
    TooManyClaims,        ///< over `kClaimsMax`
    UserIdNotText,        ///< `user_id` is not a string
    UserIdInvalid,        ///< `user_id` is empty, too long, or has characters that ids do not have
    DateNotNumber,        ///< `exp`, `iat` or `nbf` is not a number
    DateOutOfRange,       ///< a date before 1970 or after 9999: milliseconds are the usual cause
    ServerNotTrue,     ///< `server` is not a boolean, or false where nothing else tells who it is
    ServerWithUserId,  ///< `server: true` and `user_id` in one token
    UserIdMissing,     ///< no `user_id`, and claims that a server's token does not have
    Expired,           ///< `exp` has come (RFC 7519 section 4.1.4)
    NotYetValid,       ///< `nbf` has not come (section 4.1.5)
    IssuedInFuture,    ///< `iat` lies further ahead than the allowed clock skew
    RevokedForUser,    ///< issued before the user's revocation, or without `iat` under one
    RevokedForApp,     ///< issued before the App's revocation, or without `iat` under one
};

/// The stable name of the rule that decided, in snake case: `expired`, `revoked_for_user`, …
[[nodiscard]] std::string_view rule_name(TokenError error) noexcept;

}  // namespace latchkey::token
