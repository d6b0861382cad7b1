#include "api/token_provider/token_providers.hpp"

#include "api/errors.hpp"
#include "api/token_provider/oidc_judge.hpp"
#include "api/token_provider/webhook_judge.hpp"
#include "domain/users.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/issue.hpp>
#include <latchkey/token/validity.hpp>

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
      random_(random),
      judge_(make_judge(settings_, http, clock, random, log)),
      addresses_(settings_.per_address),
      users_(settings_.per_user) {}

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

StoreWork TokenProvider::mint(ProvidedUser user, Instant now) {
    return [this, user = std::move(user), now](domain::Transaction& transaction) {
        return mint_now(transaction, user, now);
    };
}

Result TokenProvider::mint_now(domain::Transaction& transaction, ProvidedUser const& provided,
                               Instant now) {
    auto const app = transaction.apps().find_by_key(settings_.app);
    if (!app) {
        return std::unexpected(refusal_of(domain::AuthError::ApiKeyUnknown, settings_.app));
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
    if (token::choose_issued_at(now, revoked) > now + token::kClockSkewMax) {
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
        token = make_token(*app, provided.id, lifetime, revoked, now);
        window_.keep(wish, token, now);
        note(ProviderOutcome::Minted);
    }
    keep_record(transaction, now);
    auto answer = answer_with(token, provided.id, now);
    answer.events = events_about(std::move(stored->users), stored->changed,
                                 wire::UserEventType::Updated, app->id, now);
    return answer;
}

void TokenProvider::keep_record(domain::Transaction& transaction, Instant now) {
    if (recorded_at_ && now < *recorded_at_ + kRecordedEvery) {
        return;
    }
    domain::AuditRecord record{.at = now,
                               .actor_kind = domain::ActorKind::TokenProvider,
                               .actor = settings_.name,
                               .action = "provider.minted",
                               .app = settings_.app.text()};
    for (auto const outcome : kProviderOutcomes) {
        auto& recorded = recorded_.at(static_cast<std::size_t>(outcome));
        auto const before = std::exchange(recorded, count(outcome));
        record.after[outcome_name(outcome)] = recorded - before;
    }
    transaction.audit().append(record);
    recorded_at_ = now;
}

ProvidedToken TokenProvider::make_token(domain::App const& app, UserId const& id,
                                        std::chrono::seconds lifetime,
                                        std::optional<Instant> revoked_before, Instant now) {
    auto const issued_at = token::choose_issued_at(now, revoked_before);
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

}  // namespace latchkey::api
