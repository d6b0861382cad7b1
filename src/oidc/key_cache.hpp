#pragma once

#include "oidc/jwk_set.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace latchkey::oidc {

/// When a provider's keys are fetched, and for how long they count. A state machine without I/O:
/// whoever asks does the fetching, one at a time.
///
/// Keys are used for as long as the provider's `Cache-Control` says, within bounds, and then
/// refreshed in the background. A key that is not known is looked for at once, so that a rotation
/// goes unnoticed; as tokens with made-up key ids cost nothing, those fetches are counted against
/// an allowance. Where the provider does not answer, or answers with what is no set of keys, the
/// last good keys count on, for a day.
class KeyCache {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Keys = std::shared_ptr<JwkSet const>;

    static constexpr std::chrono::seconds kFreshDefault{600};  ///< where the provider says nothing
    static constexpr std::chrono::seconds kFreshMin{60};
    static constexpr std::chrono::seconds kFreshMax{6 * 3600};
    static constexpr std::chrono::seconds kStaleMax{24 * 3600};  ///< since the keys were fetched
    static_assert(kFreshMax < kStaleMax);
    static constexpr std::chrono::seconds kRetryPause{5};    ///< behind a fetch that failed
    static constexpr int kLookupsMax = 4;                    ///< fetches for unknown keys in a row
    static constexpr std::chrono::seconds kLookupEvery{15};  ///< one more is allowed each

    enum class Advice : std::uint8_t {
        Use,   ///< decide by `keys`
        Wait,  ///< decide when the fetch that is under way, or that is begun now, is over
        Fail,  ///< there are no keys, and it is too early to ask for them again
    };
    struct Answer {
        Advice advice;
        Keys keys;           ///< null unless `Use`
        bool fetch = false;  ///< begin a fetch, whose end is reported by `succeed` or `fail`
    };

    /// Keys for a token that names `key_id`. Absent: it names none.
    [[nodiscard]] Answer ask(std::optional<std::string_view> key_id, TimePoint now);
    /// None of `tried` made the signature of a token that names no key, one that is not there, or
    /// one of another algorithm: whether newer ones may have.
    [[nodiscard]] Answer ask_newer(Keys const& tried, TimePoint now);

    /// `fresh_for`: `max-age` of the answer.
    void succeed(JwkSet keys, std::optional<std::chrono::seconds> fresh_for, TimePoint now);
    void fail(TimePoint now);

    /// The last good keys, unless they are too old. Null: none.
    [[nodiscard]] Keys current(TimePoint now) const;

private:
    [[nodiscard]] Answer wait_and_fetch();
    [[nodiscard]] Answer look_up(Keys keys, TimePoint now);
    [[nodiscard]] bool may_retry(TimePoint now) const;
    [[nodiscard]] bool take_lookup(TimePoint now);

    Keys keys_;
    TimePoint fetched_at_{};
    TimePoint fresh_until_{};
    std::optional<TimePoint> failed_at_;  ///< the last fetch did, then
    bool fetching_ = false;
    int lookups_ = kLookupsMax;
    TimePoint lookups_counted_at_{};
};

/// `max-age` of a `Cache-Control` field (RFC 9111 section 5.2.2.1); zero for `no-cache` and
/// `no-store`; empty where it says neither.
[[nodiscard]] std::optional<std::chrono::seconds> parse_max_age(std::string_view cache_control);

}  // namespace latchkey::oidc
