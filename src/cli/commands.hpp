#pragma once

#include "api/revocation_admin.hpp"
#include "server/settings.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// The commands behind `latchkey …`, their arguments parsed. Each returns the exit status.
namespace latchkey::cli {

struct AppCreate {
    std::string name;
    std::string mode;
    std::string api_key;
    std::string api_secret;
    bool json = false;
};
[[nodiscard]] int app_create(server::Settings settings, AppCreate const& arguments);

[[nodiscard]] int app_list(server::Settings settings, bool json);

[[nodiscard]] int app_show(server::Settings settings, std::string const& api_key, bool json);

struct AppUpdate {
    std::string api_key;
    std::string name;              ///< empty: stays
    std::string mode;              ///< empty: stays
    std::vector<std::string> set;  ///< `NAME=VALUE`, the value JSON or a bare text
    bool json = false;
};
[[nodiscard]] int app_update(server::Settings settings, AppUpdate const& arguments);

struct AppDelete {
    std::string api_key;
    std::string confirm;  ///< the App's name; may be left out with `dry_run`
    bool dry_run = false;
    bool json = false;
};
[[nodiscard]] int app_delete(server::Settings settings, AppDelete const& arguments);

struct SecretAdd {
    std::string app;         ///< its key; may be left out where there is one App only
    std::string api_secret;  ///< empty: made at random
    bool json = false;
};
[[nodiscard]] int secret_add(server::Settings settings, SecretAdd const& arguments);

[[nodiscard]] int secret_list(server::Settings settings, std::string const& app, bool json);

struct SecretRetire {
    std::int64_t id = 0;
    std::string app;
    std::string in;  ///< `24h`: so long from now
    std::string at;  ///< RFC 3339; neither: now
    bool dry_run = false;
    bool json = false;
};
[[nodiscard]] int secret_retire(server::Settings settings, SecretRetire const& arguments);
/// Only `id`, `app` and `json` count.
[[nodiscard]] int secret_unretire(server::Settings settings, SecretRetire const& arguments);

/// Adds a secret and leads through what comes then.
struct Rotate {
    std::string app;
    std::string api_secret;
    std::string retire_in;  ///< of the older ones; neither: they stay
    std::string retire_at;
    bool watch = false;
    bool json = false;
};
/// Waits; handed in, so that a test need not.
using Pause = std::function<void(std::chrono::seconds)>;
[[nodiscard]] int app_rotate(server::Settings settings, Rotate const& arguments,
                             Pause const& pause);

struct TokenCreate {
    std::string user_id;
    std::string app;         ///< its key; may be left out where there is one App only
    std::string expires_in;  ///< `1h`; empty: an hour
    bool never_expires = false;
    bool json = false;
};
[[nodiscard]] int token_create(server::Settings settings, TokenCreate const& arguments);

struct TokenCheck {
    std::string token;
    std::string app;
    std::string auth_type;
    bool json = false;
};
[[nodiscard]] int token_check(server::Settings settings, TokenCheck const& arguments);

/// The same, told step by step.
[[nodiscard]] int token_explain(server::Settings settings, TokenCheck const& arguments);

struct Revoke {
    std::vector<std::string> user_ids;  ///< of users only
    std::string app;                    ///< its key; may be left out where there is one App only
    std::string before;                 ///< RFC 3339, or `1h`: so long ago; empty: now
    bool dry_run = false;
    bool json = false;
};
[[nodiscard]] int user_revoke(server::Settings settings, api::Revocation action,
                              Revoke const& arguments);
[[nodiscard]] int app_revoke(server::Settings settings, api::Revocation action,
                             Revoke const& arguments);
/// Whether users are refused whatever token they have. `before` does not count.
enum class Activity : std::uint8_t { Deactivate, Reactivate };
[[nodiscard]] int user_set_activity(server::Settings settings, Activity action,
                                    Revoke const& arguments);

struct UserList {
    std::string app;         ///< its key; may be left out where there is one App only
    std::string search;      ///< what an id or a name begins with; empty: all
    std::string role;        ///< empty: all
    std::string state;       ///< empty: all
    std::int64_t limit = 0;  ///< 0: as many as the server gives unless told
    std::string cursor;      ///< of the page before; empty: the first
    bool json = false;
};
[[nodiscard]] int user_list(server::Settings settings, UserList const& arguments);

struct UserCommand {
    std::string id;
    std::string app;   ///< its key; may be left out where there is one App only
    std::string name;  ///< of `create` only
    bool json = false;
};
[[nodiscard]] int user_show(server::Settings settings, UserCommand const& arguments);
[[nodiscard]] int user_create(server::Settings settings, UserCommand const& arguments);

struct ConnectionList {
    std::string app;         ///< its key; may be left out where there is one App only
    std::string user_id;     ///< empty: of all
    std::int64_t limit = 0;  ///< 0: as many as the server gives unless told
    bool json = false;
};
[[nodiscard]] int connection_list(server::Settings settings, ConnectionList const& arguments);

struct AuditList {
    std::string app;  ///< its key; empty: of all, and of none
    std::string actor;
    std::string action;
    std::int64_t limit = 0;   ///< 0: as many as the server gives unless told
    std::int64_t before = 0;  ///< a number; 0: from the newest on
    bool json = false;
};
[[nodiscard]] int audit_list(server::Settings settings, AuditList const& arguments);
/// Fails where the log is not as it was written.
[[nodiscard]] int audit_verify(server::Settings settings, bool json);

struct AccountCommand {
    std::string name;
    std::string role = "owner";  ///< of `create` only
    std::string password_file;   ///< of `create` and `reset-password`: `read_new_password`
    bool json = false;
};
[[nodiscard]] int account_create(server::Settings settings, AccountCommand const& arguments);
[[nodiscard]] int account_reset_password(server::Settings settings,
                                         AccountCommand const& arguments);
[[nodiscard]] int account_list(server::Settings settings, bool json);
[[nodiscard]] int account_remove(server::Settings settings, AccountCommand const& arguments);

/// Looks whether the store and its files are as they should be; one line for each thing looked at.
[[nodiscard]] int doctor(server::Settings settings, bool json);

[[nodiscard]] int version(bool json);

}  // namespace latchkey::cli
