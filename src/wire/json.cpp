#include "wire/json.hpp"

#include <boost/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace latchkey::wire {
namespace {

namespace dom = simdjson::dom;

using Converted = std::expected<boost::json::value, JsonError>;

Converted convert(dom::element element);

Converted convert_object(dom::object source) {
    boost::json::object object;
    for (auto const [name, element] : source) {
        if (object.size() == kRequestJsonNamesMax) {
            return std::unexpected(JsonError::TooManyNames);
        }
        auto value = convert(element);
        if (!value) {
            return value;
        }
        // RFC 8259 section 4: names SHOULD be unique, and what a reader makes of a second one is
        // not defined; two readers of one body must not see two things.
        if (!object.emplace(name, std::move(*value)).second) {
            return std::unexpected(JsonError::DuplicateName);
        }
    }
    return object;
}

Converted convert_array(dom::array source) {
    boost::json::array array;
    for (auto const element : source) {
        auto value = convert(element);
        if (!value) {
            return value;
        }
        array.push_back(std::move(*value));
    }
    return array;
}

/// The parser has checked the type, so none of the getters can fail; it has checked the depth, so
/// the recursion ends after `kRequestJsonDepthMax` steps.
Converted convert(dom::element element) {
    switch (element.type()) {
        case dom::element_type::OBJECT: return convert_object(dom::object(element));
        case dom::element_type::ARRAY: return convert_array(dom::array(element));
        case dom::element_type::STRING: return boost::json::value(std::string_view(element));
        case dom::element_type::INT64: return boost::json::value(std::int64_t(element));
        case dom::element_type::UINT64: return boost::json::value(std::uint64_t(element));
        case dom::element_type::DOUBLE: return boost::json::value(double(element));
        case dom::element_type::BOOL: return boost::json::value(bool(element));
        case dom::element_type::NULL_VALUE: return boost::json::value(nullptr);
    }
    std::unreachable();
}

/// simdjson has one error for `01` and for `1e999`. Boost.JSON takes numbers of any size, so what
/// it can read, or refuses for its exponent only, is well-formed.
JsonError explain_number_error(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = kRequestJsonDepthMax;
    boost::json::error_code error;
    static_cast<void>(boost::json::parse(text, error, {}, options));
    return !error || error == boost::json::error::exponent_overflow ? JsonError::NumberTooLarge
                                                                    : JsonError::Malformed;
}

JsonError to_json_error(simdjson::error_code error, std::string_view text) {
    if (error == simdjson::DEPTH_ERROR) {
        return JsonError::TooDeep;
    }
    return error == simdjson::NUMBER_ERROR ? explain_number_error(text) : JsonError::Malformed;
}

template <typename Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits;
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_double(std::string& out, double number) {
    if (!std::isfinite(number)) {
        out += "null";  // JSON has no other word for it (RFC 8259 section 6)
        return;
    }
    auto const start = out.size();
    append_number(out, number);
    if (out.find_first_of(".e", start) == std::string::npos) {
        out += ".0";
    }
}

void append_escaped(std::string& out, unsigned char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    out += "\\u00";
    out += kHex[c >> 4U];
    out += kHex[c & 15U];
}

/// U+2028 and U+2029 end a line in JavaScript before ES2019, where JSON is pasted into scripts.
bool is_line_separator(std::string_view text, std::size_t at) {
    auto const next = text.substr(at, 3);
    return next == "\xE2\x80\xA8" || next == "\xE2\x80\xA9";
}

void append_array(std::string& out, boost::json::array const& array) {
    out += '[';
    bool first = true;
    for (auto const& value : array) {
        if (!std::exchange(first, false)) {
            out += ',';
        }
        append_json(out, value);
    }
    out += ']';
}

}  // namespace

std::string_view describe(JsonError error) noexcept {
    switch (error) {
        case JsonError::Malformed:
            return "invalid json data: not one well-formed JSON text in UTF-8";
        case JsonError::NotAnObject: return "invalid json data: an object is needed";
        case JsonError::DuplicateName:
            return "invalid json data: a name stands twice in one object";
        case JsonError::TooDeep: return "invalid json data: nested deeper than 32 levels";
        case JsonError::TooManyNames:
            return "invalid json data: more than 4096 names in one object";
        case JsonError::NumberTooLarge: return "invalid json data: a number is too large";
    }
    std::unreachable();
}

std::expected<boost::json::object, JsonError> parse_json_object(std::string_view text) {
    // RFC 8259 section 8.1: a byte order mark must not be sent; newer parsers skip it.
    if (text.starts_with("\xEF\xBB\xBF")) {
        return std::unexpected(JsonError::Malformed);
    }
    // Below this capacity the parser allocates anew when it parses, with its own limit of depth.
    constexpr std::size_t kCapacityMin = 64;
    dom::parser parser;
    if (parser.allocate(std::max(text.size(), kCapacityMin), kRequestJsonDepthMax) !=
        simdjson::SUCCESS) {
        return std::unexpected(JsonError::Malformed);
    }
    dom::element root;
    if (auto const error = parser.parse(text.data(), text.size()).get(root)) {
        return std::unexpected(to_json_error(error, text));
    }
    if (!root.is_object()) {
        return std::unexpected(JsonError::NotAnObject);
    }
    auto value = convert_object(dom::object(root));
    if (!value) {
        return std::unexpected(value.error());
    }
    return std::move(value->as_object());
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0xE2) {
            continue;
        }
        if (c == 0xE2 && !is_line_separator(text, i)) {
            continue;
        }
        out.append(text, done, i - done);
        if (c == 0xE2) {
            out += text[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
            i += 2;
        } else {
            append_escaped(out, c);
        }
        done = i + 1;
    }
    out.append(text, done);
    out += '"';
}

void append_json_number(std::string& out, std::int64_t number) { append_number(out, number); }

void append_json(std::string& out, boost::json::object const& object) {
    out += '{';
    bool first = true;
    for (auto const& member : object) {
        if (!std::exchange(first, false)) {
            out += ',';
        }
        append_json_string(out, member.key());
        out += ':';
        append_json(out, member.value());
    }
    out += '}';
}

void append_json(std::string& out, boost::json::value const& value) {
    switch (value.kind()) {
        case boost::json::kind::null: out += "null"; return;
        case boost::json::kind::bool_: out += value.get_bool() ? "true" : "false"; return;
        case boost::json::kind::int64: append_number(out, value.get_int64()); return;
        case boost::json::kind::uint64: append_number(out, value.get_uint64()); return;
        case boost::json::kind::double_: append_double(out, value.get_double()); return;
        case boost::json::kind::string: append_json_string(out, value.get_string()); return;
        case boost::json::kind::array: append_array(out, value.get_array()); return;
        case boost::json::kind::object: append_json(out, value.get_object()); return;
    }
}

std::size_t json_bytes(boost::json::object const& object) {
    std::string text;
    append_json(text, object);
    return text.size();
}

}  // namespace latchkey::wire
