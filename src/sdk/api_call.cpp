#include "sdk/api_call.hpp"

#include <algorithm>
#include <array>

namespace latchkey::sdk {
namespace {

/// 429 of RFC 6585 section 4, and those by which gateways and servers say that it is they who
/// cannot do it now (RFC 9110 section 15.6).
constexpr std::array kPassingStatuses = {429, 502, 503, 504};

}  // namespace

std::string_view client_name() noexcept { return "latchkey-cpp-" LATCHKEY_VERSION; }

Request to_request(ApiCall const& call, Caller const& caller) {
    auto target = call.path;
    target += call.path.contains('?') ? '&' : '?';
    target += "api_key=";
    target += caller.api_key;
    Request request{.method = call.method,
                    .target = std::move(target),
                    .fields = {{"stream-auth-type", caller.token.empty() ? "anonymous" : "jwt"},
                               {"X-Stream-Client", std::string(client_name())},
                               {"x-client-request-id", std::string(caller.request_id)}},
                    .body = call.body,
                    .repeatable = call.repeat == Repeat::Harmless};
    if (!caller.token.empty()) {
        request.fields.emplace_back("Authorization", caller.token);
    }
    if (!call.body.empty()) {
        request.fields.emplace_back("Content-Type", "application/json");
    }
    return request;
}

bool may_repeat(Repeat repeat, std::expected<Response, Failure> const& result) {
    if (result) {
        return repeat == Repeat::Harmless &&
               std::ranges::find(kPassingStatuses, result->status) != kPassingStatuses.end();
    }
    auto const& failure = result.error();
    auto const passing =
        failure.kind == Error::Kind::CannotConnect || failure.kind == Error::Kind::Disconnected;
    return passing && (repeat == Repeat::Harmless || !failure.sent);
}

}  // namespace latchkey::sdk
