#include <latchkey/token/token_verifier.hpp>

#include <latchkey/base/ids.hpp>
#include <latchkey/token/compact_token.hpp>
#include <latchkey/token/limits.hpp>
#include <latchkey/token/verifier.hpp>

#include <stdexcept>
#include <utility>
#include <variant>

namespace latchkey::token {
namespace {

using std::unexpected;

/// The calling thread's memory for checking. It remembers nothing from one call to the next, so
/// that it is no state anyone could share or depend on. Decision 0013 has the alternatives.
Verifier& workspace_of_thread() {
    thread_local Verifier verifier;
    return verifier;
}

std::vector<HmacKey> prepare(std::span<Secret const> secrets) {
    if (secrets.empty() || secrets.size() > kSecretsMax) {
        throw std::invalid_argument("a TokenVerifier takes 1 to " + std::to_string(kSecretsMax) +
                                    " secrets");
    }
    std::vector<HmacKey> keys;
    keys.reserve(secrets.size());
    for (auto const& secret : secrets) {
        if (secret.reveal().empty()) {
            throw std::invalid_argument("a TokenVerifier takes no empty secret");
        }
        keys.emplace_back(secret.reveal());
    }
    return keys;
}

std::expected<VerifiedIdentity, TokenError> identify(ServerClaims const& claims, Instant now) {
    // Never by revocation: a server's token ends with its secret, or nobody could undo one.
    if (auto const valid = check_dates(claims.dates, now, kClockSkewMax); !valid) {
        return unexpected(valid.error());
    }
    return VerifiedIdentity{.kind = VerifiedIdentity::Kind::Server,
                            .issued_at = claims.dates.issued_at,
                            .expires_at = claims.dates.expires_at};
}

std::expected<VerifiedIdentity, TokenError> identify(UserClaims const& claims, Instant now,
                                                     IssuedBefore const& revoked) {
    // Before the dates, as the server has it: no date makes a user of it.
    if (claims.user_id == kAnonymousUserId) {
        return unexpected(TokenError::UserIdInvalid);
    }
    if (auto const valid = check_validity(claims, revoked, now, kClockSkewMax); !valid) {
        return unexpected(valid.error());
    }
    return VerifiedIdentity{.kind = VerifiedIdentity::Kind::User,
                            .user_id = std::string(claims.user_id),
                            .role = std::string(claims.role),
                            .issued_at = claims.dates.issued_at,
                            .expires_at = claims.dates.expires_at};
}

}  // namespace

TokenVerifier::TokenVerifier(std::span<Secret const> secrets, std::string api_key)
    : keys_(prepare(secrets)), api_key_(std::move(api_key)) {}

TokenVerifier::TokenVerifier(Secret const& secret, std::string api_key)
    : TokenVerifier(std::span(&secret, 1), std::move(api_key)) {}

std::expected<VerifiedIdentity, TokenError> TokenVerifier::verify(
    std::string_view token_text, Instant now, IssuedBefore const& revoked) const {
    auto const token = CompactToken::parse(token_text);
    if (!token) {
        return unexpected(token.error());
    }
    auto const verified = workspace_of_thread().verify(*token, keys_);
    if (!verified) {
        return unexpected(verified.error());
    }
    auto const* const user = std::get_if<UserClaims>(&verified->claims);
    auto identity = user != nullptr ? identify(*user, now, revoked)
                                    : identify(std::get<ServerClaims>(verified->claims), now);
    if (identity) {
        identity->secret_index = verified->key_index;
    }
    return identity;
}

TokenRefusal TokenVerifier::describe(TokenError error) const {
    return describe_refusal(error, api_key_);
}

}  // namespace latchkey::token
