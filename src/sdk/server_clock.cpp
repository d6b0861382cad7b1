#include "sdk/server_clock.hpp"

namespace latchkey::sdk {

void ServerClock::observe_date(Instant date) {
    using namespace std::chrono_literals;
    auto const now = clock_.now();
    std::scoped_lock const lock(mutex_);
    if (skew_ && now + *skew_ >= date - kDateTolerance &&
        now + *skew_ <= date + 1s + kDateTolerance) {
        return;
    }
    skew_ = date + 500ms - now;  // the middle of the second that it names
}

void ServerClock::observe_frame(Instant created_at) {
    std::scoped_lock const lock(mutex_);
    skew_ = created_at - clock_.now();
}

std::optional<Instant> ServerClock::now() const {
    std::scoped_lock const lock(mutex_);
    return skew_ ? std::optional(clock_.now() + *skew_) : std::nullopt;
}

std::chrono::milliseconds ServerClock::skew() const {
    std::scoped_lock const lock(mutex_);
    return std::chrono::round<std::chrono::milliseconds>(
        skew_.value_or(std::chrono::microseconds::zero()));
}

}  // namespace latchkey::sdk
