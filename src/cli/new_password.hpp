#pragma once

#include "cli/admin_client.hpp"

#include <latchkey/base/secret.hpp>

#include <expected>
#include <string>

namespace latchkey::cli {

/// A password that an account is to have: out of `file`, where that is not empty; else typed twice
/// on the terminal, unseen; else, where standard input is none, all that comes from there. One line
/// break at its end is not part of it. Never from an argument: others can read those.
[[nodiscard]] std::expected<Secret, CommandError> read_new_password(std::string const& file);

}  // namespace latchkey::cli
