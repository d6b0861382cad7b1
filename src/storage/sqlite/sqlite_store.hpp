#pragma once

#include "domain/store.hpp"
#include "storage/limits.hpp"

#include <latchkey/base/event_log.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/base/secret.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

namespace latchkey::storage {

class Rows;

struct SqliteSettings {
    std::filesystem::path data_directory;
    /// Absent: the directory's own key file is used, and made with the store.
    std::optional<Secret> master_key{};
    std::size_t change_log_entries_max = kChangeLogEntriesMax;
};

/// The embedded store: one SQLite file in a directory that this process holds for itself.
///
/// Writes to the log `store.disk_full`, `store.ballast_released`, `store.ballast_missing`,
/// `store.checkpoint_failed`, `store.broken` and `store.job_failed`.
///
/// After a failed read, write or sync the file is not touched again: every later call throws, until
/// the process is started anew. A full disk fails that one commit only; room held back is then
/// given free, so that the next commits fit.
class SqliteStore final : public domain::Store {
public:
    /// Opens the store in `settings.data_directory`, or makes it. `random` and `log` outlive it.
    /// @throws domain::StoreFailure, with what to do: the directory cannot be used or is held by
    /// another process, the file is another program's, damaged, or made by a newer version, or the
    /// master key is not the one it was made with.
    [[nodiscard]] static std::unique_ptr<SqliteStore> open(SqliteSettings settings,
                                                           RandomSource& random, EventLog& log);
    ~SqliteStore() override;
    SqliteStore(SqliteStore const&) = delete;
    SqliteStore& operator=(SqliteStore const&) = delete;

    [[nodiscard]] domain::CommitResult commit(std::span<domain::Job> jobs) override;
    [[nodiscard]] domain::Sequence load(domain::SnapshotReader& reader) override;
    [[nodiscard]] std::optional<std::vector<domain::Change>> changes_after(
        domain::Sequence after, std::size_t count_max) override;
    [[nodiscard]] std::string cluster_id() override;

private:
    struct Parts;
    class Tables;
    explicit SqliteStore(std::unique_ptr<Parts> parts);

    [[nodiscard]] domain::CommitResult commit_group(std::span<domain::Job> jobs);
    [[nodiscard]] domain::JobResult run_job(domain::Job& job);
    [[nodiscard]] domain::JobResult fail_job(std::string_view error);
    [[nodiscard]] domain::Change read_change(Rows const& rows,
                                             std::map<AppId, domain::AppSnapshot>& apps);
    void checkpoint();
    void report(domain::StoreFailure const& failure) noexcept;

    std::unique_ptr<Parts> parts_;
};

}  // namespace latchkey::storage
