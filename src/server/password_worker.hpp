#pragma once

#include "domain/passwords.hpp"

#include <latchkey/base/event_log.hpp>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace latchkey::server {

/// Threads that hash passwords, so that neither a loop nor the store waits for it. Two of them: a
/// hash wants 64 MiB, and whoever sends many passwords is not to get all the machine.
class PasswordWorker final : public domain::PasswordQueue {
public:
    static constexpr std::size_t kThreads = 2;
    static constexpr std::size_t kWaitingMax = 32;  ///< passwords; more are turned away

    /// Starts the threads. Both arguments outlive this object.
    PasswordWorker(domain::PasswordHasher& hasher, EventLog& log);
    ~PasswordWorker() override;

    void hash(Secret password, Hashed done) override;
    void check(std::optional<std::string> hash, Secret password, Checked done) override;

    /// Takes no more, finishes what is being hashed, turns away what waits, and ends the threads.
    /// Harmless when repeated.
    void stop();

private:
    /// Runs on a thread of ours; told `false` where there is no room for it: then on any.
    using Task = std::move_only_function<void(bool has_room)>;

    void submit(Task task);
    /// Takes it where there is room; else leaves it.
    [[nodiscard]] bool enqueue(Task& task);
    void run();

    domain::PasswordHasher& hasher_;
    EventLog& log_;

    std::mutex mutex_;
    std::condition_variable work_waits_;
    std::deque<Task> waiting_;
    bool stopping_ = false;

    std::array<std::thread, kThreads> threads_;
};

}  // namespace latchkey::server
