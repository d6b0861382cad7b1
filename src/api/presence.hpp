#pragma once

#include "api/connection_id.hpp"
#include "api/user_key.hpp"
#include "domain/authenticate.hpp"
#include "wire/style.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::api {

class Member;

/// An open connection, as another thread may know it.
struct ConnectionPlace {
    ConnectionId id;
    std::size_t slot;  ///< the loop that holds it
    std::string user_id;
};

/// Which connections each user has on this node, over all loops, and which users are watched.
/// Thread-safe; asked once a connect and once a user shown, never on the path of an ordinary
/// decision.
class Presence {
public:
    /// Whether a connection that came or went is news: it made a watched user come or go.
    enum class News : bool { None, ForWatchers };

    /// Adds a connection where its user has fewer than `count_max`; else empty. Nothing that
    /// `Member::grant` and `Member::slot` say changes before `remove`.
    [[nodiscard]] std::optional<News> add(Member& member, ConnectionId const& id,
                                          std::uint32_t count_max);
    News remove(Member const& member, ConnectionId const& id);
    [[nodiscard]] bool is_online(AppId app, std::string_view user_id) const;
    [[nodiscard]] std::size_t count_connections(AppId app, std::string_view user_id) const;
    /// The ids of users who are online, in order, behind `after`; at most `count_max`. Goes over
    /// every user who is.
    [[nodiscard]] std::vector<std::string> online_after(AppId app, std::string_view after,
                                                        std::size_t count_max) const;
    /// Open connections that a revocation of tokens issued before an instant covers.
    struct Covered {
        std::size_t users = 0;
        std::size_t tokens = 0;  ///< different ones, as far as user and dates tell them apart
        std::size_t connections = 0;
    };
    /// Connections that `concerns` picks by what they were let in with. Goes over every connection
    /// of the node, as the others do that count, or list, what is not counted all the time.
    [[nodiscard]] Covered count(
        AppId app, std::function<bool(domain::Grant const& grant)> const& concerns) const;
    /// Of users whom `concerns` names.
    [[nodiscard]] Covered count_covered(
        AppId app, Instant before,
        std::function<bool(std::string_view user_id)> const& concerns) const;
    /// All connections of users whom `concerns` names, anonymous ones left out.
    [[nodiscard]] Covered count_open(
        AppId app, std::function<bool(std::string_view user_id)> const& concerns) const;
    /// Calls with each App that had connections, and what its users have now. Anonymous ones belong
    /// to nobody.
    void visit(std::function<void(AppId app, std::size_t connections, std::size_t users)> const&
                   see) const;

    /// What an App has open, anonymous connections among it, and its users who are online.
    struct Open {
        std::size_t connections = 0;
        std::size_t users = 0;
    };
    [[nodiscard]] Open open_of(AppId app) const;
    /// By secret, the connections that rest on it.
    [[nodiscard]] std::map<std::int64_t, std::size_t> count_by_secret(AppId app) const;

    /// An open connection, for people to read.
    struct Listed {
        ConnectionId id;
        std::string user_id;
        domain::CallerKind kind;
        wire::Style style;
        Instant opened_at;
        std::optional<Instant> issued_at;
        std::optional<Instant> expires_at;
        std::optional<std::int64_t> secret_id;
        bool developer_token;
        std::string client;
        std::string address;
    };
    struct List {
        std::vector<Listed> connections;  ///< newest first
        std::size_t total = 0;            ///< also of those left out
    };
    /// At most `count_max` of an App's connections, or of one user's.
    [[nodiscard]] List list(AppId app, std::optional<std::string_view> user_id,
                            std::size_t count_max) const;

    /// The connection of that App with this id, `id` as clients send it. Anonymous ones, which
    /// nothing can be told about users, are not found.
    [[nodiscard]] std::optional<ConnectionPlace> find_connection(AppId app,
                                                                 std::string_view id) const;
    /// The connection itself, for the loop that holds it.
    [[nodiscard]] Member* find_member(ConnectionId const& id) const;

    /// Somebody watches the user from now on, until `unwatch` as often.
    void watch(AppId app, std::string_view user_id);
    void unwatch(AppId app, std::string_view user_id);
    /// How many users are watched.
    [[nodiscard]] std::size_t count_watched() const;

    /// Who would hear of a user.
    struct Audience {
        bool online;  ///< the user itself
        bool watched;
    };
    [[nodiscard]] Audience audience_of(AppId app, std::string_view user_id) const;

    /// Whether a watched user is online, where watchers were last told otherwise; they count as
    /// told from now on. Users come and go faster than they can be told of.
    [[nodiscard]] std::optional<bool> take_untold(AppId app, std::string_view user_id);

private:
    /// What an App has in all, so that counting does not walk over every connection.
    struct Totals {
        std::size_t users = 0;
        std::size_t connections = 0;
    };
    struct Watched {
        std::uint32_t watchers = 0;
        bool told_online = false;
    };
    template <class Value>
    using PerUser = boost::unordered_flat_map<UserKey, Value, UserKeyHash, UserKeyEqual>;

    [[nodiscard]] Totals totals_of(AppId app) const;  ///< under the lock
    [[nodiscard]] News news_of(UserKeyView const& user) const;

    mutable std::mutex mutex_;
    PerUser<std::uint32_t> counts_;
    PerUser<Watched> watched_;
    boost::unordered_flat_map<AppId, Totals> totals_;
    boost::unordered_flat_map<ConnectionId, Member*, ConnectionIdHash> connections_;
};

}  // namespace latchkey::api
