#include "storage/memory/memory_audit.hpp"

#include "storage/json_text.hpp"

#include <algorithm>
#include <ranges>
#include <string>

namespace latchkey::storage {
namespace {

using domain::AuditEntry;
using domain::AuditQuery;
using domain::AuditRecord;

/// Calls `use` with the row that `record` is in a database.
template <typename Use>
auto with_row(std::int64_t number, AuditRecord const& record, Use use) {
    auto const before = format_json(record.before);
    auto const after = format_json(record.after);
    return use(AuditRow{.number = number,
                        .at = record.at,
                        .actor_kind = static_cast<std::int64_t>(record.actor_kind),
                        .actor = record.actor,
                        .address = record.address,
                        .action = record.action,
                        .app = record.app,
                        .target = record.target,
                        .before = before,
                        .after = after});
}

bool matches(AuditQuery const& query, StoredAuditRecord const& stored) {
    auto const& record = stored.record;
    return (!query.app || record.app == *query.app) &&
           (!query.actor || record.actor == *query.actor) &&
           (!query.action || record.action == *query.action) &&
           (!query.before_number || std::cmp_less(stored.head.number, *query.before_number));
}

}  // namespace

void MemoryAudit::append(AuditRecord const& record) {
    auto const last = head();
    auto const next = with_row(last.number + 1, record, [&](AuditRow const& row) {
        return chain_.next_head(last.hash, row);
    });
    rows_.push_back({.record = record, .head = next});
    undo_.emplace_back([this] { rows_.pop_back(); });
}

std::vector<AuditEntry> MemoryAudit::query(AuditQuery const& query) {
    std::vector<AuditEntry> entries;
    auto found = rows_ | std::views::reverse |
                 std::views::filter([&](auto const& stored) { return matches(query, stored); }) |
                 std::views::take(query.limit);
    for (auto const& [record, head] : found) {
        entries.push_back({.number = static_cast<std::uint64_t>(head.number),
                           .record = record,
                           .hash = format_hex(head.hash)});
    }
    return entries;
}

void MemoryAudit::walk(domain::AuditWalk& walk, std::size_t entries_max) {
    AuditWalker walker(chain_, walk);
    auto const begin = std::min<std::size_t>(walk.verdict.entries, rows_.size());
    auto const end = begin + std::min(entries_max, rows_.size() - begin);
    for (auto index = begin; index < end; ++index) {
        auto const& [record, head] = rows_[index];
        bool const is_whole = with_row(head.number, record, [&](AuditRow const& row) {
            return walker.take(row, bytes_of(head.hash));
        });
        if (!is_whole) {
            return;
        }
    }
    if (end - begin < entries_max) {
        walker.finish(head());
    }
}

AuditHead MemoryAudit::head() const {
    return rows_.empty() ? chain_.first_head() : rows_.back().head;
}

}  // namespace latchkey::storage
