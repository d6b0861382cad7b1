#include "sdk/answers.hpp"

#include "wire/json.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace latchkey::sdk {
namespace {

constexpr std::size_t kMessageBytesMax = 4096;  ///< of a text that came from outside

/// Those that the official SDKs repeat (protocol section 5.2).
constexpr std::array kRetryableCodes = {-1, 9, 23, 71};

/// 408, 429 and 5xx say that the same may go well later (RFC 9110 section 15, RFC 6585).
bool is_passing(int http_status) {
    return http_status == 408 || http_status == 429 || http_status >= 500;
}

int read_int(boost::json::object const& object, std::string_view name) {
    auto const* const value = object.if_contains(name);
    if (value == nullptr || !value->is_int64()) {
        return 0;
    }
    constexpr std::int64_t kMax = 1'000'000;
    auto const number = value->get_int64();
    return number >= -kMax && number <= kMax ? static_cast<int>(number) : 0;
}

}  // namespace

Error read_error(boost::json::object const& error) {
    auto const code = read_int(error, "code");
    auto const status = read_int(error, "StatusCode");
    auto const* const message = error.if_contains("message");
    auto const has_message = message != nullptr && message->is_string();
    if (code == 0) {
        return {.kind = Error::Kind::BadAnswer,
                .http_status = status,
                .message = "the server's error has no code",
                .may_retry = is_passing(status)};
    }
    return {.kind = Error::Kind::Api,
            .code = code,
            .http_status = status,
            .message = has_message ? std::string(message->get_string()).substr(0, kMessageBytesMax)
                                   : std::string("the server gave no reason"),
            .may_retry = is_passing(status) ||
                         std::ranges::find(kRetryableCodes, code) != kRetryableCodes.end()};
}

Error read_error(Response const& response) {
    auto const body = wire::parse_json_object(response.body);
    auto error = body ? read_error(*body)
                      : Error{.kind = Error::Kind::BadAnswer,
                              .message = "the answer is none of the API's: HTTP status " +
                                         std::to_string(response.status)};
    error.http_status = response.status;
    error.may_retry = error.may_retry || is_passing(response.status);
    return error;
}

Error to_error(Failure const& failure) {
    using enum Error::Kind;
    return {.kind = failure.kind,
            .message = failure.message,
            .may_retry = failure.kind == CannotConnect || failure.kind == TimedOut ||
                         failure.kind == Disconnected};
}

}  // namespace latchkey::sdk
