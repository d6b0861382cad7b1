#pragma once

#include "net/asio_types.hpp"
#include "net/client_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <memory>
#include <mutex>

namespace latchkey::net {

/// Reaches a loop from threads that may outlive it.
class Mailbox {
public:
    explicit Mailbox(asio::io_context& io) : io_(&io) {}

    /// Drops the task where the loop is gone.
    void post(ClientLoop::Task task);
    void close() noexcept {
        std::scoped_lock const lock(mutex_);
        io_ = nullptr;
    }

private:
    std::mutex mutex_;
    asio::io_context* io_;
};

/// What is shared by a loop, its thread, and the owners of its sockets. What runs in `io` refers to
/// it by plain reference: it would keep itself alive otherwise.
class ClientLoop::World {
public:
    World() = default;
    World(World const&) = delete;
    World& operator=(World const&) = delete;
    ~World() { mailbox->close(); }

    asio::io_context io{1};
    asio::executor_work_guard<Executor> work{io.get_executor()};
    std::atomic<bool> stopped{false};
    std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>(io);
};

}  // namespace latchkey::net
