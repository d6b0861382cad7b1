#include "storage/sqlite/revocation_origin_table.hpp"

#include "storage/sqlite/columns.hpp"

#include <string_view>

namespace latchkey::storage {
namespace {

std::string_view column_of(std::optional<UserId> const& user) {
    return user ? std::string_view(user->text()) : std::string_view();
}

}  // namespace

RevocationOriginTable::RevocationOriginTable(Connection& connection, GroupTransaction& transaction)
    : transaction_(transaction),
      select_(connection,
              "SELECT set_at, set_by FROM revocation_origins WHERE app_id = ? AND user_id = ?"),
      put_(connection,
           "INSERT INTO revocation_origins (app_id, user_id, set_at, set_by) VALUES (?, ?, ?, ?)"
           " ON CONFLICT (app_id, user_id) DO UPDATE SET set_at = excluded.set_at,"
           " set_by = excluded.set_by"),
      forget_(connection, "DELETE FROM revocation_origins WHERE app_id = ? AND user_id = ?") {}

std::optional<domain::RevocationOrigin> RevocationOriginTable::find(
    AppId app, std::optional<UserId> const& user) {
    auto rows = select_.query(number_of(app), column_of(user));
    if (!rows.next()) {
        return std::nullopt;
    }
    return domain::RevocationOrigin{.set_at = rows.instant(0), .set_by = std::string(rows.text(1))};
}

void RevocationOriginTable::put(AppId app, std::optional<UserId> const& user,
                                domain::RevocationOrigin const& origin) {
    transaction_.before_write();
    put_.run(number_of(app), column_of(user), origin.set_at, origin.set_by);
}

void RevocationOriginTable::forget(AppId app, std::optional<UserId> const& user) {
    transaction_.before_write();
    forget_.run(number_of(app), column_of(user));
}

}  // namespace latchkey::storage
