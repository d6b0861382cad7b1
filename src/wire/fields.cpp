#include "wire/fields.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <utility>

namespace latchkey::wire {
namespace {

Read<std::string> check_text(std::string_view text, TextLimits limits) {
    if (text.empty() && limits.empty == Empty::Refused) {
        return std::unexpected("must not be empty");
    }
    if (text.size() > limits.bytes_max) {
        return std::unexpected("must have at most " + std::to_string(limits.bytes_max) + " bytes");
    }
    if (text.contains('\0')) {
        return std::unexpected("must not contain the character U+0000");
    }
    return std::string(text);
}

std::string too_many(ListLimits limits) {
    return "must have at most " + std::to_string(limits.entries_max) + " entries";
}

std::size_t depth_of_value(boost::json::value const& value, std::size_t limit) {
    if (auto const* object = value.if_object()) {
        return depth_of(*object, limit);
    }
    auto const* array = value.if_array();
    if (array == nullptr) {
        return 0;
    }
    std::size_t deepest = 0;
    for (auto const& element : *array) {
        if (deepest < limit) {
            deepest = std::max(deepest, depth_of_value(element, limit - 1));
        }
    }
    return deepest + 1;
}

}  // namespace

std::string shown(std::string_view name) {
    if (name.size() <= kShownNameBytesMax) {
        return std::string(name);
    }
    std::size_t end = kShownNameBytesMax;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) {
        --end;  // not inside a character (RFC 3629 section 3)
    }
    return std::string(name.substr(0, end)) + "...";
}

std::unexpected<ApiError> refuse(std::string field, std::string_view reason) {
    auto message = field + ' ' + std::string(reason);
    return std::unexpected(input_error(std::move(message), std::move(field), std::string(reason)));
}

Read<std::string> read_text(boost::json::value const& value, TextLimits limits) {
    auto const* text = value.if_string();
    if (text == nullptr) {
        return std::unexpected("must be a string");
    }
    return check_text(*text, limits);
}

Read<bool> read_flag(boost::json::value const& value) {
    if (auto const* flag = value.if_bool()) {
        return *flag;
    }
    return std::unexpected("must be a boolean");
}

Read<std::vector<std::string>> read_texts(boost::json::value const& value, ListLimits limits) {
    auto const* array = value.if_array();
    if (array == nullptr) {
        return std::unexpected("must be a list of strings");
    }
    if (array->size() > limits.entries_max) {
        return std::unexpected(too_many(limits));
    }
    std::vector<std::string> texts;
    texts.reserve(array->size());
    for (auto const& element : *array) {
        auto text = read_text(element, limits.entry);
        if (!text) {
            return std::unexpected("must be a list of strings; an entry " + text.error());
        }
        texts.push_back(std::move(*text));
    }
    return texts;
}

Read<boost::json::object> read_object(boost::json::value const& value) {
    if (auto const* object = value.if_object()) {
        return *object;
    }
    return std::unexpected("must be an object");
}

Read<boost::json::object> read_text_map(boost::json::value const& value, ListLimits limits) {
    auto object = read_object(value);
    if (!object) {
        return object;
    }
    if (object->size() > limits.entries_max) {
        return std::unexpected(too_many(limits));
    }
    for (auto const& member : *object) {
        if (auto const name = check_text(member.key(), limits.entry); !name) {
            return std::unexpected("has a name that " + name.error());
        }
        if (auto const text = read_text(member.value(), limits.entry); !text) {
            return std::unexpected("has a value that " + text.error());
        }
    }
    return object;
}

std::size_t depth_of(boost::json::object const& object, std::size_t limit) {
    std::size_t deepest = 0;
    for (auto const& member : object) {
        if (deepest < limit) {
            deepest = std::max(deepest, depth_of_value(member.value(), limit - 1));
        }
    }
    return deepest + 1;
}

}  // namespace latchkey::wire
