#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::api {

/// Name of one connection: a UUID, as text 36 characters.
using ConnectionId = std::array<std::byte, 16>;

[[nodiscard]] std::string format_connection_id(ConnectionId const& id);

/// As clients send it; only what `format_connection_id` writes.
[[nodiscard]] std::optional<ConnectionId> parse_connection_id(std::string_view text);

struct ConnectionIdHash {
    using is_avalanching = void;  // the ids are random
    std::size_t operator()(ConnectionId const& id) const noexcept {
        std::size_t hash = 0;
        std::memcpy(&hash, id.data(), sizeof hash);
        return hash;
    }
};

}  // namespace latchkey::api
