#include "server/spdlog_event_log.hpp"

#include "wire/json.hpp"

#include <latchkey/base/rfc3339.hpp>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <string>
#include <utility>

namespace latchkey::server {
namespace {

std::string_view level_name(LogLevel level) {
    switch (level) {
        case LogLevel::Debug: return "debug";
        case LogLevel::Info: return "info";
        case LogLevel::Warning: return "warning";
        case LogLevel::Error: return "error";
    }
    std::unreachable();
}

void append_json_value(std::string& line, LogField const& field) {
    if (auto const* text = std::get_if<std::string_view>(&field.value)) {
        wire::append_json_string(line, *text);
    } else if (auto const* number = std::get_if<std::int64_t>(&field.value)) {
        wire::append_json_number(line, *number);
    } else {
        line += std::get<bool>(field.value) ? "true" : "false";
    }
}

/// As it is where nobody could misread it; else quoted and escaped.
void append_text_value(std::string& line, LogField const& field) {
    auto const* text = std::get_if<std::string_view>(&field.value);
    bool const plain =
        text != nullptr && !text->empty() && std::ranges::all_of(*text, [](unsigned char c) {
            return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=';
        });
    if (plain) {
        line += *text;
    } else {
        append_json_value(line, field);
    }
}

std::string format_json(LogLevel level, std::string_view time, std::string_view event,
                        std::initializer_list<LogField> fields) {
    std::string line = R"({"time":")";
    line += time;
    line += R"(","level":")";
    line += level_name(level);
    line += R"(","event":)";
    wire::append_json_string(line, event);
    for (auto const& field : fields) {
        line += ',';
        wire::append_json_string(line, field.name);
        line += ':';
        append_json_value(line, field);
    }
    line += '}';
    return line;
}

std::string format_text(LogLevel level, std::string_view time, std::string_view event,
                        std::initializer_list<LogField> fields) {
    constexpr std::size_t kLevelWidth = 8;
    std::string line(time);
    line += ' ';
    line += level_name(level);
    line.append(kLevelWidth - level_name(level).size(), ' ');
    line += event;
    for (auto const& field : fields) {
        line += ' ';
        line += field.name;
        line += '=';
        append_text_value(line, field);
    }
    return line;
}

}  // namespace

SpdlogEventLog::SpdlogEventLog(LogFormat format, LogLevel level, Clock const& clock)
    : format_(format),
      level_(level),
      clock_(clock),
      logger_(std::make_shared<spdlog::logger>("latchkey",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
    logger_->set_pattern("%v");  // the line is whole already
    logger_->set_level(spdlog::level::trace);
    logger_->flush_on(spdlog::level::trace);
}

SpdlogEventLog::~SpdlogEventLog() = default;

void SpdlogEventLog::write(LogLevel level, std::string_view event,
                           std::initializer_list<LogField> fields) noexcept {
    if (!enabled(level)) {
        return;
    }
    try {
        auto const time = format_rfc3339(clock_.now());
        auto const line = format_ == LogFormat::Json ? format_json(level, time, event, fields)
                                                     : format_text(level, time, event, fields);
        logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    } catch (...) {  // NOLINT(bugprone-empty-catch): out of memory, and no log to say it in
    }
}

}  // namespace latchkey::server
