#include "domain/known_secrets.hpp"

#include <sodium/crypto_hash_sha256.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace latchkey::domain {
namespace {

/// The first eight bytes of each secret's SHA-256, ascending. A chance hit on a good secret has
/// odds of one in 10^16, and only asks for another secret.
constexpr std::uint64_t kDigests[] = {
#include "domain/known_secret_digests.inc"
};
static_assert(std::ranges::is_sorted(kDigests));

}  // namespace

bool is_known_secret(std::string_view secret) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<unsigned char const*>(secret.data()),
                       secret.size());
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < sizeof prefix; ++i) {
        prefix = prefix << 8 | digest[i];
    }
    return std::ranges::binary_search(kDigests, prefix);
}

}  // namespace latchkey::domain
