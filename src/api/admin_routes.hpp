#pragma once

#include "api/admin_call.hpp"
#include "domain/account.hpp"
#include "http/message.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::api {

/// What a body may have beside the members that its route names.
enum class OtherMembers : std::uint8_t { None, AppSettings };

/// One row of the admin API's table.
struct AdminRoute {
    http::Method method;
    std::string_view path;       ///< below `/admin/v1`; `{…}` is a segment that is not empty
    std::string_view operation;  ///< its id, as openapi/admin.json has it
    std::optional<domain::OperatorRole> needs;  ///< empty: nobody has to be signed in
    AdminHandler* handler;
    std::string_view members{};  ///< what a body may have, separated by spaces; empty: nothing
    OtherMembers others = OtherMembers::None;
};

inline constexpr std::string_view kAdminPrefix = "/admin/v1";

[[nodiscard]] std::span<AdminRoute const> admin_routes();

struct AdminRouteMatch {
    AdminRoute const& route;
    std::array<std::string, http::kPathParametersMax>
        parameters;  ///< decoded; unused ones are empty
};

/// Finds the row for a whole path. Segments are matched as written and decoded then (RFC 3986
/// section 2.1); one that cannot be decoded fits nothing. HEAD is served like GET.
[[nodiscard]] std::optional<AdminRouteMatch> find_admin_route(http::Method method,
                                                              std::string_view path);

/// The methods that `path` has, for `Allow`; empty where there is no such path.
[[nodiscard]] std::string allowed_admin_methods(std::string_view path);

}  // namespace latchkey::api
