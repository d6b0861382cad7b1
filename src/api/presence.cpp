#include "api/presence.hpp"

#include "api/connection_registry.hpp"

#include <latchkey/token/validity.hpp>

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

namespace latchkey::api {

Presence::News Presence::news_of(UserKeyView const& user) const {
    return !watched_.empty() && watched_.contains(user) ? News::ForWatchers : News::None;
}

std::optional<Presence::News> Presence::add(Member& member, ConnectionId const& id,
                                            std::uint32_t count_max) {
    auto const grant = member.grant();
    UserKeyView const user{.app = grant.app_id, .user_id = grant.user_id};
    auto news = News::None;
    std::scoped_lock const lock(mutex_);
    auto const found = counts_.find(user);
    if (found == counts_.end()) {
        counts_.emplace(UserKey{user.app, std::string(user.user_id)}, 1U);
        ++totals_[user.app].users;
        news = news_of(user);
    } else if (found->second >= count_max) {
        return std::nullopt;
    } else {
        ++found->second;
    }
    ++totals_[user.app].connections;
    connections_.emplace(id, &member);
    return news;
}

Presence::News Presence::remove(Member const& member, ConnectionId const& id) {
    auto const grant = member.grant();
    UserKeyView const user{.app = grant.app_id, .user_id = grant.user_id};
    std::scoped_lock const lock(mutex_);
    connections_.erase(id);
    auto const found = counts_.find(user);
    if (found == counts_.end()) {
        return News::None;
    }
    auto& totals = totals_[user.app];
    --totals.connections;
    if (--found->second > 0) {
        return News::None;
    }
    counts_.erase(found);
    --totals.users;
    return news_of(user);
}

bool Presence::is_online(AppId app, std::string_view user_id) const {
    std::scoped_lock const lock(mutex_);
    return counts_.contains(UserKeyView{app, user_id});
}

Presence::Totals Presence::totals_of(AppId app) const {
    auto const found = totals_.find(app);
    if (found == totals_.end()) {
        return {};
    }
    auto totals = found->second;
    if (auto const anonymous = counts_.find(UserKeyView{app, kAnonymousUserId});
        anonymous != counts_.end()) {
        totals.connections -= anonymous->second;
        --totals.users;
    }
    return totals;
}

std::size_t Presence::count_connections(AppId app, std::string_view user_id) const {
    std::scoped_lock const lock(mutex_);
    auto const found = counts_.find(UserKeyView{app, user_id});
    return found == counts_.end() ? 0 : found->second;
}

std::vector<std::string> Presence::online_after(AppId app, std::string_view after,
                                                std::size_t count_max) const {
    std::vector<std::string> first(count_max);
    std::scoped_lock const lock(mutex_);
    std::vector<std::string_view> online;
    for (auto const& entry : counts_) {
        auto const& user = entry.first;
        if (user.app == app && user.user_id > after && user.user_id != kAnonymousUserId) {
            online.emplace_back(user.user_id);
        }
    }
    auto const end = std::ranges::partial_sort_copy(online, first).out;
    first.erase(end, first.end());
    return first;
}

Presence::Covered Presence::count(AppId app,
                                  std::function<bool(domain::Grant const&)> const& concerns) const {
    boost::unordered_flat_set<std::string_view> users;
    boost::unordered_flat_set<std::tuple<std::string_view, std::int64_t, std::int64_t>> tokens;
    auto const number = [](std::optional<Instant> date) {
        return date ? static_cast<std::int64_t>(date->time_since_epoch().count()) : -1;
    };
    std::size_t connections = 0;
    std::scoped_lock const lock(mutex_);
    for (auto const& entry : connections_) {
        auto const grant = entry.second->grant();
        if (grant.app_id != app || !concerns(grant)) {
            continue;
        }
        ++connections;
        tokens.emplace(grant.user_id, number(grant.issued_at), number(grant.expires_at));
        if (grant.kind != domain::CallerKind::Anonymous) {
            users.insert(grant.user_id);
        }
    }
    return {.users = users.size(), .tokens = tokens.size(), .connections = connections};
}

Presence::Covered Presence::count_covered(
    AppId app, Instant before, std::function<bool(std::string_view)> const& concerns) const {
    return count(app, [&](domain::Grant const& grant) {
        return grant.kind != domain::CallerKind::Anonymous && !grant.developer_token &&
               !token::check_not_revoked(grant.issued_at, {.app = before, .user = std::nullopt}) &&
               concerns(grant.user_id);
    });
}

Presence::Open Presence::open_of(AppId app) const {
    std::scoped_lock const lock(mutex_);
    auto const found = totals_.find(app);
    return {.connections = found == totals_.end() ? 0 : found->second.connections,
            .users = totals_of(app).users};
}

std::map<std::int64_t, std::size_t> Presence::count_by_secret(AppId app) const {
    std::map<std::int64_t, std::size_t> counts;
    std::scoped_lock const lock(mutex_);
    for (auto const& entry : connections_) {
        auto const grant = entry.second->grant();
        if (grant.app_id == app && grant.secret_id) {
            ++counts[*grant.secret_id];
        }
    }
    return counts;
}

Presence::List Presence::list(AppId app, std::optional<std::string_view> user_id,
                              std::size_t count_max) const {
    using Entry = std::pair<ConnectionId, Member const*>;
    std::vector<Entry> found;
    std::scoped_lock const lock(mutex_);
    for (auto const& [id, member] : connections_) {
        auto const grant = member->grant();
        if (grant.app_id == app && (!user_id || grant.user_id == *user_id)) {
            found.emplace_back(id, member);
        }
    }
    auto const newer = [](Entry const& a, Entry const& b) {
        return std::pair(b.second->opened_at_s, b.first) <
               std::pair(a.second->opened_at_s, a.first);
    };
    List list{.connections = {}, .total = found.size()};
    auto const count = std::min(count_max, found.size());
    std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(count), newer);
    for (auto const& [id, member] : std::span(found).first(count)) {
        auto const grant = member->grant();
        auto facts = member->facts();
        list.connections.push_back({.id = id,
                                    .user_id = std::string(grant.user_id),
                                    .kind = grant.kind,
                                    .style = member->style(),
                                    .opened_at = Instant(std::chrono::seconds(member->opened_at_s)),
                                    .issued_at = grant.issued_at,
                                    .expires_at = grant.expires_at,
                                    .secret_id = grant.secret_id,
                                    .developer_token = grant.developer_token,
                                    .client = std::move(facts.client),
                                    .address = std::move(facts.address)});
    }
    return list;
}

Presence::Covered Presence::count_open(
    AppId app, std::function<bool(std::string_view)> const& concerns) const {
    return count(app, [&](domain::Grant const& grant) {
        return grant.kind != domain::CallerKind::Anonymous && concerns(grant.user_id);
    });
}

void Presence::visit(std::function<void(AppId, std::size_t, std::size_t)> const& see) const {
    std::scoped_lock const lock(mutex_);
    for (auto const& entry : totals_) {
        auto const totals = totals_of(entry.first);
        see(entry.first, totals.connections, totals.users);
    }
}

std::optional<ConnectionPlace> Presence::find_connection(AppId app, std::string_view id) const {
    auto const parsed = parse_connection_id(id);
    if (!parsed) {
        return std::nullopt;
    }
    std::scoped_lock const lock(mutex_);
    auto const found = connections_.find(*parsed);
    if (found == connections_.end()) {
        return std::nullopt;
    }
    // The member leaves this table before anything of it changes.
    auto const grant = found->second->grant();
    if (grant.app_id != app || grant.kind == domain::CallerKind::Anonymous) {
        return std::nullopt;
    }
    return ConnectionPlace{
        .id = *parsed, .slot = found->second->slot(), .user_id = std::string(grant.user_id)};
}

Member* Presence::find_member(ConnectionId const& id) const {
    std::scoped_lock const lock(mutex_);
    auto const found = connections_.find(id);
    return found == connections_.end() ? nullptr : found->second;
}

void Presence::watch(AppId app, std::string_view user_id) {
    std::scoped_lock const lock(mutex_);
    auto const found = watched_.find(UserKeyView{app, user_id});
    if (found != watched_.end()) {
        ++found->second.watchers;
        return;
    }
    watched_.emplace(
        UserKey{app, std::string(user_id)},
        Watched{.watchers = 1, .told_online = counts_.contains(UserKeyView{app, user_id})});
}

void Presence::unwatch(AppId app, std::string_view user_id) {
    std::scoped_lock const lock(mutex_);
    auto const found = watched_.find(UserKeyView{app, user_id});
    if (found != watched_.end() && --found->second.watchers == 0) {
        watched_.erase(found);
    }
}

std::size_t Presence::count_watched() const {
    std::scoped_lock const lock(mutex_);
    return watched_.size();
}

Presence::Audience Presence::audience_of(AppId app, std::string_view user_id) const {
    std::scoped_lock const lock(mutex_);
    UserKeyView const user{app, user_id};
    return {.online = counts_.contains(user), .watched = watched_.contains(user)};
}

std::optional<bool> Presence::take_untold(AppId app, std::string_view user_id) {
    std::scoped_lock const lock(mutex_);
    UserKeyView const user{app, user_id};
    auto const found = watched_.find(user);
    bool const online = counts_.contains(user);
    if (found == watched_.end() || found->second.told_online == online) {
        return std::nullopt;
    }
    found->second.told_online = online;
    return online;
}

}  // namespace latchkey::api
