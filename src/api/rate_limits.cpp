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

std::uint32_t limit_of(Operation operation, std::uint32_t multiplier) {
    auto const limit = facts(operation).per_minute;
    return limit == 0 ? kUncountedLimit : limit * multiplier;
}

/// What is left of `limit`, as if all loops were as busy as the one that used so much of it.
std::uint32_t remaining(std::uint32_t limit, std::uint32_t used, std::size_t loop_count) {
    auto const used_by_all = std::uint64_t{used} * loop_count;
    return limit - static_cast<std::uint32_t>(std::min<std::uint64_t>(used_by_all, limit));
}

}  // namespace

RateStatus RateLimits::uncounted(Operation operation, Instant now) const {
    auto const limit = limit_of(operation, settings_.multiplier);
    return {.limit = limit, .remaining = limit, .resets_at_s = (minute_of(now) + 1) * 60};
}

RateStatus RateLimits::count(RateSubject const& subject, Operation operation, Instant now) {
    auto status = uncounted(operation, now);
    if (facts(operation).per_minute == 0) {
        return status;
    }
    auto const minute = minute_of(now);
    if (settings_.enforced && !count_for_caller(subject, operation, minute)) {
        return {.limit = limit_of_caller(),
                .remaining = 0,
                .resets_at_s = status.resets_at_s,
                .allowed = false};
    }
    auto& window = apps_[std::to_underlying(subject.app)].at(static_cast<std::size_t>(operation));
    if (window.minute != minute) {
        window = {.minute = minute, .used = 0};
    }
    auto const share = (status.limit + loop_count_ - 1) / loop_count_;
    bool const exempt = settings_.servers_exempt && subject.kind == domain::CallerKind::Server;
    status.allowed = !settings_.enforced || exempt || window.used < share;
    if (window.used < share) {
        ++window.used;
    }
    status.remaining = remaining(status.limit, window.used, loop_count_);
    return status;
}

RateStatus RateLimits::show(AppId app, Operation operation, Instant now) const {
    auto status = uncounted(operation, now);
    auto const found = apps_.find(std::to_underlying(app));
    if (found != apps_.end()) {
        auto const& window = found->second.at(static_cast<std::size_t>(operation));
        auto const used = window.minute == minute_of(now) ? window.used : 0;
        status.remaining = remaining(status.limit, used, loop_count_);
    }
    return status;
}

bool RateLimits::count_for_caller(RateSubject const& subject, Operation operation,
                                  std::int64_t minute) {
    if (subject.kind == domain::CallerKind::Server) {
        return true;
    }
    if (users_minute_ != minute) {
        users_minute_ = minute;
        users_ = {};  // its memory too: one busy minute is not to be paid for ever
    }
    bool const anonymous = subject.kind == domain::CallerKind::Anonymous;
    if (!anonymous && !count_one(subject.app, operation, CountedBy::User, subject.user_id)) {
        return false;
    }
    return (!anonymous && operation != Operation::CreateGuest) || subject.address.empty() ||
           count_one(subject.app, operation, CountedBy::Address, subject.address);
}

bool RateLimits::count_one(AppId app, Operation operation, CountedBy by, std::string_view id) {
    key_.clear();
    wire::append_json_number(key_, std::to_underlying(app));
    key_ += static_cast<char>(by);
    wire::append_json_number(key_, static_cast<std::int64_t>(operation));
    key_ += ':';
    key_ += id;
    auto found = users_.find(key_);
    if (found == users_.end()) {
        if (users_.size() >= kUserCountersMax) {
            return true;
        }
        found = users_.emplace(key_, 0U).first;
    }
    if (found->second >= limit_of_caller()) {
        return false;
    }
    ++found->second;
    return true;
}

wire::ApiError too_many_requests() {
    return {.code = wire::ErrorCode::RateLimitError,
            .http_status = 429,
            .message = "Too many requests, check response headers for more information."};
}

void append_retry_after(std::string& fields, RateStatus const& status, Instant now) {
    auto const now_s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    fields += "Retry-After: ";
    wire::append_json_number(fields, std::max<std::int64_t>(1, status.resets_at_s - now_s));
    fields += "\r\n";
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

void RateLimitFields::append_to(std::string& fields, RateStatus const& status) {
    if (text_.empty() || status != last_) {
        text_.clear();
        append_rate_limit_fields(text_, status);
        last_ = status;
    }
    fields += text_;
}

}  // namespace latchkey::api
