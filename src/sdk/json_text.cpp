#include "sdk/json_text.hpp"

#include "wire/json.hpp"

#include <string>
#include <utility>

namespace latchkey::sdk {

std::optional<boost::json::value> parse_json_value(std::string_view text) {
    // A text such as `1,"b":2` makes two members, and `1}` does not make an object at all.
    auto object = wire::parse_json_object("{\"value\":" + std::string(text) + '}');
    if (!object || object->size() != 1) {
        return std::nullopt;
    }
    return std::move(object->begin()->value());
}

}  // namespace latchkey::sdk
