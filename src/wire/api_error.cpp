#include <latchkey/wire/api_error.hpp>

#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <latchkey/token/refusal.hpp>

#include <utility>

namespace latchkey::wire {
namespace {

/// The documented value (protocol section 5.1): SDKs show it, some compare it.
constexpr std::string_view kMoreInfo = "https://getstream.io/chat/docs/api_errors_response";

constexpr int kUnauthorized = 401;  // RFC 9110 section 15.5.2
constexpr int kBadRequest = 400;    // RFC 9110 section 15.5.1

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
    auto refusal = token::describe_refusal(error, api_key);
    return {.code = static_cast<ErrorCode>(refusal.code),
            .http_status = kUnauthorized,
            .message = std::move(refusal.message)};
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
