#pragma once

#include "api/connection_id.hpp"

#include <latchkey/base/ids.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace latchkey::api {

/// Which connections each user has on this node, over all loops. Thread-safe; asked once a connect
/// and once a user shown, never on the path of an ordinary decision.
class Presence {
public:
    /// Adds a connection where the user has fewer than `count_max`; else false.
    [[nodiscard]] bool add(AppId app, std::string_view user_id, ConnectionId const& id,
                           std::uint32_t count_max);
    void remove(AppId app, std::string_view user_id, ConnectionId const& id);
    [[nodiscard]] bool is_online(AppId app, std::string_view user_id) const;
    /// How many are open: of an App's users, and of one of them. Anonymous ones belong to nobody.
    [[nodiscard]] std::size_t count_connections(AppId app) const;
    [[nodiscard]] std::size_t count_connections(AppId app, std::string_view user_id) const;
    /// How many users of an App have at least one.
    [[nodiscard]] std::size_t count_users_online(AppId app) const;
    /// Calls with each App that had connections, and what it has now.
    void visit(std::function<void(AppId app, std::size_t connections, std::size_t users)> const&
                   see) const;
    /// Whether a connection of that App has this id; `id` as clients send it.
    [[nodiscard]] bool has_connection(AppId app, std::string_view id) const;

private:
    struct Key {
        std::int64_t app;
        std::string user_id;
        bool operator==(Key const&) const = default;
    };
    struct KeyView {
        std::int64_t app;
        std::string_view user_id;
    };
    struct Hash {
        using is_transparent = void;
        template <class Any>
        std::size_t operator()(Any const& key) const noexcept {
            return std::hash<std::string_view>{}(key.user_id) ^
                   static_cast<std::size_t>(key.app) * 0x9e3779b97f4a7c15U;
        }
    };
    struct Equal {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(A const& a, B const& b) const noexcept {
            return a.app == b.app && std::string_view(a.user_id) == std::string_view(b.user_id);
        }
    };

    /// What an App has in all, so that counting does not walk over every connection.
    struct Totals {
        std::size_t users = 0;
        std::size_t connections = 0;
    };
    [[nodiscard]] Totals totals_of(std::int64_t app) const;  ///< under the lock

    mutable std::mutex mutex_;
    boost::unordered_flat_map<Key, std::uint32_t, Hash, Equal> counts_;
    boost::unordered_flat_map<std::int64_t, Totals> totals_;
    boost::unordered_flat_map<ConnectionId, std::int64_t, ConnectionIdHash>
        connections_;  ///< id -> App
};

}  // namespace latchkey::api
