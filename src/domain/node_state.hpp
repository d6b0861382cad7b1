#pragma once

#include "domain/app.hpp"
#include "domain/change.hpp"
#include "domain/grants.hpp"
#include "domain/store.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace latchkey::domain {

class AppFigures;
class SecretFigures;
class StandingTable;
struct Identity;
struct Refusal;

/// An App as deciding needs it: its settings, prepared keys, what roles may do, and the users who
/// are exceptions.
struct AppState {
    AppSnapshot app;
    GrantTable grants;
    std::vector<token::HmacKey> keys;  ///< of the live secrets, newest first
    std::unique_ptr<StandingTable> standings;
    std::unique_ptr<AppFigures> figures;
    std::vector<std::shared_ptr<SecretFigures>> secret_figures;  ///< as `keys`

    /// Counts a decision about a caller of this App. `slot` is the one that the state is read by.
    void count(std::size_t slot, std::expected<Identity, Refusal> const& decision,
               Instant now) const noexcept;

    /// Empty: an ordinary user, or one never heard of.
    [[nodiscard]] std::optional<UserStanding> find_standing(std::string_view user_id) const;
};

/// The state that every decision reads, in memory. Follows the store's log: a snapshot, then each
/// change in order, also where the writer is this very node.
///
/// Readers are threads, each with a slot of its own. A read takes the slot's lock, which nobody
/// else wants but a writer, who takes all of them: reading costs no shared cache line, there is one
/// copy of the state, and when `apply` returns, every reader sees the change.
class NodeState {
public:
    /// `slots`: how many threads may read at a time. `random` keys the user tables, so that nobody
    /// outside can make ids that collide; it is used here and in `apply` only.
    NodeState(std::size_t slots, RandomSource& random);
    ~NodeState();
    NodeState(NodeState const&) = delete;
    NodeState& operator=(NodeState const&) = delete;

    /// Sees one consistent state for as long as it lives; keep it for a decision, not across a
    /// wait.
    class Reader {
    public:
        /// Null: no such App. The pointer lives as long as this reader.
        [[nodiscard]] AppState const* find_app(std::string_view api_key) const;
        [[nodiscard]] AppState const* find_app(AppId id) const;
        /// Calls with every App, in no order.
        void visit_apps(std::function<void(AppState const&)> const& see) const;
        /// Decisions about callers who named no App of ours, and those about Apps that are no more.
        [[nodiscard]] AppFigures& other_figures() const;

    private:
        friend class NodeState;
        Reader(NodeState const& state, std::mutex& slot);
        NodeState const* state_;
        std::unique_lock<std::mutex> lock_;
    };

    /// `slot` is below the number given to the constructor; one thread at a time uses it.
    [[nodiscard]] Reader read(std::size_t slot) const;

    /// Replaces everything by what `store` holds. Before the first read.
    void load(Store& store);

    /// Applies changes in order; those already applied are passed over.
    /// @throws std::logic_error where a number is missing in between: load a snapshot.
    void apply(std::span<Change const> changes);

    /// The last change applied. Thread-safe.
    [[nodiscard]] Sequence applied() const noexcept { return applied_.load(); }

private:
    struct Tables;
    class Loader;
    struct alignas(64) Slot {  // a cache line each, or readers would share one after all
        std::mutex mutex;
    };

    RandomSource& random_;
    std::unique_ptr<Slot[]> slots_;
    std::size_t slot_count_;
    std::unique_ptr<Tables> tables_;
    std::atomic<Sequence> applied_{0};
    std::unique_ptr<AppFigures> other_figures_;
};

}  // namespace latchkey::domain
