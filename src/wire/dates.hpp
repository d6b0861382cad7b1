#pragma once

#include "wire/style.hpp"

#include <latchkey/base/instant.hpp>

#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::wire {

/// Reads a date of a request in any of the forms that the SDKs send (protocol section 3.1): RFC
/// 3339; the same without an offset (UTC), with `+hhmm`, or with a space and `UTC` as Ruby writes
/// it; or a number, an integer or finite decimal: below 1e11 seconds, below 1e14 milliseconds,
/// below 1e17 microseconds, else nanoseconds. Finer than a microsecond is rounded up. Empty for
/// anything else, a day that does not exist, and what lies outside `Instant`'s range.
[[nodiscard]] std::optional<Instant> parse_request_date(boost::json::value const& value);
[[nodiscard]] std::optional<Instant> parse_request_date(std::string_view text);

/// Appends `instant` as a JSON value of that style: `"2026-01-31T23:59:59.123456Z"` with quotes, or
/// integer nanoseconds without exponent.
void append_date(std::string& out, Instant instant, Style style);

/// Appends a duration as the `duration` field has it: `"0.12ms"`, quotes included.
void append_duration(std::string& out, std::chrono::nanoseconds duration);

}  // namespace latchkey::wire
