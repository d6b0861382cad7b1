#pragma once

#include "domain/user_query.hpp"
#include "storage/sqlite/connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace latchkey::storage {

using SqlValue = std::variant<std::int64_t, std::string_view, SqlPointer>;

/// The end of a statement on the table `users`, from ` AND` on, and the values of its parameters.
/// They view the query it was made from, which outlives it.
struct SqlTail {
    std::string sql;
    std::vector<SqlValue> values;
};

/// What `query` means, in SQL. Only texts of ours become SQL, whatever the query holds: values are
/// bound, and conditions on JSON are bound as pointers to themselves and judged by the domain's own
/// functions, which `register_filter_functions` makes known.
[[nodiscard]] SqlTail query_sql(domain::UserQuery const& query);

void register_filter_functions(Connection& connection);

}  // namespace latchkey::storage
