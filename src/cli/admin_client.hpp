#pragma once

#include "server/settings.hpp"

#include <boost/json/object.hpp>

#include <expected>
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
/// LATCHKEY_ADMIN_LISTEN with LATCHKEY_ADMIN_TOKEN.
[[nodiscard]] std::expected<boost::json::object, CommandError> call_admin(
    server::Settings settings, AdminRequest const& request);

}  // namespace latchkey::cli
