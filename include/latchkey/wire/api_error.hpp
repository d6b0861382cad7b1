#pragma once

#include <latchkey/token/error.hpp>

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace latchkey::wire {

/// The numbers that SDKs know (protocol section 5.2; docs/reference/errors.md).
enum class ErrorCode : int {
    InternalSystemError = -1,
    AccessKeyError = 2,
    InputError = 4,
    AuthenticationError = 5,
    DuplicateUsernameError = 6,
    RateLimitError = 9,
    DoesNotExistError = 16,
    NotAllowedError = 17,
    PayloadTooBigError = 22,
    RequestTimeoutError = 23,
    MaxHeaderSizeExceededError = 24,
    TokenExpired = 40,  ///< expired or revoked: the only code on which SDKs ask for a new token
    TokenNotValidYet = 41,
    TokenUsedBeforeIssuedAt = 42,
    TokenSignatureInvalid = 43,
    ConnectionIdNotFoundError = 46,
    TooManyConnections = 71,
    AppSuspendedError = 99,
};

/// What a caller is told. `message` is safe to show to anyone; the cause goes to the log.
struct ApiError {
    ErrorCode code;
    int http_status;  ///< RFC 9110 section 15
    std::string message;
    std::map<std::string, std::string> exception_fields{};  ///< field -> reason; validation only
};

/// 400/4.
[[nodiscard]] ApiError input_error(std::string message);
/// 400/4 about one field: `field` is also in `exception_fields`.
[[nodiscard]] ApiError input_error(std::string message, std::string field, std::string reason);

/// `api_key` is named in the text of a bad signature, as the documentation does.
[[nodiscard]] ApiError to_api_error(token::TokenError error, std::string_view api_key);

/// The JSON body of an error (protocol section 5.1). `operation_id` such as `UpdateApp` goes before
/// the message; empty: the message stands alone, as in WebSocket frames.
[[nodiscard]] std::string format_api_error(ApiError const& error, std::string_view operation_id,
                                           std::chrono::nanoseconds duration);

}  // namespace latchkey::wire
