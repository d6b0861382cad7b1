#pragma once

#include "client_fixture.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

namespace latchkey::test {

/// Keeps what a socket tells; the test reads it in order.
class RecordingSocketHandler final : public net::ClientSocketHandler {
public:
    void on_open() override { add("open"); }
    void on_message(std::string_view payload) override { add("message " + std::string(payload)); }
    void on_closed(std::optional<std::uint16_t> code, net::ClientFailure const& failure) override {
        add(code ? "closed " + std::to_string(*code)
                 : "failed " + std::string(describe(failure.error)) +
                       (failure.sent ? "" : ", not sent"));
    }

    /// Waits for the next.
    [[nodiscard]] std::string next() {
        std::unique_lock lock(mutex_);
        if (!told_.wait_for(lock, kGenerous, [this] { return !events_.empty(); })) {
            return "nothing";
        }
        auto event = std::move(events_.front());
        events_.pop_front();
        return event;
    }
    [[nodiscard]] bool is_silent() {
        std::scoped_lock const lock(mutex_);
        return events_.empty();
    }
    /// Called on the loop's thread with each event, before it can be read.
    std::function<void(std::string const&)> on_event;

private:
    void add(std::string event) {
        if (on_event) {
            on_event(event);
        }
        std::scoped_lock const lock(mutex_);
        events_.push_back(std::move(event));
        told_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable told_;
    std::deque<std::string> events_;
};

}  // namespace latchkey::test
