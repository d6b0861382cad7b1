#include "support/foreign_key.hpp"

#include <latchkey/base/base64url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace latchkey::test {
namespace {

using boost::json::object;

void require(bool holds) {
    if (!holds) {
        throw std::runtime_error("OpenSSL does not make the test's key");
    }
}

std::string number(EVP_PKEY* key, char const* name, int width = 0) {
    BIGNUM* value = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &value) == 1);
    std::string bytes(static_cast<std::size_t>(width == 0 ? BN_num_bytes(value) : width), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(bytes.size()));
    BN_free(value);
    return base64url::encode(bytes);
}

/// From DER to `r` and `s` one behind the other (RFC 7518 section 3.4).
std::string to_pair(std::string const& der) {
    auto const* in = reinterpret_cast<unsigned char const*>(der.data());
    auto* signature = d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size()));
    require(signature != nullptr);
    std::string pair(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(pair.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
    ECDSA_SIG_free(signature);
    return pair;
}

}  // namespace

struct ForeignKey::Pair {
    explicit Pair(EVP_PKEY* made) : key(made) { require(made != nullptr); }
    Pair(Pair const&) = delete;
    Pair& operator=(Pair const&) = delete;
    ~Pair() { EVP_PKEY_free(key); }
    EVP_PKEY* key;
};

ForeignKey ForeignKey::rsa(int bits, unsigned long exponent) {
    auto* context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nullptr);
    auto* e = BN_new();
    EVP_PKEY* made = nullptr;
    require(BN_set_word(e, exponent) == 1 && EVP_PKEY_keygen_init(context) == 1 &&
            EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1 &&
            EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e) == 1 &&
            EVP_PKEY_keygen(context, &made) == 1);
    BN_free(e);
    EVP_PKEY_CTX_free(context);
    return ForeignKey(std::make_shared<Pair const>(made));
}

ForeignKey ForeignKey::p256() {
    return ForeignKey(
        std::make_shared<Pair const>(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")));
}

ForeignKey ForeignKey::ed25519() {
    return ForeignKey(std::make_shared<Pair const>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
}

std::string_view ForeignKey::algorithm() const {
    switch (EVP_PKEY_get_base_id(pair_->key)) {
        case EVP_PKEY_RSA: return "RS256";
        case EVP_PKEY_EC: return "ES256";
        default: return "EdDSA";
    }
}

object ForeignKey::jwk() const {
    if (algorithm() == "RS256") {
        return {{"kty", "RSA"},
                {"n", number(pair_->key, OSSL_PKEY_PARAM_RSA_N)},
                {"e", number(pair_->key, OSSL_PKEY_PARAM_RSA_E)}};
    }
    if (algorithm() == "ES256") {
        return {{"kty", "EC"},
                {"crv", "P-256"},
                {"x", number(pair_->key, OSSL_PKEY_PARAM_EC_PUB_X, 32)},
                {"y", number(pair_->key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)}};
    }
    std::array<unsigned char, 32> x{};
    auto size = x.size();
    require(EVP_PKEY_get_raw_public_key(pair_->key, x.data(), &size) == 1);
    return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", base64url::encode(x)}};
}

object ForeignKey::jwk(std::string_view kid) const {
    auto made = jwk();
    made["kid"] = kid;
    return made;
}

std::string ForeignKey::sign(std::string_view text) const {
    auto* context = EVP_MD_CTX_new();
    auto const* digest = algorithm() == "EdDSA" ? nullptr : EVP_sha256();
    auto const* in = reinterpret_cast<unsigned char const*>(text.data());
    std::size_t size = 0;
    require(EVP_DigestSignInit(context, nullptr, digest, nullptr, pair_->key) == 1 &&
            EVP_DigestSign(context, nullptr, &size, in, text.size()) == 1);
    std::string signature(size, '\0');
    require(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, in,
                           text.size()) == 1);
    signature.resize(size);
    EVP_MD_CTX_free(context);
    return algorithm() == "ES256" ? to_pair(signature) : signature;
}

std::string ForeignKey::token_of(std::string_view header, std::string_view claims) const {
    auto const input = base64url::encode(header) + '.' + base64url::encode(claims);
    return input + '.' + base64url::encode(sign(input));
}

std::string ForeignKey::token(std::string_view kid, object const& claims) const {
    object header = {{"alg", algorithm()}, {"typ", "JWT"}};
    if (!kid.empty()) {
        header["kid"] = kid;
    }
    return token_of(boost::json::serialize(header), boost::json::serialize(claims));
}

std::string key_set(std::vector<object> const& keys) {
    return boost::json::serialize(object{{"keys", boost::json::array(keys.begin(), keys.end())}});
}

}  // namespace latchkey::test
