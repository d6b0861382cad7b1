#pragma once

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/base/secret.hpp>
#include <latchkey/sdk/call.hpp>
#include <latchkey/sdk/error.hpp>
#include <latchkey/sdk/options.hpp>
#include <latchkey/sdk/users.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::sdk {

/// What a user's token is to say beside who it is for. One hour, issued now, unless told otherwise.
struct TokenOptions {
    /// How long it lives; not together with `expires_at`.
    std::optional<std::chrono::seconds> expires_in{};
    std::optional<Instant> expires_at{};
    /// No end: only a revocation ends it. Asked for by name, not with the two above.
    bool permanent = false;
    std::optional<Instant> issued_at{};  ///< absent: now
    /// Further claims: name to the text of a JSON value. `user_id`, `exp`, `iat` and `server` are
    /// not given here.
    std::map<std::string, std::string> claims{};
};

/// What a token says that `verify_token` accepted.
struct VerifiedToken {
    std::string user_id;  ///< empty: a backend's token
    std::string role;     ///< empty: none named
    std::optional<Instant> issued_at{};
    std::optional<Instant> expires_at{};
};

/// One user's change in `update_users_partial`: fields to set (name to the text of a JSON value)
/// and to unset.
struct UserPatch {
    std::string id;
    std::map<std::string, std::string> set{};
    std::vector<std::string> unset{};
};

struct UserQuery {
    std::string filter_json = "{}";  ///< the text of a JSON object, as in Stream's documentation
    std::string sort_json{};         ///< the text of a JSON array; empty: by id
    std::size_t limit = 30;          ///< up to 100
    std::size_t offset = 0;
    bool include_deactivated = false;
};

struct GuestAccess {
    User user;
    std::string access_token;
};

/// A backend's side of an App: holds its secret, mints tokens and manages users. Speaks the wire
/// protocol of Stream's server SDKs (v2 style), so it serves against any compatible server.
///
/// Thread-safe. Has one thread of its own for the network, and keeps connections open. Calls are
/// repeated, with growing pauses, only where a repeat does no harm: reads, and writes that the
/// server cannot have seen or that leave the same behind when done twice.
class ServerClient {
public:
    struct Options {
        std::string api_key;
        Secret api_secret;
        ConnectionOptions connection;
    };

    /// @throws std::invalid_argument where the base URL, the key or the secret cannot be one
    explicit ServerClient(Options options);
    /// From `STREAM_API_KEY`, `STREAM_API_SECRET` and `STREAM_BASE_URL`. Reads the environment,
    /// which nobody may change meanwhile. @throws std::invalid_argument naming the one that is
    /// missing
    [[nodiscard]] static ServerClient from_environment();
    /// Calls under way end with `Stopped`.
    ~ServerClient();
    ServerClient(ServerClient&&) noexcept;
    ServerClient& operator=(ServerClient&&) noexcept;

    // Tokens: made and checked here, nothing is sent.

    [[nodiscard]] Result<std::string> create_token(std::string_view user_id,
                                                   TokenOptions const& options = {}) const;
    /// Signature and dates. What was revoked only the server knows.
    [[nodiscard]] Result<VerifiedToken> verify_token(std::string_view token) const;

    // Users. Lists hold 1 to 100; a list is done whole or not at all.

    [[nodiscard]] Call<std::vector<User>> upsert_users(std::span<UserRequest const> users);
    [[nodiscard]] Call<std::vector<User>> update_users_partial(std::span<UserPatch const> patches);
    [[nodiscard]] Call<std::vector<User>> query_users(UserQuery const& query = {});
    [[nodiscard]] Call<User> deactivate_user(std::string_view user_id);
    [[nodiscard]] Call<User> reactivate_user(std::string_view user_id);
    /// Ids of tasks, for `get_task`.
    [[nodiscard]] Call<std::string> deactivate_users(std::span<std::string const> user_ids);
    [[nodiscard]] Call<std::string> reactivate_users(std::span<std::string const> user_ids);
    /// `soft` can be restored, `pruning` forgets what the user said of itself, `hard` all.
    [[nodiscard]] Call<std::string> delete_users(std::span<std::string const> user_ids,
                                                 std::string_view how = "soft");
    [[nodiscard]] Call<Done> restore_users(std::span<std::string const> user_ids);
    [[nodiscard]] Call<GuestAccess> create_guest(UserRequest const& user);

    // Revocation (docs/concepts/revocation.md): tokens issued before `before` are void from the
    // moment the call succeeds. Empty: undoes it, and formerly void tokens are good again.

    [[nodiscard]] Call<std::vector<User>> revoke_user_token(std::string_view user_id,
                                                            std::optional<Instant> before);
    [[nodiscard]] Call<std::vector<User>> revoke_users_token(std::span<std::string const> user_ids,
                                                             std::optional<Instant> before);
    [[nodiscard]] Call<std::vector<User>> undo_user_token_revocation(std::string_view user_id);
    [[nodiscard]] Call<std::vector<User>> undo_users_token_revocation(
        std::span<std::string const> user_ids);
    /// For every user of the App.
    [[nodiscard]] Call<Done> revoke_tokens(std::optional<Instant> before);

    // The App: its settings as the text of a JSON object (docs/reference/app-settings.md).

    [[nodiscard]] Call<std::string> get_app();
    [[nodiscard]] Call<Done> update_app(std::string_view settings_json);

private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace latchkey::sdk
