#include "server/store_worker.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <variant>

namespace latchkey::server {

using domain::JobResult;
using domain::WorkResult;

StoreWorker::StoreWorker(domain::Store& store, domain::NodeState& state, EventLog& log,
                         std::atomic<bool>& ready)
    : store_(store), state_(state), log_(log), ready_(ready), thread_([this] { run(); }) {}

StoreWorker::~StoreWorker() { stop(); }

void StoreWorker::submit(domain::Job job, Done done) {
    if (!enqueue(job, done)) {
        done(WorkResult::Failed);
    }
}

bool StoreWorker::enqueue(domain::Job& job, Done& done) {
    {
        std::scoped_lock const lock(mutex_);
        if (stopping_ || waiting_.size() >= kWaitingMax) {
            return false;
        }
        waiting_.push_back({.job = std::move(job), .done = std::move(done)});
        if (waiting_.size() > 1) {
            return true;  // the thread is at work, or has been woken for the first of them
        }
    }
    work_waits_.notify_one();
    return true;
}

void StoreWorker::subscribe(domain::ChangeListener& listener) {
    std::scoped_lock const lock(listeners_mutex_);
    listeners_.push_back(&listener);
}

void StoreWorker::unsubscribe(domain::ChangeListener& listener) {
    std::scoped_lock const lock(listeners_mutex_);
    std::erase(listeners_, &listener);
}

void StoreWorker::stop() {
    {
        std::scoped_lock const lock(mutex_);
        stopping_ = true;
    }
    work_waits_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::vector<StoreWorker::Entry> StoreWorker::take_group() {
    std::unique_lock lock(mutex_);
    work_waits_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.size() <= kGroupMax) {
        return std::exchange(waiting_, {});
    }
    auto const cut = waiting_.begin() + static_cast<std::ptrdiff_t>(kGroupMax);
    std::vector<Entry> group(std::move_iterator(waiting_.begin()), std::move_iterator(cut));
    waiting_.erase(waiting_.begin(), cut);
    return group;
}

void StoreWorker::run() {
    for (;;) {
        auto group = take_group();
        if (group.empty()) {
            return;
        }
        commit_group(group);
    }
}

void StoreWorker::commit_group(std::vector<Entry>& group) {
    std::vector<domain::Job> jobs;
    jobs.reserve(group.size());
    for (auto& entry : group) {
        jobs.push_back(std::move(entry.job));
    }
    domain::CommitResult result;
    try {
        result = store_.commit(jobs);
        if (std::exchange(failing_, false)) {
            ready_ = true;
            log_.write(LogLevel::Info, "store.recovered");
        }
    } catch (domain::StoreFailure const& failure) {
        ready_ = false;
        failing_ = true;
        log_.write(LogLevel::Error, "store.failed", {{"why", failure.what()}});
        result.jobs.assign(group.size(), JobResult::Failed);
    }
    if (!result.changes.empty()) {
        publish(std::move(result.changes));
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
        auto outcome = WorkResult::Done;
        if (result.jobs[i] == JobResult::RolledBack) {
            outcome = WorkResult::RolledBack;
        } else if (result.jobs[i] == JobResult::Failed) {
            outcome = WorkResult::Failed;
        }
        group[i].done(outcome);
    }
}

void StoreWorker::publish(std::vector<domain::Change> changes) {
    state_.apply(changes);
    for (auto const& change : changes) {
        log_change(change);
    }
    auto const shared = std::make_shared<std::vector<domain::Change> const>(std::move(changes));
    std::scoped_lock const lock(listeners_mutex_);
    for (auto* listener : listeners_) {
        listener->on_changes(shared);
    }
}

/// Who may decide what has changed is worth a line; which users were revoked may be thousands.
void StoreWorker::log_change(domain::Change const& change) {
    if (auto const* app = std::get_if<domain::AppChanged>(&change.what)) {
        log_.write(LogLevel::Info, "app.changed",
                   {{"api_key", app->app->api_key.text()},
                    {"sequence", change.sequence},
                    {"revoked", app->app->revoke_tokens_issued_before.has_value()},
                    {"auth_checks_disabled", app->app->auth_checks_disabled()},
                    {"suspended", app->app->suspended}});
    } else if (auto const* removed = std::get_if<domain::AppRemoved>(&change.what)) {
        log_.write(
            LogLevel::Info, "app.removed",
            {{"app_id", std::to_underlying(removed->app_id)}, {"sequence", change.sequence}});
    } else if (log_.enabled(LogLevel::Debug)) {
        auto const& user = std::get<domain::UserStandingChanged>(change.what);
        log_.write(LogLevel::Debug, "user.standing_changed",
                   {{"app_id", std::to_underlying(user.app_id)},
                    {"user_id", user.user_id},
                    {"sequence", change.sequence},
                    {"revoked", user.standing.revoke_tokens_issued_before.has_value()},
                    {"deactivated", user.standing.deactivated},
                    {"deleted", user.standing.deleted}});
    }
}

}  // namespace latchkey::server
