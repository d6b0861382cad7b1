#include "storage/json_text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace latchkey::storage {
namespace {

namespace json = boost::json;

/// How deep data may nest. Far deeper than any request is allowed to be; it keeps a damaged column
/// from exhausting the stack when the value is destroyed.
constexpr std::size_t kJsonDepthMax = 512;

/// Builds a value from what the parser finds. The names are those that `json::basic_parser` calls.
class ValueBuilder {
public:
    // NOLINTBEGIN(readability-identifier-naming)
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();
    // NOLINTEND(readability-identifier-naming)

    bool on_document_begin(json::error_code&) {
        stack_.reset();
        return true;
    }
    static bool on_document_end(json::error_code&) { return true; }
    static bool on_object_begin(json::error_code&) { return true; }
    bool on_object_end(std::size_t count, json::error_code&) {
        stack_.push_object(count);
        return true;
    }
    static bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t count, json::error_code&) {
        stack_.push_array(count);
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        stack_.push_chars(part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, json::error_code&) {
        stack_.push_key(part);
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
        stack_.push_chars(part);
        return true;
    }
    bool on_string(json::string_view part, std::size_t, json::error_code&) {
        stack_.push_string(part);
        return true;
    }
    static bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, json::error_code&) {
        stack_.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, json::string_view, json::error_code&) {
        stack_.push_uint64(number);
        return true;
    }
    bool on_double(double rounded, json::string_view text, json::error_code&) {
        // The text is whole, since the document was given in one piece and no number ends it.
        double exact = rounded;
        std::from_chars(text.data(), text.data() + text.size(), exact);
        stack_.push_double(exact);
        return true;
    }
    bool on_bool(bool value, json::error_code&) {
        stack_.push_bool(value);
        return true;
    }
    bool on_null(json::error_code&) {
        stack_.push_null();
        return true;
    }
    static bool on_comment_part(json::string_view, json::error_code&) { return true; }
    static bool on_comment(json::string_view, json::error_code&) { return true; }

    json::value release() { return stack_.release(); }

private:
    json::value_stack stack_;
};

std::optional<json::value> parse_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = kJsonDepthMax;
    options.allow_invalid_utf8 =
        true;  // what was written is read: judging text is the wire's affair
    json::basic_parser<ValueBuilder> parser(options);
    json::error_code error;
    auto const used = parser.write_some(false, text.data(), text.size(), error);
    if (error || used != text.size()) {
        return std::nullopt;
    }
    return parser.handler().release();
}

}  // namespace

std::string format_json(json::object const& object) { return json::serialize(object); }

std::string format_json(json::array const& array) { return json::serialize(array); }

std::optional<json::object> parse_json_object(std::string_view text) {
    auto value = parse_json(text);
    if (!value || !value->is_object()) {
        return std::nullopt;
    }
    return std::move(value->get_object());
}

std::optional<json::array> parse_json_array(std::string_view text) {
    auto value = parse_json(text);
    if (!value || !value->is_array()) {
        return std::nullopt;
    }
    return std::move(value->get_array());
}

}  // namespace latchkey::storage
