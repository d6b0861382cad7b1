#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

/// JSON as a database column holds it. What is written is read back equal, order of keys included.
namespace latchkey::storage {

[[nodiscard]] std::string format_json(boost::json::object const& object);
[[nodiscard]] std::string format_json(boost::json::array const& array);

/// Empty where `text` is not one JSON object (one array): the column was damaged.
///
/// Boost 1.81 reads doubles of 16 and more digits up to a unit in the last place off, so that each
/// rewriting of a user would change its data; this reads them exactly.
[[nodiscard]] std::optional<boost::json::object> parse_json_object(std::string_view text);
[[nodiscard]] std::optional<boost::json::array> parse_json_array(std::string_view text);

}  // namespace latchkey::storage
