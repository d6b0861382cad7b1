#pragma once

#include <string_view>

namespace latchkey::server {

inline constexpr std::string_view kVersion = LATCHKEY_VERSION;

}  // namespace latchkey::server
