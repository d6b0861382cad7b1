#pragma once

#include <latchkey/base/instant.hpp>

#include <string_view>

namespace latchkey::token {

/// Reads a NumericDate (RFC 7519 section 2): seconds since the epoch, as a JSON number that is
/// known to be well-formed. Exact: the decimal digits are read, not a `double` of them; what is
/// finer than a microsecond is rounded up.
///
/// False, and `date` as it was, where the instant lies outside `kInstantMin` … `kInstantMax`, as
/// every negative number does. (Not an `optional`, which g++ 12 returns by way of the stack: that
/// stall took longer than reading the digits.)
[[nodiscard]] bool parse_numeric_date(std::string_view number, Instant& date) noexcept;

}  // namespace latchkey::token
