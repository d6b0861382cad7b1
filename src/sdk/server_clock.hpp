#pragma once

#include <latchkey/base/clock.hpp>
#include <latchkey/base/instant.hpp>

#include <chrono>
#include <mutex>
#include <optional>

namespace latchkey::sdk {

/// What the server's clock says, by the dates of its answers. Thread-safe.
class ServerClock {
public:
    /// `Date` counts whole seconds (RFC 9110 section 5.6.7), and an answer takes its time: a date
    /// that the present estimate explains to within this says nothing new.
    static constexpr std::chrono::seconds kDateTolerance{2};

    /// `clock` outlives this object.
    explicit ServerClock(Clock const& clock) : clock_(clock) {}

    /// `Date` of an answer that has just come.
    void observe_date(Instant date);
    /// `created_at` of a frame that has just come.
    void observe_frame(Instant created_at);

    /// Empty: the server has not said anything yet.
    [[nodiscard]] std::optional<Instant> now() const;
    /// How far the server is ahead; zero where nothing is known.
    [[nodiscard]] std::chrono::milliseconds skew() const;

private:
    Clock const& clock_;
    mutable std::mutex mutex_;  // guards skew_
    std::optional<std::chrono::microseconds> skew_;
};

}  // namespace latchkey::sdk
