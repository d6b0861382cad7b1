#pragma once

#include "domain/account.hpp"
#include "domain/app.hpp"
#include "domain/audit.hpp"
#include "domain/change.hpp"
#include "domain/user.hpp"
#include "domain/user_listing.hpp"
#include "domain/user_query.hpp"

#include <latchkey/base/ids.hpp>

#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

/// The ports to durable state. `storage/` has the adapters; one contract suite holds them alike.
///
/// What a caller can decide on is a value; a lost disk is the exception `StoreFailure`.
namespace latchkey::domain {

/// The store cannot do its work: disk full or broken, database away, file of a newer version.
/// `what()` says what happened and what to do, and holds no secret.
class StoreFailure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Apps inside one transaction.
class AppStore {
public:
    virtual ~AppStore() = default;

    /// All, by id.
    [[nodiscard]] virtual std::vector<App> all() = 0;
    [[nodiscard]] virtual std::optional<App> find(AppId id) = 0;
    [[nodiscard]] virtual std::optional<App> find_by_key(ApiKey const& key) = 0;

    /// Stores a new App; `app.id` is ignored and chosen here: 1 for the first, then counting up.
    /// Empty where the key is taken.
    [[nodiscard]] virtual std::optional<AppId> insert(App const& app) = 0;

    /// Replaces everything but `id` and `api_key`. The App exists.
    virtual void update(App const& app) = 0;

    /// Removes the App and all its users. The App exists.
    virtual void remove(AppId id) = 0;
};

struct UserWrite {
    User user;
    bool standing_changed;  ///< its `UserStanding` differs from the stored one: goes into the log
};

/// Tokens of a user, issued before an instant, are void.
struct UserRevocation {
    UserId id;
    Instant before;
    bool operator==(UserRevocation const&) const = default;
};

/// Users inside one transaction. Deleted users are rows like others, with `deleted_at`.
class UserStore {
public:
    virtual ~UserStore() = default;

    /// Those of `ids` that exist, in the order of `ids`.
    [[nodiscard]] virtual std::vector<User> find(AppId app, std::span<UserId const> ids) = 0;

    [[nodiscard]] virtual std::vector<User> query(AppId app, UserQuery const& query) = 0;

    /// The next users that come past (`comes_past`), in the order of the walk. Reads no more of
    /// the store than it has to, whatever the number of users: an index leads there.
    [[nodiscard]] virtual std::vector<User> walk(AppId app, UserWalk const& walk) = 0;

    /// How many there are, deleted ones included.
    [[nodiscard]] virtual std::size_t count(AppId app) = 0;

    /// Whether a user that is neither deleted nor one of `except` has this name; with `team`, such
    /// a user in that team.
    [[nodiscard]] virtual bool is_name_taken(AppId app, std::string const& name,
                                             std::optional<std::string> const& team,
                                             std::span<UserId const> except) = 0;

    /// Inserts or replaces, each user whole. What `erase` kept of its id is the user's own from
    /// then on, or forgotten.
    virtual void put(AppId app, std::span<UserWrite const> writes) = 0;

    /// Forgets the row, but for its revocation, which stays in force for the id: a token that was
    /// void must not come to life because its user went. The user exists; its standing is ordinary
    /// from then on in all but that.
    virtual void erase(AppId app, UserId const& id) = 0;

    /// The revocation that `erase` kept. Empty where there was none, or where a user with this id
    /// was put since.
    [[nodiscard]] virtual std::optional<Instant> find_erased_revocation(AppId app,
                                                                        UserId const& id) = 0;

    /// The revocations in force, of users who are not deleted and of ids that `erase` kept one for:
    /// by id, behind `after_id`, at most `limit`.
    [[nodiscard]] virtual std::vector<UserRevocation> revocations(AppId app,
                                                                  std::string const& after_id,
                                                                  std::size_t limit) = 0;
};

/// Who set a revocation, and when.
struct RevocationOrigin {
    Instant set_at;
    std::string set_by;  ///< for people to read
    bool operator==(RevocationOrigin const&) const = default;
};

/// The origins of the revocations in force, inside one transaction; of the App itself where `user`
/// is empty. Kept for whoever asks why, and read by no decision.
class RevocationOrigins {
public:
    virtual ~RevocationOrigins() = default;
    [[nodiscard]] virtual std::optional<RevocationOrigin> find(
        AppId app, std::optional<UserId> const& user) = 0;
    /// The App exists; the user need not.
    virtual void put(AppId app, std::optional<UserId> const& user,
                     RevocationOrigin const& origin) = 0;
    virtual void forget(AppId app, std::optional<UserId> const& user) = 0;
};

/// What a use case sees of one open transaction. Lives for one call of a `Job`.
class Transaction {
public:
    virtual ~Transaction() = default;
    [[nodiscard]] virtual AppStore& apps() = 0;
    [[nodiscard]] virtual UserStore& users() = 0;
    [[nodiscard]] virtual RevocationOrigins& revocation_origins() = 0;
    [[nodiscard]] virtual AccountStore& accounts() = 0;
    [[nodiscard]] virtual AuditLog& audit() = 0;

    /// Reads the whole store and says what is damaged; empty: nothing. Nobody else can write
    /// meanwhile, which takes the longer the larger the store is.
    [[nodiscard]] virtual std::optional<std::string> find_damage() = 0;
};

enum class Outcome { Commit, Rollback };

/// A use case's work on the store. Atomic: on `Rollback`, or when it throws, nothing it wrote
/// stays. Runs on the store's thread, once.
using Job = std::move_only_function<Outcome(Transaction&)>;

/// How one job of a commit ended.
enum class JobResult {
    Committed,   ///< durable, or it wrote nothing
    RolledBack,  ///< as it asked
    Failed,      ///< it threw something other than `StoreFailure`: a bug, undone and logged
};

struct CommitResult {
    std::vector<JobResult> jobs;  ///< one for each job, in order
    std::vector<Change> changes;  ///< what the log gained, in order
};

/// Called by `Store::load` for everything that node state keeps.
class SnapshotReader {
public:
    virtual ~SnapshotReader() = default;
    virtual void on_app(App app) = 0;
    /// Only users whose standing is not ordinary, erased ones included; after their App.
    virtual void on_user(AppId app, std::string const& user_id, UserStanding const& standing) = 0;
};

/// One durable store. Not thread-safe: one thread at a time calls it.
class Store {
public:
    virtual ~Store() = default;

    /// Runs the jobs in order, in one durable commit (group commit): when this returns, every job
    /// marked `Committed` survives a power cut. Each sees what those before it wrote.
    /// @throws StoreFailure; then none of them is committed.
    [[nodiscard]] virtual CommitResult commit(std::span<Job> jobs) = 0;

    /// Reads the state to decide by; returns the sequence number that it is the state of.
    [[nodiscard]] virtual Sequence load(SnapshotReader& reader) = 0;

    /// The log after `after`, in order, at most `count_max` entries. Empty where the log no longer
    /// goes back that far: load a snapshot. On one node the writer hands its changes on by itself;
    /// several nodes on one database follow this.
    [[nodiscard]] virtual std::optional<std::vector<Change>> changes_after(
        Sequence after, std::size_t count_max) = 0;

    /// Stable name of this store's data, made with it: nodes refuse another one (a UUID).
    [[nodiscard]] virtual std::string cluster_id() = 0;
};

}  // namespace latchkey::domain
