#pragma once

#include "http/message.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

/// How a path is found in a table of routes.
namespace latchkey::http {

inline constexpr std::size_t kPathParametersMax = 2;  ///< in one path

/// What stands for each `{…}` of a pattern, in order, not decoded; unused ones are empty.
using PathParameters = std::array<std::string_view, kPathParametersMax>;

/// Holds a path, exactly as it is written, against a pattern such as `/users/{id}/export`: `{…}` is
/// for any segment that is not empty. No more of them than `is_path_pattern` says.
[[nodiscard]] std::optional<PathParameters> match_path(std::string_view pattern,
                                                       std::string_view path) noexcept;

[[nodiscard]] constexpr bool is_path_pattern(std::string_view text) noexcept {
    return text.starts_with('/') &&
           std::ranges::count(text, '{') <= static_cast<std::ptrdiff_t>(kPathParametersMax);
}

/// What `Allow` lists for a route of this method: HEAD is served like GET.
[[nodiscard]] std::string_view served_methods(Method method) noexcept;

}  // namespace latchkey::http
