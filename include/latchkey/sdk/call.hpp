#pragma once

#include <latchkey/sdk/error.hpp>

#include <condition_variable>
#include <coroutine>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace latchkey::sdk {

namespace detail {

/// The client whose thread this is; null on every other thread.
inline thread_local void const* client_of_this_thread = nullptr;

}  // namespace detail

/// One call on its way. Take its result once: `std::move(call).get()` blocks this thread,
/// `co_await std::move(call)` suspends this coroutine, which goes on on the client's own thread.
/// Dropping it does not take the call back.
///
/// Every call ends within its deadline, also where the client is destroyed meanwhile. `get` on the
/// client's own thread (in a handler, or behind a `co_await`) would wait for itself: where the
/// result is not there yet, it yields `InvalidArgument` instead.
template <class T>
class [[nodiscard]] Call {
public:
    /// Where the client puts the result. Kept by both sides.
    class Promise {
    public:
        /// `client`: on whose thread nobody may wait for this; null: not known.
        explicit Promise(void const* client = nullptr) : client_(client) {}

        /// Once; from any thread.
        void set(Result<T> result) {
            std::coroutine_handle<> waiting;
            {
                std::scoped_lock const lock(mutex_);
                result_ = std::move(result);
                waiting = std::exchange(waiting_, nullptr);
            }
            done_.notify_all();
            if (waiting) {
                waiting.resume();
            }
        }

    private:
        friend class Call;
        void const* client_;
        std::mutex mutex_;
        std::condition_variable done_;
        std::optional<Result<T>> result_;
        std::coroutine_handle<> waiting_;
    };

    explicit Call(std::shared_ptr<Promise> promise) : promise_(std::move(promise)) {}

    [[nodiscard]] Result<T> get() && {
        std::unique_lock lock(promise_->mutex_);
        if (!promise_->result_ && promise_->client_ != nullptr &&
            promise_->client_ == detail::client_of_this_thread) {
            return std::unexpected(
                Error{.kind = Error::Kind::InvalidArgument,
                      .message = "get() on the client's own thread would wait for itself"});
        }
        promise_->done_.wait(lock, [this] { return promise_->result_.has_value(); });
        // It is there: that was waited for. NOLINTNEXTLINE(bugprone-unchecked-optional-access)
        return *std::exchange(promise_->result_, std::nullopt);
    }

    [[nodiscard]] bool await_ready() const {
        std::scoped_lock const lock(promise_->mutex_);
        return promise_->result_.has_value();
    }
    [[nodiscard]] bool await_suspend(std::coroutine_handle<> waiting) {
        std::scoped_lock const lock(promise_->mutex_);
        if (promise_->result_) {
            return false;
        }
        promise_->waiting_ = waiting;
        return true;
    }
    [[nodiscard]] Result<T> await_resume() {
        std::scoped_lock const lock(promise_->mutex_);
        return *std::exchange(promise_->result_, std::nullopt);
    }

private:
    std::shared_ptr<Promise> promise_;
};

}  // namespace latchkey::sdk
