#include "storage/sqlite/group_transaction.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace latchkey::storage {
namespace {

domain::Sequence read_last_sequence(Connection& connection) {
    Statement statement(connection, "SELECT max(sequence) FROM changes");
    auto rows = statement.query();
    // Never pruned to nothing: the last entry is where numbers go on after a restart.
    return rows.next() ? static_cast<domain::Sequence>(rows.integer(0)) : 0;
}

}  // namespace

GroupTransaction::GroupTransaction(Connection& connection, std::size_t log_entries_max)
    : connection_(connection),
      log_entries_max_(log_entries_max),
      begin_(connection, "BEGIN IMMEDIATE"),
      commit_(connection, "COMMIT"),
      savepoint_(connection, "SAVEPOINT job"),
      roll_back_to_(connection, "ROLLBACK TO job"),
      release_(connection, "RELEASE job"),
      insert_(
          connection,
          "INSERT INTO changes (sequence, kind, app_id, user_id, role,"
          " revoke_tokens_issued_before, deactivated, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      prune_(connection, "DELETE FROM changes WHERE sequence <= ?"),
      sequence_(read_last_sequence(connection)) {}

void GroupTransaction::begin() {
    begin_.run();
    begin_job();
}

std::vector<domain::Change> GroupTransaction::commit() {
    if (!changes_.empty() && sequence_ > log_entries_max_) {
        prune_.run(static_cast<std::int64_t>(sequence_ - log_entries_max_));
    }
    commit_.run();
    return std::exchange(changes_, {});
}

void GroupTransaction::roll_back() noexcept {
    connection_.roll_back();
    sequence_ -= changes_.size();
    changes_.clear();
}

void GroupTransaction::begin_job() {
    job_wrote_ = false;
    changes_before_job_ = changes_.size();
}

void GroupTransaction::undo_job() {
    if (job_wrote_) {
        roll_back_to_.run();
        release_.run();
        sequence_ -= changes_.size() - changes_before_job_;
        changes_.erase(changes_.begin() + static_cast<std::ptrdiff_t>(changes_before_job_),
                       changes_.end());
    }
    begin_job();
}

void GroupTransaction::keep_job() {
    if (job_wrote_) {
        release_.run();
    }
    begin_job();
}

void GroupTransaction::before_write() {
    if (!job_wrote_) {
        savepoint_.run();
        job_wrote_ = true;
    }
}

void GroupTransaction::log(
    std::variant<domain::AppChanged, domain::AppRemoved, domain::UserStandingChanged> what) {
    changes_.push_back({.sequence = sequence_ + 1, .what = std::move(what)});
    ++sequence_;
    insert(changes_.back());
}

void GroupTransaction::insert(domain::Change const& change) {
    auto const sequence = static_cast<std::int64_t>(change.sequence);
    auto const run = [&](ChangeKind kind, AppId app, auto const&... rest) {
        insert_.run(sequence, static_cast<std::int64_t>(kind), static_cast<std::int64_t>(app),
                    rest...);
    };
    constexpr std::optional<std::string_view> kNoText;
    constexpr std::optional<Instant> kNoInstant;
    constexpr std::optional<bool> kNoFlag;
    if (auto const* changed = std::get_if<domain::AppChanged>(&change.what)) {
        run(ChangeKind::AppChanged, changed->app->id, kNoText, kNoText, kNoInstant, kNoFlag,
            kNoFlag);
    } else if (auto const* removed = std::get_if<domain::AppRemoved>(&change.what)) {
        run(ChangeKind::AppRemoved, removed->app_id, kNoText, kNoText, kNoInstant, kNoFlag,
            kNoFlag);
    } else if (auto const* user = std::get_if<domain::UserStandingChanged>(&change.what)) {
        auto const& standing = user->standing;
        run(ChangeKind::UserStandingChanged, user->app_id, user->user_id, standing.role,
            standing.revoke_tokens_issued_before, standing.deactivated, standing.deleted);
    }
}

}  // namespace latchkey::storage
