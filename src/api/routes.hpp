#pragma once

#include "api/access.hpp"
#include "api/operation.hpp"
#include "http/message.hpp"
#include "wire/style.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::api {

/// In which of the two styles a path is served: `/api/v2` in front is the v2 style.
enum class Styles : std::uint8_t { Both, LegacyOnly, V2Only };

/// One row of the public listener's table.
struct Route {
    http::Method method;
    std::string_view
        path;  ///< without `/api/v2`; one segment may be `{…}`, for any that is not empty
    Operation operation;
    Styles styles;
    Needs needs;
};

[[nodiscard]] std::span<Route const> routes();

struct RouteMatch {
    Operation operation;
    Needs needs;
    wire::Style style;
    std::string_view id;  ///< what stands for `{…}`, not decoded; else empty
};

/// Finds the row for a path, exactly as written: no decoding, no dot segments, no slash at the end.
/// HEAD is served like GET. Empty where the path or the method does not fit.
[[nodiscard]] std::optional<RouteMatch> find_route(http::Method method, std::string_view path);

/// The methods that `path` has, for `Allow`; empty where there is no such path.
[[nodiscard]] std::string allowed_methods(std::string_view path);

}  // namespace latchkey::api
