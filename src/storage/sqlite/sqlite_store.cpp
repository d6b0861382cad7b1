#include "storage/sqlite/sqlite_store.hpp"

#include "storage/audit_chain.hpp"
#include "storage/data_directory.hpp"
#include "storage/sealer.hpp"
#include "storage/sqlite/account_table.hpp"
#include "storage/sqlite/app_table.hpp"
#include "storage/sqlite/audit_log_table.hpp"
#include "storage/sqlite/ballast.hpp"
#include "storage/sqlite/columns.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/group_transaction.hpp"
#include "storage/sqlite/revocation_origin_table.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/user_table.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

namespace latchkey::storage {
namespace {

namespace fs = std::filesystem;
using domain::StoreFailure;

/// SQLite would make the file readable for the group, as the umask has it.
fs::path create_database_file(DataDirectory const& directory) {
    auto path = directory.database_path();
    auto const file = open_file(path, O_RDWR | O_CREAT, S_IRUSR | S_IWUSR);
    if (!file.is_open()) {
        throw_file_failure("open", path);
    }
    sync_directory(directory.path());
    return path;
}

Secret choose_master_key(SqliteSettings& settings, RandomSource& random) {
    return settings.master_key ? *std::move(settings.master_key)
                               : load_or_create_master_key(settings.data_directory, random);
}

/// Opens what is in the folder. Its statements are right for what the migrations make: where one is
/// not, somebody took a table or an index away.
template <typename Parts>
std::unique_ptr<Parts> open_parts(DataDirectory directory, SqliteSettings& settings,
                                  RandomSource& random, EventLog& log) {
    auto const database = directory.database_path();
    try {
        return std::make_unique<Parts>(std::move(directory), settings, random, log);
    } catch (std::logic_error const& error) {
        throw StoreFailure(database.string() + " is damaged, " + error.what() +
                           ": restore a backup");
    }
}

/// Undoes a group that was not committed, however its scope is left.
class GroupScope {
public:
    explicit GroupScope(GroupTransaction& transaction) : transaction_(transaction) {
        transaction_.begin();
    }
    ~GroupScope() { transaction_.roll_back(); }
    GroupScope(GroupScope const&) = delete;
    GroupScope& operator=(GroupScope const&) = delete;

private:
    GroupTransaction& transaction_;
};

}  // namespace

/// In the order in which they need each other.
struct SqliteStore::Parts {
    Parts(DataDirectory held, SqliteSettings& settings, RandomSource& random, EventLog& event_log)
        : log(event_log),
          directory(std::move(held)),
          sealer(choose_master_key(settings, random), random),
          ballast(directory.path()),
          connection(create_database_file(directory)),
          cluster_id(prepare_schema(connection, directory.database_path(), sealer, random)),
          audit_chain(sealer.derive_key(kAuditKeyPurpose), cluster_id),
          transaction(connection, settings.change_log_entries_max),
          apps(connection, transaction, sealer),
          users(connection, transaction),
          origins(connection, transaction),
          accounts(connection, transaction),
          audit(connection, transaction, audit_chain),
          select_exceptions(connection,
                            "SELECT app_id, id, role, revoke_tokens_issued_before,"
                            " deactivated_at IS NOT NULL, deleted_at IS NOT NULL"
                            " FROM users INDEXED BY users_with_standing"
                            " WHERE revoke_tokens_issued_before IS NOT NULL"
                            " OR deactivated_at IS NOT NULL OR deleted_at IS NOT NULL"
                            " OR role <> 'user' ORDER BY app_id, id"),
          select_erased(connection,
                        "SELECT app_id, id, revoke_tokens_issued_before FROM erased_users"),
          select_first_change(connection, "SELECT min(sequence) FROM changes"),
          select_changes(connection,
                         "SELECT sequence, kind, app_id, user_id, role,"
                         " revoke_tokens_issued_before, deactivated, deleted"
                         " FROM changes WHERE sequence > ? ORDER BY sequence LIMIT ?") {}

    EventLog& log;
    DataDirectory directory;
    Sealer sealer;
    Ballast ballast;
    Connection connection;
    std::string cluster_id;
    AuditChain audit_chain;
    GroupTransaction transaction;
    AppTable apps;
    UserTable users;
    RevocationOriginTable origins;
    AccountTable accounts;
    AuditLogTable audit;
    Statement select_exceptions;
    Statement select_erased;
    Statement select_first_change;
    Statement select_changes;
};

/// What a job sees of the tables.
class SqliteStore::Tables final : public domain::Transaction {
public:
    explicit Tables(Parts& parts) : parts_(parts) {}
    [[nodiscard]] domain::AppStore& apps() override { return parts_.apps; }
    [[nodiscard]] domain::UserStore& users() override { return parts_.users; }
    [[nodiscard]] domain::RevocationOrigins& revocation_origins() override {
        return parts_.origins;
    }
    [[nodiscard]] domain::AccountStore& accounts() override { return parts_.accounts; }
    [[nodiscard]] domain::AuditLog& audit() override { return parts_.audit; }
    [[nodiscard]] std::optional<std::string> find_damage() override {
        Statement check(parts_.connection, "PRAGMA quick_check(1)");
        auto rows = check.query();
        bool const is_whole = rows.next() && rows.text(0) == "ok";
        return is_whole ? std::nullopt
                        : std::optional("the store is damaged: stop latchkey and restore a backup");
    }

private:
    Parts& parts_;
};

std::unique_ptr<SqliteStore> SqliteStore::open(SqliteSettings settings, RandomSource& random,
                                               EventLog& log) {
    auto directory = DataDirectory::open(settings.data_directory);
    auto parts = open_parts<Parts>(std::move(directory), settings, random, log);
    if (!parts->ballast.hold()) {
        log.write(LogLevel::Warning, "store.ballast_missing",
                  {{"directory", parts->directory.path().native()},
                   {"hint", "the disk is nearly full: make room on it"}});
    }
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(parts)));
}

SqliteStore::SqliteStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

SqliteStore::~SqliteStore() = default;

domain::CommitResult SqliteStore::commit(std::span<domain::Job> jobs) {
    parts_->connection.check_usable();
    try {
        auto result = commit_group(jobs);
        checkpoint();
        return result;
    } catch (StoreFailure const& failure) {
        report(failure);
        throw;
    }
}

domain::CommitResult SqliteStore::commit_group(std::span<domain::Job> jobs) {
    domain::CommitResult result;
    result.jobs.reserve(jobs.size());
    GroupScope const scope(parts_->transaction);
    for (auto& job : jobs) {
        result.jobs.push_back(run_job(job));
    }
    result.changes = parts_->transaction.commit();
    return result;
}

domain::JobResult SqliteStore::run_job(domain::Job& job) {
    auto& transaction = parts_->transaction;
    Tables tables(*parts_);
    try {
        if (job(tables) == domain::Outcome::Commit) {
            transaction.keep_job();
            return domain::JobResult::Committed;
        }
        transaction.undo_job();
        return domain::JobResult::RolledBack;
    } catch (StoreFailure const&) {
        throw;
    } catch (std::exception const& error) {
        return fail_job(error.what());
    } catch (...) {
        return fail_job("no std::exception");
    }
}

domain::JobResult SqliteStore::fail_job(std::string_view error) {
    parts_->log.write(LogLevel::Error, "store.job_failed", {{"error", error}});
    parts_->transaction.undo_job();
    return domain::JobResult::Failed;
}

/// The group is durable already, so that a failure here is not the group's: it is told to the log,
/// and the next commit meets it.
void SqliteStore::checkpoint() {
    try {
        parts_->connection.checkpoint_when_due();
    } catch (StoreFailure const& failure) {
        parts_->log.write(LogLevel::Error, "store.checkpoint_failed", {{"error", failure.what()}});
        report(failure);
    }
}

void SqliteStore::report(StoreFailure const& failure) noexcept {
    switch (parts_->connection.health()) {
        case Health::Good: return;
        case Health::Broken:
            parts_->log.write(LogLevel::Error, "store.broken", {{"error", failure.what()}});
            return;
        case Health::DiskFull:
            parts_->log.write(LogLevel::Error, "store.disk_full", {{"error", failure.what()}});
            if (parts_->ballast.release()) {
                parts_->log.write(
                    LogLevel::Warning, "store.ballast_released",
                    {{"bytes", kBallastBytes},
                     {"hint", "the next commits fit; make room on the disk, then restart"}});
            }
            return;
    }
}

domain::Sequence SqliteStore::load(domain::SnapshotReader& reader) {
    for (auto& app : parts_->apps.all()) {
        reader.on_app(std::move(app));
    }
    std::string user_id;
    domain::UserStanding standing;
    auto rows = parts_->select_exceptions.query();
    while (rows.next()) {
        user_id = rows.text(1);
        standing.role = rows.text(2);
        standing.revoke_tokens_issued_before = rows.optional_instant(3);
        standing.deactivated = rows.boolean(4);
        standing.deleted = rows.boolean(5);
        reader.on_user(AppId(rows.integer(0)), user_id, standing);
    }
    auto erased = parts_->select_erased.query();
    while (erased.next()) {
        user_id = erased.text(1);
        reader.on_user(AppId(erased.integer(0)), user_id,
                       {.revoke_tokens_issued_before = erased.optional_instant(2)});
    }
    return parts_->transaction.sequence();
}

std::optional<std::vector<domain::Change>> SqliteStore::changes_after(domain::Sequence after,
                                                                      std::size_t count_max) {
    std::vector<domain::Change> changes;
    auto const last = parts_->transaction.sequence();
    if (after == last) {
        return changes;
    }
    {
        auto rows = parts_->select_first_change.query();
        if (after > last || !rows.next() || std::cmp_greater(rows.integer(0), after + 1)) {
            return std::nullopt;
        }
    }
    auto const count = std::min<std::size_t>(count_max, last - after);
    auto rows = parts_->select_changes.query(static_cast<std::int64_t>(after),
                                             static_cast<std::int64_t>(count));
    std::map<AppId, domain::AppSnapshot> apps;
    while (rows.next()) {
        changes.push_back(read_change(rows, apps));
    }
    return changes;
}

/// An App is handed out as it is now, not as it was at the time; what was logged of one that is no
/// more reads as its removal. Whoever follows to the end has the same state.
domain::Change SqliteStore::read_change(Rows const& rows,
                                        std::map<AppId, domain::AppSnapshot>& apps) {
    auto const sequence = static_cast<domain::Sequence>(rows.integer(0));
    auto const app_id = AppId(rows.integer(2));
    auto const [found, is_new] = apps.try_emplace(app_id);
    if (is_new) {
        auto app = parts_->apps.find(app_id);
        found->second = app ? std::make_shared<domain::App const>(*std::move(app)) : nullptr;
    }
    if (found->second == nullptr) {
        return {sequence, domain::AppRemoved{app_id}};
    }
    if (rows.integer(1) == static_cast<std::int64_t>(ChangeKind::AppChanged)) {
        return {sequence, domain::AppChanged{found->second}};
    }
    return {sequence,
            domain::UserStandingChanged{app_id,
                                        std::string(rows.text(3)),
                                        {.revoke_tokens_issued_before = rows.optional_instant(5),
                                         .deactivated = rows.boolean(6),
                                         .deleted = rows.boolean(7),
                                         .role = std::string(rows.text(4))}}};
}

std::string SqliteStore::cluster_id() { return parts_->cluster_id; }

}  // namespace latchkey::storage
