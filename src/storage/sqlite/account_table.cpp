#include "storage/sqlite/account_table.hpp"

#include <stdexcept>
#include <string>

namespace latchkey::storage {
namespace {

using domain::Account;

/// All but `id`.
constexpr std::string_view kColumns =
    "name, role, password_hash, oidc_subject, created_at, updated_at, last_signed_in_at, disabled";

std::string select_where(std::string_view rest) {
    return std::string("SELECT id, ").append(kColumns).append(" FROM accounts ").append(rest);
}

/// Calls `run` with the values of the columns above, in their order.
template <typename Run>
void with_columns(Account const& account, Run run) {
    run(account.name, static_cast<std::int64_t>(account.role), account.password_hash,
        account.oidc_subject, account.created_at, account.updated_at, account.last_signed_in_at,
        account.disabled);
}

Account read(Rows const& rows) {
    return {.id = rows.integer(0),
            .name = std::string(rows.text(1)),
            .role = static_cast<domain::OperatorRole>(rows.integer(2)),
            .password_hash = rows.optional_text(3),
            .oidc_subject = rows.optional_text(4),
            .created_at = rows.instant(5),
            .updated_at = rows.instant(6),
            .last_signed_in_at = rows.optional_instant(7),
            .disabled = rows.boolean(8)};
}

template <typename... Values>
std::optional<Account> read_one(Statement& statement, Values const&... values) {
    auto rows = statement.query(values...);
    return rows.next() ? std::optional(read(rows)) : std::nullopt;
}

/// Runs a statement that returns the id of the row it changed.
template <typename... Values>
void change_one(Statement& statement, std::int64_t id, Values const&... values) {
    bool found = false;
    auto rows = statement.query(values..., id);
    while (rows.next()) {
        found = true;
    }
    if (!found) {
        throw std::logic_error("no account " + std::to_string(id) + " to change");
    }
}

}  // namespace

AccountTable::AccountTable(Connection& connection, GroupTransaction& transaction)
    : transaction_(transaction),
      select_all_(connection, select_where("ORDER BY id")),
      select_(connection, select_where("WHERE id = ?")),
      select_by_name_(connection, select_where("WHERE name = ?")),
      select_by_subject_(connection, select_where("WHERE oidc_subject = ?")),
      insert_(connection, std::string("INSERT INTO accounts (")
                              .append(kColumns)
                              .append(") VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id")),
      update_(connection, std::string("UPDATE accounts SET (")
                              .append(kColumns)
                              .append(") = (?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ? RETURNING id")),
      delete_(connection, "DELETE FROM accounts WHERE id = ? RETURNING id") {}

std::vector<Account> AccountTable::all() {
    std::vector<Account> accounts;
    auto rows = select_all_.query();
    while (rows.next()) {
        accounts.push_back(read(rows));
    }
    return accounts;
}

std::optional<Account> AccountTable::find(std::int64_t id) { return read_one(select_, id); }

std::optional<Account> AccountTable::find_by_name(std::string_view name) {
    return read_one(select_by_name_, name);
}

std::optional<Account> AccountTable::find_by_oidc_subject(std::string_view subject) {
    return read_one(select_by_subject_, subject);
}

std::optional<std::int64_t> AccountTable::insert(Account const& account) {
    if (find_by_name(account.name) ||
        (account.oidc_subject && find_by_oidc_subject(*account.oidc_subject))) {
        return std::nullopt;
    }
    transaction_.before_write();
    std::optional<std::int64_t> id;
    with_columns(account, [&](auto const&... values) {
        auto rows = insert_.query(values...);
        while (rows.next()) {
            id = rows.integer(0);
        }
    });
    return id;
}

void AccountTable::update(Account const& account) {
    transaction_.before_write();
    with_columns(account,
                 [&](auto const&... values) { change_one(update_, account.id, values...); });
}

void AccountTable::remove(std::int64_t id) {
    transaction_.before_write();
    change_one(delete_, id);
}

}  // namespace latchkey::storage
