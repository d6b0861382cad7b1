#pragma once

#include <latchkey/base/clock.hpp>

#include <atomic>

namespace latchkey::test {

/// A clock that stands still until it is moved. Thread-safe.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Instant now) : now_(now) {}

    [[nodiscard]] Instant now() const noexcept override { return now_.load(); }
    [[nodiscard]] std::chrono::steady_clock::time_point monotonic() const noexcept override {
        return std::chrono::steady_clock::time_point(now_.load().time_since_epoch());
    }
    void set(Instant now) { now_ = now; }
    void advance(std::chrono::microseconds by) { now_ = now_.load() + by; }

private:
    std::atomic<Instant> now_;
};

}  // namespace latchkey::test
