#pragma once

#include "domain/app.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/event_log.hpp>
#include <latchkey/base/ids.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

namespace latchkey::api {

/// Says in the log, once a minute for each App at most, that tokens counted unsigned because its
/// auth checks are off: it is fit for development only, and must not be forgotten. Thread-safe;
/// apps in production mode never come here.
class DeveloperTokenUses {
public:
    static constexpr std::chrono::minutes kLoggedEvery{1};

    /// Both outlive this object.
    DeveloperTokenUses(Clock const& clock, EventLog& log) : clock_(clock), log_(log) {}

    void note(domain::App const& app);

private:
    struct Uses {
        std::uint64_t unlogged = 0;
        std::optional<std::chrono::steady_clock::time_point> logged_at{};
    };

    Clock const& clock_;
    EventLog& log_;
    std::mutex mutex_;
    std::map<AppId, Uses> apps_;
};

}  // namespace latchkey::api
