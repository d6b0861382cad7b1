#pragma once

#include <latchkey/base/instant.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace latchkey::server {

/// `90s`, `30m`, `1h`, `7d`: a whole number and its unit. Empty for anything else, and over a
/// hundred years.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// A date as RFC 3339 has it, or a length of time before `now`. Empty for anything else, and before
/// 1970.
[[nodiscard]] std::optional<Instant> parse_past(std::string_view text, Instant now);

}  // namespace latchkey::server
