#pragma once

#include "api/admin_call.hpp"

#include <cstddef>

/// The endpoints of the admin API (docs/reference/admin-api.md), as `admin_routes` lists them.
/// Whoever gets to one has the role that its route needs.
namespace latchkey::api::admin {

// Signing in: session_admin.cpp. Nobody has to be signed in but for the last.

/// Who is signed in, or that somebody should be. Asking it is no use of the session.
AdminHandler show_session;
/// To the identity provider and back: session_oidc.cpp. Browsers are sent here, nothing else calls
/// it.
AdminHandler begin_oidc;
AdminHandler finish_oidc;
/// Makes the first account with the set-up code: `code`, `name`, `password`.
AdminHandler set_up;
/// `name` and `password`; the answer brings the cookie.
AdminHandler sign_in;
AdminHandler sign_out;
/// `current` and `new`; ends the account's other sessions.
AdminHandler change_own_password;

// Accounts: account_admin.cpp. What changes one ends its sessions. There is always an owner who can
// sign in.
AdminHandler list_accounts;
AdminHandler create_account;
AdminHandler update_account;
AdminHandler remove_account;

// Apps: admin_apps.cpp. No answer holds a secret, but for the one of an App just made.
AdminHandler list_apps;
AdminHandler create_app;
AdminHandler show_app;
AdminHandler update_app;
AdminHandler delete_app;

// Revocation: revocation_admin.cpp.
AdminHandler revoke_app;
AdminHandler unrevoke_app;
AdminHandler revoke_users;
AdminHandler unrevoke_users;

// Secrets: secrets_admin.cpp. Only of one just added, and where it is asked for, the value is told.
AdminHandler list_secrets;
AdminHandler add_secret;
AdminHandler reveal_secret;
AdminHandler retire_secret;
AdminHandler unretire_secret;

// What goes on: connections_admin.cpp.
inline constexpr std::size_t kConnectionsShownMax = 1'000;  ///< in one answer
AdminHandler list_connections;
AdminHandler show_overview;
/// A WebSocket: `LiveFeed`.
AdminHandler watch_live;
// Users: users_admin.cpp.
AdminHandler list_users;
/// Makes a user who is not there yet. Body: `id`; `name`.
AdminHandler create_user;
AdminHandler show_user;
AdminHandler deactivate_users;
AdminHandler reactivate_users;
AdminHandler list_revocations;

// The server itself: server_admin.cpp; and what this API is: openapi_admin.cpp.
AdminHandler show_server;
AdminHandler show_openapi;

// Tokens: token_admin.cpp.

/// Mints a user's token with the App's newest secret. Body: `user_id`; `expires_in_s` (absent: an
/// hour; 0: never expires). The token's `iat` is not before a revocation in force, so that a fresh
/// token is never void already; where it would be all the same, none is made.
AdminHandler mint_token;
AdminHandler check_token;
AdminHandler explain_token;

// The audit log, and whether the store is well: audit_admin.cpp.
AdminHandler list_audit;
AdminHandler verify_audit;
AdminHandler examine;

}  // namespace latchkey::api::admin
