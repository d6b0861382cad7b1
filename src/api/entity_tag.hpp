#pragma once

#include "http/message.hpp"

#include <string_view>

namespace latchkey::api {

/// Whether the caller says that it has what `tag` names, quotes included. RFC 9110 section 13.1.2:
/// a list of tags, compared weakly, or an asterisk. Tags of ours hold no comma and stand in no
/// other.
[[nodiscard]] inline bool has_already(http::Request const& request, std::string_view tag) {
    auto const known = request.field("if-none-match");
    return known == "*" || known.contains(tag);
}

}  // namespace latchkey::api
