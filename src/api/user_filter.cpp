#include "api/user_filter.hpp"

#include "wire/dates.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::api {
namespace {

using boost::json::object;
using boost::json::value;
using domain::Comparison;
using domain::FilterValue;
using domain::UserCondition;
using domain::UserField;
using domain::UserFilter;
using wire::ApiError;

std::unexpected<ApiError> refuse(std::string why) {
    return std::unexpected(wire::input_error(std::move(why)));
}

struct FieldName {
    std::string_view name;
    UserField field;
};
constexpr auto kFields = std::to_array<FieldName>({
    {"id", UserField::Id},
    {"name", UserField::Name},
    {"role", UserField::Role},
    {"language", UserField::Language},
    {"created_at", UserField::CreatedAt},
    {"updated_at", UserField::UpdatedAt},
    {"last_active", UserField::LastActive},
    {"teams", UserField::Teams},
    {"banned", UserField::Banned},
});

struct OperatorName {
    std::string_view name;
    Comparison comparison;
};
constexpr auto kOperators = std::to_array<OperatorName>({
    {"$eq", Comparison::Equal},
    {"$ne", Comparison::NotEqual},
    {"$lt", Comparison::Less},
    {"$lte", Comparison::LessOrEqual},
    {"$gt", Comparison::Greater},
    {"$gte", Comparison::GreaterOrEqual},
    {"$in", Comparison::In},
    {"$nin", Comparison::NotIn},
    {"$exists", Comparison::Exists},
    {"$autocomplete", Comparison::Autocomplete},
    {"$contains", Comparison::Equal},
});

bool is_date(UserField field) {
    return field == UserField::CreatedAt || field == UserField::UpdatedAt ||
           field == UserField::LastActive;
}

/// Everything that is no field of the protocol is custom data, with `custom.` in front or without.
std::pair<UserField, std::string> find_field(std::string_view name) {
    auto const found = std::ranges::find(kFields, name, &FieldName::name);
    if (found != kFields.end()) {
        return {found->field, {}};
    }
    constexpr std::string_view kPrefix = "custom.";
    return {UserField::Custom,
            std::string(name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name)};
}

std::expected<FilterValue, ApiError> read_value(UserField field, value const& from,
                                                std::string_view name) {
    if (is_date(field)) {
        if (auto const date = wire::parse_request_date(from)) {
            return *date;
        }
        return refuse("filter_conditions." + std::string(name) + " is not a date");
    }
    if (auto const* text = from.if_string()) {
        return std::string(*text);
    }
    if (field == UserField::Custom || field == UserField::Banned) {
        if (auto const* flag = from.if_bool()) {
            return *flag;
        }
    }
    if (field == UserField::Custom) {
        if (auto const* number = from.if_int64()) {
            return *number;
        }
        if (from.is_number()) {
            return from.to_number<double>();
        }
    }
    return refuse("filter_conditions." + std::string(name) + " has a value of the wrong type");
}

/// Reads filters, counting their nodes: the whole of a filter is bounded, however it is nested.
class FilterReader {
public:
    std::expected<UserFilter, ApiError> read(object const& from) {
        UserFilter::Group group{.join = UserFilter::Join::And, .parts = {}};
        for (auto const& [key, value] : from) {
            auto part = key.starts_with('$') ? read_group(key, value) : read_field(key, value);
            if (!part) {
                return part;
            }
            group.parts.push_back(*std::move(part));
        }
        return UserFilter{std::move(group)};
    }

private:
    std::expected<void, ApiError> count_node() {
        if (++nodes_ > domain::kFilterNodesMax) {
            return refuse("filter_conditions has more than " +
                          std::to_string(domain::kFilterNodesMax) + " conditions");
        }
        return {};
    }

    std::expected<UserFilter, ApiError> read_group(std::string_view name, value const& from) {
        if (auto counted = count_node(); !counted) {
            return std::unexpected(std::move(counted).error());
        }
        auto const join = name == "$and"   ? std::optional(UserFilter::Join::And)
                          : name == "$or"  ? std::optional(UserFilter::Join::Or)
                          : name == "$nor" ? std::optional(UserFilter::Join::Nor)
                                           : std::nullopt;
        auto const* list = from.if_array();
        if (!join || list == nullptr) {
            return refuse("filter_conditions: " + std::string(name) +
                          (join ? " wants a list" : " is not an operator here"));
        }
        UserFilter::Group group{.join = *join, .parts = {}};
        for (auto const& entry : *list) {
            auto const* conditions = entry.if_object();
            if (conditions == nullptr) {
                return refuse("filter_conditions: " + std::string(name) + " wants objects");
            }
            auto part = read(*conditions);
            if (!part) {
                return part;
            }
            group.parts.push_back(*std::move(part));
        }
        return UserFilter{std::move(group)};
    }

    std::expected<UserFilter, ApiError> read_field(std::string_view name, value const& from) {
        auto const* operators = from.if_object();
        if (operators == nullptr) {
            return read_condition(name, from.is_array() ? "$in" : "$eq", from);
        }
        UserFilter::Group group{.join = UserFilter::Join::And, .parts = {}};
        for (auto const& [op, operand] : *operators) {
            auto part = read_condition(name, op, operand);
            if (!part) {
                return part;
            }
            group.parts.push_back(*std::move(part));
        }
        if (group.parts.empty()) {
            return refuse("filter_conditions." + std::string(name) + " has no operator");
        }
        return UserFilter{std::move(group)};
    }

    std::expected<UserFilter, ApiError> read_condition(std::string_view name, std::string_view op,
                                                       value const& operand) {
        if (auto counted = count_node(); !counted) {
            return std::unexpected(std::move(counted).error());
        }
        auto const found = std::ranges::find(kOperators, op, &OperatorName::name);
        if (found == kOperators.end()) {
            return refuse("filter_conditions." + std::string(name) + ": unknown operator");
        }
        auto [field, key] = find_field(name);
        UserCondition condition{.field = field,
                                .custom_key = std::move(key),
                                .comparison = found->comparison,
                                .values = {}};
        auto values = read_operand(condition, operand, name);
        if (!values) {
            return std::unexpected(std::move(values).error());
        }
        return UserFilter{std::move(condition)};
    }

    static std::expected<void, ApiError> read_operand(UserCondition& condition,
                                                      value const& operand, std::string_view name) {
        bool const many =
            condition.comparison == Comparison::In || condition.comparison == Comparison::NotIn;
        if (condition.comparison == Comparison::Exists || operand.is_null()) {
            return read_existence(condition, operand, name);
        }
        if (condition.comparison == Comparison::Autocomplete &&
            (condition.field > UserField::Name || !operand.is_string())) {
            return refuse("filter_conditions: $autocomplete wants a text, for name or id");
        }
        if (!many) {
            auto read = read_value(condition.field, operand, name);
            if (!read) {
                return std::unexpected(std::move(read).error());
            }
            condition.values.push_back(*std::move(read));
            return {};
        }
        auto const* list = operand.if_array();
        if (list == nullptr || list->size() > domain::kFilterValuesMax) {
            return refuse("filter_conditions." + std::string(name) + " wants a list of at most " +
                          std::to_string(domain::kFilterValuesMax));
        }
        for (auto const& entry : *list) {
            auto read = read_value(condition.field, entry, name);
            if (!read) {
                return std::unexpected(std::move(read).error());
            }
            condition.values.push_back(*std::move(read));
        }
        return {};
    }

    /// `$exists`, and comparing with null, which asks the same.
    static std::expected<void, ApiError> read_existence(UserCondition& condition,
                                                        value const& operand,
                                                        std::string_view name) {
        bool exists = condition.comparison == Comparison::NotEqual;
        if (auto const* flag = operand.if_bool()) {
            exists = *flag;
        } else if (!operand.is_null() || (condition.comparison != Comparison::Equal &&
                                          condition.comparison != Comparison::NotEqual)) {
            return refuse("filter_conditions." + std::string(name) +
                          " has a value of the wrong type");
        }
        condition.comparison = Comparison::Exists;
        condition.values = {FilterValue(exists)};
        return {};
    }

    std::size_t nodes_ = 0;
};

std::expected<std::vector<domain::UserSort>, ApiError> read_sorts(value const& from) {
    auto const* list = from.if_array();
    if (list == nullptr || list->size() > domain::kQuerySortsMax) {
        return refuse("sort wants a list of at most " + std::to_string(domain::kQuerySortsMax));
    }
    std::vector<domain::UserSort> sorts;
    for (auto const& entry : *list) {
        auto const* sort = entry.if_object();
        auto const* field = sort == nullptr ? nullptr : sort->if_contains("field");
        if (field == nullptr || !field->is_string()) {
            return refuse("sort wants entries with a field and a direction");
        }
        auto const found = find_field(field->get_string()).first;
        if (found == UserField::Teams || found == UserField::Banned || found == UserField::Custom) {
            return refuse("users cannot be sorted by that field");
        }
        auto const* direction = sort->if_contains("direction");
        bool descending = false;
        if (direction != nullptr && !direction->is_null()) {
            if (!direction->is_int64() ||
                (direction->get_int64() != 1 && direction->get_int64() != -1)) {
                return refuse("sort.direction is 1 or -1");
            }
            descending = direction->get_int64() == -1;
        }
        sorts.push_back({.field = found, .descending = descending});
    }
    return sorts;
}

/// A whole number from 0 to `max`; absent or null: `fallback`.
std::expected<std::size_t, ApiError> read_number(object const& payload, std::string_view name,
                                                 std::size_t fallback, std::size_t max) {
    auto const* found = payload.if_contains(name);
    if (found == nullptr || found->is_null()) {
        return fallback;
    }
    auto const* number = found->if_int64();
    if (number == nullptr || *number < 0 || std::cmp_greater(*number, max)) {
        return refuse(std::string(name) + " is a whole number from 0 to " + std::to_string(max));
    }
    return static_cast<std::size_t>(*number);
}

}  // namespace

std::expected<domain::UserQuery, ApiError> parse_user_query(object const& payload) {
    domain::UserQuery query;
    if (auto const* filter = payload.if_contains("filter_conditions");
        filter != nullptr && !filter->is_null()) {
        if (!filter->is_object()) {
            return refuse("filter_conditions is an object");
        }
        auto read = FilterReader().read(filter->get_object());
        if (!read) {
            return std::unexpected(std::move(read).error());
        }
        query.filter = *std::move(read);
    }
    if (auto const* sort = payload.if_contains("sort"); sort != nullptr && !sort->is_null()) {
        auto sorts = read_sorts(*sort);
        if (!sorts) {
            return std::unexpected(std::move(sorts).error());
        }
        query.sorts = *std::move(sorts);
    }
    auto const limit =
        read_number(payload, "limit", domain::kQueryLimitDefault, domain::kQueryLimitMax);
    auto const offset = read_number(payload, "offset", 0, domain::kQueryOffsetMax);
    if (!limit || !offset) {
        return std::unexpected(limit ? offset.error() : limit.error());
    }
    // SDKs send 0 for "not given"; a page of nothing serves nobody.
    query.limit = *limit == 0 ? domain::kQueryLimitDefault : *limit;
    query.offset = *offset;
    if (auto const* flag = payload.if_contains("include_deactivated_users");
        flag != nullptr && flag->is_bool()) {
        query.include_deactivated = flag->get_bool();
    }
    return query;
}

}  // namespace latchkey::api
