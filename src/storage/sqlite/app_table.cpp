#include "storage/sqlite/app_table.hpp"

#include "storage/sqlite/columns.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace latchkey::storage {
namespace {

using domain::App;

constexpr std::string_view kTable = "apps";

/// All but `id` and `api_key`, which stay as they were inserted.
constexpr std::string_view kColumns =
    "name, mode, created_at, updated_at, revoke_tokens_issued_before, disable_auth_checks,"
    " disable_permissions_checks, guest_user_creation_disabled, multi_tenant_enabled, suspended,"
    " suspended_explanation, enforce_unique_usernames, user_search_disallowed_roles,"
    " other_settings";

std::string around_columns(std::string_view before, std::string_view after) {
    return std::string(before).append(kColumns).append(after);
}

// What has no column of its own stands in the column of the other settings, under names that are no
// settings' of that kind.
constexpr std::string_view kGrants = "grants";
constexpr std::string_view kCustomRoles = "custom_roles";  // list of [name, created at]
// List of [number, created at, retired at].
constexpr std::string_view kForgottenSecrets = "forgotten_secrets";

/// The column `other_settings`.
boost::json::object pack_settings(App const& app) {
    auto packed = app.other_settings;
    if (!app.grants.empty()) {
        packed.insert_or_assign(kGrants, app.grants);
    }
    if (!app.custom_roles.empty()) {
        boost::json::array roles;
        for (auto const& role : app.custom_roles) {
            roles.push_back(
                boost::json::array{role.name, role.created_at.time_since_epoch().count()});
        }
        packed.insert_or_assign(kCustomRoles, std::move(roles));
    }
    if (!app.forgotten_secrets.empty()) {
        boost::json::array secrets;
        for (auto const& secret : app.forgotten_secrets) {
            secrets.push_back(boost::json::array{secret.id,
                                                 secret.created_at.time_since_epoch().count(),
                                                 secret.retired_at.time_since_epoch().count()});
        }
        packed.insert_or_assign(kForgottenSecrets, std::move(secrets));
    }
    return packed;
}

/// Role -> list of texts.
bool is_grants(boost::json::value const& value) {
    auto const* roles = value.if_object();
    return roles != nullptr && std::ranges::all_of(*roles, [](auto const& role) {
               auto const* list = role.value().if_array();
               return list != nullptr && std::ranges::all_of(*list, [](auto const& permission) {
                          return permission.is_string();
                      });
           });
}

domain::CustomRole read_role(boost::json::value const& from) {
    auto const* pair = from.if_array();
    if (pair == nullptr || pair->size() != 2 || !pair->front().is_string() ||
        !pair->back().is_int64()) {
        throw_damaged(kTable);
    }
    return {.name = std::string(pair->front().get_string()),
            .created_at = Instant(Instant::duration(pair->back().get_int64()))};
}

domain::ForgottenSecret read_forgotten_secret(boost::json::value const& from) {
    auto const* parts = from.if_array();
    if (parts == nullptr || parts->size() != 3 ||
        !std::ranges::all_of(*parts, [](auto const& part) { return part.is_int64(); })) {
        throw_damaged(kTable);
    }
    auto const instant = [&](std::size_t at) {
        return Instant(Instant::duration(parts->at(at).get_int64()));
    };
    return {.id = parts->front().get_int64(), .created_at = instant(1), .retired_at = instant(2)};
}

/// Takes out of `app.other_settings` what `pack_settings` put in.
void unpack_settings(App& app) {
    auto& settings = app.other_settings;
    if (auto* grants = settings.if_contains(kGrants)) {
        if (!is_grants(*grants)) {
            throw_damaged(kTable);
        }
        app.grants = std::move(grants->get_object());
        settings.stable_erase(kGrants);
    }
    if (auto const* roles = settings.if_contains(kCustomRoles)) {
        if (!roles->is_array()) {
            throw_damaged(kTable);
        }
        for (auto const& role : roles->get_array()) {
            app.custom_roles.push_back(read_role(role));
        }
        settings.stable_erase(kCustomRoles);
    }
    if (auto const* secrets = settings.if_contains(kForgottenSecrets)) {
        if (!secrets->is_array()) {
            throw_damaged(kTable);
        }
        for (auto const& secret : secrets->get_array()) {
            app.forgotten_secrets.push_back(read_forgotten_secret(secret));
        }
        settings.stable_erase(kForgottenSecrets);
    }
}

/// What a sealed secret belongs to: it opens nowhere else.
std::string sealing_context(AppId app, std::int64_t secret) {
    return "latchkey api secret " + std::to_string(number_of(app)) + "/" + std::to_string(secret);
}

/// Calls `run` with the values of the columns above, in their order.
template <typename Run>
void with_columns(App const& app, Run run) {
    auto const roles = list_column(app.user_search_disallowed_roles);
    auto const settings = object_column(pack_settings(app));
    run(app.name, static_cast<std::int64_t>(app.mode), app.created_at, app.updated_at,
        app.revoke_tokens_issued_before, app.disable_auth_checks, app.disable_permissions_checks,
        app.guest_user_creation_disabled, app.multi_tenant_enabled, app.suspended,
        app.suspended_explanation, static_cast<std::int64_t>(app.enforce_unique_usernames), roles,
        settings);
}

[[noreturn]] void throw_unknown(AppId id) {
    throw std::logic_error("no App " + std::to_string(number_of(id)) + " to change");
}

}  // namespace

AppTable::AppTable(Connection& connection, GroupTransaction& transaction, Sealer const& sealer)
    : transaction_(transaction),
      sealer_(sealer),
      select_all_(connection, around_columns("SELECT id, api_key, ", " FROM apps ORDER BY id")),
      select_(connection, around_columns("SELECT id, api_key, ", " FROM apps WHERE id = ?")),
      select_id_(connection, "SELECT id FROM apps WHERE api_key = ?"),
      insert_(
          connection,
          around_columns("INSERT INTO apps (api_key, ",
                         ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id")),
      update_(connection,
              around_columns("UPDATE apps SET (",
                             ") = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?"
                             " RETURNING id")),
      delete_users_(connection, "DELETE FROM users WHERE app_id = ?"),
      delete_(connection, "DELETE FROM apps WHERE id = ? RETURNING id"),
      select_secrets_(connection,
                      "SELECT id, sealed, created_at, retires_at FROM app_secrets"
                      " WHERE app_id = ? ORDER BY id DESC"),
      insert_secret_(connection,
                     "INSERT INTO app_secrets (app_id, id, sealed, created_at, retires_at)"
                     " VALUES (?, ?, ?, ?, ?)"),
      delete_secrets_(connection, "DELETE FROM app_secrets WHERE app_id = ?") {}

std::vector<App> AppTable::all() {
    std::vector<App> apps;
    auto rows = select_all_.query();
    while (rows.next()) {
        apps.push_back(read(rows));
    }
    return apps;
}

std::optional<App> AppTable::find(AppId id) {
    auto rows = select_.query(number_of(id));
    return rows.next() ? std::optional(read(rows)) : std::nullopt;
}

std::optional<App> AppTable::find_by_key(ApiKey const& key) {
    auto const id = find_id(key);
    return id ? find(*id) : std::nullopt;
}

std::optional<AppId> AppTable::insert(App const& app) {
    if (find_id(app.api_key)) {
        return std::nullopt;
    }
    transaction_.before_write();
    auto stored = app.clone();
    with_columns(app, [&](auto const&... values) {
        auto rows = insert_.query(app.api_key.text(), values...);
        while (rows.next()) {
            stored.id = AppId(rows.integer(0));
        }
    });
    insert_secrets(stored.id, stored.secrets);
    auto const id = stored.id;
    transaction_.log(domain::AppChanged{std::make_shared<App const>(std::move(stored))});
    return id;
}

void AppTable::update(App const& app) {
    transaction_.before_write();
    bool found = false;
    with_columns(app, [&](auto const&... values) {
        auto rows = update_.query(values..., number_of(app.id));
        while (rows.next()) {
            found = true;
        }
    });
    if (!found) {
        throw_unknown(app.id);
    }
    delete_secrets_.run(number_of(app.id));
    insert_secrets(app.id, app.secrets);
    // Read back, because `app` may carry another key than the row, which keeps its own.
    transaction_.log(domain::AppChanged{std::make_shared<App const>(*find(app.id))});
}

void AppTable::remove(AppId id) {
    transaction_.before_write();
    delete_users_.run(number_of(id));
    bool found = false;
    auto rows = delete_.query(number_of(id));
    while (rows.next()) {
        found = true;
    }
    if (!found) {
        throw_unknown(id);
    }
    transaction_.log(domain::AppRemoved{id});
}

std::optional<AppId> AppTable::find_id(ApiKey const& key) {
    auto rows = select_id_.query(key.text());
    return rows.next() ? std::optional(AppId(rows.integer(0))) : std::nullopt;
}

App AppTable::read(Rows const& rows) {
    auto const id = AppId(rows.integer(0));
    auto key = ApiKey::parse(rows.text(1));
    if (!key) {
        throw_damaged(kTable);
    }
    App app = {.id = id,
               .api_key = *std::move(key),
               .name = std::string(rows.text(2)),
               .mode = static_cast<domain::Mode>(rows.integer(3)),
               .secrets = read_secrets(id),
               .created_at = rows.instant(4),
               .updated_at = rows.instant(5),
               .revoke_tokens_issued_before = rows.optional_instant(6),
               .disable_auth_checks = rows.boolean(7),
               .disable_permissions_checks = rows.boolean(8),
               .guest_user_creation_disabled = rows.boolean(9),
               .multi_tenant_enabled = rows.boolean(10),
               .suspended = rows.boolean(11),
               .suspended_explanation = std::string(rows.text(12)),
               .enforce_unique_usernames = static_cast<domain::UniqueNames>(rows.integer(13)),
               .user_search_disallowed_roles = read_list(rows, 14, kTable),
               .other_settings = read_object(rows, 15, kTable)};
    unpack_settings(app);
    return app;
}

std::vector<domain::ApiSecret> AppTable::read_secrets(AppId app) {
    std::vector<domain::ApiSecret> secrets;
    auto rows = select_secrets_.query(number_of(app));
    while (rows.next()) {
        auto const id = rows.integer(0);
        auto secret = sealer_.open(rows.text(1), sealing_context(app, id));
        if (!secret) {
            throw domain::StoreFailure("a sealed secret of App " + std::to_string(number_of(app)) +
                                       " was changed, or put in another one's place, since it was "
                                       "stored: restore a backup");
        }
        secrets.push_back({.id = id,
                           .secret = *std::move(secret),
                           .created_at = rows.instant(2),
                           .retires_at = rows.optional_instant(3)});
    }
    return secrets;
}

void AppTable::insert_secrets(AppId app, std::vector<domain::ApiSecret> const& secrets) {
    for (auto const& secret : secrets) {
        auto const sealed = sealer_.seal(secret.secret.reveal(), sealing_context(app, secret.id));
        insert_secret_.run(number_of(app), secret.id, Blob{sealed}, secret.created_at,
                           secret.retires_at);
    }
}

}  // namespace latchkey::storage
