#include "server/first_app.hpp"

#include "domain/apps.hpp"

#include <latchkey/token/hmac_key.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace latchkey::server {
namespace {

/// Two secrets are compared by what they sign, in constant time.
bool is_secret_of(domain::App const& app, Secret const& secret) {
    constexpr std::string_view kText = "latchkey first app";
    auto const mac = token::HmacKey(secret.reveal()).mac(kText);
    return std::ranges::any_of(app.secrets, [&](domain::ApiSecret const& one) {
        return token::HmacKey(one.secret.reveal()).verify(kText, mac);
    });
}

std::string describe(domain::AppError error) {
    switch (error) {
        case domain::AppError::KeyTaken: return "LATCHKEY_API_KEY is taken";
        case domain::AppError::NameInvalid: return "the name of the first app is no name";
        case domain::AppError::SecretFlawed:
            return "LATCHKEY_API_SECRET cannot guard an app: it has to be 32 to 1024 bytes long, "
                   "not "
                   "plain, and not one that stands in public code; `openssl rand -hex 32` makes "
                   "one";
    }
    std::unreachable();
}

std::expected<FirstApp, std::string> ensure(domain::Transaction& transaction,
                                            Settings const& settings, Instant now,
                                            RandomSource& random) {
    using Origin = FirstApp::Origin;
    if (settings.api_key) {
        if (auto app = transaction.apps().find_by_key(*settings.api_key)) {
            if (!settings.api_secret || !is_secret_of(*app, *settings.api_secret)) {
                return std::unexpected(
                    "the app " + settings.api_key->text() +
                    " exists in this store with another secret than LATCHKEY_API_SECRET: give that "
                    "one, or another key");
            }
            return FirstApp{.origin = Origin::Existed, .app = std::move(app)};
        }
    } else if (!transaction.apps().all().empty()) {
        return FirstApp{.origin = Origin::Existed, .app = std::nullopt};
    }
    domain::NewApp content{
        .name = "My app", .mode = settings.app_mode, .api_key = settings.api_key};
    if (settings.api_secret) {
        content.api_secret.emplace(settings.api_secret->clone());
    }
    auto app = domain::create_app(transaction, std::move(content), now, random);
    if (!app) {
        return std::unexpected(describe(app.error()));
    }
    return FirstApp{.origin = settings.api_key ? Origin::Given : Origin::Generated,
                    .app = *std::move(app)};
}

}  // namespace

std::expected<FirstApp, std::string> ensure_first_app(domain::Store& store,
                                                      Settings const& settings, Instant now,
                                                      RandomSource& random) {
    std::expected<FirstApp, std::string> result = std::unexpected("the store did not answer");
    std::array<domain::Job, 1> jobs = {[&](domain::Transaction& transaction) {
        result = ensure(transaction, settings, now, random);
        return result ? domain::Outcome::Commit : domain::Outcome::Rollback;
    }};
    auto const committed = store.commit(jobs);
    if (committed.jobs.front() == domain::JobResult::Failed) {
        return std::unexpected("the first app could not be stored");
    }
    return result;
}

void take_back(domain::Store& store, FirstApp const& first) {
    if (first.origin != FirstApp::Origin::Generated) {
        return;
    }
    std::array<domain::Job, 1> jobs = {[&](domain::Transaction& transaction) {
        transaction.apps().remove(first.app->id);
        return domain::Outcome::Commit;
    }};
    (void)store.commit(jobs);
}

}  // namespace latchkey::server
