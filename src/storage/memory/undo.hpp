#pragma once

#include <functional>

namespace latchkey::storage {

/// Takes one write back. Those of a job are called last first.
using Undo = std::move_only_function<void()>;

}  // namespace latchkey::storage
