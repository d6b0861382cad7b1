#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace latchkey::fuzz {

/// What must hold for every input; ends the program where it does not, so that the fuzzer keeps the
/// input.
inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

inline std::string_view text_of(std::uint8_t const* data, std::size_t size) {
    return {reinterpret_cast<char const*>(data), size};
}

}  // namespace latchkey::fuzz
