#include "domain/authenticate.hpp"

#include "domain/roles.hpp"
#include "domain/secrets.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/token/validity.hpp>

#include <utility>

namespace latchkey::domain {
namespace {

using token::TokenError;

std::unexpected<Refusal> refuse(AuthError cause) { return std::unexpected(Refusal{cause}); }
std::unexpected<Refusal> refuse(TokenError cause) { return std::unexpected(Refusal{cause}); }
/// The secret that made the signature counts no more.
std::unexpected<Refusal> refuse_retired(std::size_t key_index) {
    return std::unexpected(Refusal{.cause = TokenError::SignatureMismatch, .key_index = key_index});
}

/// Whether a token's role counts in place of the `stored` one, for the token's lifetime: another
/// that exists (protocol section 1.2). `anonymous` is no role of a user.
bool may_be_claimed(App const& app, std::string_view role, std::string_view stored) {
    return !role.empty() && role != stored && role != kRoleAnonymous &&
           (is_built_in_role(role) || is_custom_role(app, role));
}

/// The revocation and the account of a user, in that order.
std::expected<void, Refusal> check_user(AppState const& app,
                                        std::optional<UserStanding> const& standing,
                                        std::optional<Instant> issued_at) {
    if (!app.app->auth_checks_disabled()) {
        token::IssuedBefore const revoked = {
            .app = app.app->revoke_tokens_issued_before,
            .user = standing ? standing->revoke_tokens_issued_before : std::nullopt};
        if (auto const valid = token::check_not_revoked(issued_at, revoked); !valid) {
            return refuse(valid.error());
        }
    }
    if (standing && standing->deleted) {
        return refuse(AuthError::UserDeleted);
    }
    if (standing && standing->deactivated) {
        return refuse(AuthError::UserDeactivated);
    }
    return {};
}

Identity anonymous_identity(AppState const& app) {
    return {.app = &app,
            .kind = CallerKind::Anonymous,
            .user_id = kAnonymousUserId,
            .role = std::string(kRoleAnonymous),
            .issued_at = std::nullopt,
            .expires_at = std::nullopt};
}

std::expected<Identity, Refusal> identify_server(AppState const& app,
                                                 token::ServerClaims const& claims, Instant now) {
    // Never by revocation: a server's token ends with its secret, or nobody could undo one.
    if (auto const valid = token::check_dates(claims.dates, now, token::kClockSkewMax); !valid) {
        return refuse(valid.error());
    }
    return Identity{.app = &app,
                    .kind = CallerKind::Server,
                    .user_id = {},
                    .role = {},
                    .issued_at = claims.dates.issued_at,
                    .expires_at = claims.dates.expires_at};
}

enum class Signature : std::uint8_t { Verified, None };

/// With auth checks off, no date and no revocation counts either, whoever signed.
std::expected<Identity, Refusal> identify_user(AppState const& app, token::UserClaims const& claims,
                                               Instant now, Signature signature) {
    if (claims.user_id == kAnonymousUserId) {
        return refuse(TokenError::UserIdInvalid);
    }
    if (!app.app->auth_checks_disabled()) {
        if (auto const valid = token::check_dates(claims.dates, now, token::kClockSkewMax);
            !valid) {
            return refuse(valid.error());
        }
    }
    auto const standing = app.find_standing(claims.user_id);
    if (auto const allowed = check_user(app, standing, claims.dates.issued_at); !allowed) {
        return std::unexpected(allowed.error());
    }
    std::string role = standing ? standing->role : std::string(kRoleUser);
    auto const kind = role == kRoleGuest ? CallerKind::Guest : CallerKind::User;
    bool const is_signed = signature == Signature::Verified;
    auto source = RoleSource::Stored;
    if (is_signed && kind == CallerKind::User && may_be_claimed(*app.app, claims.role, role)) {
        role = claims.role;
        source = RoleSource::Token;
    }
    return Identity{.app = &app,
                    .kind = kind,
                    .user_id = claims.user_id,
                    .role = std::move(role),
                    .role_source = source,
                    .issued_at = is_signed ? claims.dates.issued_at : std::nullopt,
                    .expires_at = is_signed ? claims.dates.expires_at : std::nullopt,
                    .developer_token = !is_signed};
}

/// Whether the secret that made a signature has been retired by now.
bool is_key_retired(AppState const& app, std::size_t key_index, Instant now) {
    return state_of(app.app->secrets.at(key_index), now) == SecretState::Retired;
}

std::expected<Identity, Refusal> identify(AppState const& app, std::string_view text, Instant now,
                                          token::Verifier& verifier) {
    auto const compact = token::CompactToken::parse(text);
    if (!compact) {
        return refuse(compact.error());
    }
    auto const verified = verifier.verify(*compact, app.keys);
    if (verified && !is_key_retired(app, verified->key_index, now)) {
        auto const* server = std::get_if<token::ServerClaims>(&verified->claims);
        auto decision = server != nullptr
                            ? identify_server(app, *server, now)
                            : identify_user(app, std::get<token::UserClaims>(verified->claims), now,
                                            Signature::Verified);
        (decision ? decision->key_index : decision.error().key_index) = verified->key_index;
        return decision;
    }
    if (app.app->auth_checks_disabled()) {
        auto const claims = verifier.read_developer_token(*compact);
        if (!claims) {
            return refuse(claims.error());
        }
        return identify_user(app, *claims, now, Signature::None);
    }
    return verified ? refuse_retired(verified->key_index) : refuse(verified.error());
}

std::expected<Identity, Refusal> identify_anonymous(AppState const& app, std::string_view text,
                                                    Instant now, token::Verifier& verifier) {
    if (text.empty()) {
        return anonymous_identity(app);
    }
    // An anonymous caller may show a token, but only one for the anonymous identity.
    auto const compact = token::CompactToken::parse(text);
    if (!compact) {
        return refuse(compact.error());
    }
    auto const verified = verifier.verify(*compact, app.keys);
    if (!verified) {
        return refuse(verified.error());
    }
    auto const* claims = std::get_if<token::UserClaims>(&verified->claims);
    if (is_key_retired(app, verified->key_index, now)) {
        return refuse_retired(verified->key_index);
    }
    if (claims == nullptr || claims->user_id != kAnonymousUserId) {
        return refuse(AuthError::AnonymousWithUserId);
    }
    if (auto const valid = token::check_dates(claims->dates, now, token::kClockSkewMax); !valid) {
        return refuse(valid.error());
    }
    auto identity = anonymous_identity(app);
    identity.key_index = verified->key_index;
    return identity;
}

std::string_view name_of(AuthError error) noexcept {
    switch (error) {
        case AuthError::ApiKeyMissing: return "api_key_missing";
        case AuthError::ApiKeyUnknown: return "api_key_unknown";
        case AuthError::AppSuspended: return "app_suspended";
        case AuthError::AuthTypeInvalid: return "auth_type_invalid";
        case AuthError::AnonymousWithUserId: return "anonymous_with_user_id";
        case AuthError::UserDeactivated: return "user_deactivated";
        case AuthError::UserDeleted: return "user_deleted";
    }
    std::unreachable();
}

}  // namespace

std::string_view kind_name(CallerKind kind) noexcept {
    switch (kind) {
        case CallerKind::User: return "user";
        case CallerKind::Server: return "server";
        case CallerKind::Guest: return "guest";
        case CallerKind::Anonymous: return "anonymous";
    }
    std::unreachable();
}

std::string_view rule_name(Refusal const& refusal) noexcept {
    if (auto const* cause = std::get_if<TokenError>(&refusal.cause)) {
        return token::rule_name(*cause);
    }
    if (auto const* cause = std::get_if<AuthError>(&refusal.cause)) {
        return name_of(*cause);
    }
    std::unreachable();
}

std::expected<Identity, Refusal> authenticate(NodeState::Reader const& state,
                                              Credentials const& credentials, Instant now,
                                              token::Verifier& verifier) {
    return authenticate(state.find_app(credentials.api_key), credentials, now, verifier);
}

std::expected<Identity, Refusal> authenticate(AppState const* app, Credentials const& credentials,
                                              Instant now, token::Verifier& verifier) {
    if (credentials.api_key.empty()) {
        return refuse(AuthError::ApiKeyMissing);
    }
    if (app == nullptr) {
        return refuse(AuthError::ApiKeyUnknown);
    }
    if (app->app->suspended) {
        return refuse(AuthError::AppSuspended);
    }
    if (credentials.auth_type == "jwt") {
        return identify(*app, credentials.token, now, verifier);
    }
    if (credentials.auth_type == "anonymous") {
        return identify_anonymous(*app, credentials.token, now, verifier);
    }
    return refuse(AuthError::AuthTypeInvalid);
}

std::expected<void, Refusal> check_still_allowed(NodeState::Reader const& state, Grant const& grant,
                                                 Instant now) {
    auto const* app = state.find_app(grant.app_id);
    if (app == nullptr) {
        return refuse(AuthError::ApiKeyUnknown);
    }
    if (app->app->suspended) {
        return refuse(AuthError::AppSuspended);
    }
    bool const is_secret_retired = grant.secret_id && is_retired(*app->app, *grant.secret_id, now);
    if (grant.kind == CallerKind::Anonymous) {
        return is_secret_retired ? refuse(TokenError::SignatureMismatch)
                                 : std::expected<void, Refusal>();
    }
    if (!app->app->auth_checks_disabled()) {
        // Let in unsigned, which counts no more; or signed with what counts no more.
        if (grant.developer_token || is_secret_retired) {
            return refuse(TokenError::SignatureMismatch);
        }
        if (grant.expires_at && now >= *grant.expires_at) {
            return refuse(TokenError::Expired);
        }
    }
    return check_user(*app, app->find_standing(grant.user_id), grant.issued_at);
}

}  // namespace latchkey::domain
