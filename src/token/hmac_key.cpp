#include <latchkey/token/hmac_key.hpp>

#include <string.h>

#include <array>
#include <bit>

namespace latchkey::token {
namespace {

std::uint8_t const* bytes(std::string_view text) {
    return reinterpret_cast<std::uint8_t const*>(text.data());
}

/// A hash that goes on where `prepared` stands. Its buffer is empty (a pad is one whole block), so
/// that only the state is copied.
sha256_ctx resume(sha256_ctx const& prepared) noexcept {
    sha256_ctx hash;
    ::memcpy(hash.state, prepared.state, sizeof hash.state);
    hash.count = prepared.count;
    hash.index = 0;
    return hash;
}

/// Compares in constant time: the four words are folded into one before any is looked at, and the
/// barrier keeps the compiler from looking earlier. There is no loop here that could end early.
/// Decision 0007 says why this is not nettle's `memeql_sec`.
bool is_equal(HmacKey::Mac const& a, HmacKey::Mac const& b) noexcept {
    using Words = std::array<std::uint64_t, 4>;
    auto const x = std::bit_cast<Words>(a);
    auto const y = std::bit_cast<Words>(b);
    auto difference = (x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]);
    asm volatile("" : "+r"(difference));
    return difference == 0;
}

}  // namespace

HmacKey::HmacKey(std::string_view secret) noexcept {
    ::hmac_sha256_set_key(&prepared_, secret.size(), bytes(secret));
}

HmacKey::~HmacKey() { ::explicit_bzero(&prepared_, sizeof prepared_); }

HmacKey::HmacKey(HmacKey&& other) noexcept : prepared_(other.prepared_) {
    ::explicit_bzero(&other.prepared_, sizeof other.prepared_);
}

HmacKey& HmacKey::operator=(HmacKey&& other) noexcept {
    if (this != &other) {
        prepared_ = other.prepared_;
        ::explicit_bzero(&other.prepared_, sizeof other.prepared_);
    }
    return *this;
}

HmacKey::Mac HmacKey::mac(std::string_view text) const noexcept {
    // RFC 2104 section 2: H(K XOR opad, H(K XOR ipad, text)), from the two prepared states. A copy
    // of the whole context for `hmac_sha256_digest` took 12 % longer for a usual token, and left
    // both states on the stack; `sha256_digest` leaves the initial state behind.
    auto inner_hash = resume(prepared_.inner);
    ::sha256_update(&inner_hash, text.size(), bytes(text));
    Mac inner;
    ::sha256_digest(&inner_hash, inner.size(), inner.data());
    auto outer_hash = resume(prepared_.outer);
    ::sha256_update(&outer_hash, inner.size(), inner.data());
    Mac outer;
    ::sha256_digest(&outer_hash, outer.size(), outer.data());
    return outer;
}

bool HmacKey::verify(std::string_view text, Mac const& expected) const noexcept {
    return is_equal(mac(text), expected);
}

}  // namespace latchkey::token
