#pragma once

#include <span>

namespace latchkey::cli {

/// Runs `latchkey ARGUMENTS…`, the program's name first. Returns the exit status: 0 done, 1 refused
/// or failed, 2 wrong usage. Data goes to standard output, everything else to standard error.
[[nodiscard]] int run(std::span<char* const> arguments);

}  // namespace latchkey::cli
