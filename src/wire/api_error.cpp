#include <latchkey/wire/api_error.hpp>

#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <latchkey/base/ids.hpp>

#include <algorithm>
#include <utility>

namespace latchkey::wire {
namespace {

/// The documented value (protocol section 5.1): SDKs show it, some compare it.
constexpr std::string_view kMoreInfo = "https://getstream.io/chat/docs/api_errors_response";

constexpr int kUnauthorized = 401;  // RFC 9110 section 15.5.2
constexpr int kBadRequest = 400;    // RFC 9110 section 15.5.1

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
    return "JWTAuth error: signature is not valid. Make sure the token is created using the secret "
           "for API key \"" +
           shown_api_key(api_key) + '"';
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
    "true. "
    "In a user's token leave it out; was user_id meant?";
constexpr std::string_view kServerWithUserIdText =
    "JWTAuth error: the token has both server and user_id. Leave server out of a user's token, and "
    "user_id out of a server's";
constexpr std::string_view kUserIdMissingText =
    "JWTAuth error: the token has no user_id, and claims that a server's token does not have. Was "
    "user_id meant?";

/// The text of what cannot be read, code 5.
std::string_view authentication_text(token::TokenError error) {
    switch (error) {
        using enum token::TokenError;
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
        // The rest has codes of its own, in `to_api_error`.
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

ApiError unauthorized(ErrorCode code, std::string_view text) {
    return {.code = code, .http_status = kUnauthorized, .message = std::string(text)};
}

void append_fields(std::string& out, std::map<std::string, std::string> const& fields) {
    out += R"(,"exception_fields":{)";
    bool first = true;
    for (auto const& [field, reason] : fields) {
        if (!std::exchange(first, false)) {
            out += ',';
        }
        append_json_string(out, field);
        out += ':';
        append_json_string(out, reason);
    }
    out += '}';
}

}  // namespace

ApiError input_error(std::string message) {
    return {
        .code = ErrorCode::InputError, .http_status = kBadRequest, .message = std::move(message)};
}

ApiError input_error(std::string message, std::string field, std::string reason) {
    auto error = input_error(std::move(message));
    error.exception_fields.emplace(std::move(field), std::move(reason));
    return error;
}

ApiError to_api_error(token::TokenError error, std::string_view api_key) {
    switch (error) {
        using enum token::TokenError;
        case Expired:
            return unauthorized(ErrorCode::TokenExpired, "JWTAuth error: token is expired (exp)");
        // The same code as expired: the only one on which every SDK asks for a new token.
        case RevokedForUser:
        case RevokedForApp:
            return unauthorized(ErrorCode::TokenExpired,
                                "JWTAuth error: token is expired (revoked)");
        case NotYetValid:
            return unauthorized(ErrorCode::TokenNotValidYet,
                                "JWTAuth error: token is not valid yet (nbf)");
        case IssuedInFuture:
            return unauthorized(ErrorCode::TokenUsedBeforeIssuedAt,
                                "JWTAuth error: token used before issue at (iat)");
        case AlgorithmNotAllowed:
            return unauthorized(ErrorCode::TokenSignatureInvalid,
                                "JWTAuth error: signing method is not allowed. Sign the token with "
                                "HS256 and the API secret");
        case SignatureMismatch:
            return unauthorized(ErrorCode::TokenSignatureInvalid, signature_text(api_key));
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
        case UserIdMissing:
            return unauthorized(ErrorCode::AuthenticationError, authentication_text(error));
    }
    std::unreachable();
}

std::string format_api_error(ApiError const& error, std::string_view operation_id,
                             std::chrono::nanoseconds duration) {
    std::string out = R"({"code":)";
    append_json_number(out, static_cast<int>(error.code));
    out += R"(,"message":)";
    if (operation_id.empty()) {
        append_json_string(out, error.message);
    } else {
        append_json_string(
            out, std::string(operation_id) + " failed with error: \"" + error.message + '"');
    }
    out += R"(,"StatusCode":)";
    append_json_number(out, error.http_status);
    out += R"(,"duration":)";
    append_duration(out, duration);
    out += R"(,"more_info":)";
    append_json_string(out, kMoreInfo);
    // Always there and always empty: Swift cannot decode an error without it, and the SDKs do not
    // agree on what its elements are.
    out += R"(,"details":[])";
    if (!error.exception_fields.empty()) {
        append_fields(out, error.exception_fields);
    }
    out += '}';
    return out;
}

}  // namespace latchkey::wire
