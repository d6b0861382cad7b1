#pragma once

#include "domain/store.hpp"

#include <cstddef>

namespace latchkey::test {

/// Passes everything on, but for one commit, which is lost as on a failing disk.
class FailingStore final : public domain::Store {
public:
    /// `failing_commit`: 1 for the first. `store` outlives this object.
    FailingStore(domain::Store& store, std::size_t failing_commit)
        : store_(store), failing_commit_(failing_commit) {}

    [[nodiscard]] domain::CommitResult commit(std::span<domain::Job> jobs) override {
        if (++commits_ == failing_commit_) {
            throw domain::StoreFailure("this commit was made to fail");
        }
        return store_.commit(jobs);
    }
    [[nodiscard]] domain::Sequence load(domain::SnapshotReader& reader) override {
        return store_.load(reader);
    }
    [[nodiscard]] std::optional<std::vector<domain::Change>> changes_after(
        domain::Sequence after, std::size_t count_max) override {
        return store_.changes_after(after, count_max);
    }
    [[nodiscard]] std::string cluster_id() override { return store_.cluster_id(); }

private:
    domain::Store& store_;
    std::size_t failing_commit_;
    std::size_t commits_ = 0;
};

}  // namespace latchkey::test
