#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace latchkey::cli {

inline constexpr std::size_t kBatchLineBytesMax = std::size_t{1024} * 1024;

/// Decides about one line of `token check --batch`: a JSON object with the token and the state to
/// decide by (docs/reference/command-line.md). Always returns one JSON object, without a line
/// break.
[[nodiscard]] std::string check_batch_line(std::string_view line);

/// Answers each line of `in` with one line on `out`, whatever it holds.
void check_batch(std::istream& in, std::ostream& out);

}  // namespace latchkey::cli
