#pragma once

#include "api/events.hpp"
#include "api/presence.hpp"
#include "api/user_key.hpp"
#include "domain/store_queue.hpp"
#include "http/service.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/ids.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace latchkey::api {

class EventDispatcher;

/// Brings what happened to users to the loops whose connections hear of it. One for the node,
/// thread-safe.
///
/// Everything comes from the store's thread: what was committed is published when its job is done,
/// watching begins inside the job that reads the users, and who came or went is read there before
/// it is told. So a loop hears of each user in commit order, and never of what is not durable.
class EventFeed {
public:
    /// Users that one job on the store reads to tell that they came or went.
    static constexpr std::size_t kMovedPerJob = 256;
    /// Users who came or went and are not told of yet. Further ones are told of when they next do.
    static constexpr std::size_t kMovedMax = 100'000;

    /// All arguments outlive this object.
    EventFeed(domain::StoreQueue& store, Presence& presence, Clock const& clock)
        : store_(store), presence_(presence), clock_(clock) {}

    /// A loop begins to hear of events, until `close`: both outlive every task that was posted.
    void open(std::size_t slot, http::Loop& loop, EventDispatcher& dispatcher);
    void close(std::size_t slot);

    /// On the store's thread, behind the commit.
    void publish(std::vector<UserEvent> events);

    /// Lets a connection of `app` watch users from now on. On the store's thread, before presence
    /// is read for the answer: who comes or goes between would be missed.
    void watch(ConnectionPlace const& watcher, AppId app, std::vector<domain::User> const& users);

    /// A watched user may have come or gone.
    void on_moved(AppId app, std::string user_id);
    /// Tells what could not be told while the store was busy.
    void on_tick();

private:
    struct Place {
        http::Loop* loop;
        EventDispatcher* dispatcher;
    };
    using Task = std::move_only_function<void(EventDispatcher&)>;

    [[nodiscard]] bool post_to_loop(std::size_t slot, Task task);
    void read_moved();
    [[nodiscard]] std::vector<UserKey> take_moved();
    void tell_moved(std::vector<UserEvent> events);

    domain::StoreQueue& store_;
    Presence& presence_;
    Clock const& clock_;

    std::mutex loops_mutex_;
    boost::unordered_flat_map<std::size_t, Place> loops_;

    std::mutex moved_mutex_;
    std::deque<UserKey> moved_;
    bool reading_ = false;  ///< a job is on its way: never more than one, so as to crowd nobody out
};

}  // namespace latchkey::api
