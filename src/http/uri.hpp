#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::http {

/// The raw value of the first parameter `name` in a query, not decoded. Absent and empty differ.
/// Looks at no more than `kQueryParametersMax` parameters. `name` has no `%`.
[[nodiscard]] std::optional<std::string_view> find_query_parameter(std::string_view query,
                                                                   std::string_view name) noexcept;

/// Undoes percent-encoding (RFC 3986 section 2.1), and `+` for a space as browsers write queries.
/// Empty where a `%` is not followed by two hex digits.
[[nodiscard]] std::optional<std::string> decode_query_value(std::string_view text);

/// The same for one segment of a path, where `+` is itself.
[[nodiscard]] std::optional<std::string> decode_path_segment(std::string_view text);

/// `text` as a value of a query or a segment of a path: with everything but unreserved characters
/// percent-encoded (RFC 3986 sections 2.1, 2.3).
[[nodiscard]] std::string percent_encode(std::string_view text);

/// A request target or path-and-query for a log: parameters that carry credentials or claims
/// (`authorization`, `token`, `json`, `payload`, `user_token`, …) are cut out, control characters
/// escaped, and the whole shortened to `kLoggedTargetBytesMax`.
inline constexpr std::size_t kLoggedTargetBytesMax = 256;
[[nodiscard]] std::string redact_target(std::string_view target);

}  // namespace latchkey::http
