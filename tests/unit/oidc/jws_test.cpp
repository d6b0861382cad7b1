#include "oidc/jws.hpp"

#include "oidc/limits.hpp"
#include "support/foreign_key.hpp"

#include <latchkey/base/base64url.hpp>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::oidc {
namespace {

using test::ForeignKey;
using test::key_set;

JwkSet keys_of(std::vector<boost::json::object> const& keys) {
    return *JwkSet::parse(key_set(keys));
}

std::expected<std::string, ProofError> verify(std::string_view token, JwkSet const& keys,
                                              std::span<Algorithm const> allowed = kAlgorithms) {
    auto const parsed = SignedToken::parse(token, allowed);
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    return parsed->verify(keys);
}

struct Signer {
    std::string name;
    ForeignKey key;
};

std::vector<Signer> signers() {
    return {{"RS256", ForeignKey::rsa()},
            {"ES256", ForeignKey::p256()},
            {"EdDSA", ForeignKey::ed25519()}};
}

TEST(SignedToken, YieldsThePayloadThatAKnownKeySigned) {
    for (auto const& [name, key] : signers()) {
        auto const token = key.token("one", {{"sub", "john"}});
        EXPECT_EQ(verify(token, keys_of({key.jwk("one")})), R"({"sub":"john"})") << name;
        EXPECT_EQ(SignedToken::parse(token, kAlgorithms)->key_id(), "one") << name;
    }
}

TEST(SignedToken, RefusesEverySignatureWithABitFlippedOrAByteLess) {
    for (auto const& [name, key] : signers()) {
        auto const keys = keys_of({key.jwk("one")});
        auto const token = key.token("one", {{"sub", "john"}});
        auto const input = token.substr(0, token.rfind('.'));
        auto const signature = key.sign(input);
        EXPECT_TRUE(verify(input + '.' + base64url::encode(signature), keys)) << name;
        for (std::size_t i = 0; i < signature.size(); ++i) {
            auto flipped = signature;
            flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
            EXPECT_EQ(verify(input + '.' + base64url::encode(flipped), keys).error(),
                      ProofError::SignatureMismatch)
                << name << ' ' << i;
        }
        for (std::size_t size = 1; size < signature.size(); ++size) {
            EXPECT_FALSE(verify(input + '.' + base64url::encode(signature.substr(0, size)), keys));
        }
        EXPECT_FALSE(verify(input + '.' + base64url::encode(signature + '\0'), keys)) << name;
        EXPECT_EQ(verify(input + '.', keys).error(), ProofError::NotAToken);
    }
}

TEST(SignedToken, RefusesAnotherPayloadUnderTheSignature) {
    auto const key = ForeignKey::p256();
    auto const john = key.token("", {{"sub", "john"}});
    auto const jane = key.token("", {{"sub", "jane"}});
    auto const mixed = john.substr(0, john.rfind('.')) + jane.substr(jane.rfind('.'));
    EXPECT_TRUE(verify(john, keys_of({key.jwk()})));
    EXPECT_EQ(verify(mixed, keys_of({key.jwk()})).error(), ProofError::SignatureMismatch);
}

TEST(SignedToken, TakesNoZeroAsAnEcdsaSignature) {
    auto const key = ForeignKey::p256();
    auto const token = key.token("", {{"sub", "john"}});
    auto const zeros = base64url::encode(std::string(64, '\0'));
    EXPECT_EQ(verify(token.substr(0, token.rfind('.') + 1) + zeros, keys_of({key.jwk()})).error(),
              ProofError::SignatureMismatch);
}

TEST(SignedToken, IsOfAnAlgorithmThatIsConfigured) {
    auto const rsa = ForeignKey::rsa();
    auto const keys = keys_of({rsa.jwk("one")});
    auto const token = rsa.token("one", {});
    EXPECT_TRUE(verify(token, keys, std::array{Algorithm::RS256}));
    EXPECT_EQ(verify(token, keys, std::array{Algorithm::ES256}).error(),
              ProofError::AlgorithmNotAllowed);
    for (auto const* header :
         {R"({})", R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"HS256"})",
          R"({"alg":"rs256"})", R"({"alg":"RS384"})", R"({"alg":"PS256"})", R"({"alg":""})",
          R"({"alg":null})", R"({"alg":["RS256"]})"}) {
        EXPECT_EQ(verify(rsa.token_of(header, "{}"), keys).error(), ProofError::AlgorithmNotAllowed)
            << header;
    }
}

TEST(SignedToken, TakesNoKeyOfOneAlgorithmForAnother) {
    auto const rsa = ForeignKey::rsa();
    auto const p256 = ForeignKey::p256();
    auto const keys = keys_of({rsa.jwk("rsa"), p256.jwk("ec")});
    EXPECT_TRUE(verify(p256.token("ec", {}), keys));
    EXPECT_EQ(verify(p256.token("rsa", {}), keys).error(), ProofError::KeyUnknown);
    EXPECT_EQ(verify(ForeignKey::ed25519().token("ec", {}), keys).error(), ProofError::KeyUnknown);
}

TEST(SignedToken, IsCheckedWithTheKeyThatItNames) {
    auto const one = ForeignKey::p256();
    auto const two = ForeignKey::p256();
    auto const keys = keys_of({one.jwk("one"), two.jwk("two")});
    EXPECT_TRUE(verify(two.token("two", {}), keys));
    EXPECT_EQ(verify(two.token("one", {}), keys).error(), ProofError::SignatureMismatch);
    EXPECT_EQ(verify(two.token("three", {}), keys).error(), ProofError::KeyUnknown);
    EXPECT_TRUE(verify(two.token("", {}), keys));
    EXPECT_EQ(verify(ForeignKey::p256().token("", {}), keys).error(),
              ProofError::SignatureMismatch);
}

TEST(SignedToken, TriesOnlySomeKeysForATokenThatNamesNone) {
    std::vector<boost::json::object> keys;
    for (std::size_t i = 1; i < kKeysTriedMax; ++i) {
        keys.push_back(ForeignKey::p256().jwk());
    }
    auto const last = ForeignKey::p256();
    auto const token = last.token("", {});
    keys.push_back(last.jwk());
    EXPECT_TRUE(verify(token, keys_of(keys)));
    keys.insert(keys.begin(), ForeignKey::p256().jwk());
    EXPECT_EQ(verify(token, keys_of(keys)).error(), ProofError::SignatureMismatch);
}

TEST(SignedToken, HasAHeaderWithoutRiddles) {
    auto const key = ForeignKey::p256();
    auto const keys = keys_of({key.jwk()});
    auto const judged = [&](std::string_view header) {
        return verify(key.token_of(header, "{}"), keys);
    };
    for (auto const* header :
         {R"({"alg":"ES256"})", R"({"alg":"ES256","typ":"JWT"})", R"({"alg":"ES256","typ":"jwt"})",
          R"({"alg":"ES256","typ":"at+jwt"})", R"({"alg":"ES256","typ":"application/at+jwt"})",
          R"({"alg":"ES256","jku":"https://evil.example","x5t":"x"})"}) {
        EXPECT_TRUE(judged(header)) << header;
    }
    for (auto const& [header, error] :
         {std::pair{R"({"alg":"ES256","crit":["exp"]})", ProofError::HeaderCritical},
          {R"({"alg":"ES256","crit":null})", ProofError::HeaderCritical},
          {R"({"alg":"ES256","b64":true})", ProofError::HeaderCritical},
          {R"({"alg":"ES256","typ":"logout+jwt"})", ProofError::TypeNotAllowed},
          {R"({"alg":"ES256","typ":""})", ProofError::TypeNotAllowed},
          {R"({"alg":"ES256","typ":1})", ProofError::TypeNotAllowed},
          {R"({"alg":"ES256","kid":1})", ProofError::NotAToken},
          {R"({"alg":"ES256","alg":"ES256"})", ProofError::NotAToken},
          {R"({"alg":"none","\u0061lg":"ES256"})", ProofError::NotAToken},
          {R"("ES256")", ProofError::NotAToken}}) {
        EXPECT_EQ(judged(header).error(), error) << header;
    }
}

TEST(SignedToken, HasThreePartsOfCanonicalBase64Url) {
    auto const key = ForeignKey::p256();
    auto const keys = keys_of({key.jwk()});
    auto const token = key.token("", {{"sub", "john"}});
    EXPECT_TRUE(verify(token, keys));
    EXPECT_EQ(verify("", keys).error(), ProofError::Missing);
    auto const first = token.find('.');
    auto const last = token.rfind('.');
    for (auto const& broken :
         {token + '.', token + '=', '.' + token, ' ' + token, token + '\n', token.substr(0, last),
          token.substr(first), token.substr(0, first) + token.substr(last), std::string("a.b"),
          std::string(".."), std::string("a")}) {
        EXPECT_EQ(verify(broken, keys).error(), ProofError::NotAToken) << broken;
    }
}

TEST(SignedToken, IsBounded) {
    auto const key = ForeignKey::ed25519();
    auto const keys = keys_of({key.jwk()});
    // Three bytes are four characters, so that each length but one in four can be had.
    auto const sized = [&](std::size_t filling) {
        return key.token("", {{"x", std::string(filling, 'x')}});
    };
    std::size_t filling = kIdTokenBytesMax / 4 * 3 - 200;
    while (sized(filling + 1).size() <= kIdTokenBytesMax) {
        ++filling;
    }
    EXPECT_TRUE(verify(sized(filling), keys));
    EXPECT_EQ(verify(sized(filling + 1), keys).error(), ProofError::TooLong);
}

// RFC 7515 appendix A.2: RS256.
TEST(SignedToken, VerifiesTheExampleOfRs256) {
    auto const keys = keys_of({{{"kty", "RSA"},
                                {"n",
                                 "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx"
                                 "HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
                                 "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSH"
                                 "SXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
                                 "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8"
                                 "NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
                                {"e", "AQAB"}}});
    std::string const token =
        "eyJhbGciOiJSUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ"
        ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2"
        "Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQ"
        "BMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6Ie"
        "YI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    EXPECT_TRUE(verify(token, keys));
}

// RFC 7515 appendix A.3: ES256.
TEST(SignedToken, VerifiesTheExampleOfEs256) {
    auto const keys = keys_of({{{"kty", "EC"},
                                {"crv", "P-256"},
                                {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                                {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}});
    std::string const token =
        "eyJhbGciOiJFUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ"
        ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    EXPECT_TRUE(verify(token, keys));
}

// RFC 8037 appendix A.4: EdDSA.
TEST(SignedToken, VerifiesTheExampleOfEdDsa) {
    auto const keys = keys_of({{{"kty", "OKP"},
                                {"crv", "Ed25519"},
                                {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}});
    std::string const token =
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    EXPECT_EQ(verify(token, keys), "Example of Ed25519 signing");
}

TEST(ProofErrorTexts, AreThereForEachCauseAndDiffer) {
    std::vector<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(ProofError::NonceMismatch); ++i) {
        auto const error = static_cast<ProofError>(i);
        EXPECT_FALSE(describe(error).empty());
        EXPECT_EQ(std::ranges::find(names, rule_name(error)), names.end());
        names.push_back(rule_name(error));
    }
}

}  // namespace
}  // namespace latchkey::oidc
