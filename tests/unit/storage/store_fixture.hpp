#pragma once

#include "contract/samples.hpp"
#include "contract/store_harness.hpp"
#include "domain/store.hpp"
#include "storage/data_directory.hpp"
#include "storage/sqlite/sqlite_store.hpp"
#include "support/recording_log.hpp"
#include "support/seeded_random.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace latchkey::test {

inline std::string read_file(std::filesystem::path const& path) {
    std::string content(std::filesystem::file_size(path), '\0');
    std::ifstream(path, std::ios::binary)
        .read(content.data(), static_cast<std::streamsize>(content.size()));
    return content;
}

inline void write_file(std::filesystem::path const& path, std::string_view content) {
    std::ofstream(path, std::ios::binary) << content;
}

/// What `work` throws as a `StoreFailure` says; empty where it throws none.
template <typename Work>
std::string failure_of(Work work) {
    try {
        work();
        return {};
    } catch (domain::StoreFailure const& failure) {
        return failure.what();
    }
}

/// Reads a snapshot and keeps nothing of it.
class Discard final : public domain::SnapshotReader {
public:
    void on_app(domain::App) override {}
    void on_user(AppId, std::string const&, domain::UserStanding const&) override {}
};

/// A fresh directory, and stores opened on it.
class StoreFixture : public testing::Test {
protected:
    [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "data"; }
    [[nodiscard]] std::filesystem::path path(std::string_view name) const { return path() / name; }

    std::unique_ptr<storage::SqliteStore> open(std::optional<Secret> master_key = std::nullopt) {
        return storage::SqliteStore::open(
            {.data_directory = path(), .master_key = std::move(master_key)}, random_, log_);
    }

    static AppId insert_app(domain::Store& store, std::string_view key = "app") {
        AppId id{};
        std::ignore = commit_one(store, [&](domain::Transaction& transaction) {
            id = transaction.apps().insert(plain_app(key)).value();
        });
        return id;
    }

    static void put_user(domain::Store& store, AppId app, domain::User user) {
        std::ignore = commit_one(store, [&](domain::Transaction& transaction) {
            put(transaction, app, std::move(user), true);
        });
    }

    static std::size_t count_users(domain::Store& store, AppId app) {
        std::size_t count = 0;
        std::ignore = commit_one(store, [&](domain::Transaction& transaction) {
            count = transaction.users().query(app, {.limit = 1'000'000}).size();
        });
        return count;
    }

    TemporaryDirectory directory_;
    SeededRandom random_;
    RecordingLog log_;
};

}  // namespace latchkey::test
