#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace latchkey::cli {

/// `90s`, `30m`, `1h`, `7d`: a whole number and its unit. Empty for anything else, and over a
/// hundred years.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace latchkey::cli
