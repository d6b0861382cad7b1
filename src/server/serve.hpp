#pragma once

#include "server/settings.hpp"

namespace latchkey::server {

/// Runs the server until SIGTERM or SIGINT. Returns the exit status: 0 after a clean stop, 1 where
/// it cannot start, the reason on standard error.
[[nodiscard]] int serve(Settings settings);

}  // namespace latchkey::server
