#include "storage/memory/memory_store.hpp"

#include "domain/user_filter.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <tuple>
#include <variant>

namespace latchkey::storage {

using domain::App;
using domain::AppSnapshot;
using domain::Change;
using domain::User;

/// What one commit sees. Each write leaves its undoing behind, to be called last first.
class MemoryStore::Tables final : public domain::Transaction,
                                  public domain::AppStore,
                                  public domain::UserStore,
                                  public domain::RevocationOrigins {
public:
    Tables(MemoryStore& store, std::vector<Change>& changes, std::vector<Undo>& undo)
        : store_(store),
          changes_(changes),
          undo_(undo),
          accounts_(store.accounts_, undo),
          audit_(store.audit_, store.audit_chain_, undo) {}

    [[nodiscard]] domain::AppStore& apps() override { return *this; }
    [[nodiscard]] domain::UserStore& users() override { return *this; }
    [[nodiscard]] domain::RevocationOrigins& revocation_origins() override { return *this; }
    [[nodiscard]] domain::AccountStore& accounts() override { return accounts_; }
    [[nodiscard]] domain::AuditLog& audit() override { return audit_; }
    [[nodiscard]] std::optional<std::string> find_damage() override { return std::nullopt; }

    [[nodiscard]] std::vector<App> all() override {
        std::vector<App> apps;
        for (auto const& app : store_.apps_ | std::views::values) {
            apps.push_back(app->clone());
        }
        return apps;
    }

    [[nodiscard]] std::optional<App> find(AppId id) override {
        auto const found = store_.apps_.find(id);
        return found == store_.apps_.end() ? std::nullopt : std::optional(found->second->clone());
    }

    [[nodiscard]] std::optional<App> find_by_key(ApiKey const& key) override {
        for (auto const& app : store_.apps_ | std::views::values) {
            if (app->api_key == key) {
                return app->clone();
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<AppId> insert(App const& app) override {
        if (find_by_key(app.api_key)) {
            return std::nullopt;
        }
        auto stored = app.clone();
        stored.id = AppId(static_cast<std::int64_t>(store_.last_app_id_) + 1);
        undo_.emplace_back([this, before = store_.last_app_id_] { store_.last_app_id_ = before; });
        store_.last_app_id_ = stored.id;
        return put_app(std::move(stored))->id;
    }

    void update(App const& app) override {
        auto stored = app.clone();
        stored.api_key = existing(app.id)->api_key;
        put_app(std::move(stored));
    }

    void remove(AppId id) override {
        auto const app = existing(id);
        std::erase_if(store_.users_, [&](auto& row) {
            if (row.first.first != id) {
                return false;
            }
            undo_.emplace_back([this, row = std::move(row)] { store_.users_.insert(row); });
            return true;
        });
        std::erase_if(store_.erased_, [&](auto const& row) {
            if (row.first.first != id) {
                return false;
            }
            undo_.emplace_back([this, row] { store_.erased_.insert(row); });
            return true;
        });
        std::erase_if(store_.origins_, [&](auto const& row) {
            if (row.first.first != id) {
                return false;
            }
            undo_.emplace_back([this, row] { store_.origins_.insert(row); });
            return true;
        });
        store_.apps_.erase(id);
        undo_.emplace_back([this, app] { store_.apps_.emplace(app->id, app); });
        log(domain::AppRemoved{id});
    }

    [[nodiscard]] std::vector<User> find(AppId app, std::span<UserId const> ids) override {
        std::vector<User> users;
        for (auto const& id : ids) {
            auto const found = store_.users_.find({app, id});
            if (found != store_.users_.end()) {
                users.push_back(found->second);
            }
        }
        return users;
    }

    [[nodiscard]] std::vector<User> query(AppId app, domain::UserQuery const& query) override {
        std::vector<User> users;
        for (auto const& [key, user] : store_.users_) {
            bool const is_shown =
                !user.deleted_at && (!user.deactivated_at || query.include_deactivated);
            if (key.first == app && is_shown && domain::matches(query.filter, user)) {
                users.push_back(user);
            }
        }
        std::ranges::sort(users, [&](User const& left, User const& right) {
            return domain::comes_before(query.sorts, left, right);
        });
        auto page = users | std::views::drop(query.offset) | std::views::take(query.limit);
        return {page.begin(), page.end()};
    }

    [[nodiscard]] std::vector<User> walk(AppId app, domain::UserWalk const& walk) override {
        std::vector<User> users;
        for (auto const& [key, user] : store_.users_) {
            if (key.first == app && domain::comes_past(walk, user)) {
                users.push_back(user);
            }
        }
        if (walk.order == domain::UserWalk::Order::Name) {
            std::ranges::sort(users, {},
                              [](User const& user) { return std::tie(*user.name, user.id); });
        }
        auto page = users | std::views::take(walk.limit);
        return {page.begin(), page.end()};
    }

    [[nodiscard]] std::size_t count(AppId app) override {
        return static_cast<std::size_t>(std::ranges::count_if(
            store_.users_, [app](auto const& row) { return row.first.first == app; }));
    }

    [[nodiscard]] bool is_name_taken(AppId app, std::string const& name,
                                     std::optional<std::string> const& team,
                                     std::span<UserId const> except) override {
        return std::ranges::any_of(store_.users_, [&](auto const& row) {
            auto const& [key, user] = row;
            return key.first == app && !user.deleted_at && user.name == name &&
                   (!team || std::ranges::find(user.teams, *team) != user.teams.end()) &&
                   std::ranges::find(except, user.id) == except.end();
        });
    }

    void put(AppId app, std::span<domain::UserWrite const> writes) override {
        existing(app);
        for (auto const& write : writes) {
            undo_user({app, write.user.id});
            store_.users_.insert_or_assign({app, write.user.id}, write.user);
            if (auto row = store_.erased_.extract({app, write.user.id})) {
                undo_.emplace_back([this, key = row.key(), kept = row.mapped()] {
                    store_.erased_.emplace(key, kept);
                });
            }
            if (write.standing_changed) {
                log(domain::UserStandingChanged{app, write.user.id.text(),
                                                domain::standing_of(write.user)});
            }
        }
    }

    void erase(AppId app, UserId const& id) override {
        auto const found = store_.users_.find({app, id});
        if (found == store_.users_.end()) {
            throw std::logic_error("no such user to erase");
        }
        auto const before = domain::standing_of(found->second);
        domain::UserStanding const after{.revoke_tokens_issued_before =
                                             before.revoke_tokens_issued_before};
        undo_user({app, id});
        store_.users_.erase(found);
        if (after.revoke_tokens_issued_before) {
            store_.erased_.emplace(UserKey{app, id}, *after.revoke_tokens_issued_before);
            undo_.emplace_back([this, key = UserKey{app, id}] { store_.erased_.erase(key); });
        }
        if (after != before) {
            log(domain::UserStandingChanged{app, id.text(), after});
        }
    }

    [[nodiscard]] std::optional<Instant> find_erased_revocation(AppId app,
                                                                UserId const& id) override {
        auto const found = store_.erased_.find({app, id});
        return found == store_.erased_.end() ? std::nullopt : std::optional(found->second);
    }

    [[nodiscard]] std::vector<domain::UserRevocation> revocations(AppId app,
                                                                  std::string const& after_id,
                                                                  std::size_t limit) override {
        std::vector<domain::UserRevocation> all;
        for (auto const& [key, user] : store_.users_) {
            if (key.first == app && domain::has_state(user, domain::UserState::Revoked)) {
                all.push_back({.id = user.id, .before = *user.revoke_tokens_issued_before});
            }
        }
        for (auto const& [key, before] : store_.erased_) {
            if (key.first == app) {
                all.push_back({.id = key.second, .before = before});
            }
        }
        std::erase_if(all, [&](auto const& entry) { return entry.id.text() <= after_id; });
        std::ranges::sort(all, {}, [](auto const& entry) { return entry.id.text(); });
        auto page = all | std::views::take(limit);
        return {page.begin(), page.end()};
    }

    [[nodiscard]] std::optional<domain::RevocationOrigin> find(
        AppId app, std::optional<UserId> const& user) override {
        auto const found = store_.origins_.find({app, user});
        return found == store_.origins_.end() ? std::nullopt : std::optional(found->second);
    }

    void put(AppId app, std::optional<UserId> const& user,
             domain::RevocationOrigin const& origin) override {
        existing(app);
        undo_origin({app, user});
        store_.origins_.insert_or_assign({app, user}, origin);
    }

    void forget(AppId app, std::optional<UserId> const& user) override {
        undo_origin({app, user});
        store_.origins_.erase({app, user});
    }

private:
    void undo_origin(std::pair<AppId, std::optional<UserId>> key) {
        auto before = find(key.first, key.second);
        undo_.emplace_back([this, key = std::move(key), before = std::move(before)] {
            if (before) {
                store_.origins_.insert_or_assign(key, *before);
            } else {
                store_.origins_.erase(key);
            }
        });
    }

    AppSnapshot existing(AppId id) {
        auto const found = store_.apps_.find(id);
        if (found == store_.apps_.end()) {
            throw std::logic_error("no such App");
        }
        return found->second;
    }

    AppSnapshot put_app(App app) {
        auto const snapshot = std::make_shared<App const>(std::move(app));
        auto const found = store_.apps_.find(snapshot->id);
        auto before = found == store_.apps_.end() ? nullptr : found->second;
        undo_.emplace_back([this, id = snapshot->id, before = std::move(before)] {
            if (before == nullptr) {
                store_.apps_.erase(id);
            } else {
                store_.apps_.insert_or_assign(id, before);
            }
        });
        store_.apps_.insert_or_assign(snapshot->id, snapshot);
        log(domain::AppChanged{snapshot});
        return snapshot;
    }

    void undo_user(UserKey key) {
        auto const found = store_.users_.find(key);
        if (found == store_.users_.end()) {
            undo_.emplace_back([this, key = std::move(key)] { store_.users_.erase(key); });
        } else {
            undo_.emplace_back([this, key = std::move(key), before = found->second] {
                store_.users_.insert_or_assign(key, before);
            });
        }
    }

    void log(decltype(Change::what) what) {
        changes_.push_back({.sequence = ++store_.sequence_, .what = std::move(what)});
        undo_.emplace_back([this] {
            changes_.pop_back();
            --store_.sequence_;
        });
    }

    MemoryStore& store_;
    std::vector<Change>& changes_;
    std::vector<Undo>& undo_;
    MemoryAccounts accounts_;
    MemoryAudit audit_;
};

MemoryStore::MemoryStore(RandomSource& random, std::size_t change_log_entries_max)
    : cluster_id_(make_uuid(random)),
      change_log_entries_max_(change_log_entries_max),
      // Nobody can get at the rows but through here: there is nothing for a key to guard.
      audit_chain_(Secret(std::string(kAuditKeyBytes, '\0')), cluster_id_) {}

domain::CommitResult MemoryStore::commit(std::span<domain::Job> jobs) {
    domain::CommitResult result;
    std::vector<Undo> undo;
    Tables tables(*this, result.changes, undo);
    auto const undo_to = [&](std::size_t mark) {
        while (undo.size() > mark) {
            undo.back()();
            undo.pop_back();
        }
    };
    for (auto& job : jobs) {
        auto const mark = undo.size();
        try {
            bool const is_kept = job(tables) == domain::Outcome::Commit;
            if (!is_kept) {
                undo_to(mark);
            }
            result.jobs.push_back(is_kept ? domain::JobResult::Committed
                                          : domain::JobResult::RolledBack);
        } catch (domain::StoreFailure const&) {
            undo_to(0);
            throw;
        } catch (...) {
            undo_to(mark);
            result.jobs.push_back(domain::JobResult::Failed);
        }
    }
    log_.insert(log_.end(), result.changes.begin(), result.changes.end());
    while (log_.size() > change_log_entries_max_) {
        log_.pop_front();
    }
    return result;
}

domain::Sequence MemoryStore::load(domain::SnapshotReader& reader) {
    for (auto const& app : apps_ | std::views::values) {
        reader.on_app(app->clone());
    }
    for (auto const& [key, user] : users_) {
        auto const standing = domain::standing_of(user);
        if (!standing.is_ordinary()) {
            reader.on_user(key.first, user.id.text(), standing);
        }
    }
    for (auto const& [key, kept] : erased_) {
        reader.on_user(key.first, key.second.text(), {.revoke_tokens_issued_before = kept});
    }
    return sequence_;
}

std::optional<std::vector<Change>> MemoryStore::changes_after(domain::Sequence after,
                                                              std::size_t count_max) {
    auto const first = sequence_ - log_.size() + 1;
    if (after > sequence_ || after + 1 < first) {
        return std::nullopt;
    }
    auto rows = log_ | std::views::drop(after + 1 - first) | std::views::take(count_max);
    std::vector<Change> changes;
    for (auto const& change : rows) {
        changes.push_back(as_of_now(change));
    }
    return changes;
}

/// An App is handed out as it is now, not as it was at the time; what was logged of one that is no
/// more reads as its removal. Whoever follows to the end has the same state.
Change MemoryStore::as_of_now(Change const& change) const {
    auto const id = std::visit(
        [](auto const& what) {
            if constexpr (requires { what.app; }) {
                return what.app->id;
            } else {
                return what.app_id;
            }
        },
        change.what);
    auto const app = apps_.find(id);
    if (app == apps_.end()) {
        return {change.sequence, domain::AppRemoved{id}};
    }
    if (std::holds_alternative<domain::AppChanged>(change.what)) {
        return {change.sequence, domain::AppChanged{app->second}};
    }
    return change;
}

}  // namespace latchkey::storage
