#include "api/presence.hpp"

#include <utility>

namespace latchkey::api {

bool Presence::add(AppId app, std::string_view user_id, ConnectionId const& id,
                   std::uint32_t count_max) {
    std::scoped_lock const lock(mutex_);
    auto const number = std::to_underlying(app);
    auto const found = counts_.find(KeyView{number, user_id});
    if (found == counts_.end()) {
        counts_.emplace(Key{number, std::string(user_id)}, 1U);
        ++totals_[number].users;
    } else if (found->second >= count_max) {
        return false;
    } else {
        ++found->second;
    }
    ++totals_[number].connections;
    connections_.emplace(id, number);
    return true;
}

void Presence::remove(AppId app, std::string_view user_id, ConnectionId const& id) {
    std::scoped_lock const lock(mutex_);
    connections_.erase(id);
    auto const found = counts_.find(KeyView{std::to_underlying(app), user_id});
    if (found == counts_.end()) {
        return;
    }
    auto& totals = totals_[std::to_underlying(app)];
    --totals.connections;
    if (--found->second == 0) {
        counts_.erase(found);
        --totals.users;
    }
}

bool Presence::is_online(AppId app, std::string_view user_id) const {
    std::scoped_lock const lock(mutex_);
    return counts_.contains(KeyView{std::to_underlying(app), user_id});
}

Presence::Totals Presence::totals_of(std::int64_t app) const {
    auto const found = totals_.find(app);
    if (found == totals_.end()) {
        return {};
    }
    auto totals = found->second;
    if (auto const anonymous = counts_.find(KeyView{app, kAnonymousUserId});
        anonymous != counts_.end()) {
        totals.connections -= anonymous->second;
        --totals.users;
    }
    return totals;
}

std::size_t Presence::count_connections(AppId app) const {
    std::scoped_lock const lock(mutex_);
    return totals_of(std::to_underlying(app)).connections;
}

std::size_t Presence::count_users_online(AppId app) const {
    std::scoped_lock const lock(mutex_);
    return totals_of(std::to_underlying(app)).users;
}

void Presence::visit(std::function<void(AppId, std::size_t, std::size_t)> const& see) const {
    std::scoped_lock const lock(mutex_);
    for (auto const& entry : totals_) {
        auto const totals = totals_of(entry.first);
        see(AppId(entry.first), totals.connections, totals.users);
    }
}

std::size_t Presence::count_connections(AppId app, std::string_view user_id) const {
    std::scoped_lock const lock(mutex_);
    auto const found = counts_.find(KeyView{std::to_underlying(app), user_id});
    return found == counts_.end() ? 0 : found->second;
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
