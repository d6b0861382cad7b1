#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace latchkey::wire {

inline constexpr std::size_t kRequestJsonDepthMax = 32;    ///< the outer object counts as 1
inline constexpr std::size_t kRequestJsonNamesMax = 4096;  ///< names in one object

/// Why a text is not taken as JSON from outside.
enum class JsonError : std::uint8_t {
    Malformed,  ///< not JSON (RFC 8259), invalid UTF-8, a byte order mark, a lone surrogate
    NotAnObject,
    DuplicateName,   ///< a name stands twice in one object, at any depth
    TooDeep,         ///< over `kRequestJsonDepthMax`
    TooManyNames,    ///< over `kRequestJsonNamesMax` in one object
    NumberTooLarge,  ///< an integer beyond 64 bits, or a number beyond a double
};

/// Safe to show to the caller, e.g. `invalid json data: a name stands twice`.
[[nodiscard]] std::string_view describe(JsonError error) noexcept;

/// Reads one JSON object that came from outside: strict RFC 8259 and no more than one reading of
/// it. Integers keep their value (int64 or uint64), other numbers are doubles. Thread-safe.
[[nodiscard]] std::expected<boost::json::object, JsonError> parse_json_object(
    std::string_view text);

/// Appends `text` as a JSON string, quotes included: RFC 8259 section 7, everything below U+0020
/// and the quote and backslash escaped, and U+2028/U+2029 too. `text` is UTF-8.
void append_json_string(std::string& out, std::string_view text);

void append_json_number(std::string& out, std::int64_t number);

/// Appends a whole value without white space. Doubles in the shortest decimal form that reads back
/// as the same double, and never as an integer: `1.5`, `100.0`.
void append_json(std::string& out, boost::json::value const& value);
void append_json(std::string& out, boost::json::object const& object);

/// How many bytes `append_json` appends.
[[nodiscard]] std::size_t json_bytes(boost::json::object const& object);

}  // namespace latchkey::wire
