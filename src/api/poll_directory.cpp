#include "api/poll_directory.hpp"

#include "api/long_poll.hpp"

#include <utility>

namespace latchkey::api {

void PollDirectory::open(std::size_t slot, http::Loop& loop, LongPolls& polls) {
    std::scoped_lock const lock(mutex_);
    loops_.insert_or_assign(slot, Place{.loop = &loop, .polls = &polls});
}

void PollDirectory::close(std::size_t slot) {
    std::scoped_lock const lock(mutex_);
    loops_.erase(slot);
}

void PollDirectory::add(ConnectionId const& id, std::size_t slot) {
    std::scoped_lock const lock(mutex_);
    holders_.emplace(id, slot);
}

void PollDirectory::remove(ConnectionId const& id) {
    std::scoped_lock const lock(mutex_);
    holders_.erase(id);
}

bool PollDirectory::post_to_holder(ConnectionId const& id, Task task) {
    std::scoped_lock const lock(mutex_);
    auto const found = holders_.find(id);
    return found != holders_.end() && post(found->second, std::move(task));
}

void PollDirectory::post_to_loop(std::size_t slot, Task task) {
    std::scoped_lock const lock(mutex_);
    (void)post(slot, std::move(task));
}

/// Under the lock: a loop that closes meanwhile would leave the task with nobody.
bool PollDirectory::post(std::size_t slot, Task task) {
    auto const found = loops_.find(slot);
    if (found == loops_.end()) {
        return false;
    }
    found->second.loop->post(
        [polls = found->second.polls, task = std::move(task)]() mutable { task(*polls); });
    return true;
}

}  // namespace latchkey::api
