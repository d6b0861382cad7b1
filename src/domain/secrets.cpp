#include "domain/secrets.hpp"

#include "domain/apps.hpp"

#include <latchkey/token/hmac_key.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace latchkey::domain {
namespace {

auto find_secret(App& app, std::int64_t id) {
    return std::ranges::find(app.secrets, id, &ApiSecret::id);
}

bool was_forgotten(App const& app, std::int64_t id) {
    return std::ranges::find(app.forgotten_secrets, id, &ForgottenSecret::id) !=
           app.forgotten_secrets.end();
}

bool has_come(ApiSecret const& secret, Instant now) {
    return secret.retires_at && now >= *secret.retires_at;
}

std::int64_t next_id(App const& app) {
    std::int64_t highest = 0;
    for (auto const& secret : app.secrets) {
        highest = std::max(highest, secret.id);
    }
    for (auto const& secret : app.forgotten_secrets) {
        highest = std::max(highest, secret.id);
    }
    return highest + 1;
}

/// Two secrets are compared by what they sign, in constant time.
bool has_secret(App const& app, Secret const& secret) {
    constexpr std::string_view kText = "latchkey same secret";
    auto const mac = token::HmacKey(secret.reveal()).mac(kText);
    return std::ranges::any_of(app.secrets, [&](ApiSecret const& one) {
        return token::HmacKey(one.secret.reveal()).verify(kText, mac);
    });
}

bool is_to_forget(ApiSecret const& secret, Instant now) {
    return has_come(secret, now) && now - *secret.retires_at >= kRetiredSecretKeptFor;
}

/// The newest numbers are kept, so the highest is never lost.
ForgottenSecret forget(App& app, std::vector<ApiSecret>::iterator secret) {
    ForgottenSecret const left = {.id = secret->id,
                                  .created_at = secret->created_at,
                                  .retired_at = secret->retires_at.value_or(secret->created_at)};
    app.secrets.erase(secret);
    app.forgotten_secrets.push_back(left);
    std::ranges::sort(app.forgotten_secrets, std::greater(), &ForgottenSecret::id);
    if (app.forgotten_secrets.size() > kForgottenSecretsMax) {
        app.forgotten_secrets.pop_back();
    }
    return left;
}

/// Makes room for one more where all places are taken, by what retired the longest ago.
bool make_room(App& app, Instant now) {
    if (app.secrets.size() < kSecretsMax) {
        return true;
    }
    auto oldest = app.secrets.end();
    for (auto at = app.secrets.begin(); at != app.secrets.end(); ++at) {
        if (has_come(*at, now) &&
            (oldest == app.secrets.end() || at->retires_at < oldest->retires_at)) {
            oldest = at;
        }
    }
    if (oldest == app.secrets.end()) {
        return false;
    }
    forget(app, oldest);
    return true;
}

bool another_stays(App const& app, std::int64_t id) {
    return std::ranges::any_of(app.secrets, [id](ApiSecret const& secret) {
        return secret.id != id && !secret.retires_at;
    });
}

App store(Transaction& transaction, App app, Instant now) {
    app.updated_at = now;
    transaction.apps().update(app);
    return app;
}

}  // namespace

SecretState state_of(ApiSecret const& secret, Instant now) {
    if (has_come(secret, now)) {
        return SecretState::Retired;
    }
    return secret.retires_at ? SecretState::Retiring : SecretState::Live;
}

std::string_view name_of(SecretState state) noexcept {
    switch (state) {
        case SecretState::Live: return "live";
        case SecretState::Retiring: return "retiring";
        case SecretState::Retired: return "retired";
    }
    std::unreachable();
}

bool is_retired(App const& app, std::int64_t secret_id, Instant now) {
    auto const found = std::ranges::find(app.secrets, secret_id, &ApiSecret::id);
    return found == app.secrets.end() || has_come(*found, now);
}

std::size_t count_live_secrets(App const& app, Instant now) {
    return static_cast<std::size_t>(std::ranges::count_if(
        app.secrets, [now](ApiSecret const& secret) { return !has_come(secret, now); }));
}

std::optional<Instant> next_retirement(App const& app, Instant now) {
    std::optional<Instant> next;
    for (auto const& secret : app.secrets) {
        if (secret.retires_at && *secret.retires_at > now &&
            (!next || *secret.retires_at < *next)) {
            next = secret.retires_at;
        }
    }
    return next;
}

std::expected<App, SecretError> add_secret(Transaction& transaction, AppId id,
                                           std::optional<Secret> given, Instant now,
                                           RandomSource& random) {
    auto app = transaction.apps().find(id);
    if (!app) {
        return std::unexpected(SecretError::AppUnknown);
    }
    if (given && find_flaw(*given)) {
        return std::unexpected(SecretError::SecretFlawed);
    }
    if (given && has_secret(*app, *given)) {
        return std::unexpected(SecretError::SecretTaken);
    }
    auto const number = next_id(*app);
    if (!make_room(*app, now)) {
        return std::unexpected(SecretError::TooManySecrets);
    }
    auto secret =
        given ? *std::move(given) : Secret(make_random_text(random, kGeneratedSecretCharacters));
    app->secrets.insert(app->secrets.begin(),
                        {.id = number, .secret = std::move(secret), .created_at = now});
    return store(transaction, *std::move(app), now);
}

std::expected<App, SecretError> retire_secret(Transaction& transaction, AppId id,
                                              std::int64_t secret_id, std::optional<Instant> at,
                                              Instant now, DryRun dry_run) {
    auto app = transaction.apps().find(id);
    if (!app) {
        return std::unexpected(SecretError::AppUnknown);
    }
    if (at && now - *at > kRetirementAgoMax) {
        return std::unexpected(SecretError::RetirementInPast);
    }
    auto const date = std::max(at.value_or(now), now);
    auto const secret = find_secret(*app, secret_id);
    if (secret == app->secrets.end() && !was_forgotten(*app, secret_id)) {
        return std::unexpected(SecretError::SecretUnknown);
    }
    if (secret == app->secrets.end() || has_come(*secret, now)) {
        if (date > now) {
            return std::unexpected(SecretError::AlreadyRetired);
        }
        return *std::move(app);
    }
    if (!another_stays(*app, secret_id)) {
        return std::unexpected(SecretError::NoSecretStays);
    }
    if (secret->retires_at == date) {
        return *std::move(app);
    }
    secret->retires_at = date;
    return dry_run == DryRun::Yes ? *std::move(app) : store(transaction, *std::move(app), now);
}

std::expected<App, SecretError> unretire_secret(Transaction& transaction, AppId id,
                                                std::int64_t secret_id, Instant now) {
    auto app = transaction.apps().find(id);
    if (!app) {
        return std::unexpected(SecretError::AppUnknown);
    }
    auto const secret = find_secret(*app, secret_id);
    if (secret == app->secrets.end()) {
        return std::unexpected(was_forgotten(*app, secret_id) ? SecretError::AlreadyRetired
                                                              : SecretError::SecretUnknown);
    }
    if (has_come(*secret, now)) {
        return std::unexpected(SecretError::AlreadyRetired);
    }
    if (!std::exchange(secret->retires_at, std::nullopt)) {
        return *std::move(app);
    }
    return store(transaction, *std::move(app), now);
}

bool has_secrets_to_forget(App const& app, Instant now) {
    return std::ranges::any_of(
        app.secrets, [now](ApiSecret const& secret) { return is_to_forget(secret, now); });
}

std::vector<ForgottenSecret> forget_retired_secrets(Transaction& transaction, AppId id,
                                                    Instant now) {
    std::vector<ForgottenSecret> forgotten;
    auto app = transaction.apps().find(id);
    if (!app) {
        return forgotten;
    }
    auto const next = [&] {
        return std::ranges::find_if(
            app->secrets, [now](ApiSecret const& secret) { return is_to_forget(secret, now); });
    };
    for (auto at = next(); at != app->secrets.end(); at = next()) {
        forgotten.push_back(forget(*app, at));
    }
    if (!forgotten.empty()) {
        transaction.apps().update(*app);
    }
    return forgotten;
}

}  // namespace latchkey::domain
