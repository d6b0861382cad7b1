#pragma once

#include "api/endpoint.hpp"
#include "api/operation.hpp"

#include <latchkey/wire/api_error.hpp>

#include <cstdint>
#include <expected>

namespace latchkey::api {

/// What a route asks of its caller. The table of routes says it for each, and one function checks
/// it, before any endpoint looks at a body.
enum class Needs : std::uint8_t {
    Nothing,      ///< no credentials are looked at
    Credentials,  ///< anybody whose credentials hold, also anonymous ones
    Client,       ///< the same, but for servers: connections are somebody's
    SearchUser,   ///< that permission
    UpdateUser,   ///< `update-user-owner` or `update-user`: whose fields, and which, the body says
    Server,       ///< a server, whatever an App grants
};

/// 403/17 where `caller` does not have what an operation needs.
[[nodiscard]] std::expected<void, wire::ApiError> check_access(Needs needs, Operation operation,
                                                               Caller const& caller);

}  // namespace latchkey::api
