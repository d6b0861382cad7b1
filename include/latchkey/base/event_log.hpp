#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

namespace latchkey {

enum class LogLevel { Debug, Info, Warning, Error };

/// One named value of an event. Only text and numbers: a `Secret` does not fit, and tokens and
/// claims are not put here by anyone (promise P7).
struct LogField {
    LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
    LogField(std::string_view field_name, char const* text)
        : name(field_name), value(std::string_view(text)) {}
    LogField(std::string_view field_name, bool flag) : name(field_name), value(flag) {}
    template <std::integral Number>
    LogField(std::string_view field_name, Number number)
        : name(field_name), value(static_cast<std::int64_t>(number)) {}

    std::string_view name;
    std::variant<std::string_view, std::int64_t, bool> value;
};

/// Where events go: one line each, as JSON or as text, by a setting. Thread-safe.
class EventLog {
public:
    virtual ~EventLog() = default;

    [[nodiscard]] virtual bool enabled(LogLevel level) const noexcept = 0;

    /// Writes one line. `event` is a fixed name such as `server.started`; what varies is in the
    /// fields. Line breaks and other control characters in them are escaped. Never throws: a log
    /// that cannot be written must not end a request.
    virtual void write(LogLevel level, std::string_view event,
                       std::initializer_list<LogField> fields = {}) noexcept = 0;
};

}  // namespace latchkey
