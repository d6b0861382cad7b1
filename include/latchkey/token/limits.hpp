#pragma once

#include <cstddef>

namespace latchkey::token {

inline constexpr std::size_t kTokenBytesMax = 8192;  ///< a longer token is refused unread
inline constexpr std::size_t kJsonDepthMax = 32;     ///< nesting of header and claims
inline constexpr std::size_t kClaimsMax = 128;       ///< names in a header or a claim set
inline constexpr std::size_t kSecretsMax = 16;       ///< of one `TokenVerifier`

}  // namespace latchkey::token
