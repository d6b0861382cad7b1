#pragma once

#include <latchkey/base/secret.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// How commands on the same machine reach a running server: its admin address and a credential, in
/// a file in the data directory that only its owner can read. Made anew at each start.
namespace latchkey::server {

inline constexpr std::string_view kLocalAccessFileName = "admin.json";

struct LocalAccess {
    std::string host;
    std::uint16_t port;
    Secret credential;
};

/// Writes the file, whole or not at all, mode 0600; takes it away again when this goes.
class LocalAccessFile {
public:
    /// @throws std::system_error where it cannot be written.
    LocalAccessFile(std::filesystem::path const& data_directory, LocalAccess const& access);
    ~LocalAccessFile();
    LocalAccessFile(LocalAccessFile const&) = delete;
    LocalAccessFile& operator=(LocalAccessFile const&) = delete;

private:
    std::filesystem::path path_;
};

/// Empty where there is no such file, or it cannot be read as one. It may be left from a server
/// that was killed: then nothing listens there.
[[nodiscard]] std::optional<LocalAccess> read_local_access(
    std::filesystem::path const& data_directory);

}  // namespace latchkey::server
