#pragma once

#include <latchkey/base/instant.hpp>

#include <chrono>

namespace latchkey {

/// Where the time comes from. Only the composition at the top makes a real one; everything below is
/// handed an `Instant`, or a reference to this.
class Clock {
public:
    virtual ~Clock() = default;

    /// The time of day, as tokens and dates count it. May jump when an operator sets the clock.
    [[nodiscard]] virtual Instant now() const noexcept = 0;

    /// For lengths of time: never goes back. Its zero means nothing.
    [[nodiscard]] virtual std::chrono::steady_clock::time_point monotonic() const noexcept = 0;
};

/// The machine's clock. Thread-safe.
class SystemClock final : public Clock {
public:
    [[nodiscard]] Instant now() const noexcept override;
    [[nodiscard]] std::chrono::steady_clock::time_point monotonic() const noexcept override;
};

}  // namespace latchkey
