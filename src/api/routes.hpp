#pragma once

#include "api/operation.hpp"
#include "http/message.hpp"
#include "wire/style.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::api {

/// One row of the public listener's table.
struct Route {
    http::Method method;
    std::string_view path;  ///< legacy style; the v2 style has `/api/v2` in front
    Operation operation;
    bool both_styles;  ///< else only as written here
};

[[nodiscard]] std::span<Route const> routes();

struct RouteMatch {
    Operation operation;
    wire::Style style;
};

/// Finds the row for a path, exactly as written: no decoding, no dot segments, no slash at the end.
/// HEAD is served like GET. Empty where the path or the method does not fit.
[[nodiscard]] std::optional<RouteMatch> find_route(http::Method method, std::string_view path);

/// The methods that `path` has, for `Allow`; empty where there is no such path.
[[nodiscard]] std::string allowed_methods(std::string_view path);

}  // namespace latchkey::api
