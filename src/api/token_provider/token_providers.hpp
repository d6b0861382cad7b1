#pragma once

#include "api/endpoint.hpp"
#include "api/outgoing_http.hpp"
#include "api/token_provider/minute_counter.hpp"
#include "api/token_provider/proof.hpp"
#include "api/token_provider/settings.hpp"
#include "api/token_provider/token_window.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/event_log.hpp>
#include <latchkey/base/random_source.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::api {

/// What requests for tokens came to.
enum class ProviderOutcome : std::uint8_t {
    Minted,
    Shared,   ///< got the token that the same user got a moment ago
    Refused,  ///< the proof, or the user that it stands for
    Limited,  ///< too many requests
    Failed,   ///< who judges proofs, or the store, could not be asked
};
inline constexpr std::array kProviderOutcomes = {ProviderOutcome::Minted, ProviderOutcome::Shared,
                                                 ProviderOutcome::Refused, ProviderOutcome::Limited,
                                                 ProviderOutcome::Failed};
[[nodiscard]] std::string_view outcome_name(ProviderOutcome outcome) noexcept;

/// One `/token/NAME`, for all loops.
class TokenProvider {
public:
    TokenProvider(TokenProviderSettings settings, OutgoingHttp& http, Clock const& clock,
                  RandomSource& random, EventLog& log);
    TokenProvider(TokenProvider const&) = delete;
    TokenProvider& operator=(TokenProvider const&) = delete;

    [[nodiscard]] TokenProviderSettings const& settings() const noexcept { return settings_; }
    [[nodiscard]] std::string_view type() const noexcept;
    [[nodiscard]] std::span<std::string const> forwarded_fields() const noexcept;
    [[nodiscard]] ProofJudge& judge() noexcept { return *judge_; }
    [[nodiscard]] MinuteCounter& addresses() noexcept { return addresses_; }
    [[nodiscard]] MinuteCounter& users() noexcept { return users_; }

    /// The rest of the work: stores what the proof says of the user, and makes its token. 401 where
    /// the user is deactivated or deleted, or revoked up to an instant ahead; 403 where the App is
    /// suspended. This object and `random` outlive the work.
    [[nodiscard]] StoreWork mint(ProvidedUser user, Instant now);

    static constexpr std::chrono::hours kRecordedEvery{1};  ///< in the audit log

    void note(ProviderOutcome outcome) noexcept { ++counts_.at(static_cast<std::size_t>(outcome)); }
    /// What an answer of this status came to, unless it was a token, which `mint` counts.
    void note_refusal(int http_status) noexcept;
    [[nodiscard]] std::uint64_t count(ProviderOutcome outcome) const noexcept {
        return counts_.at(static_cast<std::size_t>(outcome));
    }

private:
    [[nodiscard]] Result mint_now(domain::Transaction& transaction, ProvidedUser const& provided,
                                  Instant now);
    /// A line of the audit log, an hour behind the last at the soonest: each token would be a log
    /// of who uses the App, and not of what was changed.
    void keep_record(domain::Transaction& transaction, Instant now);
    [[nodiscard]] ProvidedToken make_token(domain::App const& app, UserId const& id,
                                           std::chrono::seconds lifetime,
                                           std::optional<Instant> revoked_before, Instant now);

    TokenProviderSettings const settings_;
    RandomSource& random_;
    std::unique_ptr<ProofJudge> judge_;
    MinuteCounter addresses_;
    MinuteCounter users_;
    std::array<std::atomic<std::uint64_t>, kProviderOutcomes.size()> counts_{};

    // On the store's thread.
    TokenWindow window_;
    std::optional<Instant> recorded_at_;
    std::array<std::uint64_t, kProviderOutcomes.size()> recorded_{};  ///< `counts_` as they were
};

/// All of a node. Immutable but for what each counts.
class TokenProviders {
public:
    TokenProviders() = default;
    /// All but the first outlive this object.
    TokenProviders(std::vector<TokenProviderSettings> settings, OutgoingHttp& http,
                   Clock const& clock, RandomSource& random, EventLog& log);

    /// Null: there is none of this name.
    [[nodiscard]] TokenProvider* find(std::string_view name) const noexcept;
    [[nodiscard]] std::span<std::unique_ptr<TokenProvider> const> all() const noexcept {
        return providers_;
    }

private:
    std::vector<std::unique_ptr<TokenProvider>> providers_;
};

}  // namespace latchkey::api
