#pragma once

#include "api/admin_call.hpp"
#include "api/admin_routes.hpp"
#include "api/operator.hpp"
#include "http/message.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/wire/api_error.hpp>

#include <expected>
#include <string_view>

/// The admin API (docs/reference/admin-api.md): what operators may do. The admin listener and the
/// command line, which also works on a store without a server, come through here.
namespace latchkey::api {

/// Runs the handler of a route, where `caller` has the role for it, and the body can be read and
/// has no member but those that the route takes.
[[nodiscard]] AdminReply call_admin_route(AdminRouteMatch const& match,
                                          http::Request const& request, Instant now,
                                          Operator const& caller, AdminWorld const& world);

/// 403/17 where the caller's role is too low; `what` is what it wanted, such as `UpdateApp`. For
/// what a handler alone can know to need more than its route does.
[[nodiscard]] std::expected<void, wire::ApiError> check_role(Operator const& caller,
                                                             domain::OperatorRole needed,
                                                             std::string_view what);

/// Why `find_admin_route` found nothing: 405 where other methods are, else 404.
[[nodiscard]] wire::ApiError no_admin_route(std::string_view path);

}  // namespace latchkey::api
