#include "api/event_feed.hpp"

#include "api/event_dispatcher.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace latchkey::api {

using wire::UserEventType;

void EventFeed::open(std::size_t slot, http::Loop& loop, EventDispatcher& dispatcher) {
    std::scoped_lock const lock(loops_mutex_);
    loops_.insert_or_assign(slot, Place{.loop = &loop, .dispatcher = &dispatcher});
}

void EventFeed::close(std::size_t slot) {
    std::scoped_lock const lock(loops_mutex_);
    loops_.erase(slot);
}

void EventFeed::publish(std::vector<UserEvent> events) {
    std::erase_if(events, [this](UserEvent& event) {
        auto const audience = presence_.audience_of(event.app, event.user.id.text());
        // Who is deactivated or deleted is losing its connections at this moment.
        event.online = audience.online && event.type != UserEventType::Deactivated &&
                       event.type != UserEventType::Deleted;
        return !audience.watched && !(audience.online && event.type == UserEventType::Updated);
    });
    if (events.empty()) {
        return;
    }
    auto const shared = std::make_shared<std::vector<UserEvent> const>(std::move(events));
    // Under the lock: a loop that closes meanwhile would leave the task with nobody.
    std::scoped_lock const lock(loops_mutex_);
    for (auto const& [slot, place] : loops_) {
        place.loop->post([dispatcher = place.dispatcher, shared] { dispatcher->deliver(shared); });
    }
}

bool EventFeed::post_to_loop(std::size_t slot, Task task) {
    std::scoped_lock const lock(loops_mutex_);
    auto const found = loops_.find(slot);
    if (found == loops_.end()) {
        return false;
    }
    found->second.loop->post([dispatcher = found->second.dispatcher,
                              task = std::move(task)]() mutable { task(*dispatcher); });
    return true;
}

void EventFeed::watch(ConnectionPlace const& watcher, AppId app,
                      std::vector<domain::User> const& users) {
    std::vector<std::string> ids;
    ids.reserve(users.size());
    for (auto const& user : users) {
        if (user.id.text() != watcher.user_id) {  // it hears of itself anyway
            presence_.watch(app, user.id.text());
            ids.push_back(user.id.text());
        }
    }
    if (ids.empty()) {
        return;
    }
    auto const shared = std::make_shared<std::vector<std::string> const>(std::move(ids));
    bool const posted =
        post_to_loop(watcher.slot, [id = watcher.id, app, shared](EventDispatcher& dispatcher) {
            dispatcher.watch(id, app, *shared);
        });
    if (!posted) {
        for (auto const& user_id : *shared) {
            presence_.unwatch(app, user_id);
        }
    }
}

void EventFeed::on_moved(AppId app, std::string user_id) {
    {
        std::scoped_lock const lock(moved_mutex_);
        if (moved_.size() >= kMovedMax) {
            return;
        }
        moved_.push_back({.app = app, .user_id = std::move(user_id)});
    }
    read_moved();
}

void EventFeed::on_tick() { read_moved(); }

std::vector<UserKey> EventFeed::take_moved() {
    std::scoped_lock const lock(moved_mutex_);
    auto const end =
        moved_.begin() + static_cast<std::ptrdiff_t>(std::min(moved_.size(), kMovedPerJob));
    std::vector<UserKey> taken(std::move_iterator(moved_.begin()), std::move_iterator(end));
    moved_.erase(moved_.begin(), end);
    return taken;
}

void EventFeed::read_moved() {
    {
        std::scoped_lock const lock(moved_mutex_);
        if (reading_ || moved_.empty()) {
            return;
        }
        reading_ = true;
    }
    struct Work {
        std::vector<UserKey> users;
        std::vector<UserEvent> events;
    };
    auto work = std::make_shared<Work>();
    auto job = [this, work](domain::Transaction& transaction) {
        work->users = take_moved();
        for (auto const& [app, user_id] : work->users) {
            auto const id =
                UserId::parse(user_id);  // empty for anonymous ones: nobody watches them
            auto found =
                id ? transaction.users().find(app, {&*id, 1}) : std::vector<domain::User>();
            if (!found.empty()) {
                work->events.push_back({.type = UserEventType::PresenceChanged,
                                        .app = app,
                                        .user = std::move(found.front()),
                                        .created_at = clock_.now()});
            }
        }
        return domain::Outcome::Commit;
    };
    auto done = [this, work](domain::WorkResult result) {
        if (result == domain::WorkResult::Done) {
            tell_moved(std::move(work->events));
        }
        std::unique_lock lock(moved_mutex_);
        reading_ = false;
        if (result != domain::WorkResult::Done) {
            // What was taken goes back, for a later tick.
            moved_.insert(moved_.end(), std::move_iterator(work->users.begin()),
                          std::move_iterator(work->users.end()));
            return;
        }
        lock.unlock();
        read_moved();
    };
    store_.submit(std::move(job), std::move(done));
}

void EventFeed::tell_moved(std::vector<UserEvent> events) {
    std::erase_if(events, [this](UserEvent& event) {
        auto const online = presence_.take_untold(event.app, event.user.id.text());
        event.online = online.value_or(false);
        return !online || event.user.invisible || event.user.deleted_at;
    });
    publish(std::move(events));
}

}  // namespace latchkey::api
