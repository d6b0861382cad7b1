#include "api/errors.hpp"

#include <string>
#include <utility>
#include <variant>

namespace latchkey::api {

using wire::ApiError;
using wire::ErrorCode;

ApiError to_api_error(domain::Refusal const& refusal, std::string_view api_key) {
    if (auto const* cause = std::get_if<token::TokenError>(&refusal.cause)) {
        return wire::to_api_error(*cause, api_key);
    }
    switch (std::get<domain::AuthError>(refusal.cause)) {
        using enum domain::AuthError;
        case ApiKeyMissing:
            return {.code = ErrorCode::AccessKeyError,
                    .http_status = 401,
                    .message = "api_key not provided"};
        case ApiKeyUnknown:
            return {.code = ErrorCode::AccessKeyError,
                    .http_status = 401,
                    .message = "api_key not valid"};
        case AppSuspended:
            return {.code = ErrorCode::AppSuspendedError,
                    .http_status = 403,
                    .message = "the app is suspended"};
        case AuthTypeInvalid:
            return {.code = ErrorCode::AuthenticationError,
                    .http_status = 401,
                    .message = "stream-auth-type missing or invalid: send jwt or anonymous"};
        case AnonymousWithUserId:
            return {.code = ErrorCode::AuthenticationError,
                    .http_status = 401,
                    .message = "anon auth token must have user_id claim equal to '!anon'"};
        case UserDeactivated:
            return {.code = ErrorCode::AuthenticationError,
                    .http_status = 401,
                    .message = "the user is deactivated"};
        case UserDeleted:
            return {.code = ErrorCode::AuthenticationError,
                    .http_status = 401,
                    .message = "the user was deleted"};
    }
    std::unreachable();
}

ApiError to_api_error(domain::EditFailure const& failure) {
    auto const& id = failure.user_id.text();
    switch (failure.cause) {
        using enum domain::EditFailure::Cause;
        case UserUnknown:
            return {.code = ErrorCode::DoesNotExistError,
                    .http_status = 404,
                    .message = "user " + id + " not found"};
        case UserDeleted:
            return {.code = ErrorCode::DoesNotExistError,
                    .http_status = 404,
                    .message = "user " + id + " was deleted"};
        case NameTaken:
            return {.code = ErrorCode::DuplicateUsernameError,
                    .http_status = 400,
                    .message = "the name of user " + id + " is taken by another user"};
        case EditRefused: return wire::input_error("user " + id + ": " + failure.why);
    }
    std::unreachable();
}

ApiError not_allowed(domain::CallerKind kind, std::string_view user_id, std::string_view role,
                     std::string_view action) {
    std::string message = "User '";
    message += kind == domain::CallerKind::Anonymous ? kAnonymousUserId : user_id;
    message += "' with role '";
    message += role;
    message += "' is not allowed to perform action ";
    message += action;
    return {.code = ErrorCode::NotAllowedError, .http_status = 403, .message = std::move(message)};
}

ApiError store_unavailable() {
    return {.code = ErrorCode::InternalSystemError,
            .http_status = 503,
            .message = "the store cannot be reached now; try again later"};
}

}  // namespace latchkey::api
