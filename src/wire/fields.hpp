#pragma once

#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

/// Reading single members of a request. Each reader yields a value or the reason why there is none:
/// strict callers make an error of it with `refuse`, lenient ones pass over it.
namespace latchkey::wire {

inline constexpr std::size_t kShownNameBytesMax = 64;

/// A name from a request as an error text may carry it: cut at `kShownNameBytesMax`.
[[nodiscard]] std::string shown(std::string_view name);

/// 400/4: `field` and `reason` make the message, and stand in `exception_fields`.
[[nodiscard]] std::unexpected<ApiError> refuse(std::string field, std::string_view reason);

template <typename Value>
using Read = std::expected<Value, std::string>;

enum class Empty { Allowed, Refused };

struct TextLimits {
    std::size_t bytes_max;
    Empty empty = Empty::Allowed;
};

/// U+0000 is refused: PostgreSQL cannot store it in a text.
[[nodiscard]] Read<std::string> read_text(boost::json::value const& value, TextLimits limits);

[[nodiscard]] Read<bool> read_flag(boost::json::value const& value);

struct ListLimits {
    std::size_t entries_max;
    TextLimits entry;
};

[[nodiscard]] Read<std::vector<std::string>> read_texts(boost::json::value const& value,
                                                        ListLimits limits);

[[nodiscard]] Read<boost::json::object> read_object(boost::json::value const& value);

/// An object whose values are texts, each name and value within `limits.entry`.
[[nodiscard]] Read<boost::json::object> read_text_map(boost::json::value const& value,
                                                      ListLimits limits);

/// How deep `object` is nested, itself counting as 1; stops counting at `limit` + 1.
[[nodiscard]] std::size_t depth_of(boost::json::object const& object, std::size_t limit);

}  // namespace latchkey::wire
