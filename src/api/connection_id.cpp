#include "api/connection_id.hpp"

#include <latchkey/base/random_source.hpp>

namespace latchkey::api {

std::string format_connection_id(ConnectionId const& id) { return format_uuid(id); }

std::optional<ConnectionId> parse_connection_id(std::string_view text) {
    ConnectionId id{};
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-') {
                return std::nullopt;
            }
            continue;
        }
        constexpr std::string_view kDigits = "0123456789abcdef";
        auto const value = kDigits.find(text[i]);
        if (value == std::string_view::npos || digits == 2 * id.size()) {
            return std::nullopt;
        }
        id[digits / 2] = id[digits / 2] << 4 | static_cast<std::byte>(value);
        ++digits;
    }
    return digits == 2 * id.size() ? std::optional(id) : std::nullopt;
}

}  // namespace latchkey::api
