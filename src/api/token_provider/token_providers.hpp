#pragma once

#include "api/endpoint.hpp"
#include "api/outgoing_http.hpp"
#include "api/token_provider/minute_counter.hpp"
#include "api/token_provider/proof.hpp"
#include "api/token_provider/settings.hpp"
#include "api/token_provider/token_window.hpp"
#include "domain/store_queue.hpp"

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
    Failed,   ///< who judges proofs, or the store, could not be asked, or there is no such App
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
    [[nodiscard]] OutgoingHttp& http() noexcept { return http_; }
    [[nodiscard]] MinuteCounter& addresses() noexcept { return addresses_; }
    [[nodiscard]] MinuteCounter& users() noexcept { return users_; }

    /// Whoever has a token before its `iat` has come has one that a revocation of that moment does
    /// not cover: up to so long it is held back.
    static constexpr std::chrono::seconds kHeldBackMax{1};

    /// The rest of the work: stores what the proof says of the user, and makes its token, whose
    /// `iat` is in `issued_at` behind the work. 401 where the user is deactivated or deleted, or
    /// revoked up to an instant ahead; 403 where the App is suspended, 502 where there is none.
    /// This object and `random` outlive the work.
    [[nodiscard]] StoreWork mint(ProvidedUser user, Instant now,
                                 std::shared_ptr<Instant> issued_at);

    static constexpr std::chrono::hours kAppMissedEvery{1};  ///< in the log

    /// Whether the App is there, as somebody who looked found it. The log is told where it is not,
    /// an hour behind the last time at the soonest.
    void note_app(bool exists, Instant now);
    /// 502/-1.
    [[nodiscard]] static wire::ApiError app_unknown();

    static constexpr std::chrono::hours kRecordedEvery{1};  ///< in the audit log

    void note(ProviderOutcome outcome) noexcept { ++counts_.at(static_cast<std::size_t>(outcome)); }
    /// What an answer of this status came to, unless it was a token, which `mint` counts.
    void note_refusal(int http_status) noexcept;
    [[nodiscard]] std::uint64_t count(ProviderOutcome outcome) const noexcept {
        return counts_.at(static_cast<std::size_t>(outcome));
    }

    /// Whether an hour has passed since the last line in the audit log; says so once.
    [[nodiscard]] bool take_due_record(Instant now) noexcept;
    /// Writes a line of what was counted since the last one, where that is anything.
    [[nodiscard]] domain::Job record_job(Instant now);

private:
    [[nodiscard]] Result mint_now(domain::Transaction& transaction, ProvidedUser const& provided,
                                  Instant now, Instant& issued_at);
    /// A line of the audit log, an hour behind the last at the soonest: each token would be a log
    /// of who uses the App, and not of what was changed.
    void keep_record(domain::Transaction& transaction, Instant now);
    /// False: nothing was counted since the last one.
    bool write_record(domain::Transaction& transaction, Instant now);
    [[nodiscard]] ProvidedToken make_token(domain::App const& app, UserId const& id,
                                           std::chrono::seconds lifetime, Instant issued_at,
                                           Instant now);

    TokenProviderSettings const settings_;
    OutgoingHttp& http_;
    RandomSource& random_;
    EventLog& log_;
    std::unique_ptr<ProofJudge> judge_;
    MinuteCounter addresses_;
    MinuteCounter users_;
    std::array<std::atomic<std::uint64_t>, kProviderOutcomes.size()> counts_{};
    std::atomic<Instant> app_missed_at_{Instant::min()};  ///< as the log was told last
    std::atomic<Instant> record_due_at_;                  ///< where no token is made until then

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

    /// Writes what is outstanding into the audit log: of those whose hour is over.
    void keep_due_records(domain::StoreQueue& store, Instant now) const;
    /// The same of all: the node stops.
    void keep_records(domain::StoreQueue& store, Instant now) const;

private:
    std::vector<std::unique_ptr<TokenProvider>> providers_;
};

}  // namespace latchkey::api
