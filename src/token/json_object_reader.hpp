#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace latchkey::token {

enum class JsonKind : std::uint8_t { String, Number, True, False, Null, Array, Object };

/// Views live as long as the text, and until the reader's next one.
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
/// Numbers are checked for form only. Allocates in the constructor and never again.
class JsonObjectReader {
public:
    /// White space that must stand behind each text: to fill simdjson's last block, which it else
    /// copies to fill it itself (5 % of a whole verification), and for its reads beyond that.
    static constexpr std::size_t kPadding = 2 * simdjson::SIMDJSON_PADDING;

    /// For texts of up to `bytes_max` bytes.
    explicit JsonObjectReader(std::size_t bytes_max);

    /// `place` is called with the name of each member, escapes resolved, and returns the
    /// `JsonValue&` where the value goes. False where the text is not such an object: then nothing
    /// counts of what was handed out.
    template <class Place>
    [[nodiscard]] bool read(std::span<std::uint8_t const> text, Place place) noexcept {
        simdjson::ondemand::document document;
        simdjson::ondemand::object object;
        return !parser_.iterate(text.data(), whole_blocks(text.size()), text.size() + kPadding)
                    .get(document) &&
               !document.get_object().get(object) && read_members(object, 1, place) &&
               is_complete(document, {reinterpret_cast<char const*>(text.data()), text.size()});
    }

private:
    static constexpr std::size_t whole_blocks(std::size_t bytes) noexcept {
        constexpr std::size_t kBlock = 64;
        static_assert(kBlock - 1 + simdjson::SIMDJSON_PADDING <= kPadding);
        return (bytes + kBlock - 1) / kBlock * kBlock;
    }

    template <class Place>
    static bool read_members(simdjson::ondemand::object object, std::size_t depth,
                             Place& place) noexcept {
        for (auto member : object) {
            if (member.error()) {
                return false;
            }
            // Used where it stands. g++ 12 copies it by another width than it wrote it with: that
            // stall took longer than reading the member.
            auto&& field = std::move(member).value_unsafe();
            std::string_view name;
            if (field.unescaped_key().get(name) || !read_value(field.value(), depth, place(name))) {
                return false;
            }
        }
        return true;
    }

    /// `depth` is that of the array or object around the value; the outermost object has 1.
    static bool read_value(simdjson::ondemand::value& value, std::size_t depth,
                           JsonValue& result) noexcept;
    static bool check_array(simdjson::ondemand::value& value, std::size_t depth) noexcept;
    static bool check_object(simdjson::ondemand::value& value, std::size_t depth) noexcept;
    static bool is_complete(simdjson::ondemand::document& document, std::string_view text) noexcept;

    simdjson::ondemand::parser parser_;
};

}  // namespace latchkey::token
