#pragma once

#include "domain/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace latchkey::domain {

/// How work on the store ended, once the whole node knows of it.
enum class WorkResult : std::uint8_t {
    Done,        ///< durable, and every thread of the node decides by it
    RolledBack,  ///< as the job asked
    Failed,      ///< a bug in the job, the store is lost or overrun; nothing of it stays
};

/// Where jobs for the store wait. One thread runs them, many in one durable commit; then node state
/// gets the changes, then connections are told, and only then is a job's `done` called.
class StoreQueue {
public:
    virtual ~StoreQueue() = default;

    using Done = std::move_only_function<void(WorkResult)>;

    /// Thread-safe. `job` and `done` run on the store's thread; `done` is quick and hands the
    /// result on. Where too much is waiting, or the node stops, `job` is not run and `done` is
    /// called at once, on the caller's thread, with `Failed`.
    virtual void submit(Job job, Done done) = 0;
};

/// What wants to hear of changes behind node state: connections, which have to be decided again.
class ChangeListener {
public:
    virtual ~ChangeListener() = default;
    /// On the store's thread, after node state has them and before any `done`. Quick.
    virtual void on_changes(std::shared_ptr<std::vector<Change> const> const& changes) = 0;
};

/// Tells listeners of changes. Thread-safe.
class ChangeFeed {
public:
    virtual ~ChangeFeed() = default;
    /// `listener` is called until it is taken off again.
    virtual void subscribe(ChangeListener& listener) = 0;
    /// When this returns, `listener` is not being called and will not be.
    virtual void unsubscribe(ChangeListener& listener) = 0;
};

}  // namespace latchkey::domain
