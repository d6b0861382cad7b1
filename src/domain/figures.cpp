#include "domain/figures.hpp"

#include "domain/authenticate.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace latchkey::domain {
namespace {

/// Nobody else writes a slot's counts: no locked instruction is needed.
void add_to(std::atomic<std::uint64_t>& counter, std::uint64_t count) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace

AppFigures::AppFigures(std::size_t slots)
    : slots_(std::make_unique<Slot[]>(slots)), slot_count_(slots) {
    static_assert(kKinds == static_cast<std::size_t>(CallerKind::Anonymous) + 1);
    static_assert(kAuthErrors == static_cast<std::size_t>(AuthError::UserDeleted) + 1);
}

std::size_t AppFigures::place_of(Refusal const& refusal) noexcept {
    if (auto const* cause = std::get_if<AuthError>(&refusal.cause)) {
        return kFirstAuthError + std::to_underlying(*cause);
    }
    return kFirstTokenError + std::to_underlying(std::get<token::TokenError>(refusal.cause));
}

void AppFigures::count(std::size_t slot,
                       std::expected<Identity, Refusal> const& decision) noexcept {
    auto& counts = slots_[slot].counts;
    if (!decision) {
        add_to(counts[place_of(decision.error())], 1);
        return;
    }
    add_to(counts[kFirstKind + std::to_underlying(decision->kind)], 1);
    bool const is_user = decision->kind == CallerKind::User || decision->kind == CallerKind::Guest;
    if (decision->developer_token) {
        add_to(counts[kDeveloper], 1);
    } else if (is_user && !decision->issued_at) {
        add_to(counts[kWithoutIat], 1);
    }
}

void AppFigures::add(AppFigures const& other) noexcept {
    for (std::size_t place = 0; place < kPlaces; ++place) {
        add_to(slots_[0].counts[place], other.sum(place));
    }
}

std::uint64_t AppFigures::sum(std::size_t place) const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t slot = 0; slot < slot_count_; ++slot) {
        sum += slots_[slot].counts[place].load(std::memory_order_relaxed);
    }
    return sum;
}

void AppFigures::visit_accepted(
    std::function<void(std::string_view, std::uint64_t)> const& see) const {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        see(kind_name(static_cast<CallerKind>(kind)), sum(kFirstKind + kind));
    }
}

void AppFigures::visit_refused(
    std::function<void(std::string_view, std::uint64_t)> const& see) const {
    for (std::size_t cause = 0; cause < kAuthErrors; ++cause) {
        Refusal const refusal{.cause = static_cast<AuthError>(cause)};
        see(rule_name(refusal), sum(place_of(refusal)));
    }
    for (std::size_t cause = 0; cause < kTokenErrors; ++cause) {
        Refusal const refusal{.cause = static_cast<token::TokenError>(cause)};
        see(rule_name(refusal), sum(place_of(refusal)));
    }
}

std::uint64_t AppFigures::tokens_without_iat() const noexcept { return sum(kWithoutIat); }

std::uint64_t AppFigures::developer_tokens() const noexcept { return sum(kDeveloper); }

SecretFigures::SecretFigures(std::size_t slots)
    : slots_(std::make_unique<Slot[]>(slots)), slot_count_(slots) {}

void SecretFigures::count(std::size_t slot, Instant now) noexcept {
    add_to(slots_[slot].seen, 1);
    slots_[slot].last_used.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

std::uint64_t SecretFigures::tokens_seen() const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t slot = 0; slot < slot_count_; ++slot) {
        sum += slots_[slot].seen.load(std::memory_order_relaxed);
    }
    return sum;
}

std::optional<Instant> SecretFigures::last_used_at() const noexcept {
    std::optional<Instant> latest;
    for (std::size_t slot = 0; slot < slot_count_; ++slot) {
        if (slots_[slot].seen.load(std::memory_order_relaxed) > 0) {
            Instant const used(
                Instant::duration(slots_[slot].last_used.load(std::memory_order_relaxed)));
            latest = std::max(latest, std::optional(used));
        }
    }
    return latest;
}

}  // namespace latchkey::domain
