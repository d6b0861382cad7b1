#include "storage/sqlite/user_table.hpp"

#include "storage/sqlite/columns.hpp"
#include "storage/sqlite/user_filter_sql.hpp"
#include "storage/sqlite/user_walk_sql.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace latchkey::storage {
namespace {

using domain::User;

constexpr std::string_view kTable = "users";

constexpr std::string_view kColumns =
    "id, role, name, image, language, teams, teams_role, invisible, privacy_settings, custom,"
    " created_at, updated_at, last_active, revoke_tokens_issued_before, deactivated_at, deleted_at";

std::string around_columns(std::string_view before, std::string_view after) {
    return std::string(before).append(kColumns).append(after);
}

/// Of a row with the columns above.
User read_user(Rows const& rows) {
    auto id = UserId::parse(rows.text(0));
    if (!id) {
        throw_damaged(kTable);
    }
    return {.id = *std::move(id),
            .role = std::string(rows.text(1)),
            .name = rows.optional_text(2),
            .image = rows.optional_text(3),
            .language = std::string(rows.text(4)),
            .teams = read_list(rows, 5, kTable),
            .teams_role = read_object(rows, 6, kTable),
            .invisible = rows.boolean(7),
            .privacy_settings = read_object(rows, 8, kTable),
            .custom = read_object(rows, 9, kTable),
            .created_at = rows.instant(10),
            .updated_at = rows.instant(11),
            .last_active = rows.optional_instant(12),
            .revoke_tokens_issued_before = rows.optional_instant(13),
            .deactivated_at = rows.optional_instant(14),
            .deleted_at = rows.optional_instant(15)};
}

}  // namespace

UserTable::UserTable(Connection& connection, GroupTransaction& transaction)
    : connection_(connection),
      transaction_(transaction),
      select_(connection, around_columns("SELECT ", " FROM users WHERE app_id = ? AND id = ?")),
      select_namesakes_(connection,
                        "SELECT id, teams FROM users INDEXED BY users_by_name"
                        " WHERE app_id = ? AND name = ? AND deleted_at IS NULL"),
      put_(connection,
           around_columns(
               "INSERT INTO users (app_id, ",
               ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
               " ON CONFLICT (app_id, id) DO UPDATE SET role = excluded.role, name = excluded.name,"
               " image = excluded.image, language = excluded.language, teams = excluded.teams,"
               " teams_role = excluded.teams_role, invisible = excluded.invisible,"
               " privacy_settings = excluded.privacy_settings, custom = excluded.custom,"
               " created_at = excluded.created_at, updated_at = excluded.updated_at,"
               " last_active = excluded.last_active,"
               " revoke_tokens_issued_before = excluded.revoke_tokens_issued_before,"
               " deactivated_at = excluded.deactivated_at, deleted_at = excluded.deleted_at")),
      // Plain columns: SQLite 3.40 answers IS NOT NULL wrongly behind a DELETE's RETURNING.
      erase_(connection,
             "DELETE FROM users WHERE app_id = ? AND id = ? RETURNING role,"
             " revoke_tokens_issued_before, deactivated_at, deleted_at"),
      select_erased_(connection,
                     "SELECT revoke_tokens_issued_before FROM erased_users"
                     " WHERE app_id = ? AND id = ?"),
      put_erased_(connection,
                  "INSERT INTO erased_users (app_id, id, revoke_tokens_issued_before)"
                  " VALUES (?, ?, ?)"),
      forget_erased_(connection, "DELETE FROM erased_users WHERE app_id = ? AND id = ?"),
      count_(connection, "SELECT count(*) FROM users WHERE app_id = ?"),
      select_revocations_(connection,
                          "SELECT id, revoke_tokens_issued_before"
                          " FROM users INDEXED BY users_with_standing"
                          " WHERE app_id = ?1 AND id > ?2"
                          " AND revoke_tokens_issued_before IS NOT NULL"
                          " AND deleted_at IS NULL"
                          " UNION ALL SELECT id, revoke_tokens_issued_before FROM erased_users"
                          " WHERE app_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3") {
    register_filter_functions(connection);
}

std::vector<User> UserTable::find(AppId app, std::span<UserId const> ids) {
    std::vector<User> users;
    for (auto const& id : ids) {
        auto rows = select_.query(number_of(app), id.text());
        if (rows.next()) {
            users.push_back(read_user(rows));
        }
    }
    return users;
}

std::vector<User> UserTable::query(AppId app, domain::UserQuery const& query) {
    auto const tail = query_sql(query);
    Statement statement(connection_,
                        around_columns("SELECT ", " FROM users WHERE app_id = ?" + tail.sql));
    statement.bind(1, number_of(app));
    int index = 1;
    for (auto const& value : tail.values) {
        std::visit([&](auto const& bound) { statement.bind(++index, bound); }, value);
    }
    std::vector<User> users;
    auto rows = statement.query();
    while (rows.next()) {
        users.push_back(read_user(rows));
    }
    return users;
}

std::vector<User> UserTable::walk(AppId app, domain::UserWalk const& walk) {
    auto const made = walk_sql(walk);
    Statement statement(connection_, around_columns("SELECT ", " FROM users" + made.sql));
    statement.bind(1, number_of(app));
    int index = 1;
    for (auto const& value : made.values) {
        ++index;
        if (auto const* text = std::get_if<std::string>(&value)) {
            statement.bind(index, std::string_view(*text));
        } else {
            statement.bind(index, std::get<std::int64_t>(value));
        }
    }
    std::vector<User> users;
    auto rows = statement.query();
    while (rows.next()) {
        users.push_back(read_user(rows));
    }
    return users;
}

std::size_t UserTable::count(AppId app) {
    auto rows = count_.query(number_of(app));
    return rows.next() ? static_cast<std::size_t>(rows.integer(0)) : 0;
}

bool UserTable::is_name_taken(AppId app, std::string const& name,
                              std::optional<std::string> const& team,
                              std::span<UserId const> except) {
    auto rows = select_namesakes_.query(number_of(app), name);
    while (rows.next()) {
        auto const id = rows.text(0);
        if (std::ranges::any_of(except, [&](UserId const& other) { return other.text() == id; })) {
            continue;
        }
        if (!team) {
            return true;
        }
        auto const teams = read_list(rows, 1, kTable);
        if (std::ranges::find(teams, *team) != teams.end()) {
            return true;
        }
    }
    return false;
}

void UserTable::put(AppId app, std::span<domain::UserWrite const> writes) {
    for (auto const& write : writes) {
        transaction_.before_write();
        put_one(app, write.user);
        forget_erased_.run(number_of(app), write.user.id.text());
        if (write.standing_changed) {
            transaction_.log(domain::UserStandingChanged{app, write.user.id.text(),
                                                         domain::standing_of(write.user)});
        }
    }
}

void UserTable::put_one(AppId app, User const& user) {
    std::optional<std::string_view> language;
    if (!user.language.empty()) {
        language = user.language;
    }
    auto const teams = list_column(user.teams);
    auto const teams_role = object_column(user.teams_role);
    auto const privacy_settings = object_column(user.privacy_settings);
    auto const custom = object_column(user.custom);
    put_.run(number_of(app), user.id.text(), user.role, user.name, user.image, language, teams,
             teams_role, user.invisible, privacy_settings, custom, user.created_at, user.updated_at,
             user.last_active, user.revoke_tokens_issued_before, user.deactivated_at,
             user.deleted_at);
}

void UserTable::erase(AppId app, UserId const& id) {
    transaction_.before_write();
    std::optional<domain::UserStanding> standing;
    {
        auto rows = erase_.query(number_of(app), id.text());
        while (rows.next()) {
            standing = {.revoke_tokens_issued_before = rows.optional_instant(1),
                        .deactivated = !rows.is_null(2),
                        .deleted = !rows.is_null(3),
                        .role = std::string(rows.text(0))};
        }
    }
    if (!standing) {
        throw std::logic_error("no such user to erase in App " + std::to_string(number_of(app)));
    }
    auto const kept = standing->revoke_tokens_issued_before;
    if (kept) {
        put_erased_.run(number_of(app), id.text(), *kept);
    }
    if (domain::UserStanding const after{.revoke_tokens_issued_before = kept}; after != *standing) {
        transaction_.log(domain::UserStandingChanged{app, id.text(), after});
    }
}

std::optional<Instant> UserTable::find_erased_revocation(AppId app, UserId const& id) {
    auto rows = select_erased_.query(number_of(app), id.text());
    return rows.next() ? rows.optional_instant(0) : std::nullopt;
}

std::vector<domain::UserRevocation> UserTable::revocations(AppId app, std::string const& after_id,
                                                           std::size_t limit) {
    std::vector<domain::UserRevocation> all;
    auto rows = select_revocations_.query(number_of(app), std::string_view(after_id),
                                          static_cast<std::int64_t>(limit));
    while (rows.next()) {
        auto id = UserId::parse(rows.text(0));
        if (!id) {
            throw_damaged(kTable);
        }
        all.push_back({.id = *std::move(id), .before = rows.instant(1)});
    }
    return all;
}

}  // namespace latchkey::storage
