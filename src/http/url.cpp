#include "http/url.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

namespace latchkey::http {
namespace {

constexpr std::size_t kHostCharactersMax = 253;  // RFC 1035 section 2.3.4, without the last dot

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_alphanumeric(char c) { return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z'); }

/// `reg-name` without escapes; underscores occur in the names of containers.
bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= kHostCharactersMax && is_alphanumeric(text.front()) &&
           std::ranges::all_of(
               text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

/// The alphabet of an IPv6 address; whether it is one is found out when it is connected to.
bool is_bracketed_address(std::string_view text) {
    return text.contains(':') && std::ranges::all_of(text, [](char c) {
               return c == ':' || c == '.' || (is_alphanumeric(c) && to_lower(c) <= 'f');
           });
}

/// `pchar` and `/` of RFC 3986 section 3.3, and `?` of section 3.4.
bool is_path_or_query(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || std::string_view("/-._~!$&'()*+,;=:@%?").contains(c);
    });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc() || stop != end || port == 0) {
        return std::nullopt;
    }
    return port;
}

/// Takes the scheme off. False: it is another.
bool take_scheme(std::string_view& text, Url& url) {
    auto const end = text.find("://");
    if (end == text.npos) {
        return false;
    }
    auto const scheme = text.substr(0, end);
    text.remove_prefix(end + 3);
    url.tls = equals_ignoring_case(scheme, "https");
    url.port = url.tls ? 443 : 80;
    return url.tls || equals_ignoring_case(scheme, "http");
}

/// Takes the host off. False: there is none that can be one.
bool take_host(std::string_view& authority, Url& url) {
    bool const bracketed = authority.starts_with('[');
    auto const end =
        bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
    if (end == authority.npos) {
        return false;
    }
    url.host = authority.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
    authority.remove_prefix(bracketed ? end + 1 : end);
    return bracketed ? is_bracketed_address(url.host) : is_host_name(url.host);
}

/// Four numbers with dots, the first of them 127.
bool is_ipv4_loopback(std::string_view host) {
    return host.starts_with("127.") && std::ranges::count(host, '.') == 3 &&
           std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; });
}

}  // namespace

std::string Url::target() const {
    auto text = path.empty() ? std::string("/") : path;
    return query.empty() ? text : text + '?' + query;
}

std::string Url::text() const {
    auto authority = host.contains(':') ? '[' + host + ']' : host;
    if (port != (tls ? 443 : 80)) {
        authority += ':' + std::to_string(port);
    }
    return (tls ? "https://" : "http://") + authority + target();
}

std::expected<Url, UrlError> parse_url(std::string_view text) {
    Url url;
    if (!take_scheme(text, url)) {
        return std::unexpected(UrlError::Scheme);
    }
    if (text.contains('#')) {
        return std::unexpected(UrlError::Fragment);
    }
    auto const end = std::min(text.find_first_of("/?"), text.size());
    auto authority = text.substr(0, end);
    auto const behind = text.substr(end);
    if (authority.contains('@')) {
        return std::unexpected(UrlError::UserInfo);
    }
    if (!take_host(authority, url)) {
        return std::unexpected(UrlError::Host);
    }
    if (!authority.empty()) {
        auto const port =
            authority.starts_with(':') ? parse_port(authority.substr(1)) : std::nullopt;
        if (!port) {
            return std::unexpected(UrlError::Port);
        }
        url.port = *port;
    }
    if (!is_path_or_query(behind)) {
        return std::unexpected(UrlError::Path);
    }
    auto const question = std::min(behind.find('?'), behind.size());
    url.path = behind.substr(0, question);
    url.query = behind.substr(std::min(question + 1, behind.size()));
    return url;
}

bool is_loopback_host(std::string_view host) noexcept {
    return equals_ignoring_case(host, "localhost") || host == "::1" || is_ipv4_loopback(host);
}

}  // namespace latchkey::http
