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
    auto place = place_of(call);
    auto origin = origin_of(call.request, place.over_tls);
    return Detour([oidc, origin = std::move(origin), place = std::move(place)](auto go_on) mutable {
        oidc->begin(std::move(origin), std::move(place), std::move(go_on));
    });
}

AdminReply finish_oidc(AdminCall const& call) {
    auto* oidc = call.world.oidc;
    if (oidc == nullptr) {
        return std::unexpected(nothing_here());
    }
    auto place = place_of(call);
    auto state = decoded_parameter(call.request, "state");
    std::string cookie(find_cookie(call.request, OperatorOidc::cookie_name(state, place.over_tls)));
    OperatorOidc::Return back{.state = std::move(state),
                              .code = decoded_parameter(call.request, "code"),
                              .cookie = std::move(cookie),
                              .place = std::move(place)};
    return Detour([oidc, back = std::move(back)](auto go_on) mutable {
        oidc->finish(std::move(back), std::move(go_on));
    });
}

}  // namespace latchkey::api::admin
