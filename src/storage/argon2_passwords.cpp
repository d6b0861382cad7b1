#include "storage/argon2_passwords.hpp"

#include "storage/sodium_start.hpp"

#include <sodium.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace latchkey::storage {
namespace {

constexpr char const* kNoMemory = "no memory for hashing a password";
constexpr std::size_t kSaltCharacters = 22;  // 16 bytes in base64 without padding
constexpr std::size_t kHashCharacters = 43;  // 32 bytes

/// A hash that nobody knows a password for: all its bytes are zero.
std::string make_nobodys_hash(Argon2Costs costs) {
    return "$argon2id$v=19$m=" + std::to_string(costs.memory_bytes / 1024) +
           ",t=" + std::to_string(costs.passes) + ",p=1$" + std::string(kSaltCharacters, 'A') +
           '$' + std::string(kHashCharacters, 'A');
}

}  // namespace

Argon2Passwords::Argon2Passwords(Argon2Costs costs)
    : costs_(costs), nobodys_hash_(make_nobodys_hash(costs)) {
    prepare_sodium();
}

std::string Argon2Passwords::hash(Secret const& password) {
    auto const text = password.reveal();
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (crypto_pwhash_str_alg(out.data(), text.data(), text.size(), costs_.passes,
                              costs_.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw std::runtime_error(kNoMemory);
    }
    return out.data();
}

bool Argon2Passwords::verify(std::optional<std::string> const& hash, Secret const& password) {
    auto const text = password.reveal();
    auto const& stored = hash ? *hash : nobodys_hash_;
    if (stored.size() >= crypto_pwhash_STRBYTES) {
        return false;  // no text of ours, and libsodium reads no longer one
    }
    errno = 0;
    bool const matches = crypto_pwhash_str_verify(stored.c_str(), text.data(), text.size()) == 0;
    if (!matches && errno == ENOMEM) {
        throw std::runtime_error(kNoMemory);
    }
    return matches && hash.has_value();
}

}  // namespace latchkey::storage
