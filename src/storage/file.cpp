#include "storage/file.hpp"

#include "domain/store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace latchkey::storage {

FileDescriptor::~FileDescriptor() {
    if (is_open()) {
        ::close(number_);  // What has to last was synced before; an error here loses nothing.
    }
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : number_(std::exchange(other.number_, -1)) {}

FileDescriptor open_file(std::filesystem::path const& path, int flags, unsigned mode) {
    return FileDescriptor(::open(path.c_str(), flags | O_CLOEXEC, mode));
}

void sync_file(FileDescriptor const& file, std::filesystem::path const& path) {
    if (::fsync(file.get()) != 0) {
        throw_file_failure("sync", path);
    }
}

void sync_directory(std::filesystem::path const& path) {
    auto const directory = open_file(path, O_RDONLY | O_DIRECTORY);
    if (!directory.is_open()) {
        throw_file_failure("open", path);
    }
    sync_file(directory, path);
}

void throw_file_failure(std::string_view verb, std::filesystem::path const& path) {
    auto const cause = std::error_code(errno, std::system_category());
    throw domain::StoreFailure("cannot " + std::string(verb) + " " + path.string() + ": " +
                               cause.message());
}

}  // namespace latchkey::storage
