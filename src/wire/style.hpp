#pragma once

#include <cstdint>

namespace latchkey::wire {

/// The two ways of writing the same things (protocol section 0).
enum class Style : std::uint8_t {
    Legacy,  ///< `/app`: dates as RFC 3339 text, custom data beside the reserved keys
    V2,      ///< `/api/v2/app`: dates as integer nanoseconds, custom data in `custom`
};

}  // namespace latchkey::wire
