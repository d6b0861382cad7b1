#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace latchkey::token {

/// An API secret prepared for HMAC-SHA-256 (RFC 2104): both pads are hashed once, here, and copied
/// for each token. Signs and verifies; cannot be copied, is wiped when it goes. Thread-safe.
class HmacKey {
public:
    using Mac = std::array<std::uint8_t, 32>;

    /// The key is the UTF-8 bytes of `secret` as they stand: not hex, not base64. Any length.
    explicit HmacKey(std::string_view secret) noexcept;
    ~HmacKey();
    HmacKey(HmacKey&& other) noexcept;
    HmacKey& operator=(HmacKey&& other) noexcept;
    HmacKey(HmacKey const&) = delete;
    HmacKey& operator=(HmacKey const&) = delete;

    [[nodiscard]] Mac mac(std::string_view text) const noexcept;

    /// Whether `expected` is the MAC of `text`; takes the same time wherever they differ.
    [[nodiscard]] bool verify(std::string_view text, Mac const& expected) const noexcept;

private:
    /// SHA-256 with one pad hashed. A pad is one whole block, so that these eight words are all of
    /// the hash's state, and no library's struct is needed in this header.
    using HashState = std::array<std::uint32_t, 8>;

    void wipe() noexcept;

    HashState inner_;
    HashState outer_;
};

}  // namespace latchkey::token
