#pragma once

#include <latchkey/base/random_source.hpp>

#include <chrono>

namespace latchkey::sdk {

/// Pauses between tries, with full jitter: each is drawn evenly from zero to a bound that doubles
/// from one to the next, so that clients that failed together do not come back together.
class Backoff {
public:
    struct Bounds {
        std::chrono::milliseconds first;
        std::chrono::milliseconds max;
    };

    /// `random` outlives this object.
    Backoff(RandomSource& random, Bounds bounds)
        : random_(random), bounds_(bounds), bound_(bounds.first) {}

    [[nodiscard]] std::chrono::milliseconds next();
    /// The next pause is a first one.
    void reset() noexcept { bound_ = bounds_.first; }

private:
    RandomSource& random_;
    Bounds bounds_;
    std::chrono::milliseconds bound_;
};

}  // namespace latchkey::sdk
