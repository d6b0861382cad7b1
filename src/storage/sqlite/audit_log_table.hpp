#pragma once

#include "domain/audit.hpp"
#include "storage/audit_chain.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/group_transaction.hpp"

#include <optional>

namespace latchkey::storage {

/// The tables `audit_log` and `audit_head`. The head is read and written with each entry: a job
/// that is undone takes it back like its other rows.
class AuditLogTable final : public domain::AuditLog {
public:
    /// All of them outlive this object.
    AuditLogTable(Connection& connection, GroupTransaction& transaction, AuditChain const& chain);

    void append(domain::AuditRecord const& record) override;
    [[nodiscard]] std::vector<domain::AuditEntry> query(domain::AuditQuery const& query) override;
    void walk(domain::AuditWalk& walk, std::size_t entries_max) override;

private:
    [[nodiscard]] std::optional<AuditHead> head();
    /// Of the newest row, 0 where there is none.
    [[nodiscard]] std::int64_t last_number();

    GroupTransaction& transaction_;
    AuditChain const& chain_;
    Statement select_head_;
    Statement update_head_;
    Statement select_last_number_;
    Statement insert_;
    Statement select_;
    Statement select_of_app_;
    Statement select_after_;
};

}  // namespace latchkey::storage
