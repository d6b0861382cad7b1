#include "token/json_object_reader.hpp"

#include <latchkey/token/limits.hpp>

#include <algorithm>
#include <new>

namespace latchkey::token {
namespace {

namespace ondemand = simdjson::ondemand;

/// Takes the first character where it is `c`.
bool take(std::string_view& text, char c) {
    auto const found = text.starts_with(c);
    text.remove_prefix(found ? 1 : 0);
    return found;
}

/// Takes at least one digit.
bool take_digits(std::string_view& text) {
    auto const* const end =
        std::ranges::find_if_not(text, [](char c) { return c >= '0' && c <= '9'; });
    auto const count = static_cast<std::size_t>(end - text.begin());
    text.remove_prefix(count);
    return count > 0;
}

/// RFC 8259 section 6: `[ minus ] int [ frac ] [ exp ]`. simdjson's own check refuses what fits
/// none of its types; JSON has no such limit, and dates have a narrower one.
bool is_number(std::string_view text) {
    take(text, '-');
    if (!take(text, '0') && !take_digits(text)) {
        return false;
    }
    if (take(text, '.') && !take_digits(text)) {
        return false;
    }
    if (take(text, 'e') || take(text, 'E')) {
        if (!take(text, '+')) {
            take(text, '-');
        }
        return take_digits(text) && text.empty();
    }
    return text.empty();
}

/// A number or a literal as it is written; simdjson hands it out with the white space behind it.
std::string_view token_of(ondemand::value& value) {
    auto text = value.raw_json_token();
    while (text.ends_with(' ') || text.ends_with('\t') || text.ends_with('\n') ||
           text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    return text;
}

/// Whether `text` begins with `\ud` and one of `digits`.
bool is_surrogate(std::string_view text, std::string_view digits) {
    return text.starts_with("\\u") && (text[2] == 'd' || text[2] == 'D') &&
           digits.contains(text[3]);
}

/// RFC 8259 section 7: outside the basic plane, "a 12-character sequence, encoding the UTF-16
/// surrogate pair". Half a pair is no character (section 8.2). simdjson 3.0.1 makes something of a
/// lone half all the same, so this looks at a text that is well-formed otherwise.
bool surrogates_are_paired(std::string_view text) {
    constexpr std::string_view kHigh = "89abAB";
    constexpr std::string_view kLow = "cdefCDEF";
    constexpr std::size_t kEscape = 2;
    constexpr std::size_t kUnicodeEscape = 6;
    for (auto at = text.find('\\'); at != text.npos; at = text.find('\\', at)) {
        auto const rest = text.substr(at);
        if (!is_surrogate(rest, kHigh)) {
            if (is_surrogate(rest, kLow)) {
                return false;
            }
            at += kEscape;
        } else if (is_surrogate(rest.substr(kUnicodeEscape), kLow)) {
            at += 2 * kUnicodeEscape;
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

JsonObjectReader::JsonObjectReader(std::size_t bytes_max) {
    if (parser_.allocate(whole_blocks(bytes_max)) != simdjson::SUCCESS) {
        throw std::bad_alloc();
    }
}

bool JsonObjectReader::is_complete(ondemand::document& document, std::string_view text) noexcept {
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS &&
           surrogates_are_paired(text);
}

bool JsonObjectReader::check_array(ondemand::value& value, std::size_t depth) noexcept {
    ondemand::array array;
    if (depth > kJsonDepthMax || value.get_array().get(array)) {
        return false;
    }
    for (auto item : array) {
        ondemand::value element;
        JsonValue ignored;
        if (std::move(item).get(element) || !read_value(element, depth, ignored)) {
            return false;
        }
    }
    return true;
}

bool JsonObjectReader::check_object(ondemand::value& value, std::size_t depth) noexcept {
    ondemand::object object;
    JsonValue ignored;
    auto place = [&ignored](std::string_view) -> JsonValue& { return ignored; };
    return depth <= kJsonDepthMax && !value.get_object().get(object) &&
           read_members(object, depth, place);
}

bool JsonObjectReader::read_value(ondemand::value& value, std::size_t depth,
                                  JsonValue& result) noexcept {
    ondemand::json_type type{};
    if (value.type().get(type)) {
        return false;
    }
    result.text = {};
    switch (type) {
        using enum ondemand::json_type;
        case string: result.kind = JsonKind::String; return !value.get_string().get(result.text);
        case number:
            result.kind = JsonKind::Number;
            result.text = token_of(value);
            return is_number(result.text);
        case boolean: {
            auto const token = token_of(value);
            result.kind = token == "true" ? JsonKind::True : JsonKind::False;
            return token == "true" || token == "false";
        }
        case null: result.kind = JsonKind::Null; return token_of(value) == "null";
        case array: result.kind = JsonKind::Array; return check_array(value, depth + 1);
        case object: result.kind = JsonKind::Object; return check_object(value, depth + 1);
    }
    return false;
}

}  // namespace latchkey::token
