#include "api/presence.hpp"

#include <optional>
#include <utility>

namespace latchkey::api {

namespace {

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

}  // namespace

bool Presence::add(AppId app, std::string_view user_id, ConnectionId const& id,
                   std::uint32_t count_max) {
    std::scoped_lock const lock(mutex_);
    auto const number = std::to_underlying(app);
    auto const found = counts_.find(KeyView{number, user_id});
    if (found == counts_.end()) {
        counts_.emplace(Key{number, std::string(user_id)}, 1U);
    } else if (found->second >= count_max) {
        return false;
    } else {
        ++found->second;
    }
    connections_.emplace(id, number);
    return true;
}

void Presence::remove(AppId app, std::string_view user_id, ConnectionId const& id) {
    std::scoped_lock const lock(mutex_);
    connections_.erase(id);
    auto const found = counts_.find(KeyView{std::to_underlying(app), user_id});
    if (found != counts_.end() && --found->second == 0) {
        counts_.erase(found);
    }
}

bool Presence::is_online(AppId app, std::string_view user_id) const {
    std::scoped_lock const lock(mutex_);
    return counts_.contains(KeyView{std::to_underlying(app), user_id});
}

bool Presence::has_connection(AppId app, std::string_view id) const {
    auto const parsed = parse_connection_id(id);
    if (!parsed) {
        return false;
    }
    std::scoped_lock const lock(mutex_);
    auto const found = connections_.find(*parsed);
    return found != connections_.end() && found->second == std::to_underlying(app);
}

}  // namespace latchkey::api
