#include "api/decision_counts.hpp"

#include <utility>
#include <variant>

namespace latchkey::api {

DecisionCounts::DecisionCounts(std::size_t loops)
    : loops_(std::make_unique<Loop[]>(loops)), loop_count_(loops) {}

std::size_t DecisionCounts::place_of(domain::Refusal const& refusal) noexcept {
    if (auto const* cause = std::get_if<domain::AuthError>(&refusal.cause)) {
        return kKinds + std::to_underlying(*cause);
    }
    return kKinds + kAuthErrors + std::to_underlying(std::get<token::TokenError>(refusal.cause));
}

void DecisionCounts::count(
    std::size_t loop, std::expected<domain::Identity, domain::Refusal> const& decision) noexcept {
    auto const place = decision ? static_cast<std::size_t>(std::to_underlying(decision->kind))
                                : place_of(decision.error());
    // Nobody else writes this loop's counts: no locked instruction is needed.
    auto& counter = loops_[loop].counts[place];
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

std::uint64_t DecisionCounts::sum(std::size_t place) const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t loop = 0; loop < loop_count_; ++loop) {
        sum += loops_[loop].counts[place].load(std::memory_order_relaxed);
    }
    return sum;
}

void DecisionCounts::visit_accepted(
    std::function<void(std::string_view, std::uint64_t)> const& see) const {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        see(domain::kind_name(static_cast<domain::CallerKind>(kind)), sum(kind));
    }
}

void DecisionCounts::visit_refused(
    std::function<void(std::string_view, std::uint64_t)> const& see) const {
    for (std::size_t cause = 0; cause < kAuthErrors; ++cause) {
        domain::Refusal const refusal{static_cast<domain::AuthError>(cause)};
        see(domain::rule_name(refusal), sum(place_of(refusal)));
    }
    for (std::size_t cause = 0; cause < kTokenErrors; ++cause) {
        domain::Refusal const refusal{static_cast<token::TokenError>(cause)};
        see(domain::rule_name(refusal), sum(place_of(refusal)));
    }
}

void DeveloperTokenUses::note(domain::App const& app) {
    auto const now = clock_.monotonic();
    std::scoped_lock const lock(mutex_);
    auto& uses = apps_.try_emplace(app.id, Uses{.key = app.api_key}).first->second;
    ++uses.total;
    ++uses.unlogged;
    if (uses.logged_at && now - *uses.logged_at < kLoggedEvery) {
        return;
    }
    log_.write(LogLevel::Warning, "auth.developer_tokens_used",
               {{"api_key", app.api_key.text()},
                {"uses", std::exchange(uses.unlogged, 0)},
                {"hint",
                 "auth checks are off: anybody can be anybody in this app; switch them on, "
                 "or the app to production, before it has users"}});
    uses.logged_at = now;
}

void DeveloperTokenUses::visit(std::function<void(ApiKey const&, std::uint64_t)> const& see) const {
    std::scoped_lock const lock(mutex_);
    for (auto const& [id, uses] : apps_) {
        see(uses.key, uses.total);
    }
}

}  // namespace latchkey::api
