#include "storage/sqlite/audit_log_table.hpp"

#include "storage/json_text.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace latchkey::storage {
namespace {

constexpr std::string_view kColumns =
    "number, at, actor_kind, actor, address, action, app, target, before, after, hash";

std::string select_where(std::string_view rest) {
    return std::string("SELECT ").append(kColumns).append(" FROM audit_log ").append(rest);
}

constexpr int kHashColumn = 10;

/// More entries than a store will ever have. Only a row that somebody put there has a number from
/// here on, and none is counted on from such a number: it could not be counted far.
constexpr std::int64_t kNumbersEnd = std::int64_t{1} << 62;

AuditRow read_row(Rows const& rows) {
    return {.number = rows.integer(0),
            .at = rows.instant(1),
            .actor_kind = rows.integer(2),
            .actor = rows.text(3),
            .address = rows.text(4),
            .action = rows.text(5),
            .app = rows.text(6),
            .target = rows.text(7),
            .before = rows.text(8),
            .after = rows.text(9)};
}

AuditHash read_hash(Rows const& rows, int column) {
    AuditHash hash{};
    std::ranges::copy(rows.text(column).substr(0, hash.size()), hash.begin());
    return hash;
}

domain::ActorKind to_actor_kind(std::int64_t column) {
    bool const is_known =
        column >= 0 && column <= static_cast<std::int64_t>(domain::kLastActorKind);
    return is_known ? static_cast<domain::ActorKind>(column) : domain::kLastActorKind;
}

/// A row that somebody damaged is shown as far as it can be read: `walk` is there to find it, and
/// it must not hide the rows around it.
domain::AuditEntry read_entry(Rows const& rows) {
    auto const row = read_row(rows);
    return {.number = static_cast<std::uint64_t>(row.number),
            .record = {.at = row.at,
                       .actor_kind = to_actor_kind(row.actor_kind),
                       .actor = std::string(row.actor),
                       .address = std::string(row.address),
                       .action = std::string(row.action),
                       .app = std::string(row.app),
                       .target = std::string(row.target),
                       .before = parse_json_object(row.before).value_or(boost::json::object()),
                       .after = parse_json_object(row.after).value_or(boost::json::object())},
            .hash = format_hex(read_hash(rows, kHashColumn))};
}

std::int64_t to_column(std::uint64_t number) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(number, kMax));
}

}  // namespace

AuditLogTable::AuditLogTable(Connection& connection, GroupTransaction& transaction,
                             AuditChain const& chain)
    : transaction_(transaction),
      chain_(chain),
      select_head_(connection, "SELECT number, hash, seal FROM audit_head"),
      update_head_(connection, "UPDATE audit_head SET number = ?, hash = ?, seal = ?"),
      select_last_number_(
          connection, "SELECT number FROM audit_log WHERE number < ? ORDER BY number DESC LIMIT 1"),
      insert_(connection, std::string("INSERT INTO audit_log (")
                              .append(kColumns)
                              .append(") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      select_(connection, select_where("WHERE number < ?1 AND (?2 IS NULL OR actor = ?2)"
                                       " AND (?3 IS NULL OR action = ?3)"
                                       " ORDER BY number DESC LIMIT ?4")),
      select_of_app_(connection, select_where("WHERE number < ?1 AND (?2 IS NULL OR actor = ?2)"
                                              " AND (?3 IS NULL OR action = ?3) AND app = ?5"
                                              " ORDER BY number DESC LIMIT ?4")),
      select_after_(connection, select_where("WHERE number > ? ORDER BY number LIMIT ?")) {}

void AuditLogTable::append(domain::AuditRecord const& record) {
    // Goes on from the head, not from the last row: where rows were removed, a gap stays behind,
    // and where the head was altered, an entry that follows none. But it takes no number that is
    // taken: no tampering may keep a revocation from being stored.
    auto const stored_head = head();
    auto const last = stored_head && chain_.is_sealed(*stored_head) ? *stored_head : AuditHead();
    auto const before = format_json(record.before);
    auto const after = format_json(record.after);
    AuditRow const row = {.number = std::max(last.number, last_number()) + 1,
                          .at = record.at,
                          .actor_kind = static_cast<std::int64_t>(record.actor_kind),
                          .actor = record.actor,
                          .address = record.address,
                          .action = record.action,
                          .app = record.app,
                          .target = record.target,
                          .before = before,
                          .after = after};
    auto const next = chain_.next_head(last.hash, row);
    transaction_.before_write();
    insert_.run(row.number, row.at, row.actor_kind, row.actor, row.address, row.action, row.app,
                row.target, row.before, row.after, Blob{bytes_of(next.hash)});
    update_head_.run(next.number, Blob{bytes_of(next.hash)}, Blob{bytes_of(next.seal)});
}

std::vector<domain::AuditEntry> AuditLogTable::query(domain::AuditQuery const& query) {
    constexpr auto kNoNumber = std::numeric_limits<std::uint64_t>::max();
    auto const before = to_column(query.before_number.value_or(kNoNumber));
    auto const limit = to_column(query.limit);
    std::vector<domain::AuditEntry> entries;
    auto const read_all = [&](Rows rows) {
        while (rows.next()) {
            entries.push_back(read_entry(rows));
        }
    };
    if (query.app) {
        read_all(select_of_app_.query(before, query.actor, query.action, limit, *query.app));
    } else {
        read_all(select_.query(before, query.actor, query.action, limit));
    }
    return entries;
}

void AuditLogTable::walk(domain::AuditWalk& walk, std::size_t entries_max) {
    AuditWalker walker(chain_, walk);
    auto const seen = walk.verdict.entries;
    std::size_t count = 0;
    {
        // No row has a number below 1, unless somebody put it there.
        auto rows = select_after_.query(
            seen == 0 ? std::numeric_limits<std::int64_t>::min() : to_column(seen),
            to_column(entries_max));
        for (; rows.next(); ++count) {
            if (!walker.take(read_row(rows), rows.text(kHashColumn))) {
                return;
            }
        }
    }
    if (count < entries_max) {
        walker.finish(head());
    }
}

std::optional<AuditHead> AuditLogTable::head() {
    auto rows = select_head_.query();
    if (!rows.next()) {
        return std::nullopt;
    }
    return AuditHead{
        .number = rows.integer(0), .hash = read_hash(rows, 1), .seal = read_hash(rows, 2)};
}

std::int64_t AuditLogTable::last_number() {
    auto rows = select_last_number_.query(kNumbersEnd);
    return rows.next() ? rows.integer(0) : 0;
}

}  // namespace latchkey::storage
