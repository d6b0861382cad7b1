#pragma once

#include "cli/admin_client.hpp"

#include <boost/json/object.hpp>

#include <expected>
#include <string>
#include <string_view>

namespace latchkey::cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;

/// Says on standard error what went wrong; returns the exit status for it.
int fail_with(std::string_view message, int status = kFailed);

/// Prints a value as JSON, with a line break.
void print_json(boost::json::value const& value);

/// A member as text: a string's content, else JSON; empty where there is none.
[[nodiscard]] std::string text(boost::json::object const& from, std::string_view name);

/// `named`, or the key of the only App where that is empty.
[[nodiscard]] std::expected<std::string, CommandError> named_or_only_app(
    server::Settings const& settings, std::string const& named);

/// A copy, for a command that makes two calls.
[[nodiscard]] server::Settings copy_of(server::Settings const& settings);

}  // namespace latchkey::cli
