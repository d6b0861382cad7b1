#pragma once

#include "domain/user_query.hpp"

#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>

#include <expected>

namespace latchkey::api {

/// Reads the payload of QueryUsers (protocol section 3.9) into a query. Fails with 400/4 for a
/// field that cannot be compared so, an unknown operator, or a limit passed.
[[nodiscard]] std::expected<domain::UserQuery, wire::ApiError> parse_user_query(
    boost::json::object const& payload);

}  // namespace latchkey::api
