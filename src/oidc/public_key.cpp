#include "oidc/public_key.hpp"

#include "oidc/limits.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace latchkey::oidc {
namespace {

template <auto Free>
struct Freed {
    template <class Type>
    void operator()(Type* object) const noexcept {
        Free(object);
    }
};
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;

constexpr std::size_t kCoordinateBytes = 32;
constexpr std::size_t kPairBytes = 2 * kCoordinateBytes;
constexpr std::size_t kExponentBytesMax = 4;

/// OpenSSL keeps a queue of what went wrong, each thread one, which TLS on the same thread would
/// find: whatever is refused here leaves it as it was.
class ErrorQueue {
public:
    ErrorQueue() { ERR_set_mark(); }
    ~ErrorQueue() { ERR_pop_to_mark(); }
    ErrorQueue(ErrorQueue const&) = delete;
    ErrorQueue& operator=(ErrorQueue const&) = delete;
};

Number to_number(PublicKey::Bytes bytes) {
    return Number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

/// Null where the parameters are no key of that type.
Key make_key(char const* type, OSSL_PARAM* params) {
    KeyContext const context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* made = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        return nullptr;
    }
    return Key(made);
}

bool is_sound(EVP_PKEY* key) {
    KeyContext const context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return context && EVP_PKEY_public_check(context.get()) == 1;
}

Key make_rsa(BIGNUM const* modulus, BIGNUM const* exponent) {
    ParamBuilder const builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent) != 1) {
        return nullptr;
    }
    Params const params(OSSL_PARAM_BLD_to_param(builder.get()));
    return params ? make_key("RSA", params.get()) : nullptr;
}

/// `point` is uncompressed (SEC 1 section 2.3.3).
Key make_p256(std::vector<std::uint8_t> const& point) {
    ParamBuilder const builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                        0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1) {
        return nullptr;
    }
    Params const params(OSSL_PARAM_BLD_to_param(builder.get()));
    return params ? make_key("EC", params.get()) : nullptr;
}

/// The two numbers as OpenSSL wants them: in DER (RFC 3279 section 2.2.3). Empty: no memory.
std::vector<std::uint8_t> to_der(PublicKey::Bytes pair) {
    Signature const signature(ECDSA_SIG_new());
    auto r = to_number(pair.first(kCoordinateBytes));
    auto s = to_number(pair.last(kCoordinateBytes));
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) {
        return {};
    }
    static_cast<void>(r.release());  // the signature's own from here on
    static_cast<void>(s.release());
    auto const bytes = i2d_ECDSA_SIG(signature.get(), nullptr);
    std::vector<std::uint8_t> der(static_cast<std::size_t>(std::max(bytes, 0)));
    auto* out = der.data();
    i2d_ECDSA_SIG(signature.get(), &out);
    return der;
}

}  // namespace

class PublicKey::Handle {
public:
    explicit Handle(Key key) : key_(std::move(key)) {}
    /// Verifying does not change a key, whatever OpenSSL's signatures say.
    [[nodiscard]] EVP_PKEY* get() const noexcept { return key_.get(); }

private:
    Key key_;
};

std::optional<PublicKey> PublicKey::rsa(Bytes modulus, Bytes exponent) {
    ErrorQueue const errors;
    if (modulus.empty() || modulus.front() == 0 || modulus.size() * 8 > kRsaBitsMax ||
        exponent.empty() || exponent.front() == 0 || exponent.size() > kExponentBytesMax) {
        return std::nullopt;
    }
    auto const n = to_number(modulus);
    auto const e = to_number(exponent);
    if (!n || !e || BN_num_bits(n.get()) < kRsaBitsMin || BN_is_odd(n.get()) == 0 ||
        BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) != 0) {
        return std::nullopt;
    }
    auto key = make_rsa(n.get(), e.get());
    if (!key) {
        return std::nullopt;
    }
    return PublicKey(Algorithm::RS256, std::make_shared<Handle const>(std::move(key)));
}

std::optional<PublicKey> PublicKey::p256(std::span<std::uint8_t const, 32> x,
                                         std::span<std::uint8_t const, 32> y) {
    constexpr std::uint8_t kUncompressed = 4;
    ErrorQueue const errors;
    std::vector<std::uint8_t> point{kUncompressed};
    point.insert(point.end(), x.begin(), x.end());
    point.insert(point.end(), y.begin(), y.end());
    auto key = make_p256(point);
    if (!key || !is_sound(key.get())) {
        return std::nullopt;
    }
    return PublicKey(Algorithm::ES256, std::make_shared<Handle const>(std::move(key)));
}

std::optional<PublicKey> PublicKey::ed25519(std::span<std::uint8_t const, 32> x) {
    ErrorQueue const errors;
    Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x.data(), x.size()));
    if (!key) {
        return std::nullopt;
    }
    return PublicKey(Algorithm::EdDSA, std::make_shared<Handle const>(std::move(key)));
}

bool PublicKey::verify(std::string_view text, Bytes signature) const {
    ErrorQueue const errors;
    std::vector<std::uint8_t> der;
    if (algorithm_ == Algorithm::ES256) {
        if (signature.size() != kPairBytes) {
            return false;
        }
        der = to_der(signature);
        signature = der;
    }
    DigestContext const context(EVP_MD_CTX_new());
    // Ed25519 hashes by itself (RFC 8032 section 5.1). RSA's padding is that of PKCS #1 v1.5 unless
    // told otherwise, as RS256 has it (RFC 7518 section 3.3).
    auto const* const digest = algorithm_ == Algorithm::EdDSA ? nullptr : EVP_sha256();
    return context && !signature.empty() &&
           EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, handle_->get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                            reinterpret_cast<unsigned char const*>(text.data()), text.size()) == 1;
}

}  // namespace latchkey::oidc
