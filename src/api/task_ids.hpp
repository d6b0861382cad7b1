#pragma once

#include "domain/app.hpp"

#include <latchkey/base/instant.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::api {

/// Names of tasks (protocol section 3.11). What SDKs ask for as a task is done here before it is
/// answered, so there is nothing to be kept of one but when that was: the id says it, and proves
/// with a MAC under the App's secret that this server gave it. Ids outlive restarts and are good on
/// every node; they end with the secret.
///
/// An id looks like a UUID (RFC 9562 section 5.8, version 8): 48 bits of milliseconds, 74 of MAC.
[[nodiscard]] std::string make_task_id(domain::App const& app, Instant finished_at);

/// When the task was done, to the millisecond; empty where this App has no such task.
[[nodiscard]] std::optional<Instant> find_task(domain::App const& app, std::string_view task_id);

}  // namespace latchkey::api
