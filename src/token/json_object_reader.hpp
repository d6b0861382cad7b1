#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace latchkey::token {

enum class JsonKind : std::uint8_t { String, Number, True, False, Null, Array, Object };

/// Views live as long as the text of the reader.
struct JsonValue {
    std::string_view
        text;  ///< a string, escapes resolved, or a number as it is written; else empty
    JsonKind kind{};
};

/// Reads one JSON object (RFC 8259) and nothing else, member by member.
///
/// Strict, and complete: what it does not hand out it still checks, down to the last escape of a
/// nested value. Refused are invalid UTF-8, a byte order mark, half of a surrogate pair, control
/// characters in strings, nesting deeper than `kJsonDepthMax`, and anything behind the object.
/// Numbers are checked for form only. Allocates nothing.
///
/// A general parser was measured first: simdjson's on-demand reader skips a value without checking
/// it, so that each had to be walked a second time, and setting it up costs more than a whole claim
/// set costs here.
class JsonObjectReader {
public:
    /// Reads `text[0, size)`; `text[size]` must be a NUL, which no JSON text may hold, so that no
    /// other bound is needed. Escapes are resolved in place: the text is overwritten.
    JsonObjectReader(char* text, std::size_t size) noexcept;

    /// Reads the name of the next member, escapes resolved; `read_value` must follow. False behind
    /// the last member, and where the text is not such an object: only `complete` tells them apart,
    /// and only then do the members count.
    [[nodiscard]] bool next_name(std::string_view& name) noexcept;

    /// Reads the value of the member whose name was read last.
    void read_value(JsonValue& value) noexcept;

    /// Whether all was read and found well-formed.
    [[nodiscard]] bool complete() const noexcept { return state_ == State::Complete; }

private:
    enum class State : std::uint8_t { Open, Complete, Failed };

    void fail() noexcept { state_ = State::Failed; }
    void close(char* at) noexcept;

    char* at_;
    char* end_;
    State state_ = State::Open;
};

}  // namespace latchkey::token
