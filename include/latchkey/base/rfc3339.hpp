#pragma once

#include <latchkey/base/instant.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace latchkey {

/// Reads an RFC 3339 date-time (section 5.6): `2026-01-31T23:59:59[.fraction](Z|+hh:mm|-hh:mm)`,
/// capital `T` and `Z`, any number of fraction digits up to nine, the rest rounded up to the
/// microsecond. Second 60 is refused: an `Instant` has no leap seconds.
///
/// Empty where the text is anything else, names a day that does not exist, or lies outside
/// `kInstantMin` … `kInstantMax`.
[[nodiscard]] std::optional<Instant> parse_rfc3339(std::string_view text) noexcept;

/// `2026-01-31T23:59:59.123456Z`: UTC, always six digits of fraction. `instant` is in range.
[[nodiscard]] std::string format_rfc3339(Instant instant);

}  // namespace latchkey
