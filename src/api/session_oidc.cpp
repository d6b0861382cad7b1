#include "api/admin_endpoints.hpp"
#include "api/browser_call.hpp"
#include "api/credentials.hpp"
#include "api/operator_oidc.hpp"
#include "api/replies.hpp"

#include <string>
#include <string_view>
#include <utility>

/// Signing in by an identity provider: there and back.
namespace latchkey::api::admin {
namespace {

/// Where the browser reached this listener, as it says itself: only the provider decides whether
/// people may be sent back there.
std::string origin_of(http::Request const& request, bool over_tls) {
    return (over_tls ? "https://" : "http://") + std::string(request.field("host"));
}

std::string decoded_parameter(http::Request const& request, std::string_view name) {
    std::string storage;
    return std::string(query_parameter(request.query, name, storage));
}

}  // namespace

AdminReply begin_oidc(AdminCall const& call) {
    auto* oidc = call.world.oidc;
    if (oidc == nullptr) {
        return std::unexpected(nothing_here());
    }
    bool const over_tls = came_over_tls(call.request, call.world.node->proxies);
    return Detour([oidc, origin = origin_of(call.request, over_tls), over_tls](auto go_on) mutable {
        oidc->begin(std::move(origin), over_tls, std::move(go_on));
    });
}

AdminReply finish_oidc(AdminCall const& call) {
    auto* oidc = call.world.oidc;
    if (oidc == nullptr) {
        return std::unexpected(nothing_here());
    }
    auto place = place_of(call);
    OperatorOidc::Return back{
        .state = decoded_parameter(call.request, "state"),
        .code = decoded_parameter(call.request, "code"),
        .cookie = std::string(find_cookie(call.request, OperatorOidc::cookie_name(place.over_tls))),
        .place = std::move(place)};
    return Detour([oidc, back = std::move(back)](auto go_on) mutable {
        oidc->finish(std::move(back), std::move(go_on));
    });
}

}  // namespace latchkey::api::admin
