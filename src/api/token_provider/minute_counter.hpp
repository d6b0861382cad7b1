#pragma once

#include "api/rate_limits.hpp"

#include <latchkey/base/instant.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace latchkey::api {

/// Counts something of each key in fixed minutes, for all loops. Thread-safe.
class MinuteCounter {
public:
    /// With so many in one minute the others are let through uncounted.
    static constexpr std::size_t kKeysMax = 100'000;

    explicit MinuteCounter(std::uint32_t limit) : limit_(limit) {}

    /// Counts one, or refuses it and counts nothing. An empty key is nobody's, and not counted.
    RateStatus count(std::string_view key, Instant now);
    [[nodiscard]] std::size_t size() const;

private:
    std::uint32_t limit_;
    mutable std::mutex mutex_;
    std::int64_t minute_ = -1;
    boost::unordered_flat_map<std::string, std::uint32_t> counts_;  ///< of `minute_`
};

}  // namespace latchkey::api
