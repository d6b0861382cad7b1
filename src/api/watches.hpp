#pragma once

#include "api/presence.hpp"
#include "api/user_key.hpp"

#include <latchkey/base/ids.hpp>

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <string_view>
#include <unordered_map>

namespace latchkey::api {

class Member;
struct WatchedUser;

/// One connection watching one user, in the lists of both.
struct Watch {
    boost::intrusive::list_member_hook<> of_user;
    boost::intrusive::list_member_hook<> of_member;
    WatchedUser* user;
    Member* member;
};

/// What one connection watches; a connection that watches nobody has none.
struct MemberWatches {
    std::unordered_map<WatchedUser const*, Watch> by_user;
    boost::intrusive::list<
        Watch, boost::intrusive::member_hook<Watch, boost::intrusive::list_member_hook<>,
                                             &Watch::of_member>>
        oldest_first;
};

/// Which connections of one loop watch which users. Belongs to the loop.
class Watches {
public:
    /// Users that one connection may watch; for a further one the oldest is let go.
    static constexpr std::size_t kUsersPerConnectionMax = 1000;

    /// `presence`, which counts the watchers of all loops, outlives this object.
    explicit Watches(Presence& presence);
    ~Watches();
    Watches(Watches const&) = delete;
    Watches& operator=(Watches const&) = delete;

    /// The user is counted in `presence` already. A watch that is there becomes the newest.
    void add(Member& member, AppId app, std::string_view user_id);
    void remove_all(Member& member);

    /// Goes over those who watch a user, one at a time and with pauses, while watches come and go.
    /// There is one walk.
    void start_walk(AppId app, std::string_view user_id);
    /// Null at the end.
    [[nodiscard]] Member* next();

private:
    void remove(Watch& watch);

    Presence& presence_;
    std::unordered_map<UserKey, WatchedUser, UserKeyHash, UserKeyEqual> users_;
    Watch* walk_ = nullptr;  ///< who is next
};

}  // namespace latchkey::api
