#include "http/path_pattern.hpp"

#include <utility>

namespace latchkey::http {
namespace {

/// Takes the first segment off, and the slash in front of it.
std::string_view take_segment(std::string_view& path) noexcept {
    path.remove_prefix(1);
    auto const segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

}  // namespace

std::optional<PathParameters> match_path(std::string_view pattern, std::string_view path) noexcept {
    PathParameters parameters;
    auto* next = parameters.begin();
    while (pattern.starts_with('/') && path.starts_with('/')) {
        auto const expected = take_segment(pattern);
        auto const segment = take_segment(path);
        if (!expected.starts_with('{')) {
            if (segment != expected) {
                return std::nullopt;
            }
            continue;
        }
        if (segment.empty()) {
            return std::nullopt;
        }
        *next++ = segment;
    }
    return pattern.empty() && path.empty() ? std::optional(parameters) : std::nullopt;
}

std::string_view served_methods(Method method) noexcept {
    switch (method) {
        case Method::Get: return "GET, HEAD";
        case Method::Post: return "POST";
        case Method::Patch: return "PATCH";
        case Method::Put: return "PUT";
        case Method::Delete: return "DELETE";
        case Method::Head:
        case Method::Options:
        case Method::Other: return "";
    }
    std::unreachable();
}

}  // namespace latchkey::http
