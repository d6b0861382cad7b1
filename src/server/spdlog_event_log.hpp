#pragma once

#include "server/settings.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/event_log.hpp>

#include <memory>

namespace spdlog {
class logger;  // NOLINT(readability-identifier-naming): spdlog's own name
}

namespace latchkey::server {

/// Writes events to standard error, a line each: `{"time":…,"level":…,"event":…,…}`, or
/// `2026-01-31T23:59:59.123456Z info  server.started listen=127.0.0.1:8080`.
class SpdlogEventLog final : public EventLog {
public:
    /// `clock` outlives this object.
    SpdlogEventLog(LogFormat format, LogLevel level, Clock const& clock);
    ~SpdlogEventLog() override;

    [[nodiscard]] bool enabled(LogLevel level) const noexcept override { return level >= level_; }
    void write(LogLevel level, std::string_view event,
               std::initializer_list<LogField> fields) noexcept override;

private:
    LogFormat format_;
    LogLevel level_;
    Clock const& clock_;
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace latchkey::server
