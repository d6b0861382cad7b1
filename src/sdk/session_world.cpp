#include "sdk/session_world.hpp"

namespace latchkey::sdk {
namespace {

constexpr std::string_view kClientName = "latchkey-cpp-" LATCHKEY_VERSION;

std::string with_api_key(std::string_view path, std::string_view api_key) {
    std::string target(path);
    target += path.contains('?') ? "&api_key=" : "?api_key=";
    target += api_key;
    return target;
}

}  // namespace

Request to_request(CallRequest const& call, Credential const& credential, std::string_view api_key,
                   std::string_view request_id) {
    Request request = {
        .method = call.method,
        .target = with_api_key(call.path, api_key),
        .fields = {{"stream-auth-type", credential.token.empty() ? "anonymous" : "jwt"},
                   {"X-Stream-Client", std::string(kClientName)},
                   {"x-client-request-id", std::string(request_id)}},
        .body = call.body,
        .repeatable = call.method == "GET"};
    if (!credential.token.empty()) {
        request.fields.emplace_back("Authorization", credential.token);
    }
    if (!call.body.empty()) {
        request.fields.emplace_back("Content-Type", "application/json");
    }
    return request;
}

std::string make_socket_target(std::string_view api_key) {
    auto target = with_api_key("/api/v2/connect", api_key);
    target += "&stream-auth-type=jwt&X-Stream-Client=";
    target += kClientName;
    return target;
}

}  // namespace latchkey::sdk
