#pragma once

#include "domain/change.hpp"
#include "storage/sqlite/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace latchkey::storage {

/// How the column `kind` of the table `changes` counts.
enum class ChangeKind : std::uint8_t { AppChanged = 1, AppRemoved = 2, UserStandingChanged = 3 };

/// The transaction that the jobs of one group share, and the entries it adds to the change log.
/// Reused for one group after the other.
class GroupTransaction {
public:
    /// `connection` outlives this object and has its tables.
    GroupTransaction(Connection& connection, std::size_t log_entries_max);

    void begin();
    /// Makes the group durable; returns what the log gained.
    [[nodiscard]] std::vector<domain::Change> commit();
    /// Undoes the group, as far as it was begun and not committed.
    void roll_back() noexcept;

    void begin_job();
    /// Undoes what the job since `begin_job` wrote.
    void undo_job();
    void keep_job();

    /// To be called before a job's write: the first one sets the savepoint that `undo_job` goes
    /// back to, so that a job that only reads pays for none.
    void before_write();

    /// Adds an entry to the log, with the next number.
    void log(
        std::variant<domain::AppChanged, domain::AppRemoved, domain::UserStandingChanged> what);

    /// Number of the last entry.
    [[nodiscard]] domain::Sequence sequence() const noexcept { return sequence_; }

private:
    void insert(domain::Change const& change);

    Connection& connection_;
    std::size_t log_entries_max_;
    Statement begin_;
    Statement commit_;
    Statement savepoint_;
    Statement roll_back_to_;
    Statement release_;
    Statement insert_;
    Statement prune_;

    domain::Sequence sequence_;
    std::vector<domain::Change> changes_;
    std::size_t changes_before_job_ = 0;
    bool job_wrote_ = false;
};

}  // namespace latchkey::storage
