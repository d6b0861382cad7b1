#include "storage/sealer.hpp"

#include "domain/store.hpp"
#include "storage/data_directory.hpp"
#include "storage/file.hpp"
#include "storage/sodium_start.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <utility>

namespace latchkey::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kKeyFileBytesMax = 2 * kMasterKeyBytes + 1;
static_assert(kMasterKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Secret read_master_key(FileDescriptor const& file, fs::path const& path) {
    struct stat status = {};
    if (::fstat(file.get(), &status) != 0) {
        throw_file_failure("look at", path);
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw domain::StoreFailure("others than its owner can use " + path.string() +
                                   ": make it private (chmod 600), and consider its key known");
    }
    // One byte more than a key file has: a longer one is refused instead of cut.
    std::string text(kKeyFileBytesMax + 1, '\0');
    auto const count = ::read(file.get(), text.data(), text.size());
    if (count < 0) {
        throw_file_failure("read", path);
    }
    auto key = parse_master_key(std::string_view(text).substr(0, static_cast<std::size_t>(count)));
    sodium_memzero(text.data(), text.size());
    if (!key) {
        throw domain::StoreFailure(path.string() +
                                   " is no master key: it has to hold 64 hex digits; restore it "
                                   "from a backup");
    }
    return *std::move(key);
}

void write_whole(FileDescriptor const& file, fs::path const& path, std::string_view text) {
    while (!text.empty()) {
        auto const count = ::write(file.get(), text.data(), text.size());
        if (count < 0) {
            throw_file_failure("write", path);
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    sync_file(file, path);
}

Secret make_master_key(RandomSource& random) {
    std::array<std::byte, kMasterKeyBytes> bytes{};
    random.fill(bytes);
    Secret key(std::string(reinterpret_cast<char const*>(bytes.data()), bytes.size()));
    sodium_memzero(bytes.data(), bytes.size());
    return key;
}

void write_master_key(fs::path const& path, Secret const& key) {
    auto const new_path = fs::path(path).concat(".new");
    auto const file = open_file(new_path, O_WRONLY | O_CREAT | O_TRUNC, S_IRUSR | S_IWUSR);
    if (!file.is_open()) {
        throw_file_failure("create", new_path);
    }
    std::array<char, 2 * kMasterKeyBytes + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), bytes_of(key.reveal()), kMasterKeyBytes);
    hex.back() = '\n';
    write_whole(file, new_path, std::string_view(hex.data(), hex.size()));
    sodium_memzero(hex.data(), hex.size());
    if (::rename(new_path.c_str(), path.c_str()) != 0) {
        throw_file_failure("create", path);
    }
    sync_directory(path.parent_path());
}

}  // namespace

Sealer::Sealer(Secret master_key, RandomSource& random)
    : master_key_(std::move(master_key)), random_(random) {
    prepare_sodium();
    if (master_key_.reveal().size() != kMasterKeyBytes) {
        throw domain::StoreFailure("the master key has to have 32 bytes (64 hex digits)");
    }
}

std::string Sealer::seal(std::string_view plain, std::string_view context) const {
    std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
    random_.fill(std::as_writable_bytes(std::span(sealed.data(), kNonceBytes)));
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes_of(sealed) + kNonceBytes, nullptr, bytes_of(plain), plain.size(), bytes_of(context),
        context.size(), nullptr, bytes_of(sealed), bytes_of(master_key_.reveal()));
    return sealed;
}

std::optional<Secret> Sealer::open(std::string_view sealed, std::string_view context) const {
    if (sealed.size() < kNonceBytes + kTagBytes) {
        return std::nullopt;
    }
    auto const nonce = sealed.substr(0, kNonceBytes);
    auto const box = sealed.substr(kNonceBytes);
    std::string plain(box.size() - kTagBytes, '\0');
    int const refused = crypto_aead_xchacha20poly1305_ietf_decrypt(
        bytes_of(plain), nullptr, nullptr, bytes_of(box), box.size(), bytes_of(context),
        context.size(), bytes_of(nonce), bytes_of(master_key_.reveal()));
    if (refused != 0) {
        return std::nullopt;
    }
    return Secret(std::move(plain));
}

Secret Sealer::derive_key(std::string_view purpose) const {
    std::string key(kMasterKeyBytes, '\0');
    crypto_generichash(bytes_of(key), key.size(), bytes_of(purpose), purpose.size(),
                       bytes_of(master_key_.reveal()), kMasterKeyBytes);
    return Secret(std::move(key));
}

std::optional<Secret> parse_master_key(std::string_view text) {
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    if (text.size() != 2 * kMasterKeyBytes) {
        return std::nullopt;
    }
    std::string bytes(kMasterKeyBytes, '\0');
    std::size_t count = 0;
    if (sodium_hex2bin(bytes_of(bytes), bytes.size(), text.data(), text.size(), nullptr, &count,
                       nullptr) != 0 ||
        count != kMasterKeyBytes) {
        sodium_memzero(bytes.data(), bytes.size());
        return std::nullopt;
    }
    return Secret(std::move(bytes));
}

Secret load_or_create_master_key(fs::path const& directory, RandomSource& random) {
    prepare_sodium();
    auto const path = directory / kMasterKeyFileName;
    auto const file = open_file(path, O_RDONLY);
    if (file.is_open()) {
        return read_master_key(file, path);
    }
    if (errno != ENOENT) {
        throw_file_failure("open", path);
    }
    if (fs::exists(directory / kDatabaseFileName)) {
        // A new key would not open what the lost one has sealed.
        throw domain::StoreFailure(path.string() +
                                   " is missing, and the store beside it is sealed under it: "
                                   "restore the file from a backup, or give the master key");
    }
    auto key = make_master_key(random);
    write_master_key(path, key);
    return key;
}

}  // namespace latchkey::storage
