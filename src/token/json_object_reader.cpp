#include "token/json_object_reader.hpp"

#include <latchkey/token/limits.hpp>

#include <array>

namespace latchkey::token {
namespace {

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

/// Characters that stand for themselves in a string: ASCII without controls, quote and backslash.
constexpr auto kPlain = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0x20; c < 0x80; ++c) {
        table[c] = c != '"' && c != '\\';
    }
    return table;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_within(char c, unsigned low, unsigned high) { return byte_of(c) - low <= high - low; }

bool is_tail(char c) { return is_within(c, 0x80, 0xbf); }

/// Bytes of the UTF-8 character that is not ASCII at `p`, or 0 (RFC 3629 section 4, which allows
/// neither long forms nor surrogates). Looks no further than the first byte that does not fit.
std::size_t utf8_length(char const* p) {
    auto const first = byte_of(p[0]);
    if (first >= 0xc2 && first <= 0xdf) {
        return is_tail(p[1]) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
        auto const low = first == 0xe0 ? 0xa0U : 0x80U;
        auto const high = first == 0xed ? 0x9fU : 0xbfU;
        return is_within(p[1], low, high) && is_tail(p[2]) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        auto const low = first == 0xf0 ? 0x90U : 0x80U;
        auto const high = first == 0xf4 ? 0x8fU : 0xbfU;
        return is_within(p[1], low, high) && is_tail(p[2]) && is_tail(p[3]) ? 4 : 0;
    }
    return 0;
}

/// Writes a code point as UTF-8; returns where the next one goes.
char* put_utf8(char* to, std::uint32_t point) {
    auto put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xc0 | point >> 6);
        put(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        put(0xe0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3f));
        put(0x80 | (point & 0x3f));
    } else {
        put(0xf0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3f));
        put(0x80 | (point >> 6 & 0x3f));
        put(0x80 | (point & 0x3f));
    }
    return to;
}

/// What the character behind a backslash stands for, but for `u`; 0: no such escape.
char simple_escape(char c) {
    switch (c) {
        case '"':
        case '\\':
        case '/': return c;
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return '\0';
    }
}

std::string_view view(char const* begin, char const* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

// The functions below read from `at` and return where they stopped, or null where the text is not
// what they look for. The place goes from hand to hand in a register; kept in the object, it would
// be stored and loaded again for each character.

char* skip_space(char* at) {
    while (is_space(*at)) {
        ++at;
    }
    return at;
}

/// Never reads past the NUL: no literal holds one.
char* skip_literal(char* at, std::string_view literal) {
    for (char const c : literal) {
        if (*at != c) {
            return nullptr;
        }
        ++at;
    }
    return at;
}

/// At least one digit.
char* skip_digits(char* at) {
    if (!is_digit(*at)) {
        return nullptr;
    }
    while (is_digit(*at)) {
        ++at;
    }
    return at;
}

/// RFC 8259 section 6: `[ minus ] int [ frac ] [ exp ]`.
char* skip_number(char* at) {
    at += *at == '-' ? 1 : 0;
    at = *at == '0' ? at + 1 : skip_digits(at);
    if (at != nullptr && *at == '.') {
        at = skip_digits(at + 1);
    }
    if (at != nullptr && (*at == 'e' || *at == 'E')) {
        ++at;
        at = skip_digits(*at == '+' || *at == '-' ? at + 1 : at);
    }
    return at;
}

char* read_four_digits(char* at, std::uint32_t& unit) {
    for (int i = 0; i < 4; ++i, ++at) {
        auto const letter = static_cast<char>(*at | 0x20);
        if (is_digit(*at)) {
            unit = unit << 4 | static_cast<std::uint32_t>(*at - '0');
        } else if (letter >= 'a' && letter <= 'f') {
            unit = unit << 4 | static_cast<std::uint32_t>(letter - 'a' + 10);
        } else {
            return nullptr;
        }
    }
    return at;
}

/// Reads what stands behind a backslash, and appends to `to` what it means, which is never longer.
char* resolve_escape(char* at, char*& to) {
    if (auto const meant = simple_escape(*at); meant != '\0') {
        *to++ = meant;
        return at + 1;
    }
    std::uint32_t unit = 0;
    at = *at == 'u' ? read_four_digits(at + 1, unit) : nullptr;
    if (at == nullptr || (unit >= 0xdc00 && unit <= 0xdfff)) {
        return nullptr;
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
        // RFC 8259 section 7: outside the basic plane, "a 12-character sequence, encoding the
        // UTF-16 surrogate pair". Half a pair is no character (section 8.2), and is refused.
        std::uint32_t low = 0;
        at = skip_literal(at, "\\u");
        at = at == nullptr ? nullptr : read_four_digits(at, low);
        if (at == nullptr || low < 0xdc00 || low > 0xdfff) {
            return nullptr;
        }
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    to = put_utf8(to, unit);
    return at;
}

/// Goes on in the middle of a string that began at `begin`, at the first character not plain.
char* read_special_string(char* at, char const* begin, std::string_view& text) {
    auto* to = at;
    while (*at != '"') {
        if (kPlain[byte_of(*at)]) {
            *to++ = *at++;
        } else if (*at == '\\') {
            at = resolve_escape(at + 1, to);
            if (at == nullptr) {
                return nullptr;
            }
        } else {
            auto const length = utf8_length(at);
            if (length == 0) {  // also a control character, and the NUL at the end of the text
                return nullptr;
            }
            for (auto const* const next = at + length; at != next;) {
                *to++ = *at++;
            }
        }
    }
    text = view(begin, to);
    return at + 1;
}

char* read_string(char* at, std::string_view& text) {
    if (*at != '"') {
        return nullptr;
    }
    auto const* const begin = ++at;
    while (kPlain[byte_of(*at)]) {
        ++at;
    }
    if (*at != '"') {
        return read_special_string(at, begin, text);
    }
    text = view(begin, at);
    return at + 1;
}

/// `string name-separator`, and the white space up to the value.
char* read_name(char* at, std::string_view& name) {
    at = read_string(at, name);
    if (at == nullptr) {
        return nullptr;
    }
    at = skip_space(at);
    return *at == ':' ? skip_space(at + 1) : nullptr;
}

char* read_value_at(char* at, JsonValue& value, std::size_t depth);

/// An array, or an object where `with_names`, at `depth`; nothing of it is kept.
char* check_nested(char* at, std::size_t depth, bool with_names) {
    auto const closing = with_names ? '}' : ']';
    if (depth > kJsonDepthMax) {
        return nullptr;
    }
    at = skip_space(at + 1);
    if (*at == closing) {
        return at + 1;
    }
    for (;;) {
        std::string_view name;
        JsonValue value;
        at = with_names ? read_name(at, name) : at;
        at = at == nullptr ? nullptr : read_value_at(at, value, depth);
        if (at == nullptr) {
            return nullptr;
        }
        at = skip_space(at);
        if (*at != ',') {
            return *at == closing ? at + 1 : nullptr;
        }
        at = skip_space(at + 1);
    }
}

/// `depth` is that of the array or object around the value; the outermost object has 1.
char* read_value_at(char* at, JsonValue& value, std::size_t depth) {
    auto is = [&value](JsonKind kind) {
        value.kind = kind;
        value.text = {};
    };
    switch (*at) {
        case '"': is(JsonKind::String); return read_string(at, value.text);
        case '{': is(JsonKind::Object); return check_nested(at, depth + 1, true);
        case '[': is(JsonKind::Array); return check_nested(at, depth + 1, false);
        case 't': is(JsonKind::True); return skip_literal(at, "true");
        case 'f': is(JsonKind::False); return skip_literal(at, "false");
        case 'n': is(JsonKind::Null); return skip_literal(at, "null");
        default: {
            auto* const end = skip_number(at);
            value.kind = JsonKind::Number;
            value.text = end == nullptr ? std::string_view() : view(at, end);
            return end;
        }
    }
}

}  // namespace

JsonObjectReader::JsonObjectReader(char* text, std::size_t size) noexcept
    : at_(skip_space(text)), end_(text + size) {
    if (*at_ == '{') {
        at_ = skip_space(at_ + 1);
        if (*at_ == '}') {
            close(at_);
        }
    } else {
        fail();
    }
}

/// Behind the object there is white space at most.
void JsonObjectReader::close(char* at) noexcept {
    at_ = skip_space(at + 1);
    state_ = at_ == end_ ? State::Complete : State::Failed;
}

bool JsonObjectReader::next_name(std::string_view& name) noexcept {
    if (state_ != State::Open) {
        return false;
    }
    auto* const at = read_name(at_, name);
    if (at == nullptr) {
        fail();
        return false;
    }
    at_ = at;
    return true;
}

void JsonObjectReader::read_value(JsonValue& value) noexcept {
    auto* at = read_value_at(at_, value, 1);
    if (at == nullptr) {
        return fail();
    }
    at = skip_space(at);
    if (*at == ',') {
        at_ = skip_space(at + 1);
    } else if (*at == '}') {
        close(at);
    } else {
        fail();
    }
}

}  // namespace latchkey::token
