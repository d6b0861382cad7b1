#pragma once

#include <boost/json/value.hpp>

#include <optional>
#include <string_view>

namespace latchkey::sdk {

/// Reads one JSON value of any kind, as strictly as `wire::parse_json_object`, to which it counts
/// as one level deep already. Empty where `text` is anything else, or more than one value.
[[nodiscard]] std::optional<boost::json::value> parse_json_value(std::string_view text);

}  // namespace latchkey::sdk
