#pragma once

#include "api/operation.hpp"
#include "domain/authenticate.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace latchkey::api {

/// What an operator may switch about rate limits.
struct RateLimitSettings {
    bool enforced = true;  ///< else requests are counted and shown, and never refused
    /// Backends hold the secret and are trusted with the load they make; else they are limited like
    /// everybody, by what their App may.
    bool servers_exempt = true;
    /// Apps and users get this many times the protocol's numbers, which are meant for tenants who
    /// share a service; 1 to `kMultiplierMax`.
    std::uint32_t multiplier = 100;

    static constexpr std::uint32_t kMultiplierMax = 10'000;
};

/// How much of an operation's allowance is left, as the answer's headers say (protocol
/// section 5.4): the App's, or where a smaller one refused, that one's.
struct RateStatus {
    std::uint32_t limit;
    std::uint32_t remaining;
    std::int64_t resets_at_s;  ///< Unix seconds: the end of the running minute
    bool allowed = true;

    bool operator==(RateStatus const&) const = default;
};

/// Whom a request is counted for.
struct RateSubject {
    AppId app;
    domain::CallerKind kind;
    std::string_view user_id{};
    std::string_view address{};  ///< as `client_address` finds it; empty: not known, not counted
};

/// Counts requests in fixed minutes, for one loop: of each App and operation; and unless a server
/// calls, of each user and operation too. Who has no id of its own, an anonymous caller or one who
/// becomes a guest, is counted by its address. Belongs to its loop.
///
/// An App has its share of the limit on each loop, rounded up; what remains is estimated as if all
/// loops were as busy. Users' limits are not shared out: a user's few connections land on the loops
/// by chance, and nobody is to be refused within what was promised.
class RateLimits {
public:
    static constexpr std::uint32_t kPerUserAndMinute = 60;  ///< times the multiplier
    /// Counters of users and addresses, each loop. With so many in one minute the others are let
    /// through uncounted: the App's limit stands before them all.
    static constexpr std::size_t kUserCountersMax = 100'000;

    /// `settings` outlives this object.
    RateLimits(std::size_t loop_count, RateLimitSettings const& settings)
        : loop_count_(loop_count), settings_(settings) {}

    /// Counts one request. What is refused is not counted: it takes nothing from others.
    RateStatus count(RateSubject const& subject, Operation operation, Instant now);

    /// How much an App has left, counting nothing.
    [[nodiscard]] RateStatus show(AppId app, Operation operation, Instant now) const;

    /// What a caller without an App is told.
    [[nodiscard]] RateStatus uncounted(Operation operation, Instant now) const;

    [[nodiscard]] std::size_t user_counter_count() const { return users_.size(); }

private:
    struct Window {
        std::int64_t minute = -1;
        std::uint32_t used = 0;
    };
    enum class CountedBy : char { User = 'u', Address = 'a' };

    [[nodiscard]] std::uint32_t limit_of_caller() const {
        return kPerUserAndMinute * settings_.multiplier;
    }
    [[nodiscard]] bool count_for_caller(RateSubject const& subject, Operation operation,
                                        std::int64_t minute);
    [[nodiscard]] bool count_one(AppId app, Operation operation, CountedBy by, std::string_view id);

    std::size_t loop_count_;
    RateLimitSettings const& settings_;
    boost::unordered_flat_map<std::int64_t, std::array<Window, kOperationCount>> apps_;
    /// Requests of `users_minute_`; the minute before is forgotten with the first of the next.
    boost::unordered_flat_map<std::string, std::uint32_t> users_;
    std::int64_t users_minute_ = -1;
    std::string key_;  ///< kept for its memory
};

/// 429/9.
[[nodiscard]] wire::ApiError too_many_requests();

void append_rate_limit_fields(std::string& fields, RateStatus const& status);

/// The same, remembering the last text: what is not counted shows the same numbers for a minute.
class RateLimitFields {
public:
    void append_to(std::string& fields, RateStatus const& status);

private:
    RateStatus last_{};
    std::string text_;
};

/// In how many whole seconds to try again; at least 1.
void append_retry_after(std::string& fields, RateStatus const& status, Instant now);

}  // namespace latchkey::api
