#include "storage/sqlite/ballast.hpp"

#include "storage/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace latchkey::storage {
namespace {

/// Free space below which none is taken: the last room belongs to the data.
constexpr std::int64_t kFreeBytesMin = 8 * kBallastBytes;

bool has_plenty(std::filesystem::path const& directory) {
    struct statvfs file_system = {};
    return ::statvfs(directory.c_str(), &file_system) == 0 &&
           static_cast<std::int64_t>(file_system.f_bavail * file_system.f_frsize) >= kFreeBytesMin;
}

}  // namespace

Ballast::Ballast(std::filesystem::path const& directory) : path_(directory / kBallastFileName) {}

bool Ballast::hold() {
    struct stat status = {};
    if (::stat(path_.c_str(), &status) == 0 && status.st_size == kBallastBytes) {
        return true;
    }
    if (!has_plenty(path_.parent_path())) {
        return false;
    }
    auto const file = open_file(path_, O_WRONLY | O_CREAT | O_TRUNC, S_IRUSR | S_IWUSR);
    // Allocated for real: a file with holes would hold nothing back.
    if (!file.is_open() || ::posix_fallocate(file.get(), 0, kBallastBytes) != 0) {
        ::unlink(path_.c_str());
        return false;
    }
    return true;
}

bool Ballast::release() { return ::unlink(path_.c_str()) == 0; }

}  // namespace latchkey::storage
