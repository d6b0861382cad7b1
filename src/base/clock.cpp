#include <latchkey/base/clock.hpp>

namespace latchkey {

Instant SystemClock::now() const noexcept {
    return std::chrono::floor<Instant::duration>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::monotonic() const noexcept {
    return std::chrono::steady_clock::now();
}

}  // namespace latchkey
