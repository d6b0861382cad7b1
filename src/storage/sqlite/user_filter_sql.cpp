#include "storage/sqlite/user_filter_sql.hpp"

#include "domain/user_filter.hpp"
#include "storage/sqlite/columns.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <functional>
#include <new>
#include <optional>
#include <utility>

namespace latchkey::storage {
namespace {

using domain::Comparison;
using domain::FilterValue;
using domain::UserCondition;
using domain::UserField;
using domain::UserFilter;

constexpr char const* kConditionPointer = "latchkey::domain::UserCondition";

enum class ColumnType : std::uint8_t { Text, Instant, Flag };

/// A field that stands in a column of its own.
struct Column {
    std::string_view name;
    ColumnType type;
    bool may_be_null;
};

/// Not of `Teams` and `Custom`, which are JSON.
Column column_of(UserField field) {
    switch (field) {
        case UserField::Id: return {"id", ColumnType::Text, false};
        case UserField::Name: return {"name", ColumnType::Text, true};
        case UserField::Role: return {"role", ColumnType::Text, false};
        case UserField::Language: return {"language", ColumnType::Text, true};
        case UserField::CreatedAt: return {"created_at", ColumnType::Instant, false};
        case UserField::UpdatedAt: return {"updated_at", ColumnType::Instant, false};
        case UserField::LastActive: return {"last_active", ColumnType::Instant, true};
        case UserField::Banned:
        case UserField::Teams:
        case UserField::Custom: break;
    }
    return {"0", ColumnType::Flag, false};  // nobody is banned here
}

/// Empty where `value` is of another type: comparing it would only show SQLite's conversions.
std::optional<SqlValue> value_for(Column const& column, FilterValue const& value) {
    if (auto const* text = std::get_if<std::string>(&value)) {
        return column.type == ColumnType::Text ? std::optional<SqlValue>(std::string_view(*text))
                                               : std::nullopt;
    }
    if (auto const* instant = std::get_if<Instant>(&value)) {
        return column.type == ColumnType::Instant
                   ? std::optional<SqlValue>(instant->time_since_epoch().count())
                   : std::nullopt;
    }
    if (auto const* flag = std::get_if<bool>(&value)) {
        return column.type == ColumnType::Flag ? std::optional<SqlValue>(std::int64_t{*flag})
                                               : std::nullopt;
    }
    return std::nullopt;
}

std::string_view operator_of(Comparison comparison) {
    switch (comparison) {
        case Comparison::Less: return " < ";
        case Comparison::LessOrEqual: return " <= ";
        case Comparison::Greater: return " > ";
        case Comparison::GreaterOrEqual: return " >= ";
        case Comparison::Equal:
        case Comparison::NotEqual:
        case Comparison::In:
        case Comparison::NotIn:
        case Comparison::Exists:
        case Comparison::Autocomplete: break;
    }
    std::unreachable();
}

std::size_t depth_of(UserFilter const& filter) {
    std::size_t deepest = 0;
    if (auto const* group = std::get_if<UserFilter::Group>(&filter.node)) {
        for (auto const& part : group->parts) {
            deepest = std::max(deepest, depth_of(part) + 1);
        }
    }
    return deepest;
}

/// Writes conditions that are 0 or 1 and never NULL, so that NOT means what it says.
class Writer {
public:
    void write(UserFilter const& filter) {
        if (auto const* condition = std::get_if<UserCondition>(&filter.node)) {
            write_condition(*condition);
        } else {
            write_group(std::get<UserFilter::Group>(filter.node));
        }
    }

    SqlTail tail;

private:
    void write_group(UserFilter::Group const& group) {
        bool const is_and = group.join == UserFilter::Join::And;
        tail.sql += group.join == UserFilter::Join::Nor ? "NOT " : "";
        if (group.parts.empty()) {
            tail.sql += is_and ? "1" : "0";
            return;
        }
        // The deepest part first and no parentheses around a single one: SQLite's parser has a
        // stack of 100, of which each open parenthesis, and what stands before it, takes a place.
        std::vector<std::pair<std::size_t, UserFilter const*>> parts;
        parts.reserve(group.parts.size());
        for (auto const& part : group.parts) {
            parts.emplace_back(depth_of(part), &part);
        }
        std::ranges::sort(parts, std::greater(), [](auto const& part) { return part.first; });
        tail.sql += parts.size() > 1 ? "(" : "";
        for (auto const& part : parts) {
            if (&part != &parts.front()) {
                tail.sql += is_and ? " AND " : " OR ";
            }
            write(*part.second);
        }
        tail.sql += parts.size() > 1 ? ")" : "";
    }

    void write_condition(UserCondition const& condition) {
        if (condition.field == UserField::Custom) {
            write_call("latchkey_custom_matches(custom, ?)",
                       SqlPointer{&condition, kConditionPointer});
            return;
        }
        if (condition.field == UserField::Teams) {
            write_call("latchkey_teams_match(teams, ?)", SqlPointer{&condition, kConditionPointer});
            return;
        }
        write_comparison(condition, column_of(condition.field));
    }

    void write_comparison(UserCondition const& condition, Column const& column) {
        switch (condition.comparison) {
            case Comparison::Equal:
            case Comparison::In: write_equality(condition, column); return;
            case Comparison::NotEqual:
            case Comparison::NotIn:
                tail.sql += "NOT ";
                write_equality(condition, column);
                return;
            case Comparison::Less:
            case Comparison::LessOrEqual:
            case Comparison::Greater:
            case Comparison::GreaterOrEqual: write_order(condition, column); return;
            case Comparison::Exists: {
                auto const& values = condition.values;
                bool const is_wanted = values.empty() || values.front() != FilterValue(false);
                tail.sql.append(column.name).append(is_wanted ? " IS NOT NULL" : " IS NULL");
                return;
            }
            case Comparison::Autocomplete: write_autocomplete(condition); return;
        }
    }

    void write_equality(UserCondition const& condition, Column const& column) {
        std::vector<SqlValue> fitting;
        for (auto const& value : condition.values) {
            if (auto fit = value_for(column, value)) {
                fitting.push_back(*fit);
            }
        }
        if (fitting.empty()) {
            tail.sql += "0";
            return;
        }
        // Bare where the column is never NULL, because only then SQLite sees that an index fits.
        tail.sql += column.may_be_null ? "ifnull(" : "(";
        tail.sql.append(column.name).append(" IN (?");
        for (std::size_t i = 1; i < fitting.size(); ++i) {
            tail.sql += ", ?";
        }
        tail.sql += column.may_be_null ? "), 0)" : "))";
        tail.values.insert(tail.values.end(), fitting.begin(), fitting.end());
    }

    void write_order(UserCondition const& condition, Column const& column) {
        auto const value =
            condition.values.empty() ? std::nullopt : value_for(column, condition.values.front());
        if (!value || column.type == ColumnType::Flag) {
            tail.sql += "0";
            return;
        }
        tail.sql += column.may_be_null ? "ifnull(" : "(";
        tail.sql.append(column.name).append(operator_of(condition.comparison));
        tail.sql += column.may_be_null ? "?, 0)" : "?)";
        tail.values.push_back(*value);
    }

    void write_autocomplete(UserCondition const& condition) {
        auto const* start =
            condition.values.empty() ? nullptr : std::get_if<std::string>(&condition.values[0]);
        if (condition.field == UserField::Name && start != nullptr) {
            write_call("latchkey_word_begins(name, ?)", std::string_view(*start));
        } else if (condition.field == UserField::Id && start != nullptr) {
            write_call("latchkey_word_begins(id, ?)", std::string_view(*start));
        } else {
            tail.sql += "0";
        }
    }

    void write_call(std::string_view call, SqlValue argument) {
        tail.sql += call;
        tail.values.push_back(argument);
    }
};

/// Nothing where the argument is NULL.
std::optional<std::string_view> text_argument(sqlite3_value* value) {
    auto const* data = static_cast<char const*>(sqlite3_value_blob(value));
    if (data == nullptr) {
        return sqlite3_value_type(value) == SQLITE_NULL ? std::nullopt
                                                        : std::optional(std::string_view(""));
    }
    return std::string_view(data, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

/// Answers for an SQL function; `judge` returns nothing where the column is damaged. No exception
/// may pass through SQLite, which is C.
template <typename Judge>
void answer(sqlite3_context* context, sqlite3_value* condition_value, Judge judge) noexcept {
    auto const* condition = static_cast<UserCondition const*>(
        sqlite3_value_pointer(condition_value, kConditionPointer));
    if (condition == nullptr) {
        sqlite3_result_error_code(context, SQLITE_MISUSE);
        return;
    }
    try {
        std::optional<bool> const verdict = judge(*condition);
        if (verdict) {
            sqlite3_result_int(context, *verdict ? 1 : 0);
        } else {
            sqlite3_result_error_code(context, SQLITE_CORRUPT);
        }
    } catch (std::bad_alloc const&) {
        sqlite3_result_error_nomem(context);
    }
}

void custom_matches_function(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
    answer(context, arguments[1], [&](UserCondition const& condition) -> std::optional<bool> {
        auto const text = text_argument(arguments[0]);
        auto const custom = text ? parse_json_object(*text) : boost::json::object();
        return custom ? std::optional(domain::custom_matches(condition, *custom)) : std::nullopt;
    });
}

void teams_match_function(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
    answer(context, arguments[1], [&](UserCondition const& condition) -> std::optional<bool> {
        auto const text = text_argument(arguments[0]);
        auto const teams = text ? parse_list(*text) : std::vector<std::string>();
        return teams ? std::optional(domain::teams_match(condition, *teams)) : std::nullopt;
    });
}

void word_begins_function(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
    auto const text = text_argument(arguments[0]);
    auto const start = text_argument(arguments[1]);
    bool const begins = text && start && domain::word_begins_with(*text, *start);
    sqlite3_result_int(context, begins ? 1 : 0);
}

void write_order_by(std::span<domain::UserSort const> sorts, std::string& sql) {
    sql += " ORDER BY ";
    for (auto const& sort : sorts) {
        // SQLite sorts NULL before everything, as the domain does with unset.
        sql.append(column_of(sort.field).name).append(sort.descending ? " DESC, " : ", ");
    }
    sql += "id";
}

}  // namespace

SqlTail query_sql(domain::UserQuery const& query) {
    Writer writer;
    writer.tail.sql = " AND deleted_at IS NULL AND ";
    if (!query.include_deactivated) {
        writer.tail.sql += "deactivated_at IS NULL AND ";
    }
    writer.write(query.filter);
    write_order_by(query.sorts, writer.tail.sql);
    writer.tail.sql += " LIMIT ? OFFSET ?";
    writer.tail.values.emplace_back(static_cast<std::int64_t>(query.limit));
    writer.tail.values.emplace_back(static_cast<std::int64_t>(query.offset));
    return std::move(writer.tail);
}

void register_filter_functions(Connection& connection) {
    struct Function {
        char const* name;
        void (*call)(sqlite3_context*, int, sqlite3_value**);
    };
    constexpr std::array kFunctions = {
        Function{"latchkey_custom_matches", &custom_matches_function},
        Function{"latchkey_teams_match", &teams_match_function},
        Function{"latchkey_word_begins", &word_begins_function},
    };
    for (auto const& function : kFunctions) {
        int const code = sqlite3_create_function_v2(connection.handle(), function.name, 2,
                                                    SQLITE_UTF8 | SQLITE_DIRECTONLY, nullptr,
                                                    function.call, nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) {
            connection.fail(code);
        }
    }
}

}  // namespace latchkey::storage
