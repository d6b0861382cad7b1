#include "api/token_provider/token_providers.hpp"

#include "api/errors.hpp"
#include "api/token_provider/oidc_judge.hpp"
#include "api/token_provider/webhook_judge.hpp"
#include "domain/users.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/issue.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

namespace latchkey::api {
namespace {

using wire::ApiError;

std::unique_ptr<ProofJudge> make_judge(TokenProviderSettings const& settings, OutgoingHttp& http,
                                       Clock const& clock, RandomSource& random, EventLog& log) {
    if (std::holds_alternative<OidcSource>(settings.source)) {
        return std::make_unique<OidcJudge>(settings, http, clock, log);
    }
    return std::make_unique<WebhookJudge>(settings, http, clock, random, log);
}

ApiError refusal_of(domain::AuthError cause, ApiKey const& app) {
    return to_api_error(domain::Refusal{cause}, app.text());
}

/// The user as it is, or as it would be if it were new. Fails where it may not sign in.
std::expected<void, ApiError> check_may_sign_in(domain::Transaction& transaction,
                                                domain::App const& app, UserId const& id) {
    auto const found = transaction.users().find(app.id, {&id, 1});
    if (found.empty()) {
        return {};
    }
    if (found.front().deleted_at) {
        return std::unexpected(refusal_of(domain::AuthError::UserDeleted, app.api_key));
    }
    if (found.front().deactivated_at) {
        return std::unexpected(refusal_of(domain::AuthError::UserDeactivated, app.api_key));
    }
    return {};
}

domain::UsersOrFailure store_user(domain::Transaction& transaction, domain::App const& app,
                                  ProvidedUser const& provided,
                                  TokenProviderSettings const& settings, Instant now) {
    std::vector<domain::UserEdit> edits;
    edits.push_back(
        {.id = provided.id, .apply = [&](domain::User& user) -> std::expected<void, std::string> {
             describe_user(provided, app, settings, user);
             return {};
         }});
    return domain::edit_users(transaction, app, edits, domain::IfMissing::Create, now);
}

/// `length`, shortened by up to so many percent, so that those who signed in together do not come
/// for the next token together.
std::chrono::seconds with_jitter(std::chrono::seconds length, unsigned percent,
                                 RandomSource& random) {
    auto const most = static_cast<std::uint64_t>(length.count()) * percent / 100;
    std::array<std::byte, sizeof(std::uint64_t)> bytes{};
    random.fill(bytes);
    std::uint64_t drawn = 0;
    std::memcpy(&drawn, bytes.data(), bytes.size());
    return length - std::chrono::seconds(drawn % (most + 1));
}

Answer answer_with(ProvidedToken const& token, UserId const& id, Instant now) {
    Answer answer{.members = "\"token\":"};
    wire::append_json_string(answer.members, token.text);
    answer.members += ",\"user_id\":";
    wire::append_json_string(answer.members, id.text());
    answer.members += ",\"expires_at\":";
    wire::append_date(answer.members, token.expires_at, wire::Style::Legacy);
    answer.members += ",\"server_time\":";
    wire::append_date(answer.members, now, wire::Style::Legacy);
    return answer;
}

}  // namespace

ApiError proof_refused(std::string message) {
    return {.code = wire::ErrorCode::AuthenticationError,
            .http_status = 401,
            .message = std::move(message)};
}

ApiError judge_failed(std::string message) {
    return {.code = wire::ErrorCode::InternalSystemError,
            .http_status = 502,
            .message = std::move(message)};
}

std::string_view outcome_name(ProviderOutcome outcome) noexcept {
    switch (outcome) {
        case ProviderOutcome::Minted: return "minted";
        case ProviderOutcome::Shared: return "shared";
        case ProviderOutcome::Refused: return "refused";
        case ProviderOutcome::Limited: return "limited";
        case ProviderOutcome::Failed: return "failed";
    }
    std::unreachable();
}

TokenProvider::TokenProvider(TokenProviderSettings settings, OutgoingHttp& http, Clock const& clock,
                             RandomSource& random, EventLog& log)
    : settings_(std::move(settings)),
      http_(http),
      random_(random),
      log_(log),
      judge_(make_judge(settings_, http, clock, random, log)),
      addresses_(settings_.per_address),
      users_(settings_.per_user),
      record_due_at_(clock.now() + kRecordedEvery) {}

std::string_view TokenProvider::type() const noexcept {
    return std::holds_alternative<OidcSource>(settings_.source) ? "oidc" : "webhook";
}

std::span<std::string const> TokenProvider::forwarded_fields() const noexcept {
    auto const* webhook = std::get_if<WebhookSource>(&settings_.source);
    return webhook == nullptr ? std::span<std::string const>() : webhook->forwarded_fields;
}

void TokenProvider::note_refusal(int http_status) noexcept {
    note(http_status == 429   ? ProviderOutcome::Limited
         : http_status >= 500 ? ProviderOutcome::Failed
                              : ProviderOutcome::Refused);
}

void TokenProvider::note_app(bool exists, Instant now) {
    if (exists || now - kAppMissedEvery < app_missed_at_.load()) {
        return;
    }
    app_missed_at_ = now;
    log_.write(LogLevel::Warning, "token_provider.app_unknown",
               {{"provider", settings_.name},
                {"api_key", settings_.app.text()},
                {"hint", "no app has this API key, so nobody gets a token: see `app`"}});
}

ApiError TokenProvider::app_unknown() {
    return judge_failed("the app of this token provider does not exist");
}

StoreWork TokenProvider::mint(ProvidedUser user, Instant now, std::shared_ptr<Instant> issued_at) {
    return [this, user = std::move(user), now,
            issued_at = std::move(issued_at)](domain::Transaction& transaction) {
        return mint_now(transaction, user, now, *issued_at);
    };
}

Result TokenProvider::mint_now(domain::Transaction& transaction, ProvidedUser const& provided,
                               Instant now, Instant& issued_at) {
    auto const app = transaction.apps().find_by_key(settings_.app);
    if (!app) {
        return std::unexpected(app_unknown());
    }
    if (app->suspended) {
        return std::unexpected(refusal_of(domain::AuthError::AppSuspended, settings_.app));
    }
    if (auto allowed = check_may_sign_in(transaction, *app, provided.id); !allowed) {
        return std::unexpected(std::move(allowed).error());
    }
    auto stored = store_user(transaction, *app, provided, settings_, now);
    if (!stored && stored.error().cause == domain::EditFailure::Cause::NameTaken) {
        // Two people of one name are no reason to keep either out.
        auto nameless = provided;
        nameless.name.reset();
        stored = store_user(transaction, *app, nameless, settings_, now);
    }
    if (!stored) {
        return std::unexpected(to_api_error(stored.error()));
    }
    auto const revoked = std::max(app->revoke_tokens_issued_before,
                                  stored->users.front().revoke_tokens_issued_before);
    auto const chosen = token::choose_issued_at(now, revoked);
    if (!chosen) {
        return std::unexpected(
            proof_refused("the user's tokens are revoked up to an instant that lies ahead"));
    }
    auto const lifetime = provided.lifetime.value_or(settings_.lifetime);
    TokenWindow::Wish const wish{.user_id = provided.id,
                                 .secret_id = app->signing_secret().id,
                                 .lifetime = lifetime,
                                 .revoked_before = revoked};
    ProvidedToken token;
    if (auto const* recent = window_.find(wish, now)) {
        token = *recent;
        note(ProviderOutcome::Shared);
    } else {
        token = make_token(*app, provided.id, lifetime, *chosen, now);
        window_.keep(wish, token, now);
        note(ProviderOutcome::Minted);
    }
    keep_record(transaction, now);
    issued_at = token.issued_at;
    bool const is_held_back = issued_at > now && issued_at - now <= kHeldBackMax;
    auto answer = answer_with(token, provided.id, is_held_back ? issued_at : now);
    answer.events = events_about(std::move(stored->users), stored->changed,
                                 wire::UserEventType::Updated, app->id, now);
    return answer;
}

void TokenProvider::keep_record(domain::Transaction& transaction, Instant now) {
    if (!recorded_at_ || now >= *recorded_at_ + kRecordedEvery) {
        (void)write_record(transaction, now);  // of this token at least
    }
}

bool TokenProvider::take_due_record(Instant now) noexcept {
    if (now < record_due_at_.load()) {
        return false;
    }
    record_due_at_ = now + kRecordedEvery;
    return true;
}

domain::Job TokenProvider::record_job(Instant now) {
    return [this, now](domain::Transaction& transaction) {
        return write_record(transaction, now) ? domain::Outcome::Commit : domain::Outcome::Rollback;
    };
}

bool TokenProvider::write_record(domain::Transaction& transaction, Instant now) {
    domain::AuditRecord record{.at = now,
                               .actor_kind = domain::ActorKind::TokenProvider,
                               .actor = settings_.name,
                               .action = "provider.minted",
                               .app = settings_.app.text()};
    bool counted = false;
    for (auto const outcome : kProviderOutcomes) {
        auto& recorded = recorded_.at(static_cast<std::size_t>(outcome));
        auto const before = std::exchange(recorded, count(outcome));
        record.after[outcome_name(outcome)] = recorded - before;
        counted = counted || recorded != before;
    }
    if (counted) {
        transaction.audit().append(record);
        recorded_at_ = now;
        record_due_at_ = now + kRecordedEvery;
    }
    return counted;
}

ProvidedToken TokenProvider::make_token(domain::App const& app, UserId const& id,
                                        std::chrono::seconds lifetime, Instant issued_at,
                                        Instant now) {
    Instant const expires_at = std::chrono::floor<std::chrono::seconds>(
        std::max(now, issued_at) + with_jitter(lifetime, settings_.jitter_percent, random_));
    return {.text = token::issue_user_token(
                {.user_id = id, .issued_at = issued_at, .expires_at = expires_at},
                token::HmacKey(app.signing_secret().secret.reveal())),
            .issued_at = issued_at,
            .expires_at = expires_at};
}

TokenProviders::TokenProviders(std::vector<TokenProviderSettings> settings, OutgoingHttp& http,
                               Clock const& clock, RandomSource& random, EventLog& log) {
    for (auto& each : settings) {
        providers_.push_back(
            std::make_unique<TokenProvider>(std::move(each), http, clock, random, log));
    }
}

TokenProvider* TokenProviders::find(std::string_view name) const noexcept {
    auto const found = std::ranges::find_if(
        providers_, [name](auto const& provider) { return provider->settings().name == name; });
    return found == providers_.end() ? nullptr : found->get();
}

void TokenProviders::keep_due_records(domain::StoreQueue& store, Instant now) const {
    for (auto const& provider : providers_) {
        if (provider->take_due_record(now)) {
            store.submit(provider->record_job(now), [](domain::WorkResult) {});
        }
    }
}

void TokenProviders::keep_records(domain::StoreQueue& store, Instant now) const {
    for (auto const& provider : providers_) {
        store.submit(provider->record_job(now), [](domain::WorkResult) {});
    }
}

}  // namespace latchkey::api
