#pragma once

#include "domain/authenticate.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/event_log.hpp>
#include <latchkey/base/ids.hpp>
#include <latchkey/token/error.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

namespace latchkey::api {

/// What the decisions of a node came to since it started. Each loop counts for itself, so that
/// counting costs no shared cache line; whoever reads adds up. Thread-safe.
class DecisionCounts {
public:
    explicit DecisionCounts(std::size_t loops);

    /// `loop` is below the number given to the constructor; one thread at a time uses it.
    void count(std::size_t loop,
               std::expected<domain::Identity, domain::Refusal> const& decision) noexcept;

    /// Calls with each kind of caller and how many were let in.
    void visit_accepted(std::function<void(std::string_view kind, std::uint64_t)> const& see) const;
    /// Calls with each rule that decided against somebody, and how often.
    void visit_refused(std::function<void(std::string_view rule, std::uint64_t)> const& see) const;

private:
    static constexpr std::size_t kKinds =
        static_cast<std::size_t>(domain::CallerKind::Anonymous) + 1;
    static constexpr std::size_t kAuthErrors =
        static_cast<std::size_t>(domain::AuthError::UserDeleted) + 1;
    static constexpr std::size_t kTokenErrors =
        static_cast<std::size_t>(token::TokenError::RevokedForApp) + 1;

    /// Kinds let in, then causes of refusal: those beside the token, then the token's.
    struct alignas(64) Loop {
        std::array<std::atomic<std::uint64_t>, kKinds + kAuthErrors + kTokenErrors> counts{};
    };
    static std::size_t place_of(domain::Refusal const& refusal) noexcept;
    [[nodiscard]] std::uint64_t sum(std::size_t place) const noexcept;

    std::unique_ptr<Loop[]> loops_;
    std::size_t loop_count_;
};

/// How often tokens counted unsigned, by App, because its auth checks are off. Said in the log once
/// a minute for each App at most: it is fit for development only, and must not be forgotten.
/// Thread-safe; apps in production mode never come here.
class DeveloperTokenUses {
public:
    static constexpr std::chrono::minutes kLoggedEvery{1};

    /// Both outlive this object.
    DeveloperTokenUses(Clock const& clock, EventLog& log) : clock_(clock), log_(log) {}

    void note(domain::App const& app);

    void visit(std::function<void(ApiKey const& key, std::uint64_t uses)> const& see) const;

private:
    struct Uses {
        ApiKey key;
        std::uint64_t total = 0;
        std::uint64_t unlogged = 0;
        std::optional<std::chrono::steady_clock::time_point> logged_at{};
    };

    Clock const& clock_;
    EventLog& log_;
    mutable std::mutex mutex_;
    std::map<AppId, Uses> apps_;
};

}  // namespace latchkey::api
