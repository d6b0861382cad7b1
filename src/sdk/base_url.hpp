#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace latchkey::sdk {

/// Where a server is.
struct BaseUrl {
    bool tls = false;
    std::string host;  ///< a name or an address; of IPv6 without brackets
    std::uint16_t port = 0;
    std::string path_prefix{};  ///< empty, or `/…` without a slash at its end

    bool operator==(BaseUrl const&) const = default;
};

/// Reads `http://host[:port][/prefix]` (RFC 3986 section 3), `https` as well, IPv6 in brackets; 80
/// and 443 are the ports unless one is named. Refuses user information, a query, a fragment, and
/// whatever would need escaping; the error says which, and repeats nothing of the text, for what
/// stands before an `@` is a password. Pure.
[[nodiscard]] std::expected<BaseUrl, std::string> parse_base_url(std::string_view text);

}  // namespace latchkey::sdk
