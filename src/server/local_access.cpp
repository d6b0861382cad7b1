#include "server/local_access.hpp"

#include "wire/json.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace latchkey::server {
namespace {

constexpr std::size_t kFileBytesMax = 4096;

/// A reader sees the whole of the file: it gets its name only when it is complete.
void write_private_file(std::filesystem::path const& path, std::string const& text) {
    auto const temporary = path.string() + ".new";
    ::unlink(temporary.c_str());
    int const file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool const written =
        file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    int const error = errno;
    if (file >= 0) {
        ::close(file);
    }
    if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) {
        throw std::system_error(written ? errno : error, std::generic_category(),
                                "cannot write " + path.string());
    }
}

}  // namespace

LocalAccessFile::LocalAccessFile(std::filesystem::path const& data_directory,
                                 LocalAccess const& access)
    : path_(data_directory / kLocalAccessFileName) {
    std::string text = "{\"host\":";
    wire::append_json_string(text, access.host);
    text += ",\"port\":" + std::to_string(access.port) + ",\"credential\":";
    wire::append_json_string(text, access.credential.reveal());
    text += "}\n";
    write_private_file(path_, text);
}

LocalAccessFile::~LocalAccessFile() {
    std::error_code ignored;  // a file left behind leads to nobody: the next command finds that out
    std::filesystem::remove(path_, ignored);
}

std::optional<LocalAccess> read_local_access(std::filesystem::path const& data_directory) {
    std::ifstream file(data_directory / kLocalAccessFileName, std::ios::binary);
    std::string text(kFileBytesMax, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    auto const json = wire::parse_json_object(text);
    if (!json) {
        return std::nullopt;
    }
    auto const* host = json->if_contains("host");
    auto const* port = json->if_contains("port");
    auto const* credential = json->if_contains("credential");
    if (host == nullptr || !host->is_string() || port == nullptr || !port->is_int64() ||
        port->get_int64() < 1 || port->get_int64() > UINT16_MAX || credential == nullptr ||
        !credential->is_string()) {
        return std::nullopt;
    }
    return LocalAccess{.host = std::string(host->get_string()),
                       .port = static_cast<std::uint16_t>(port->get_int64()),
                       .credential = Secret(std::string(credential->get_string()))};
}

}  // namespace latchkey::server
