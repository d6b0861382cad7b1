#include "domain/node_state.hpp"

#include "domain/authenticate.hpp"
#include "domain/figures.hpp"
#include "domain/standing_table.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace latchkey::domain {
namespace {

/// Lets a map of strings be searched by a view, without a copy.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};

std::vector<token::HmacKey> prepare_keys(App const& app) {
    std::vector<token::HmacKey> keys;
    keys.reserve(app.secrets.size());
    for (auto const& secret : app.secrets) {
        keys.emplace_back(secret.secret.reveal());
    }
    return keys;
}

}  // namespace

struct NodeState::Tables {
    explicit Tables(std::size_t slot_count) : slots(slot_count) {}

    std::size_t slots;
    boost::unordered_flat_map<std::int64_t, std::unique_ptr<AppState>> apps;
    boost::unordered_flat_map<std::string, AppState*, TextHash, std::equal_to<>> by_key;

    /// A new App, or another state of one: its users' standings and its figures stay.
    void put(AppSnapshot app, RandomSource& random) {
        auto& slot = apps[std::to_underlying(app->id)];
        if (!slot) {
            slot = std::make_unique<AppState>();
            slot->standings = std::make_unique<StandingTable>(random);
            slot->figures = std::make_unique<AppFigures>(slots);
            by_key[app->api_key.text()] = slot.get();
        }
        slot->secret_figures = figures_of_secrets(*slot, *app);
        slot->keys = prepare_keys(*app);
        slot->grants = GrantTable(*app);
        slot->app = std::move(app);
    }
    /// In the order of `app`'s secrets; those that `before` has too go on counting.
    [[nodiscard]] std::vector<std::shared_ptr<SecretFigures>> figures_of_secrets(
        AppState const& before, App const& app) const {
        std::vector<std::shared_ptr<SecretFigures>> figures;
        for (auto const& secret : app.secrets) {
            std::shared_ptr<SecretFigures> kept;
            for (std::size_t i = 0; i < before.secret_figures.size(); ++i) {
                if (before.app->secrets[i].id == secret.id) {
                    kept = before.secret_figures[i];
                }
            }
            figures.push_back(kept ? std::move(kept) : std::make_shared<SecretFigures>(slots));
        }
        return figures;
    }
    /// What was counted goes to `rest`, or the node's sums would fall.
    void remove(AppId id, AppFigures& rest) {
        if (auto const found = apps.find(std::to_underlying(id)); found != apps.end()) {
            rest.add(*found->second->figures);
            by_key.erase(found->second->app->api_key.text());
            apps.erase(found);
        }
    }
    [[nodiscard]] AppState* find(AppId id) const {
        auto const found = apps.find(std::to_underlying(id));
        return found == apps.end() ? nullptr : found->second.get();
    }
    void set_standing(AppId id, std::string_view user_id, UserStanding const& standing) {
        if (auto* app = find(id)) {  // else: the log goes on to say that the App is removed
            app->standings->set(user_id, standing);
        }
    }
};

class NodeState::Loader final : public SnapshotReader {
public:
    Loader(Tables& tables, RandomSource& random) : tables_(tables), random_(random) {}
    void on_app(App app) override {
        tables_.put(std::make_shared<App const>(std::move(app)), random_);
    }
    void on_user(AppId app, std::string const& user_id, UserStanding const& standing) override {
        tables_.set_standing(app, user_id, standing);
    }

private:
    Tables& tables_;
    RandomSource& random_;
};

std::optional<UserStanding> AppState::find_standing(std::string_view user_id) const {
    return standings->find(user_id);
}

void AppState::count(std::size_t slot, std::expected<Identity, Refusal> const& decision,
                     Instant now) const noexcept {
    figures->count(slot, decision);
    auto const key_index = decision ? decision->key_index : decision.error().key_index;
    if (key_index) {
        secret_figures[*key_index]->count(slot, now);
    }
}

NodeState::NodeState(std::size_t slots, RandomSource& random)
    : random_(random),
      slots_(std::make_unique<Slot[]>(slots)),
      slot_count_(slots),
      tables_(std::make_unique<Tables>(slots)),
      other_figures_(std::make_unique<AppFigures>(slots)) {}

NodeState::~NodeState() = default;

NodeState::Reader::Reader(NodeState const& state, std::mutex& slot) : state_(&state), lock_(slot) {}

NodeState::Reader NodeState::read(std::size_t slot) const {
    if (slot >= slot_count_) {
        throw std::out_of_range("a slot that NodeState does not have");
    }
    return {*this, slots_[slot].mutex};
}

AppState const* NodeState::Reader::find_app(std::string_view api_key) const {
    auto const& by_key = state_->tables_->by_key;
    auto const found = by_key.find(api_key);
    return found == by_key.end() ? nullptr : found->second;
}

AppState const* NodeState::Reader::find_app(AppId id) const { return state_->tables_->find(id); }

void NodeState::Reader::visit_apps(std::function<void(AppState const&)> const& see) const {
    for (auto const& entry : state_->tables_->apps) {
        see(*entry.second);
    }
}

AppFigures& NodeState::Reader::other_figures() const { return *state_->other_figures_; }

void NodeState::load(Store& store) {
    auto tables = std::make_unique<Tables>(slot_count_);
    Loader loader(*tables, random_);
    auto const sequence = store.load(loader);
    tables_ = std::move(tables);
    applied_ = sequence;
}

void NodeState::apply(std::span<Change const> changes) {
    // Every reader is kept out, one after the other in the order of slots; readers hold theirs for
    // a decision, which is under a microsecond.
    std::vector<std::unique_lock<std::mutex>> locks;
    locks.reserve(slot_count_);
    for (std::size_t i = 0; i < slot_count_; ++i) {
        locks.emplace_back(slots_[i].mutex);
    }
    for (auto const& change : changes) {
        auto const applied = applied_.load();
        if (change.sequence <= applied) {
            continue;
        }
        if (change.sequence != applied + 1) {
            throw std::logic_error("the change log has a gap behind " + std::to_string(applied));
        }
        if (auto const* app = std::get_if<AppChanged>(&change.what)) {
            tables_->put(app->app, random_);
        } else if (auto const* removed = std::get_if<AppRemoved>(&change.what)) {
            tables_->remove(removed->app_id, *other_figures_);
        } else if (auto const* user = std::get_if<UserStandingChanged>(&change.what)) {
            tables_->set_standing(user->app_id, user->user_id, user->standing);
        }
        applied_ = change.sequence;
    }
}

}  // namespace latchkey::domain
