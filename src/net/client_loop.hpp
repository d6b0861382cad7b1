#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace latchkey::net {

class ClientTimer;

/// A thread for the sockets of clients. What uses it belongs to that thread, and is destroyed on it
/// or after `stop`. The functions it is given do not throw, and own nothing that belongs to it.
class ClientLoop {
public:
    using Task = std::move_only_function<void()>;
    class World;

    ClientLoop();
    /// Stops. On its own thread too: that thread then ends with the present call.
    ~ClientLoop();
    ClientLoop(ClientLoop const&) = delete;
    ClientLoop& operator=(ClientLoop const&) = delete;

    /// From any thread; tasks run in order. Dropped after `stop`.
    void post(Task task);
    /// From any thread, as often as one likes. When it returns nothing runs any more; on the loop's
    /// own thread: once the present call has returned. Waits for no peer and no name server.
    void stop() noexcept;
    /// On the loop's thread. Destroying the timer ends it.
    [[nodiscard]] std::unique_ptr<ClientTimer> wait_until(std::chrono::steady_clock::time_point at,
                                                          Task task);

    [[nodiscard]] std::shared_ptr<World> const& world() const noexcept { return world_; }

private:
    std::shared_ptr<World> world_;  // of the thread as well, which may outlive this object
    std::mutex stopping_;           // one thread joins
    std::thread thread_;
    std::thread::id thread_id_;
};

class ClientTimer {
public:
    class Core;
    ClientTimer(std::shared_ptr<ClientLoop::World> world, std::shared_ptr<Core> core);
    ~ClientTimer();
    ClientTimer(ClientTimer const&) = delete;
    ClientTimer& operator=(ClientTimer const&) = delete;

private:
    std::shared_ptr<ClientLoop::World> world_;  // outlives core_
    std::shared_ptr<Core> core_;
};

}  // namespace latchkey::net
