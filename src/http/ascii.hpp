#pragma once

#include <algorithm>
#include <array>
#include <string_view>

/// The alphabet of HTTP (RFC 9110 section 5.6), without locale.
namespace latchkey::http {

constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() &&
           std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

constexpr bool is_control_character(char c) noexcept {
    auto const byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

namespace detail {

/// RFC 9110 section 5.6.2: `tchar`. A table, for each request's field names go through it.
inline constexpr auto kTokenCharacters = [] {
    std::array<bool, 256> table{};
    for (char const c : std::string_view("!#$%&'*+-.^_`|~0123456789"
                                         "abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}();

}  // namespace detail

constexpr bool is_token_character(char c) noexcept {
    return detail::kTokenCharacters[static_cast<unsigned char>(c)];
}

/// Without spaces and tabs at both ends (`OWS`).
constexpr std::string_view trim(std::string_view text) noexcept {
    auto const first = text.find_first_not_of(" \t");
    if (first == text.npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Calls `visit` for each element of a comma-separated list, trimmed, until it returns true.
template <class Visitor>
constexpr bool any_list_element(std::string_view list, Visitor visit) {
    for (;;) {
        auto const comma = list.find(',');
        if (visit(trim(list.substr(0, comma)))) {
            return true;
        }
        if (comma == list.npos) {
            return false;
        }
        list.remove_prefix(comma + 1);
    }
}

/// Whether a comma-separated list names `token`, ASCII case ignored.
constexpr bool list_has(std::string_view list, std::string_view token) noexcept {
    return any_list_element(
        list, [token](std::string_view element) { return equals_ignoring_case(element, token); });
}

}  // namespace latchkey::http
