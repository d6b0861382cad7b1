#pragma once

#include <latchkey/base/event_log.hpp>

#include <algorithm>
#include <cstdint>
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
            } else if (auto const* number = std::get_if<std::int64_t>(&field.value)) {
                text_.append(std::to_string(*number));
            }
            text_.append("\n");
        }
    }

    [[nodiscard]] bool has(std::string_view event) const {
        std::scoped_lock const lock(mutex_);
        return std::ranges::find(events_, event) != events_.end();
    }
    /// How many of them there are.
    [[nodiscard]] std::size_t count(std::string_view event) const {
        std::scoped_lock const lock(mutex_);
        return static_cast<std::size_t>(std::ranges::count(events_, event));
    }
    /// All values of all events, but for flags.
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
