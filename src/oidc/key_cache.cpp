#include "oidc/key_cache.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace latchkey::oidc {

KeyCache::Answer KeyCache::ask(std::optional<std::string_view> key_id, TimePoint now) {
    auto keys = current(now);
    if (!keys) {
        if (fetching_) {
            return {.advice = Advice::Wait, .keys = nullptr};
        }
        return may_retry(now) ? wait_and_fetch() : Answer{.advice = Advice::Fail, .keys = nullptr};
    }
    if (key_id && !keys->may_have_signed(*key_id)) {
        return look_up(std::move(keys), now);
    }
    bool const refresh = now >= fresh_until_ && !fetching_ && may_retry(now);
    fetching_ |= refresh;
    return {.advice = Advice::Use, .keys = std::move(keys), .fetch = refresh};
}

KeyCache::Answer KeyCache::ask_newer(Keys const& tried, TimePoint now) {
    auto keys = current(now);
    if (keys && keys != tried) {  // fetched since
        return {.advice = Advice::Use, .keys = std::move(keys)};
    }
    return look_up(std::move(keys), now);
}

KeyCache::Answer KeyCache::look_up(Keys keys, TimePoint now) {
    if (fetching_) {
        return {.advice = Advice::Wait, .keys = nullptr};
    }
    if (may_retry(now) && take_lookup(now)) {
        return wait_and_fetch();
    }
    return keys ? Answer{.advice = Advice::Use, .keys = std::move(keys)}
                : Answer{.advice = Advice::Fail, .keys = nullptr};
}

KeyCache::Answer KeyCache::wait_and_fetch() {
    fetching_ = true;
    return {.advice = Advice::Wait, .keys = nullptr, .fetch = true};
}

bool KeyCache::may_retry(TimePoint now) const {
    return !failed_at_ || now >= *failed_at_ + kRetryPause;
}

bool KeyCache::take_lookup(TimePoint now) {
    auto const earned = (now - lookups_counted_at_) / kLookupEvery;
    if (earned > 0) {
        lookups_ = static_cast<int>(std::min<std::int64_t>(kLookupsMax, lookups_ + earned));
        lookups_counted_at_ += earned * kLookupEvery;
    }
    if (lookups_ == 0) {
        return false;
    }
    if (lookups_ == kLookupsMax) {
        lookups_counted_at_ = now;  // a full allowance earns nothing
    }
    --lookups_;
    return true;
}

void KeyCache::succeed(JwkSet keys, std::optional<std::chrono::seconds> fresh_for, TimePoint now) {
    keys_ = std::make_shared<JwkSet const>(std::move(keys));
    fetched_at_ = now;
    fresh_until_ = now + std::clamp(fresh_for.value_or(kFreshDefault), kFreshMin, kFreshMax);
    failed_at_.reset();
    fetching_ = false;
}

void KeyCache::fail(TimePoint now) {
    failed_at_ = now;
    fetching_ = false;
}

KeyCache::Keys KeyCache::current(TimePoint now) const {
    return keys_ && now < fetched_at_ + kStaleMax ? keys_ : nullptr;
}

std::optional<std::chrono::seconds> parse_max_age(std::string_view cache_control) {
    constexpr std::string_view kMaxAge = "max-age=";
    std::optional<std::chrono::seconds> found;
    bool uncached = false;
    http::any_list_element(cache_control, [&](std::string_view element) {
        uncached |= http::equals_ignoring_case(element, "no-cache") ||
                    http::equals_ignoring_case(element, "no-store");
        if (element.size() > kMaxAge.size() &&
            http::equals_ignoring_case(element.substr(0, kMaxAge.size()), kMaxAge)) {
            auto const digits = element.substr(kMaxAge.size());
            std::uint32_t seconds = 0;
            auto const* const end = digits.data() + digits.size();
            auto const [stop, error] = std::from_chars(digits.data(), end, seconds);
            if (error == std::errc() && stop == end) {
                found = std::chrono::seconds(seconds);
            }
        }
        return false;
    });
    return uncached ? std::chrono::seconds(0) : found;
}

}  // namespace latchkey::oidc
