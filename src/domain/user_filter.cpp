#include "domain/user_filter.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

namespace latchkey::domain {
namespace {

/// What a field holds, as far as it can be compared. Empty: unset.
using FieldValue = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, Instant,
                                std::string_view>;

/// A number wide enough for every integer and double that is compared: no value is rounded.
using WideNumber = long double;

std::optional<WideNumber> number_in(FieldValue const& value) {
    if (auto const* number = std::get_if<std::int64_t>(&value)) {
        return static_cast<WideNumber>(*number);
    }
    if (auto const* number = std::get_if<std::uint64_t>(&value)) {
        return static_cast<WideNumber>(*number);
    }
    if (auto const* number = std::get_if<double>(&value)) {
        return static_cast<WideNumber>(*number);
    }
    return std::nullopt;
}

FieldValue view_of(FilterValue const& value) {
    return std::visit([](auto const& held) -> FieldValue { return held; }, value);
}

bool are_equal(FieldValue const& field, FieldValue const& value) {
    auto const left = number_in(field);
    auto const right = number_in(value);
    if (left && right) {
        return *left == *right;
    }
    return !std::holds_alternative<std::monostate>(field) && field == value;
}

std::partial_ordering order_of(FieldValue const& field, FieldValue const& value) {
    auto const left = number_in(field);
    auto const right = number_in(value);
    if (left && right) {
        return *left <=> *right;
    }
    if (auto const* text = std::get_if<std::string_view>(&field)) {
        auto const* other = std::get_if<std::string_view>(&value);
        return other == nullptr ? std::partial_ordering::unordered : *text <=> *other;
    }
    if (auto const* instant = std::get_if<Instant>(&field)) {
        auto const* other = std::get_if<Instant>(&value);
        return other == nullptr ? std::partial_ordering::unordered : *instant <=> *other;
    }
    return std::partial_ordering::unordered;
}

FieldValue optional_text(std::optional<std::string> const& text) {
    return text ? FieldValue(std::string_view(*text)) : FieldValue();
}

FieldValue custom_value(std::string const& key, boost::json::object const& custom) {
    auto const* value = custom.if_contains(key);
    if (value == nullptr) {
        return {};
    }
    switch (value->kind()) {
        case boost::json::kind::bool_: return value->get_bool();
        case boost::json::kind::int64: return value->get_int64();
        case boost::json::kind::uint64: return value->get_uint64();
        case boost::json::kind::double_: return value->get_double();
        case boost::json::kind::string: return std::string_view(value->get_string());
        case boost::json::kind::null:
        case boost::json::kind::array:
        case boost::json::kind::object: break;
    }
    return {};
}

/// Of the fields that hold one value, but `Custom`.
FieldValue value_of(UserField field, User const& user) {
    switch (field) {
        case UserField::Id: return std::string_view(user.id.text());
        case UserField::Name: return optional_text(user.name);
        case UserField::Role: return std::string_view(user.role);
        case UserField::Language:
            return user.language.empty() ? FieldValue() : std::string_view(user.language);
        case UserField::CreatedAt: return user.created_at;
        case UserField::UpdatedAt: return user.updated_at;
        case UserField::LastActive:
            return user.last_active ? FieldValue(*user.last_active) : FieldValue();
        case UserField::Banned: return false;
        case UserField::Teams:
        case UserField::Custom: break;
    }
    return {};
}

bool equals_any(FieldValue const& field, std::vector<FilterValue> const& values) {
    return std::ranges::any_of(
        values, [&](FilterValue const& value) { return are_equal(field, view_of(value)); });
}

bool exists_wanted(UserCondition const& condition) {
    return condition.values.empty() || condition.values.front() != FilterValue(false);
}

bool holds(UserCondition const& condition, FieldValue const& field, bool is_set) {
    auto const& values = condition.values;
    auto const order = values.empty() ? std::partial_ordering::unordered
                                      : order_of(field, view_of(values.front()));
    switch (condition.comparison) {
        case Comparison::Equal:
        case Comparison::In: return equals_any(field, values);
        case Comparison::NotEqual:
        case Comparison::NotIn: return !equals_any(field, values);
        case Comparison::Less: return std::is_lt(order);
        case Comparison::LessOrEqual: return std::is_lteq(order);
        case Comparison::Greater: return std::is_gt(order);
        case Comparison::GreaterOrEqual: return std::is_gteq(order);
        case Comparison::Exists: return is_set == exists_wanted(condition);
        case Comparison::Autocomplete: {
            bool const is_word_field =
                condition.field == UserField::Name || condition.field == UserField::Id;
            auto const* text = std::get_if<std::string_view>(&field);
            auto const* start = values.empty() ? nullptr : std::get_if<std::string>(&values[0]);
            return is_word_field && text != nullptr && start != nullptr &&
                   word_begins_with(*text, *start);
        }
    }
    std::unreachable();
}

bool condition_matches(UserCondition const& condition, User const& user) {
    if (condition.field == UserField::Custom) {
        return custom_matches(condition, user.custom);
    }
    if (condition.field == UserField::Teams) {
        return teams_match(condition, user.teams);
    }
    auto const field = value_of(condition.field, user);
    return holds(condition, field, !std::holds_alternative<std::monostate>(field));
}

bool group_matches(UserFilter::Group const& group, User const& user) {
    auto const part_matches = [&](UserFilter const& part) { return matches(part, user); };
    switch (group.join) {
        case UserFilter::Join::And: return std::ranges::all_of(group.parts, part_matches);
        case UserFilter::Join::Or: return std::ranges::any_of(group.parts, part_matches);
        case UserFilter::Join::Nor: return std::ranges::none_of(group.parts, part_matches);
    }
    std::unreachable();
}

char to_lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
    return text.size() >= start.size() && std::ranges::equal(text.substr(0, start.size()), start,
                                                             {}, to_lower_ascii, to_lower_ascii);
}

}  // namespace

bool matches(UserFilter const& filter, User const& user) {
    if (auto const* condition = std::get_if<UserCondition>(&filter.node)) {
        return condition_matches(*condition, user);
    }
    return group_matches(std::get<UserFilter::Group>(filter.node), user);
}

bool custom_matches(UserCondition const& condition, boost::json::object const& custom) {
    auto const* value = custom.if_contains(condition.custom_key);
    // An array or an object is set, though it equals nothing that a condition can name.
    bool const is_set = value != nullptr && !value->is_null();
    return holds(condition, custom_value(condition.custom_key, custom), is_set);
}

bool teams_match(UserCondition const& condition, std::span<std::string const> teams) {
    auto const any_equals = [&] {
        return std::ranges::any_of(teams, [&](std::string const& team) {
            return equals_any(std::string_view(team), condition.values);
        });
    };
    switch (condition.comparison) {
        case Comparison::Equal:
        case Comparison::In: return any_equals();
        case Comparison::NotEqual:
        case Comparison::NotIn: return !any_equals();
        case Comparison::Exists: return !teams.empty() == exists_wanted(condition);
        case Comparison::Less:
        case Comparison::LessOrEqual:
        case Comparison::Greater:
        case Comparison::GreaterOrEqual:
        case Comparison::Autocomplete: return false;
    }
    std::unreachable();
}

bool word_begins_with(std::string_view text, std::string_view start) {
    while (!starts_with_ignoring_case(text, start)) {
        auto const space = text.find(' ');
        if (space == std::string_view::npos) {
            return false;
        }
        text.remove_prefix(space + 1);
    }
    return true;
}

bool comes_before(std::span<UserSort const> sorts, User const& left, User const& right) {
    for (auto const& sort : sorts) {
        auto const a = value_of(sort.field, left);
        auto const b = value_of(sort.field, right);
        if (a != b) {
            return (a < b) != sort.descending;
        }
    }
    return left.id < right.id;
}

}  // namespace latchkey::domain
