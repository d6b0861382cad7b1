#include "api/token_provider/minute_counter.hpp"

namespace latchkey::api {

RateStatus MinuteCounter::count(std::string_view key, Instant now) {
    auto const minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
    RateStatus status{
        .limit = limit_, .remaining = limit_, .resets_at_s = (minute + 1) * 60, .allowed = true};
    if (key.empty()) {
        return status;
    }
    std::scoped_lock const lock(mutex_);
    if (minute_ != minute) {
        minute_ = minute;
        counts_ = {};  // its memory too: one busy minute is not to be paid for ever
    }
    auto found = counts_.find(std::string(key));
    if (found == counts_.end()) {
        if (counts_.size() >= kKeysMax) {
            return status;
        }
        found = counts_.emplace(std::string(key), 0U).first;
    }
    status.allowed = found->second < limit_;
    found->second += status.allowed ? 1 : 0;
    status.remaining = limit_ - found->second;
    return status;
}

std::size_t MinuteCounter::size() const {
    std::scoped_lock const lock(mutex_);
    return counts_.size();
}

}  // namespace latchkey::api
