#include "oidc/jwk_set.hpp"

#include "oidc/limits.hpp"
#include "support/foreign_key.hpp"

#include <latchkey/base/base64url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace latchkey::oidc {
namespace {

using boost::json::array;
using boost::json::object;
using test::ForeignKey;
using test::key_set;

object with(object jwk, std::string_view name, boost::json::value value) {
    jwk[name] = std::move(value);
    return jwk;
}

object with(object jwk, std::string_view name, std::string const& text) {
    return with(std::move(jwk), name, boost::json::value(std::string_view(text)));
}

object with(object jwk, std::string_view name, char const* text) {
    return with(std::move(jwk), name, boost::json::value(text));
}

object without(object jwk, std::string_view name) {
    jwk.erase(name);
    return jwk;
}

/// `-1` and the like are no bytes of a number: the text of so many bytes, the first not zero.
std::string bytes(std::size_t count, char last = '\1') {
    std::string text(count, '\x80');
    text.back() = last;
    return base64url::encode(text);
}

TEST(ParseJwk, TakesEachKindOfKeyForItsOneAlgorithm) {
    EXPECT_EQ(parse_jwk(ForeignKey::rsa().jwk())->key.algorithm(), Algorithm::RS256);
    EXPECT_EQ(parse_jwk(ForeignKey::p256().jwk())->key.algorithm(), Algorithm::ES256);
    EXPECT_EQ(parse_jwk(ForeignKey::ed25519().jwk())->key.algorithm(), Algorithm::EdDSA);
    for (auto const& key : {ForeignKey::rsa(), ForeignKey::p256(), ForeignKey::ed25519()}) {
        auto const jwk = key.jwk("one");
        auto const name = std::string(algorithm_name(parse_jwk(jwk)->key.algorithm()));
        EXPECT_EQ(parse_jwk(jwk)->id, "one");
        EXPECT_TRUE(parse_jwk(with(jwk, "alg", name)));
        for (auto const* other : {"HS256", "none", "PS256", "ES384", ""}) {
            EXPECT_FALSE(parse_jwk(with(jwk, "alg", other))) << other;
        }
        EXPECT_FALSE(parse_jwk(with(jwk, "alg", 1)));
    }
}

TEST(ParseJwk, TakesOnlyWhatIsMeantForSignatures) {
    auto const jwk = ForeignKey::p256().jwk();
    EXPECT_TRUE(parse_jwk(with(jwk, "use", "sig")));
    EXPECT_FALSE(parse_jwk(with(jwk, "use", "enc")));
    EXPECT_FALSE(parse_jwk(with(jwk, "use", boost::json::value())));
    EXPECT_TRUE(parse_jwk(with(jwk, "key_ops", array{"verify"})));
    EXPECT_TRUE(parse_jwk(with(jwk, "key_ops", array{"sign", "verify"})));
    EXPECT_FALSE(parse_jwk(with(jwk, "key_ops", array{"encrypt"})));
    EXPECT_FALSE(parse_jwk(with(jwk, "key_ops", array())));
    EXPECT_FALSE(parse_jwk(with(jwk, "key_ops", "verify")));
}

TEST(ParseJwk, WantsAKeyIdThatIsOne) {
    auto const jwk = ForeignKey::ed25519().jwk();
    EXPECT_EQ(parse_jwk(jwk)->id, std::nullopt);
    EXPECT_TRUE(parse_jwk(with(jwk, "kid", std::string(kKeyIdBytesMax, 'k'))));
    EXPECT_FALSE(parse_jwk(with(jwk, "kid", std::string(kKeyIdBytesMax + 1, 'k'))));
    EXPECT_FALSE(parse_jwk(with(jwk, "kid", "")));
    EXPECT_FALSE(parse_jwk(with(jwk, "kid", 7)));
}

TEST(ParseJwk, BoundsRsaKeys) {
    auto const rsa = ForeignKey::rsa().jwk();
    EXPECT_FALSE(parse_jwk(ForeignKey::rsa(2040).jwk()));
    // Whether a modulus is the product of two primes cannot be seen; its length can.
    EXPECT_TRUE(parse_jwk(with(rsa, "n", bytes(kRsaBitsMin / 8))));
    EXPECT_FALSE(parse_jwk(with(rsa, "n", bytes(kRsaBitsMin / 8 - 1))));
    EXPECT_TRUE(parse_jwk(with(rsa, "n", bytes(kRsaBitsMax / 8))));
    EXPECT_FALSE(parse_jwk(with(rsa, "n", bytes(kRsaBitsMax / 8 + 1))));
    EXPECT_FALSE(parse_jwk(with(rsa, "n", bytes(kRsaBitsMin / 8, '\2'))));  // even
    EXPECT_FALSE(parse_jwk(
        with(rsa, "n", base64url::encode(std::string(1, '\0') + std::string(256, '\x81')))));
}

TEST(ParseJwk, BoundsRsaExponents) {
    auto const rsa = ForeignKey::rsa(2048, 3).jwk();
    EXPECT_TRUE(parse_jwk(rsa));
    EXPECT_TRUE(parse_jwk(with(rsa, "e", "AQAB")));
    EXPECT_TRUE(parse_jwk(with(rsa, "e", bytes(4))));
    EXPECT_FALSE(parse_jwk(with(rsa, "e", bytes(5))));
    EXPECT_FALSE(parse_jwk(with(rsa, "e", "AQ")));      // 1
    EXPECT_FALSE(parse_jwk(with(rsa, "e", "Ag")));      // 2
    EXPECT_FALSE(parse_jwk(with(rsa, "e", "AAEAAQ")));  // a zero in front
    EXPECT_FALSE(parse_jwk(with(rsa, "e", "")));
    EXPECT_FALSE(parse_jwk(without(rsa, "e")));
    EXPECT_FALSE(parse_jwk(without(rsa, "n")));
}

TEST(ParseJwk, WantsAPointOfTheCurve) {
    auto const jwk = ForeignKey::p256().jwk();
    auto const other = ForeignKey::p256().jwk();
    EXPECT_TRUE(parse_jwk(jwk));
    EXPECT_FALSE(parse_jwk(with(jwk, "y", other.at("y"))));
    EXPECT_FALSE(parse_jwk(with(jwk, "x", base64url::encode(std::string(32, '\0')))));
    EXPECT_FALSE(parse_jwk(with(jwk, "x", base64url::encode(std::string(32, '\xff')))));
    EXPECT_FALSE(parse_jwk(with(jwk, "x", bytes(31))));
    EXPECT_FALSE(parse_jwk(with(jwk, "x", bytes(33))));
    EXPECT_FALSE(parse_jwk(with(jwk, "crv", "P-384")));
    EXPECT_FALSE(parse_jwk(with(jwk, "crv", "Ed25519")));
    EXPECT_FALSE(parse_jwk(without(jwk, "y")));
}

TEST(ParseJwk, WantsThe32BytesOfEd25519) {
    auto const jwk = ForeignKey::ed25519().jwk();
    EXPECT_FALSE(parse_jwk(with(jwk, "x", bytes(31))));
    EXPECT_FALSE(parse_jwk(with(jwk, "x", bytes(33))));
    EXPECT_FALSE(parse_jwk(with(jwk, "x", std::string(jwk.at("x").as_string()) + "=")));
    EXPECT_FALSE(parse_jwk(with(jwk, "crv", "Ed448")));
    EXPECT_FALSE(parse_jwk(with(jwk, "kty", "EC")));
}

TEST(ParseJwk, TakesNoSecret) {
    EXPECT_FALSE(parse_jwk({{"kty", "oct"}, {"k", bytes(32)}}));
    EXPECT_FALSE(parse_jwk({{"kty", "oct"}, {"k", bytes(32)}, {"alg", "HS256"}}));
    EXPECT_FALSE(parse_jwk({}));
}

TEST(JwkSet, PassesOverKeysThatAreNoUse) {
    auto const good = ForeignKey::p256().jwk("good");
    auto const text = boost::json::serialize(object{
        {"keys",
         {object{{"kty", "oct"}, {"k", "c2VjcmV0"}}, "no key", good, object{{"kty", "AKP"}}}}});
    auto const set = JwkSet::parse(text);
    ASSERT_TRUE(set);
    ASSERT_EQ(set->keys().size(), 1U);
    EXPECT_TRUE(set->knows("good"));
    EXPECT_FALSE(set->knows("other"));
}

TEST(JwkSet, LetsAKeyWithoutAnIdBeAnybodysAndKnowsNoIdByIt) {
    auto const set =
        JwkSet::parse(key_set({ForeignKey::p256().jwk(), ForeignKey::p256().jwk("b")}));
    EXPECT_TRUE(set->may_have_signed("b"));
    EXPECT_TRUE(set->knows("b"));
    EXPECT_TRUE(set->may_have_signed("other"));
    EXPECT_FALSE(set->knows("other"));
    auto const named = JwkSet::parse(key_set({ForeignKey::p256().jwk("b")}));
    EXPECT_TRUE(named->may_have_signed("b"));
    EXPECT_FALSE(named->may_have_signed("other"));
}

TEST(JwkSet, SaysWhatIsWrong) {
    auto const error = [](std::string const& text) { return JwkSet::parse(text).error(); };
    EXPECT_EQ(error(""), JwkSetError::NotJson);
    EXPECT_EQ(error("[]"), JwkSetError::NotJson);
    EXPECT_EQ(error(R"({"keys":[],"keys":[]})"), JwkSetError::NotJson);
    EXPECT_EQ(error("{}"), JwkSetError::NoKeys);
    EXPECT_EQ(error(R"({"keys":{}})"), JwkSetError::NoKeys);
    EXPECT_EQ(error(R"({"keys":[]})"), JwkSetError::NoUsableKey);
    EXPECT_EQ(error(R"({"keys":[{"kty":"RSA"}]})"), JwkSetError::NoUsableKey);
}

TEST(JwkSet, IsBounded) {
    auto const jwk = ForeignKey::ed25519().jwk();
    EXPECT_TRUE(JwkSet::parse(key_set(std::vector(kJwksKeysMax, jwk))));
    EXPECT_EQ(JwkSet::parse(key_set(std::vector(kJwksKeysMax + 1, jwk))).error(),
              JwkSetError::TooManyKeys);
    auto text = key_set({jwk});
    text.resize(kJwksBytesMax, ' ');
    EXPECT_TRUE(JwkSet::parse(text));
    EXPECT_EQ(JwkSet::parse(text + ' ').error(), JwkSetError::TooLong);
}

}  // namespace
}  // namespace latchkey::oidc
