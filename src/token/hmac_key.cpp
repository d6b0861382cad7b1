#include <latchkey/token/hmac_key.hpp>

#include <nettle/memops.h>
#include <string.h>

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
    auto const made = mac(text);
    return ::memeql_sec(made.data(), expected.data(), made.size()) != 0;
}

}  // namespace latchkey::token
