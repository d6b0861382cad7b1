#include "sdk/backoff.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace latchkey::sdk {

std::chrono::milliseconds Backoff::next() {
    std::array<std::byte, sizeof(std::uint64_t)> bytes;
    random_.fill(bytes);
    // The remainder favours small numbers by less than one in 2^48, which no pause shows.
    auto const drawn =
        std::bit_cast<std::uint64_t>(bytes) % (static_cast<std::uint64_t>(bound_.count()) + 1);
    bound_ = std::min(bound_ * 2, bounds_.max);
    return std::chrono::milliseconds(drawn);
}

}  // namespace latchkey::sdk
