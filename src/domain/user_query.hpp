#pragma once

#include <latchkey/base/instant.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace latchkey::domain {

/// A field of a user that filters and sorts may name.
enum class UserField : std::uint8_t {
    Id,
    Name,
    Role,
    Language,
    CreatedAt,
    UpdatedAt,
    LastActive,
    Teams,
    Banned,  ///< always false here
    Custom,  ///< one top-level key of the custom data; the key is beside it
};

enum class Comparison : std::uint8_t {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,  ///< equals one of the values
    NotIn,
    Exists,       ///< value true: set; false: not set
    Autocomplete  ///< Name and Id: a word of it begins with the text, ASCII case ignored
};

using FilterValue = std::variant<bool, std::int64_t, double, Instant, std::string>;

/// One condition: `field` compared with `values` (one, or several for In and NotIn). An unset field
/// equals nothing and is neither less nor greater; `NotEqual` and `NotIn` hold for it.
/// `Teams`: Equal and In hold where any of the user's teams does.
struct UserCondition {
    UserField field;
    std::string custom_key;  ///< for `Custom`
    Comparison comparison;
    std::vector<FilterValue> values;
};

/// A filter: a condition, or filters joined. An empty `And` holds for everyone.
struct UserFilter {
    enum class Join : std::uint8_t { And, Or, Nor };
    struct Group {
        Join join;
        std::vector<UserFilter> parts;
    };
    std::variant<UserCondition, Group> node{Group{Join::And, {}}};
};

inline constexpr std::size_t kFilterNodesMax = 64;
inline constexpr std::size_t kFilterValuesMax = 100;  ///< in one `$in`
inline constexpr std::size_t kQuerySortsMax = 5;
inline constexpr std::size_t kQueryLimitMax = 100;
inline constexpr std::size_t kQueryLimitDefault = 30;
inline constexpr std::size_t kQueryOffsetMax = 1000;

struct UserSort {
    UserField field;  ///< not `Teams`, `Banned` or `Custom`
    bool descending;
};

/// Which users, in which order. Without sorts by id; ties by id. Deleted users never appear.
struct UserQuery {
    UserFilter filter{};
    std::vector<UserSort> sorts{};
    std::size_t limit = kQueryLimitDefault;
    std::size_t offset = 0;
    bool include_deactivated = false;
};

}  // namespace latchkey::domain
