#include "api/admin_hosts.hpp"

#include "api/peer_address.hpp"
#include "http/ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace latchkey::api {
namespace {

constexpr std::size_t kNameBytesMax = 253;  // RFC 1035 section 2.3.4, without the dot at the end

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (http::to_lower(c) >= 'a' && http::to_lower(c) <= 'z') ||
           c == '-' || c == '.' || c == '_';
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameBytesMax &&
           std::ranges::all_of(text, is_name_character);
}

/// RFC 3986 section 3.2.3: nothing, or a colon and digits, be there none.
bool is_port(std::string_view text) {
    return text.empty() || (text.front() == ':' && std::ranges::all_of(text.substr(1), [](char c) {
                                return c >= '0' && c <= '9';
                            }));
}

/// `[v6]` and perhaps a port.
bool is_bracketed_address(std::string_view field) {
    auto const end = field.find(']');
    if (!field.starts_with('[') || end == std::string_view::npos) {
        return false;
    }
    auto const inside = field.substr(1, end - 1);
    return is_port(field.substr(end + 1)) && inside.contains(':') &&
           parse_peer_address(inside).has_value();
}

}  // namespace

std::optional<AdminHosts> AdminHosts::parse(std::string_view text) {
    AdminHosts hosts;
    if (http::trim(text).empty()) {
        return hosts;
    }
    bool const has_flaw = http::any_list_element(text, [&hosts](std::string_view name) {
        hosts.add(name);
        return !is_name(name);
    });
    return has_flaw ? std::nullopt : std::optional(std::move(hosts));
}

bool AdminHosts::contains(std::string_view field) const {
    if (field.empty() || is_bracketed_address(field)) {
        return true;
    }
    auto const name = field.substr(0, field.find(':'));
    if (!is_name(name) || !is_port(field.substr(name.size()))) {
        return false;
    }
    return http::equals_ignoring_case(name, "localhost") || parse_peer_address(name) ||
           std::ranges::any_of(names_, [name](std::string const& known) {
               return http::equals_ignoring_case(name, known);
           });
}

}  // namespace latchkey::api
