#pragma once

#include <span>
#include <string_view>

namespace latchkey::storage {

/// The files `migrations/NNNN_*.sql`, built in, in the order of their numbers. The one at index `n`
/// brings the schema from version `n` to `n + 1`.
[[nodiscard]] std::span<std::string_view const> migrations();

}  // namespace latchkey::storage
