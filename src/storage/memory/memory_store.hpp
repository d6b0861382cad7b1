#pragma once

#include "domain/store.hpp"
#include "storage/audit_chain.hpp"
#include "storage/limits.hpp"
#include "storage/memory/memory_accounts.hpp"
#include "storage/memory/memory_audit.hpp"
#include "storage/memory/undo.hpp"

#include <latchkey/base/random_source.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::storage {

/// A store that forgets when it goes: for tests, and the plain statement of what stores do.
class MemoryStore final : public domain::Store {
public:
    explicit MemoryStore(RandomSource& random,
                         std::size_t change_log_entries_max = kChangeLogEntriesMax);

    [[nodiscard]] domain::CommitResult commit(std::span<domain::Job> jobs) override;
    [[nodiscard]] domain::Sequence load(domain::SnapshotReader& reader) override;
    [[nodiscard]] std::optional<std::vector<domain::Change>> changes_after(
        domain::Sequence after, std::size_t count_max) override;
    [[nodiscard]] std::string cluster_id() override { return cluster_id_; }

private:
    class Tables;
    using UserKey = std::pair<AppId, UserId>;

    [[nodiscard]] domain::Change as_of_now(domain::Change const& change) const;

    std::string cluster_id_;
    std::size_t change_log_entries_max_;
    std::map<AppId, domain::AppSnapshot> apps_;
    std::map<UserKey, domain::User> users_;
    std::map<std::pair<AppId, std::optional<UserId>>, domain::RevocationOrigin> origins_;
    std::map<UserKey, Instant> erased_;  ///< the revocations of users who are no more
    AccountRows accounts_;
    AuditChain audit_chain_;
    AuditRows audit_;
    AppId last_app_id_{0};
    domain::Sequence sequence_ = 0;
    std::deque<domain::Change> log_;
};

}  // namespace latchkey::storage
