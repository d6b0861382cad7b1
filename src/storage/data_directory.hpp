#pragma once

#include "domain/store.hpp"
#include "storage/file.hpp"

#include <filesystem>
#include <string_view>

namespace latchkey::storage {

inline constexpr std::string_view kDatabaseFileName = "latchkey.db";
inline constexpr std::string_view kLockFileName = "lock";

/// Another process holds the folder: a server runs on it, or a command.
class DirectoryHeld final : public domain::StoreFailure {
public:
    using StoreFailure::StoreFailure;
};

/// The folder of an embedded store, held against every other process for as long as this lives.
class DataDirectory {
public:
    /// Creates the folder, mode 0700, where there is none, and takes its lock.
    /// @throws domain::StoreFailure where it is no folder that can be written to, lies on a network
    /// file system (locks and syncs there do not hold what they promise), or, as `DirectoryHeld`,
    /// is held by another process.
    [[nodiscard]] static DataDirectory open(std::filesystem::path const& path);

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }
    [[nodiscard]] std::filesystem::path database_path() const { return path_ / kDatabaseFileName; }

private:
    DataDirectory(std::filesystem::path path, FileDescriptor lock);

    std::filesystem::path path_;
    FileDescriptor lock_;
};

}  // namespace latchkey::storage
