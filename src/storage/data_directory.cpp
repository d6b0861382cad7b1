#include "storage/data_directory.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace latchkey::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPidCharactersMax = 20;

void create_if_absent(fs::path const& path) {
    if (::mkdir(path.c_str(), S_IRWXU) == 0) {
        // The new name has to last as long as what will be stored below it.
        auto const absolute = fs::absolute(path);
        sync_directory(absolute.has_filename() ? absolute.parent_path()
                                               : absolute.parent_path().parent_path());
        return;
    }
    if (errno != EEXIST) {
        throw_file_failure("create the data directory", path);
    }
}

void refuse_unusable(fs::path const& path) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) {
        throw_file_failure("look at the data directory", path);
    }
    if (!S_ISDIR(status.st_mode)) {
        throw domain::StoreFailure(path.string() +
                                   " is no directory: name one, or a place where one can be made");
    }
    struct statfs file_system = {};
    if (::statfs(path.c_str(), &file_system) != 0) {
        throw_file_failure("look at the file system of", path);
    }
    if (file_system.f_type == NFS_SUPER_MAGIC || file_system.f_type == SMB_SUPER_MAGIC ||
        file_system.f_type == CIFS_SUPER_MAGIC || file_system.f_type == SMB2_SUPER_MAGIC) {
        throw domain::StoreFailure(
            path.string() +
            " lies on a network file system, whose locks and syncs cannot be "
            "relied on: use a local disk, or PostgreSQL (--database-url)");
    }
}

/// The process id that the holder wrote into its lock file, or "unknown".
std::string read_holder(FileDescriptor const& lock) {
    std::array<char, kPidCharactersMax> text{};
    auto const count = ::pread(lock.get(), text.data(), text.size(), 0);
    std::string const holder(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    bool const is_number = !holder.empty() && holder.find_first_not_of("0123456789") == holder.npos;
    return is_number ? holder : "unknown";
}

void write_holder(FileDescriptor const& lock, fs::path const& path) {
    auto const pid = std::to_string(::getpid());
    if (::ftruncate(lock.get(), 0) != 0 ||
        ::pwrite(lock.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        // A full disk has no room for the number either; the lock holds all the same.
        if (errno != ENOSPC && errno != EDQUOT) {
            throw_file_failure("write", path);
        }
    }
}

FileDescriptor take_lock(fs::path const& directory) {
    auto const path = directory / kLockFileName;
    auto lock = open_file(path, O_RDWR | O_CREAT, S_IRUSR | S_IWUSR);
    if (!lock.is_open()) {
        if (errno == EACCES || errno == EROFS || errno == EPERM) {
            throw domain::StoreFailure("the data directory " + directory.string() +
                                       " cannot be written to: give it to the user that runs "
                                       "latchkey, or name another one (--data)");
        }
        throw_file_failure("open", path);
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            throw_file_failure("lock", path);
        }
        throw DirectoryHeld("another latchkey (process " + read_holder(lock) +
                            ") holds the data directory " + directory.string() +
                            ": stop it, or name another directory (--data)");
    }
    write_holder(lock, path);
    return lock;
}

}  // namespace

DataDirectory DataDirectory::open(fs::path const& path) {
    create_if_absent(path);
    refuse_unusable(path);
    return {path, take_lock(path)};
}

DataDirectory::DataDirectory(fs::path path, FileDescriptor lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

}  // namespace latchkey::storage
