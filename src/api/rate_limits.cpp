#include "api/rate_limits.hpp"

#include "wire/json.hpp"

#include <algorithm>
#include <utility>

namespace latchkey::api {
namespace {

/// What operations without an allowance of their own are shown with.
constexpr std::uint32_t kUncountedLimit = 100'000;

std::int64_t minute_of(Instant now) {
    return std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
}

std::uint32_t limit_of(Operation operation) {
    auto const limit = facts(operation).per_minute;
    return limit == 0 ? kUncountedLimit : limit;
}

}  // namespace

RateStatus RateLimits::uncounted(Operation operation, Instant now) {
    auto const limit = limit_of(operation);
    return {.limit = limit, .remaining = limit, .resets_at_s = (minute_of(now) + 1) * 60};
}

RateStatus RateLimits::count(AppId app, Operation operation, Instant now) {
    auto status = uncounted(operation, now);
    if (facts(operation).per_minute == 0) {
        return status;
    }
    auto& window = apps_[std::to_underlying(app)].at(static_cast<std::size_t>(operation));
    auto const minute = minute_of(now);
    if (window.minute != minute) {
        window = {.minute = minute, .used = 0};
    }
    ++window.used;
    auto const used = std::uint64_t{window.used} * loop_count_;
    status.remaining -= static_cast<std::uint32_t>(std::min<std::uint64_t>(used, status.limit));
    return status;
}

void append_rate_limit_fields(std::string& fields, RateStatus const& status) {
    fields += "X-RateLimit-Limit: ";
    wire::append_json_number(fields, status.limit);
    fields += "\r\nX-RateLimit-Remaining: ";
    wire::append_json_number(fields, status.remaining);
    fields += "\r\nX-RateLimit-Reset: ";
    wire::append_json_number(fields, status.resets_at_s);
    fields += "\r\n";
}

}  // namespace latchkey::api
