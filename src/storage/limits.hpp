#pragma once

#include <cstddef>

namespace latchkey::storage {

/// Changes that a store's log keeps: a node that is further behind loads a snapshot.
inline constexpr std::size_t kChangeLogEntriesMax = 100'000;

}  // namespace latchkey::storage
