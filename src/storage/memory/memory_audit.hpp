#pragma once

#include "domain/audit.hpp"
#include "storage/audit_chain.hpp"
#include "storage/memory/undo.hpp"

#include <cstddef>
#include <vector>

namespace latchkey::storage {

struct StoredAuditRecord {
    domain::AuditRecord record;
    AuditHead head;  ///< as this entry left it
};

/// The entry at index `n` has number `n + 1`.
using AuditRows = std::vector<StoredAuditRecord>;

/// The audit log of a `MemoryStore` inside one commit.
class MemoryAudit final : public domain::AuditLog {
public:
    /// All of them outlive this object.
    MemoryAudit(AuditRows& rows, AuditChain const& chain, std::vector<Undo>& undo)
        : rows_(rows), chain_(chain), undo_(undo) {}

    void append(domain::AuditRecord const& record) override;
    [[nodiscard]] std::vector<domain::AuditEntry> query(domain::AuditQuery const& query) override;
    void walk(domain::AuditWalk& walk, std::size_t entries_max) override;

private:
    [[nodiscard]] AuditHead head() const;

    AuditRows& rows_;
    AuditChain const& chain_;
    std::vector<Undo>& undo_;
};

}  // namespace latchkey::storage
