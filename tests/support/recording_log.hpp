#pragma once

#include <latchkey/base/event_log.hpp>

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace latchkey::test {

/// Keeps what is logged. Thread-safe.
class RecordingLog final : public EventLog {
public:
    [[nodiscard]] bool enabled(LogLevel) const noexcept override { return true; }

    void write(LogLevel, std::string_view event,
               std::initializer_list<LogField> fields) noexcept override {
        std::scoped_lock const lock(mutex_);
        events_.emplace_back(event);
        for (auto const& field : fields) {
            text_.append(field.name).append("=");
            if (auto const* value = std::get_if<std::string_view>(&field.value)) {
                text_.append(*value);
            }
            text_.append("\n");
        }
    }

    [[nodiscard]] bool has(std::string_view event) const {
        std::scoped_lock const lock(mutex_);
        return std::ranges::find(events_, event) != events_.end();
    }
    /// All text values of all events.
    [[nodiscard]] std::string text() const {
        std::scoped_lock const lock(mutex_);
        return text_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> events_;
    std::string text_;
};

}  // namespace latchkey::test
