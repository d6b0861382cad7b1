#pragma once

#include "domain/grants.hpp"
#include "domain/node_state.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/token/error.hpp>
#include <latchkey/token/verifier.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace latchkey::domain {

/// What a caller shows, wherever it was found. Empty: not given.
struct Credentials {
    std::string_view api_key;
    std::string_view auth_type;  ///< `jwt` or `anonymous`
    std::string_view token;      ///< without `Bearer `
};

enum class CallerKind : std::uint8_t { User, Server, Guest, Anonymous };

[[nodiscard]] std::string_view kind_name(CallerKind kind) noexcept;

/// Who is calling, as decided. `app` lives as long as the `NodeState::Reader` that it came from;
/// the views as long as the token's text and the verifier's next call.
struct Identity {
    AppState const* app;
    CallerKind kind;
    std::string_view user_id;  ///< empty for a server
    std::string role;          ///< empty for a server
    RoleSource role_source = RoleSource::Stored;
    std::optional<Instant> issued_at;
    std::optional<Instant> expires_at;
    bool developer_token = false;  ///< let in unsigned, because the App's auth checks are off
    /// Of the App's secrets, the one that made the signature; empty where none was asked for.
    std::optional<std::size_t> key_index{};
};

/// Causes beside those of the token itself.
enum class AuthError : std::uint8_t {
    ApiKeyMissing,
    ApiKeyUnknown,
    AppSuspended,
    AuthTypeInvalid,      ///< `stream-auth-type` is neither `jwt` nor `anonymous`
    AnonymousWithUserId,  ///< an anonymous call with somebody's token
    UserDeactivated,
    UserDeleted,
};

struct Refusal {
    std::variant<AuthError, token::TokenError> cause;
    /// Of the App's secrets, the one that made the signature, where it was come to. For figures: it
    /// is no part of what was decided.
    std::optional<std::size_t> key_index{};

    bool operator==(Refusal const& other) const { return cause == other.cause; }
};

/// The stable name of the rule that decided, in snake case.
[[nodiscard]] std::string_view rule_name(Refusal const& refusal) noexcept;

/// Decides who is calling: the one decision, for every path (promise P1). Reads memory only.
///
/// The order, first failure decides: API key, App suspended, auth type, the token's form, its
/// signature, its claims, `exp`, `nbf`, `iat`, revocation, the user's account.
/// A user never heard of is in good standing with role `user`.
[[nodiscard]] std::expected<Identity, Refusal> authenticate(NodeState::Reader const& state,
                                                            Credentials const& credentials,
                                                            Instant now, token::Verifier& verifier);

/// The same where the App has been looked up already. Null: the caller's key is no App's.
[[nodiscard]] std::expected<Identity, Refusal> authenticate(AppState const* app,
                                                            Credentials const& credentials,
                                                            Instant now, token::Verifier& verifier);

/// Decides again about a token that was let in before, by what of it can go bad: its secret, time,
/// revocation, the account, the App. For connections that stay open.
struct Grant {
    AppId app_id;
    std::string_view user_id;
    CallerKind kind;
    std::optional<Instant> issued_at;
    std::optional<Instant> expires_at;
    bool developer_token;
    std::optional<std::int64_t> secret_id{};  ///< what made its signature, where something did
};
[[nodiscard]] std::expected<void, Refusal> check_still_allowed(NodeState::Reader const& state,
                                                               Grant const& grant, Instant now);

}  // namespace latchkey::domain
