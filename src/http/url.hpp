#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace latchkey::http {

/// An absolute URL of `http` or `https`, taken apart (RFC 3986 section 3).
struct Url {
    bool tls = false;
    std::string host;        ///< a name or an address; of IPv6 without brackets
    std::uint16_t port = 0;  ///< 80 or 443 where none is named
    std::string path;        ///< as written: empty, or `/…`
    std::string query;       ///< behind `?`; empty where there is none

    /// Path and query, as a request has them.
    [[nodiscard]] std::string target() const;
    /// The whole URL again; the port only where it is not the scheme's.
    [[nodiscard]] std::string text() const;
    bool operator==(Url const&) const = default;
};

/// In the order in which the checks are made.
enum class UrlError : std::uint8_t {
    Scheme,    ///< neither `http` nor `https`
    Fragment,  ///< nobody but a browser can do something with it
    UserInfo,  ///< a name or a password in front of the host
    Host,      ///< none, or what cannot be one
    Port,      ///< not 1 to 65535
    Path,      ///< path or query has a character that would need escaping
};

/// Takes no text that would need escaping; percent signs pass as they are. Pure.
[[nodiscard]] std::expected<Url, UrlError> parse_url(std::string_view text);

/// Whether `host` is this machine by its very name: `localhost`, 127.0.0.0/8 or `::1`.
[[nodiscard]] bool is_loopback_host(std::string_view host) noexcept;

}  // namespace latchkey::http
