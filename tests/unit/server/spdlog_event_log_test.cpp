#include "server/spdlog_event_log.hpp"

#include "support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::server {
namespace {

using namespace std::chrono_literals;

/// What one event comes to on standard error.
std::string written(LogFormat format, LogLevel level, std::string_view event,
                    std::initializer_list<LogField> fields) {
    test::ManualClock const clock(Instant(1767225600s));
    SpdlogEventLog log(format, LogLevel::Info, clock);
    testing::internal::CaptureStderr();
    log.write(level, event, fields);
    return testing::internal::GetCapturedStderr();
}

TEST(SpdlogEventLog, WritesAnEventAsALineOfText) {
    EXPECT_EQ(written(LogFormat::Text, LogLevel::Info, "server.started",
                      {{"listen", "127.0.0.1:1"}, {"loops", 2}, {"ready", true}}),
              "2026-01-01T00:00:00.000000Z info    server.started listen=127.0.0.1:1 loops=2 "
              "ready=true\n");
}

TEST(SpdlogEventLog, WritesAnEventAsALineOfJson) {
    EXPECT_EQ(written(LogFormat::Json, LogLevel::Error, "store.failed",
                      {{"why", "disk \"full\""}, {"left", 0}}),
              R"({"time":"2026-01-01T00:00:00.000000Z","level":"error","event":"store.failed",)"
              R"("why":"disk \"full\"","left":0})"
              "\n");
}

TEST(SpdlogEventLog, KeepsOneEventOnOneLineWhateverIsInIt) {
    for (auto const format : {LogFormat::Text, LogFormat::Json}) {
        auto const line = written(format, LogLevel::Info, "event",
                                  {{"name", "two\nlines\r\x1b[31m"}, {"empty", ""}});
        EXPECT_EQ(line.find('\n'), line.size() - 1);
        EXPECT_EQ(line.find('\r'), std::string::npos);
        EXPECT_EQ(line.find('\x1b'), std::string::npos);
    }
}

TEST(SpdlogEventLog, LeavesOutWhatIsBelowItsLevel) {
    EXPECT_EQ(written(LogFormat::Text, LogLevel::Debug, "event", {}), "");
}

}  // namespace
}  // namespace latchkey::server
