#pragma once

#include "domain/store.hpp"
#include "storage/memory/memory_store.hpp"
#include "storage/sqlite/sqlite_store.hpp"
#include "support/recording_log.hpp"
#include "support/seeded_random.hpp"
#include "support/temporary_directory.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::test {

/// A store under test, and what it lives on.
class StoreHarness {
public:
    virtual ~StoreHarness() = default;
    [[nodiscard]] virtual domain::Store& store() = 0;
    /// Stops the store and starts it anew on the same data, as far as it keeps any.
    virtual void reopen() = 0;
};

class MemoryHarness final : public StoreHarness {
public:
    explicit MemoryHarness(std::size_t log_max) : store_(random_, log_max) {}
    [[nodiscard]] domain::Store& store() override { return store_; }
    void reopen() override {}

private:
    SeededRandom random_;
    storage::MemoryStore store_;
};

class SqliteHarness final : public StoreHarness {
public:
    explicit SqliteHarness(std::size_t log_max) : log_max_(log_max) { reopen(); }
    [[nodiscard]] domain::Store& store() override { return *store_; }
    void reopen() override {
        store_.reset();
        store_ = storage::SqliteStore::open(
            {.data_directory = directory_.path(), .change_log_entries_max = log_max_}, random_,
            log_);
    }

private:
    TemporaryDirectory directory_;
    SeededRandom random_;
    RecordingLog log_;
    std::size_t log_max_;
    std::unique_ptr<storage::SqliteStore> store_;
};

/// One kind of store, by name.
struct StoreKind {
    std::string name;
    std::unique_ptr<StoreHarness> (*make)(std::size_t log_max);
};

inline std::vector<StoreKind> store_kinds() {
    return {
        {"Memory",
         [](std::size_t log_max) -> std::unique_ptr<StoreHarness> {
             return std::make_unique<MemoryHarness>(log_max);
         }},
        {"Sqlite",
         [](std::size_t log_max) -> std::unique_ptr<StoreHarness> {
             return std::make_unique<SqliteHarness>(log_max);
         }},
    };
}

/// Commits one job that keeps what `work` writes.
inline domain::CommitResult commit_one(domain::Store& store,
                                       std::function<void(domain::Transaction&)> work) {
    domain::Job job = [&](domain::Transaction& transaction) {
        work(transaction);
        return domain::Outcome::Commit;
    };
    return store.commit({&job, 1});
}

}  // namespace latchkey::test
