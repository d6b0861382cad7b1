#pragma once

#include "oidc/algorithm.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace latchkey::oidc {

/// Somebody's public key, which is good for one algorithm and no other. Immutable, thread-safe,
/// cheap to copy.
class PublicKey {
public:
    using Bytes = std::span<std::uint8_t const>;

    /// RS256. `modulus` and `exponent` are big-endian without a zero in front. Empty where the
    /// modulus has less than `kRsaBitsMin` or more than `kRsaBitsMax` bits, or the exponent is
    /// even, 1, or longer than 4 bytes.
    [[nodiscard]] static std::optional<PublicKey> rsa(Bytes modulus, Bytes exponent);
    /// ES256. Empty where the point is not one of the curve P-256.
    [[nodiscard]] static std::optional<PublicKey> p256(std::span<std::uint8_t const, 32> x,
                                                       std::span<std::uint8_t const, 32> y);
    /// EdDSA. Empty where OpenSSL does not take it.
    [[nodiscard]] static std::optional<PublicKey> ed25519(std::span<std::uint8_t const, 32> x);

    [[nodiscard]] Algorithm algorithm() const noexcept { return algorithm_; }

    /// Whether `signature`, as a JWS has it, is one of `text` by this key's owner: for RS256 as
    /// long as the modulus, for ES256 `r` and `s` of 32 bytes each (RFC 7518 section 3.4), for
    /// EdDSA 64 bytes.
    [[nodiscard]] bool verify(std::string_view text, Bytes signature) const;

private:
    class Handle;
    PublicKey(Algorithm algorithm, std::shared_ptr<Handle const> handle)
        : algorithm_(algorithm), handle_(std::move(handle)) {}

    Algorithm algorithm_;
    std::shared_ptr<Handle const> handle_;
};

}  // namespace latchkey::oidc
