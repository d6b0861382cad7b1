#include "api/admin_endpoints.hpp"
#include "api/browser_call.hpp"
#include "api/credentials.hpp"
#include "api/operator_oidc.hpp"
#include "api/replies.hpp"
#include "http/ascii.hpp"

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

/// The value of the cookie that binds a sign-in to its browser; empty: none.
std::string binding_of(http::Request const& request, bool over_tls) {
    auto const name = std::string(over_tls ? "__Secure-" : "") + std::string(OperatorOidc::kCookie);
    auto rest = request.field("cookie");
    while (!rest.empty()) {
        auto const end = std::min(rest.find(';'), rest.size());
        auto const pair = http::trim(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
            return std::string(pair.substr(name.size() + 1));
        }
    }
    return {};
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
    OperatorOidc::Return back{.state = decoded_parameter(call.request, "state"),
                              .code = decoded_parameter(call.request, "code"),
                              .cookie = binding_of(call.request, place.over_tls),
                              .place = std::move(place)};
    return Detour([oidc, back = std::move(back)](auto go_on) mutable {
        oidc->finish(std::move(back), std::move(go_on));
    });
}

}  // namespace latchkey::api::admin
