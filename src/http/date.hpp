#pragma once

#include <latchkey/base/instant.hpp>

#include <optional>
#include <string_view>

namespace latchkey::http {

/// Reads "Sun, 06 Nov 1994 08:49:37 GMT", the one form of RFC 9110 section 5.6.7 that is still
/// sent. Empty where it is none: a day that the month has not, or another day of the week.
[[nodiscard]] std::optional<Instant> parse_http_date(std::string_view text);

}  // namespace latchkey::http
