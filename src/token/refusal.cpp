#include <latchkey/token/refusal.hpp>

#include <latchkey/base/ids.hpp>

#include <algorithm>
#include <utility>

namespace latchkey::token {
namespace {

// The numbers that the official SDKs know (protocol section 5.2).
constexpr int kAuthenticationError = 5;
constexpr int kTokenExpired = 40;  // the only one on which every SDK asks for a new token
constexpr int kTokenNotValidYet = 41;
constexpr int kTokenUsedBeforeIssuedAt = 42;
constexpr int kTokenSignatureInvalid = 43;

/// A key is named in a text only as far as it could be one: it comes from the caller.
std::string shown_api_key(std::string_view api_key) {
    std::string shown(api_key.substr(0, kApiKeyBytesMax));
    std::ranges::replace_if(
        shown, [](char c) { return c < ' ' || c > '~' || c == '"' || c == '\\'; }, '?');
    if (api_key.size() > kApiKeyBytesMax) {
        shown += "...";
    }
    return shown;
}

std::string signature_text(std::string_view api_key) {
    std::string text =
        "JWTAuth error: signature is not valid. Make sure the token is created using ";
    return api_key.empty() ? text + "the App's API secret"
                           : text + "the secret for API key \"" + shown_api_key(api_key) + '"';
}

constexpr std::string_view kTypeText =
    "JWTAuth error: the header parameter typ is not JWT. Leave it out, or write JWT";
constexpr std::string_view kUserIdInvalidText =
    "JWTAuth error: user_id is not a valid user id. It has 1 to 255 of the characters a-z, A-Z, "
    "0-9, @, _ and -";
constexpr std::string_view kDateRangeText =
    "JWTAuth error: exp, iat or nbf lies before 1970 or after the year 9999. They count seconds, "
    "not milliseconds";
constexpr std::string_view kServerNotTrueText =
    "JWTAuth error: json: cannot unmarshal the claim server: a server's token has the boolean "
    "true. In a user's token leave it out; was user_id meant?";
constexpr std::string_view kServerWithUserIdText =
    "JWTAuth error: the token has both server and user_id. Leave server out of a user's token, and "
    "user_id out of a server's";
constexpr std::string_view kUserIdMissingText =
    "JWTAuth error: the token has no user_id, and claims that a server's token does not have. Was "
    "user_id meant?";

/// The text of what cannot be read, code 5.
std::string_view authentication_text(TokenError error) {
    switch (error) {
        using enum TokenError;
        case Missing: return "JWTAuth error: no token was sent. Send it as Authorization header";
        case TooLong: return "JWTAuth error: token is longer than 8192 bytes. Use fewer claims";
        case WrongSegmentCount:
            return "JWTAuth error: token contains an invalid number of segments";
        case NotBase64Url:
            return "JWTAuth error: token is not base64url without padding. Send it as it was made";
        case HeaderNotJson: return "JWTAuth error: token header is not a JSON object";
        case HeaderDuplicateName: return "JWTAuth error: a name stands twice in the token header";
        case HeaderCritical:
            return "JWTAuth error: the header parameters crit and b64 are not supported";
        case TypeNotAllowed: return kTypeText;
        case ClaimsNotJson: return "JWTAuth error: token claims are not a JSON object";
        case ClaimDuplicateName: return "JWTAuth error: a claim stands twice in the token";
        case TooManyClaims: return "JWTAuth error: token has more than 128 claims";
        case UserIdNotText:
            return "JWTAuth error: json: cannot unmarshal the claim user_id: it must be a string";
        case UserIdInvalid: return kUserIdInvalidText;
        case DateNotNumber:
            return "JWTAuth error: json: cannot unmarshal exp, iat or nbf: each must be a number "
                   "of "
                   "seconds since 1970";
        case DateOutOfRange: return kDateRangeText;
        case ServerNotTrue: return kServerNotTrueText;
        case ServerWithUserId: return kServerWithUserIdText;
        case UserIdMissing: return kUserIdMissingText;
        // The rest has codes of its own, in `describe_refusal`.
        case AlgorithmNotAllowed:
        case SignatureMismatch:
        case Expired:
        case NotYetValid:
        case IssuedInFuture:
        case RevokedForUser:
        case RevokedForApp: break;
    }
    std::unreachable();
}

}  // namespace

TokenRefusal describe_refusal(TokenError error, std::string_view api_key) {
    auto const refusal = [error](int code, std::string_view message) {
        return TokenRefusal{
            .code = code, .rule = rule_name(error), .message = std::string(message)};
    };
    switch (error) {
        using enum TokenError;
        case Expired: return refusal(kTokenExpired, "JWTAuth error: token is expired (exp)");
        // The same code as expired: a new token is what helps.
        case RevokedForUser:
        case RevokedForApp:
            return refusal(kTokenExpired, "JWTAuth error: token is expired (revoked)");
        case NotYetValid:
            return refusal(kTokenNotValidYet, "JWTAuth error: token is not valid yet (nbf)");
        case IssuedInFuture:
            return refusal(kTokenUsedBeforeIssuedAt,
                           "JWTAuth error: token used before issue at (iat)");
        case AlgorithmNotAllowed:
            return refusal(kTokenSignatureInvalid,
                           "JWTAuth error: signing method is not allowed. Sign the token with "
                           "HS256 and the API secret");
        case SignatureMismatch: return refusal(kTokenSignatureInvalid, signature_text(api_key));
        case Missing:
        case TooLong:
        case WrongSegmentCount:
        case NotBase64Url:
        case HeaderNotJson:
        case HeaderDuplicateName:
        case HeaderCritical:
        case TypeNotAllowed:
        case ClaimsNotJson:
        case ClaimDuplicateName:
        case TooManyClaims:
        case UserIdNotText:
        case UserIdInvalid:
        case DateNotNumber:
        case DateOutOfRange:
        case ServerNotTrue:
        case ServerWithUserId:
        case UserIdMissing: return refusal(kAuthenticationError, authentication_text(error));
    }
    std::unreachable();
}

}  // namespace latchkey::token
