#include "api/browser_call.hpp"

#include "http/ascii.hpp"

#include <string>
#include <utility>

namespace latchkey::api {
namespace {

using wire::ApiError;

constexpr std::string_view kPlainName = "latchkey-session";
constexpr std::string_view kTlsName = "__Host-latchkey-session";
constexpr std::string_view kAttributes = "; Path=/; HttpOnly; SameSite=Strict";

/// Takes what stands before the separator off, and the separator.
std::string_view take_part(std::string_view& list, char separator) {
    auto const end = list.find(separator);
    auto const part = list.substr(0, end);
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    return http::trim(part);
}

std::string cookie_line(std::string_view id, bool over_tls, std::string_view more) {
    std::string line = "Set-Cookie: ";
    line += over_tls ? kTlsName : kPlainName;
    line += '=';
    line += id;
    line += kAttributes;
    line += over_tls ? "; Secure" : "";
    line += more;
    line += "\r\n";
    return line;
}

/// `https://host:port` and nothing behind it; where TLS is not known of, `http://` too: a proxy
/// need not say that it speaks TLS.
bool is_own_origin(std::string_view origin, std::string_view host, bool over_tls) {
    for (std::string_view const scheme : {"https://", "http://"}) {
        if (origin.starts_with(scheme)) {
            bool const may_be = !over_tls || scheme == "https://";
            return may_be && !host.empty() &&
                   http::equals_ignoring_case(origin.substr(scheme.size()), host);
        }
    }
    return false;
}

ApiError refusal(int status, std::string message) {
    return {.code = status == 403 ? wire::ErrorCode::NotAllowedError : wire::ErrorCode::InputError,
            .http_status = status,
            .message = std::move(message)};
}

bool is_json(std::string_view content_type) {
    return http::equals_ignoring_case(http::trim(content_type.substr(0, content_type.find(';'))),
                                      "application/json");
}

}  // namespace

bool came_over_tls(http::Request const& request, TrustedProxies const& proxies) {
    auto const said = request.field("x-forwarded-proto");
    // The last one is what the proxy next to us put there.
    return http::equals_ignoring_case(http::trim(said.substr(said.rfind(',') + 1)), "https") &&
           proxies.contains(request.peer_address);
}

std::string_view find_cookie(http::Request const& request, std::string_view name) {
    auto cookies = request.field("cookie");
    while (!cookies.empty()) {
        auto value = take_part(cookies, ';');
        if (take_part(value, '=') == name) {
            return http::trim(value);
        }
    }
    return {};
}

std::string_view session_cookie(http::Request const& request, bool over_tls) {
    return find_cookie(request, over_tls ? kTlsName : kPlainName);
}

std::string set_session_cookie(std::string_view id, bool over_tls) {
    return cookie_line(id, over_tls, {});
}

std::string clear_session_cookie(bool over_tls) { return cookie_line({}, over_tls, "; Max-Age=0"); }

std::expected<void, ApiError> check_browser_call(http::Request const& request, bool over_tls,
                                                 CallKind kind) {
    auto const origin = request.field("origin");
    if (origin.empty() ? kind == CallKind::WebSocket
                       : !is_own_origin(origin, request.field("host"), over_tls)) {
        return std::unexpected(
            refusal(403, "a page of another site cannot call the admin API for you"));
    }
    auto const site = request.field("sec-fetch-site");
    bool const by_hand = site == "none" && kind == CallKind::Read;
    if (!site.empty() && site != "same-origin" && !by_hand) {
        return std::unexpected(
            refusal(403, "another site cannot call the admin API for you: Sec-Fetch-Site"));
    }
    if (kind == CallKind::Change && !is_json(request.field("content-type"))) {
        return std::unexpected(
            refusal(415, "a call that changes something wants Content-Type: application/json"));
    }
    return {};
}

}  // namespace latchkey::api
