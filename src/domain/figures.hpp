#pragma once

#include <latchkey/base/instant.hpp>
#include <latchkey/token/error.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

/// What decisions came to since the node started. Each slot of `NodeState` counts for itself, on
/// cache lines of its own and without a locked instruction; whoever reads adds up. Thread-safe, but
/// that one thread at a time uses a slot.
namespace latchkey::domain {

struct Identity;
struct Refusal;

/// The decisions about the callers of one App.
class AppFigures {
public:
    explicit AppFigures(std::size_t slots);

    void count(std::size_t slot, std::expected<Identity, Refusal> const& decision) noexcept;
    /// Takes over what another has counted, in the first slot: for sums, and for what is no more.
    void add(AppFigures const& other) noexcept;

    /// Calls with each kind of caller and how many were let in.
    void visit_accepted(std::function<void(std::string_view kind, std::uint64_t)> const& see) const;
    /// Calls with each rule that decided against somebody, and how often.
    void visit_refused(std::function<void(std::string_view rule, std::uint64_t)> const& see) const;
    /// Users' tokens that were let in and do not say when they were issued: any revocation in force
    /// would end them.
    [[nodiscard]] std::uint64_t tokens_without_iat() const noexcept;
    /// Tokens that counted unsigned, because the App's auth checks are off.
    [[nodiscard]] std::uint64_t developer_tokens() const noexcept;

private:
    static constexpr std::size_t kKinds = 4;
    static constexpr std::size_t kAuthErrors = 7;
    static constexpr std::size_t kTokenErrors =
        static_cast<std::size_t>(token::TokenError::RevokedForApp) + 1;

    static constexpr std::size_t kWithoutIat = 0;
    static constexpr std::size_t kDeveloper = 1;
    static constexpr std::size_t kFirstKind = 2;
    static constexpr std::size_t kFirstAuthError = kFirstKind + kKinds;
    static constexpr std::size_t kFirstTokenError = kFirstAuthError + kAuthErrors;
    static constexpr std::size_t kPlaces = kFirstTokenError + kTokenErrors;

    struct alignas(64) Slot {
        std::array<std::atomic<std::uint64_t>, kPlaces> counts{};
    };
    static std::size_t place_of(Refusal const& refusal) noexcept;
    [[nodiscard]] std::uint64_t sum(std::size_t place) const noexcept;

    std::unique_ptr<Slot[]> slots_;
    std::size_t slot_count_;
};

/// The tokens that one secret made.
class SecretFigures {
public:
    explicit SecretFigures(std::size_t slots);

    void count(std::size_t slot, Instant now) noexcept;

    /// Tokens whose signature it verified, whatever was decided about them.
    [[nodiscard]] std::uint64_t tokens_seen() const noexcept;
    /// When it last saw one. Empty: never.
    [[nodiscard]] std::optional<Instant> last_used_at() const noexcept;

private:
    struct alignas(64) Slot {
        std::atomic<std::uint64_t> seen{0};
        std::atomic<Instant::rep> last_used{0};
    };
    std::unique_ptr<Slot[]> slots_;
    std::size_t slot_count_;
};

}  // namespace latchkey::domain
