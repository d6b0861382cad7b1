#pragma once

#include <chrono>

namespace latchkey {

/// A point in time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Instants from outside lie between `kInstantMin` and `kInstantMax` (9999-12-31T23:59:59.999999Z);
/// every parser refuses the rest, so sums with durations of this product cannot overflow. Input
/// finer than a microsecond is rounded up: a revocation never covers less than was asked for.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

inline constexpr Instant kInstantMin{};
inline constexpr Instant kInstantMax{std::chrono::microseconds{253'402'300'799'999'999}};

/// Whether `instant` is one that the protocol can carry.
constexpr bool is_in_range(Instant instant) {
    return instant >= kInstantMin && instant <= kInstantMax;
}

}  // namespace latchkey
