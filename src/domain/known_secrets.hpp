#pragma once

#include <string_view>

namespace latchkey::domain {

/// Whether `secret` stands on a public list of secrets from code and tutorials. Only those of 32
/// bytes and more are looked for; shorter ones are refused for their length anyway. The program
/// holds digests, not the list: `tools/known-secrets.sh` makes them.
[[nodiscard]] bool is_known_secret(std::string_view secret);

}  // namespace latchkey::domain
