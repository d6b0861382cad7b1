#pragma once

#include "domain/passwords.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace latchkey::storage {

/// What one hash costs: that much memory, gone over so many times.
struct Argon2Costs {
    std::uint32_t passes;
    std::size_t memory_bytes;
};

/// The second choice of RFC 9106 section 4, for machines that have other work too: 64 MiB, three
/// passes; but in one lane, for libsodium has no more.
inline constexpr Argon2Costs kArgon2Costs{.passes = 3,
                                          .memory_bytes = std::size_t{64} * 1024 * 1024};

/// Passwords by argon2id (RFC 9106), in libsodium's text form, which names the costs it was made
/// with: hashes stay good when the costs change.
class Argon2Passwords final : public domain::PasswordHasher {
public:
    /// Other costs than `kArgon2Costs` are for tests.
    /// @throws domain::StoreFailure where libsodium cannot be used.
    explicit Argon2Passwords(Argon2Costs costs = kArgon2Costs);

    [[nodiscard]] std::string hash(Secret const& password) override;
    [[nodiscard]] bool verify(std::optional<std::string> const& hash,
                              Secret const& password) override;

private:
    Argon2Costs costs_;
    std::string nobodys_hash_;  ///< of no password, and as dear to check as any
};

}  // namespace latchkey::storage
