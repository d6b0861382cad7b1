#pragma once

#include "api/trusted_proxies.hpp"
#include "http/message.hpp"

#include <latchkey/wire/api_error.hpp>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// What the admin listener asks of a browser: the cookie of a session, and that it is a page of
/// this listener that makes the call.
namespace latchkey::api {

/// Whether the browser spoke TLS, as far as that is known: a trusted proxy says so.
[[nodiscard]] bool came_over_tls(http::Request const& request, TrustedProxies const& proxies);

/// The value of a cookie that the request shows; empty: none of that name.
[[nodiscard]] std::string_view find_cookie(http::Request const& request, std::string_view name);

/// The id of the session that the request shows; empty: none. Over TLS only the name counts that a
/// browser takes from nobody but this host itself, over TLS (`__Host-`).
[[nodiscard]] std::string_view session_cookie(http::Request const& request, bool over_tls);

/// Header lines that give a browser the session, or take it away.
[[nodiscard]] std::string set_session_cookie(std::string_view id, bool over_tls);
[[nodiscard]] std::string clear_session_cookie(bool over_tls);

enum class CallKind : std::uint8_t {
    Read,
    Change,
    WebSocket,  ///< no rule of the browser keeps another site's page from opening one
};

/// Refuses what a page of another site may have made a browser send: `Origin`, where there is one,
/// has to be this listener's, and `Sec-Fetch-Site`, where there is one, `same-origin`. A change
/// comes as JSON, which no form can send; a WebSocket with an `Origin`.
[[nodiscard]] std::expected<void, wire::ApiError> check_browser_call(http::Request const& request,
                                                                     bool over_tls, CallKind kind);

}  // namespace latchkey::api
