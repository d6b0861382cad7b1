#pragma once

#include <filesystem>
#include <string>
#include <string_view>

/// The few calls to the file system that the embedded store needs beside SQLite's own.
namespace latchkey::storage {

/// An open file; closed when this goes. Not open after being moved from.
class FileDescriptor {
public:
    explicit FileDescriptor(int number) noexcept : number_(number) {}
    ~FileDescriptor();
    FileDescriptor(FileDescriptor&& other) noexcept;
    FileDescriptor& operator=(FileDescriptor&&) = delete;

    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }

private:
    int number_;
};

/// `open(2)`, never handed to child processes. Not open where it failed: `errno` says why.
[[nodiscard]] FileDescriptor open_file(std::filesystem::path const& path, int flags,
                                       unsigned mode = 0);

/// Brings what was written to `file`, a directory too, to the disk.
/// @throws domain::StoreFailure naming `path` where that fails.
void sync_file(FileDescriptor const& file, std::filesystem::path const& path);
void sync_directory(std::filesystem::path const& path);

/// @throws domain::StoreFailure: "cannot VERB PATH: what the system says". For a call that just
/// failed and left `errno`.
[[noreturn]] void throw_file_failure(std::string_view verb, std::filesystem::path const& path);

}  // namespace latchkey::storage
