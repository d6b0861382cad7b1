#include "domain/apps.hpp"

#include "domain/known_secrets.hpp"
#include "domain/revocation_origin.hpp"

#include <algorithm>
#include <bitset>
#include <tuple>
#include <utility>

namespace latchkey::domain {
namespace {

constexpr std::size_t kDifferentCharactersMin = 10;

bool is_app_name(std::string_view name) {
    return !name.empty() && name.size() <= kAppNameBytesMax &&
           std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// Whether anything but `updated_at` differs. Secrets cannot be compared and are not changed here.
bool differs(App const& a, App const& b) {
    auto const fields = [](App const& app) {
        return std::tie(app.name, app.mode, app.revoke_tokens_issued_before,
                        app.disable_auth_checks, app.disable_permissions_checks,
                        app.guest_user_creation_disabled, app.multi_tenant_enabled, app.suspended,
                        app.suspended_explanation, app.enforce_unique_usernames,
                        app.user_search_disallowed_roles, app.grants, app.custom_roles,
                        app.other_settings);
    };
    return fields(a) != fields(b);
}

ApiKey make_api_key(RandomSource& random) {
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): letters and digits make a key
    return *ApiKey::parse(make_random_text(random, kGeneratedKeyCharacters));
}

}  // namespace

std::optional<SecretFlaw> find_flaw(Secret const& secret) {
    auto const bytes = secret.reveal();
    if (bytes.size() < kSecretBytesMin) {
        return SecretFlaw::TooShort;
    }
    if (bytes.size() > kSecretBytesMax) {
        return SecretFlaw::TooLong;
    }
    std::bitset<256> different;
    for (char const c : bytes) {
        different.set(static_cast<unsigned char>(c));
    }
    if (different.count() < kDifferentCharactersMin) {
        return SecretFlaw::TooPlain;
    }
    if (is_known_secret(bytes)) {
        return SecretFlaw::Known;
    }
    return std::nullopt;
}

std::expected<App, AppError> create_app(Transaction& transaction, NewApp content, Instant now,
                                        RandomSource& random) {
    if (!is_app_name(content.name)) {
        return std::unexpected(AppError::NameInvalid);
    }
    if (content.api_secret && find_flaw(*content.api_secret)) {
        return std::unexpected(AppError::SecretFlawed);
    }
    auto key = content.api_key ? *std::move(content.api_key) : make_api_key(random);
    auto secret = content.api_secret ? *std::move(content.api_secret)
                                     : Secret(make_random_text(random, kGeneratedSecretCharacters));
    App app = {.api_key = std::move(key),
               .name = std::move(content.name),
               .mode = content.mode,
               .secrets = {},
               .created_at = now,
               .updated_at = now};
    app.secrets.push_back({.id = 1, .secret = std::move(secret), .created_at = now});
    auto const id = transaction.apps().insert(app);
    if (!id) {
        return std::unexpected(AppError::KeyTaken);
    }
    app.id = *id;
    return app;
}

std::expected<App, UpdateAppError> update_app(Transaction& transaction, AppId id,
                                              std::move_only_function<void(App&)> edit, Instant now,
                                              std::string_view by) {
    auto stored = transaction.apps().find(id);
    if (!stored) {
        return std::unexpected(UpdateAppError::AppUnknown);
    }
    auto app = stored->clone();
    edit(app);
    if (!is_app_name(app.name)) {
        return std::unexpected(UpdateAppError::NameInvalid);
    }
    if (app.mode == Mode::Production && app.disable_auth_checks) {
        if (stored->mode == Mode::Production) {
            return std::unexpected(UpdateAppError::AuthChecksInProduction);
        }
        app.disable_auth_checks = false;
    }
    if (differs(app, *stored)) {
        app.updated_at = now;
        transaction.apps().update(app);
        if (app.revoke_tokens_issued_before != stored->revoke_tokens_issued_before) {
            keep_origin(transaction, id, std::nullopt, app.revoke_tokens_issued_before, now, by);
        }
    }
    return app;
}

}  // namespace latchkey::domain
