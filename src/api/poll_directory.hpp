#pragma once

#include "api/connection_id.hpp"
#include "http/service.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <functional>
#include <mutex>

namespace latchkey::api {

class LongPolls;

/// Which loop of the node holds which long-polling connection. A poll comes in on any loop, for
/// each is a request of its own; this brings it to the one that had the connect. Thread-safe.
class PollDirectory {
public:
    /// Runs on the loop's thread, later.
    using Task = std::move_only_function<void(LongPolls&)>;

    /// A loop begins to take tasks, until `close`: both outlive every task that was posted.
    void open(std::size_t slot, http::Loop& loop, LongPolls& polls);
    void close(std::size_t slot);

    void add(ConnectionId const& id, std::size_t slot);
    void remove(ConnectionId const& id);

    /// Whether some loop holds the connection, and gets the task.
    [[nodiscard]] bool post_to_holder(ConnectionId const& id, Task task);
    /// The task is dropped where the loop takes none any more.
    void post_to_loop(std::size_t slot, Task task);

private:
    struct Place {
        http::Loop* loop;
        LongPolls* polls;
    };
    [[nodiscard]] bool post(std::size_t slot, Task task);

    std::mutex mutex_;
    boost::unordered_flat_map<std::size_t, Place> loops_;
    boost::unordered_flat_map<ConnectionId, std::size_t, ConnectionIdHash> holders_;
};

}  // namespace latchkey::api
