#pragma once

#include "server/settings.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>

namespace latchkey::cli {

/// Why a command could not be done: one line for standard error.
struct CommandError {
    std::string message;
};

struct AdminRequest {
    std::string_view method;  ///< GET, POST, PATCH or DELETE
    std::string path;         ///< of the admin API, with its query
    std::string body;         ///< JSON; empty with GET
    bool may_create_store = false;
};

/// Makes a call of the admin API: of the running server where there is one, else on the embedded
/// store itself, under its lock. The server is found by the file in the data directory, or by
/// LATCHKEY_ADMIN_LISTEN with LATCHKEY_ADMIN_TOKEN. A file that leads to another server is passed
/// over where nobody holds the lock.
[[nodiscard]] std::expected<boost::json::object, CommandError> call_admin(
    server::Settings settings, AdminRequest const& request);

/// A copy of what `call_admin` reads, for a command that makes several calls.
[[nodiscard]] server::Settings copy_of(server::Settings const& settings);

/// `call_admin` in short, with a copy of the settings.
[[nodiscard]] std::expected<boost::json::object, CommandError> get_admin(
    server::Settings const& settings, std::string path);
[[nodiscard]] std::expected<boost::json::object, CommandError> post_admin(
    server::Settings const& settings, std::string path, boost::json::object const& body);

/// The path of an App, or of what `rest` names below it: `/users`.
[[nodiscard]] std::string app_path(std::string_view api_key, std::string_view rest = {});

struct QueryParameter {
    std::string_view name;
    std::string value;
};
/// Of a parameter that is a number; 0: absent.
[[nodiscard]] inline std::string number_text(std::int64_t number) {
    return number == 0 ? std::string() : std::to_string(number);
}
/// `path` with those of the parameters behind it that are not empty.
[[nodiscard]] std::string with_query(std::string path,
                                     std::initializer_list<QueryParameter> parameters);

/// `named`, or the key of the only App where that is empty.
[[nodiscard]] std::expected<std::string, CommandError> named_or_only_app(
    server::Settings const& settings, std::string const& named);

}  // namespace latchkey::cli
