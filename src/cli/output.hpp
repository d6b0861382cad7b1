#pragma once

#include "cli/admin_client.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace latchkey::cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;

/// Says on standard error what went wrong; returns the exit status for it.
int fail_with(std::string_view message, int status = kFailed);

/// Prints a value as JSON, with a line break.
void print_json(boost::json::value const& value);

/// The key of the only App, for commands where none was named.
[[nodiscard]] std::expected<std::string, CommandError> only_app(server::Settings settings);

/// A copy, for a command that makes two calls.
[[nodiscard]] server::Settings copy_of(server::Settings const& settings);

}  // namespace latchkey::cli
