#pragma once

#include "domain/node_state.hpp"
#include "domain/store_queue.hpp"

#include <latchkey/base/event_log.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace latchkey::server {

/// The node's one writer: a thread that runs waiting jobs, as many as there are in one durable
/// commit, and then, in this order, brings node state up to date, tells the listeners, and calls
/// each job's `done`. So whoever hears of a write knows that the whole node decides by it.
class StoreWorker final : public domain::StoreQueue, public domain::ChangeFeed {
public:
    static constexpr std::size_t kWaitingMax = 16'384;  ///< jobs; more are refused with 503
    static constexpr std::size_t kGroupMax = 1'024;     ///< jobs in one commit

    /// Starts the thread. All arguments outlive this object; only its thread uses `store` from here
    /// on. `ready` is cleared while the store fails and when it is lost.
    StoreWorker(domain::Store& store, domain::NodeState& state, EventLog& log,
                std::atomic<bool>& ready);
    ~StoreWorker() override;

    void submit(domain::Job job, Done done) override;
    void subscribe(domain::ChangeListener& listener) override;
    void unsubscribe(domain::ChangeListener& listener) override;

    /// Takes no more jobs, finishes those waiting, and ends the thread. Harmless when repeated.
    void stop();

private:
    struct Entry {
        domain::Job job;
        Done done;
    };

    /// Takes both where there is room; else leaves both.
    [[nodiscard]] bool enqueue(domain::Job& job, Done& done);
    void run();
    /// Waits for jobs; empty: stop.
    std::vector<Entry> take_group();
    void commit_group(std::vector<Entry>& group);
    void publish(std::vector<domain::Change> changes);
    void log_change(domain::Change const& change);

    domain::Store& store_;
    domain::NodeState& state_;
    EventLog& log_;
    std::atomic<bool>& ready_;

    bool failing_ = false;  ///< the last commit failed; the thread's own

    std::mutex mutex_;
    std::condition_variable work_waits_;
    std::vector<Entry> waiting_;
    bool stopping_ = false;

    std::mutex listeners_mutex_;
    std::vector<domain::ChangeListener*> listeners_;

    std::thread thread_;
};

}  // namespace latchkey::server
