#pragma once

#include <latchkey/base/instant.hpp>
#include <latchkey/base/secret.hpp>
#include <latchkey/sdk/call.hpp>
#include <latchkey/sdk/error.hpp>
#include <latchkey/sdk/options.hpp>
#include <latchkey/sdk/users.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::sdk {

/// What a user's token is to say beside who it is for. One hour, issued now, unless told otherwise.
/// Instants are cut to whole seconds, downwards.
struct TokenOptions {
    std::optional<std::chrono::seconds> expires_in{};  ///< from `issued_at`; not with `expires_at`
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
    std::string sort_json{};         ///< the text of a JSON array; empty: the server's order
    std::size_t limit = 30;          ///< 1 to `ServerClient::kUsersMax`
    std::size_t offset = 0;          ///< up to `ServerClient::kQueryOffsetMax`
    bool include_deactivated = false;
};

/// How much of a user a deletion takes.
enum class Deletion : std::uint8_t {
    Soft,     ///< can be restored
    Pruning,  ///< can be restored, without what the user said of itself
    Hard,     ///< all but a revocation, which stays with the id
};

struct GuestAccess {
    User user;
    std::string access_token;
};

/// All that a server has of one user.
struct UserExport {
    User user;
    std::string messages_json;   ///< the text of a JSON array
    std::string reactions_json;  ///< the text of a JSON array
};

/// How work on a list of users stands.
struct Task {
    std::string id;
    std::string status;  ///< `waiting`, `running`, `completed` or `failed`
    Instant created_at;
    Instant updated_at;
    std::string result_json{};  ///< the text of a JSON object; empty: none
    std::string error_json{};   ///< the text of a JSON object; empty: none
};

/// A backend's side of an App: holds its secret, mints tokens and manages users. Speaks the wire
/// protocol of Stream's server SDKs (v2 style), so it serves against any compatible server.
///
/// Thread-safe but for moving and destroying it. Has one thread of its own for the network, and
/// keeps connections open. Not to be destroyed on that thread: a coroutine that awaits a call of
/// this client does not own it.
///
/// Calls are repeated, with growing pauses and within their deadline, where the connection broke or
/// the server said that it cannot do it now (429, 502, 503, 504), and only where a repeat does no
/// harm: reads, writes that leave the same behind when done twice, and writes that the server
/// cannot have seen. `create_guest` and deletions for good are of the last kind.
///
/// Arguments are read before a call returns. What a server could only refuse comes back as
/// `InvalidArgument`, unsent; its text repeats nothing of the argument.
class ServerClient {
public:
    static constexpr std::size_t kUsersMax = 100;  ///< in one call
    static constexpr std::size_t kQueryOffsetMax = 1000;
    static constexpr std::size_t kCallsMax = 10'000;  ///< under way at a time: `TooManyCalls`
    static constexpr std::chrono::hours kDeadlineMax{1};

    struct Options {
        std::string api_key;
        Secret api_secret;
        ConnectionOptions connection;
    };

    /// Connects with the first call. @throws std::invalid_argument where the base URL, the key, the
    /// secret or the deadline cannot be one
    explicit ServerClient(Options options);
    /// From `STREAM_API_KEY`, `STREAM_API_SECRET` and `STREAM_BASE_URL`. Reads the environment,
    /// which nobody may change meanwhile. @throws std::invalid_argument naming those that are
    /// missing or empty, and as the constructor
    [[nodiscard]] static ServerClient from_environment();
    /// Calls under way end with `Stopped`.
    ~ServerClient();
    ServerClient(ServerClient&&) noexcept;
    ServerClient& operator=(ServerClient&&) noexcept;

    // Tokens: made and checked here, nothing is sent.

    [[nodiscard]] Result<std::string> create_token(std::string_view user_id,
                                                   TokenOptions const& options = {}) const;
    /// Signature and dates, by this machine's clock; else `InvalidToken`. What was revoked only the
    /// server knows.
    [[nodiscard]] Result<VerifiedToken> verify_token(std::string_view token) const;

    // Users. Lists hold 1 to `kUsersMax` different ones, are done whole or not at all, and are
    // answered in their order.

    /// Replaces what users say of themselves; makes those who are new.
    [[nodiscard]] Call<std::vector<User>> upsert_users(std::span<UserRequest const> users);
    [[nodiscard]] Call<std::vector<User>> update_users_partial(std::span<UserPatch const> patches);
    [[nodiscard]] Call<std::vector<User>> query_users(UserQuery const& query = {});
    [[nodiscard]] Call<User> deactivate_user(std::string_view user_id);
    [[nodiscard]] Call<User> reactivate_user(std::string_view user_id);
    [[nodiscard]] Call<UserExport> export_user(std::string_view user_id);
    [[nodiscard]] Call<GuestAccess> create_guest(UserRequest const& user);
    // These three yield the id of a task, for `get_task`.
    [[nodiscard]] Call<std::string> deactivate_users(std::span<std::string const> user_ids);
    [[nodiscard]] Call<std::string> reactivate_users(std::span<std::string const> user_ids);
    [[nodiscard]] Call<std::string> delete_users(std::span<std::string const> user_ids,
                                                 Deletion deletion = Deletion::Soft);
    [[nodiscard]] Call<Task> get_task(std::string_view task_id);
    /// Undoes a deletion that was not for good.
    [[nodiscard]] Call<Done> restore_users(std::span<std::string const> user_ids);

    // Revocation (docs/concepts/revocation.md): tokens issued before `before` are void from the
    // moment the call succeeds. Empty: undoes it, and formerly void tokens are good again.

    [[nodiscard]] Call<User> revoke_user_token(std::string_view user_id,
                                               std::optional<Instant> before);
    [[nodiscard]] Call<std::vector<User>> revoke_users_token(std::span<std::string const> user_ids,
                                                             std::optional<Instant> before);
    [[nodiscard]] Call<User> undo_user_token_revocation(std::string_view user_id);
    [[nodiscard]] Call<std::vector<User>> undo_users_token_revocation(
        std::span<std::string const> user_ids);
    /// For every user of the App. Servers' tokens stay good.
    [[nodiscard]] Call<Done> revoke_tokens(std::optional<Instant> before);
    [[nodiscard]] Call<Done> undo_tokens_revocation();

    // The App: its settings as the text of a JSON object (docs/reference/app-settings.md).

    [[nodiscard]] Call<std::string> get_app();
    /// Changes those that are named. Naming none is `InvalidArgument`: on the wire that would undo
    /// a revocation.
    [[nodiscard]] Call<Done> update_app(std::string_view settings_json);

    class Core;  ///< of the library's own sources
    explicit ServerClient(std::unique_ptr<Core> core);

private:
    std::unique_ptr<Core> core_;
};

}  // namespace latchkey::sdk

namespace latchkey {

using sdk::ServerClient;

}  // namespace latchkey
