#include "sdk/session_world.hpp"

#include "sdk/api_call.hpp"

namespace latchkey::sdk {

Request to_request(CallRequest const& call, Credential const& credential, std::string_view api_key,
                   std::string_view request_id) {
    return to_request(
        ApiCall{.method = call.method,
                .path = call.path,
                .body = call.body,
                .repeat = call.method == "GET" ? Repeat::Harmless : Repeat::OnlyIfUnsent},
        Caller{.api_key = api_key, .token = credential.token, .request_id = request_id});
}

std::string make_socket_target(std::string_view api_key) {
    std::string target = "/api/v2/connect?api_key=";
    target += api_key;
    target += "&stream-auth-type=jwt&X-Stream-Client=";
    target += client_name();
    return target;
}

}  // namespace latchkey::sdk
