#include "server/password_worker.hpp"

#include <exception>
#include <utility>

namespace latchkey::server {

PasswordWorker::PasswordWorker(domain::PasswordHasher& hasher, EventLog& log)
    : hasher_(hasher), log_(log) {
    for (auto& thread : threads_) {
        thread = std::thread([this] { run(); });
    }
}

PasswordWorker::~PasswordWorker() { stop(); }

void PasswordWorker::hash(Secret password, Hashed done) {
    submit([this, password = std::move(password), done = std::move(done)](bool has_room) mutable {
        std::optional<std::string> result;
        try {
            if (has_room) {
                result = hasher_.hash(password);
            }
        } catch (std::exception const& failure) {
            log_.write(LogLevel::Error, "password.not_hashed", {{"why", failure.what()}});
        }
        done(std::move(result));
    });
}

void PasswordWorker::check(std::optional<std::string> hash, Secret password, Checked done) {
    submit([this, hash = std::move(hash), password = std::move(password),
            done = std::move(done)](bool has_room) mutable {
        auto result = domain::PasswordCheck::Unavailable;
        try {
            if (has_room) {
                result = hasher_.verify(hash, password) ? domain::PasswordCheck::Matches
                                                        : domain::PasswordCheck::Differs;
            }
        } catch (std::exception const& failure) {
            log_.write(LogLevel::Error, "password.not_hashed", {{"why", failure.what()}});
        }
        done(result);
    });
}

void PasswordWorker::submit(Task task) {
    if (!enqueue(task)) {
        task(false);
    }
}

bool PasswordWorker::enqueue(Task& task) {
    {
        std::scoped_lock const lock(mutex_);
        if (stopping_ || waiting_.size() >= kWaitingMax) {
            return false;
        }
        waiting_.push_back(std::move(task));
    }
    work_waits_.notify_one();
    return true;
}

void PasswordWorker::stop() {
    std::deque<Task> turned_away;
    {
        std::scoped_lock const lock(mutex_);
        stopping_ = true;
        turned_away.swap(waiting_);
    }
    work_waits_.notify_all();
    for (auto& task : turned_away) {
        task(false);
    }
    for (auto& thread : threads_) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

void PasswordWorker::run() {
    for (;;) {
        std::unique_lock lock(mutex_);
        work_waits_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) {
            return;
        }
        auto task = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        task(true);
    }
}

}  // namespace latchkey::server
