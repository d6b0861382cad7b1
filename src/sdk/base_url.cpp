#include "sdk/base_url.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

namespace latchkey::sdk {
namespace {

constexpr std::size_t kHostCharactersMax = 253;  // RFC 1035 section 2.3.4, without the last dot

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (http::to_lower(c) >= 'a' && http::to_lower(c) <= 'z');
}

/// `reg-name` without escapes; underscores occur in the names of containers.
bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= kHostCharactersMax && is_alphanumeric(text.front()) &&
           std::ranges::all_of(
               text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

/// The alphabet of an IPv6 address; whether it is one is found out when it is connected to.
bool is_bracketed_address(std::string_view text) {
    return text.contains(':') && std::ranges::all_of(text, [](char c) {
               return c == ':' || c == '.' || (is_alphanumeric(c) && http::to_lower(c) <= 'f');
           });
}

/// `pchar` and `/` of RFC 3986 section 3.3; percent signs pass as they are.
bool is_path(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || std::string_view("/-._~!$&'()*+,;=:@%").contains(c);
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
bool take_scheme(std::string_view& text, BaseUrl& url) {
    auto const end = text.find("://");
    if (end == text.npos) {
        return false;
    }
    auto const scheme = text.substr(0, end);
    text.remove_prefix(end + 3);
    url.tls = http::equals_ignoring_case(scheme, "https");
    url.port = url.tls ? 443 : 80;
    return url.tls || http::equals_ignoring_case(scheme, "http");
}

/// Takes the host off. False: there is none that can be one.
bool take_host(std::string_view& authority, BaseUrl& url) {
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

}  // namespace

std::expected<BaseUrl, std::string> parse_base_url(std::string_view text) {
    BaseUrl url;
    if (!take_scheme(text, url)) {
        return std::unexpected("the base URL must begin with http:// or https://");
    }
    if (text.find_first_of("?#") != text.npos) {
        return std::unexpected("the base URL must have no query and no fragment");
    }
    auto const slash = std::min(text.find('/'), text.size());
    auto authority = text.substr(0, slash);
    auto path = text.substr(slash);
    if (authority.contains('@')) {
        return std::unexpected("the base URL must name no user and no password");
    }
    if (!take_host(authority, url)) {
        return std::unexpected("the base URL names no host");
    }
    if (!authority.empty()) {
        auto const port =
            authority.starts_with(':') ? parse_port(authority.substr(1)) : std::nullopt;
        if (!port) {
            return std::unexpected("the port of the base URL must be 1 to 65535");
        }
        url.port = *port;
    }
    while (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    if (!is_path(path)) {
        return std::unexpected(
            "the path of the base URL has a character that is not allowed there");
    }
    url.path_prefix = path;
    return url;
}

}  // namespace latchkey::sdk
