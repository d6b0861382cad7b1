#pragma once

#include "domain/user_listing.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace latchkey::storage {

/// What stands behind `SELECT … FROM users`, and the values of its parameters from the second on;
/// the first is the App.
struct WalkSql {
    std::string sql;
    std::vector<std::variant<std::int64_t, std::string>> values;
};

/// What `walk` means, in SQL. It names the index that it goes along wherever that is not the table
/// itself, so that SQLite refuses it rather than read and sort a whole table.
[[nodiscard]] WalkSql walk_sql(domain::UserWalk const& walk);

}  // namespace latchkey::storage
