#include "signing.hpp"

#include <latchkey/token/limits.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace latchkey::token {
namespace {

using namespace std::chrono_literals;
using test::sign;
using test::sign_parts;
using test::verdict;
using test::verdict_on_header;

constexpr std::string_view kJohn = R"({"user_id":"john","iat":1767225600,"exp":1767229200})";

TEST(Verify, RefusesATokenWithAnyBitFlipped) {
    auto const good = test::sign_claims(kJohn);
    ASSERT_EQ(verdict(good), "john");
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto flipped = good;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(test::verify(flipped)) << bit;
    }
}

TEST(Verify, RefusesATokenCutAtAnyLength) {
    auto const good = test::sign_claims(kJohn);
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_FALSE(test::verify(good.substr(0, length))) << length;
        EXPECT_FALSE(test::verify(good.substr(length + 1))) << length;
    }
}

TEST(Verify, RefusesATokenWithACharacterMoreAnywhere) {
    auto const good = test::sign_claims(kJohn);
    for (char const c : {'A', '=', '.', ' ', '\n', '-', '\0'}) {
        for (std::size_t at = 0; at <= good.size(); ++at) {
            auto longer = good;
            longer.insert(at, 1, c);
            EXPECT_FALSE(test::verify(longer)) << at << ' ' << c;
        }
    }
}

TEST(Verify, RefusesPartsThatAreNotCanonicalBase64UrlThoughSigned) {
    auto const header = base64url::encode(test::kHeader);
    auto const claims = base64url::encode(R"({"user_id":"a"})");
    ASSERT_EQ(claims, "eyJ1c2VyX2lkIjoiYSJ9");
    ASSERT_EQ(verdict(sign_parts(header, claims)), "a");
    for (std::string const& payload :
         {claims + "=", claims + "====", claims + "A", " " + claims, claims + "\n",
          std::string("eyJ1c2VyX2lkIjoiYSJ+"), std::string("eyJ1c2VyX2lkIjoi?SJ9"),
          std::string("eyJ1c2VyX2lkIjoiYWIifR"),  // a bit is left over in the last character
          std::string("\xc3\xa9yJ1c2VyX2lkIjoiYSJ9")}) {
        EXPECT_EQ(verdict(sign_parts(header, payload)), "not_base64url") << payload;
    }
    EXPECT_EQ(verdict(sign_parts(header, "eyJ1c2VyX2lkIjoiYWIifQ")), "ab");
    EXPECT_EQ(verdict(sign_parts(header + "=", claims)), "not_base64url");
    EXPECT_EQ(verdict(sign_parts(header + "\n", claims)), "not_base64url");
}

TEST(Verify, RefusesASignatureThatIsPaddedOrNotCanonical) {
    auto const good = test::sign_claims(kJohn);
    EXPECT_EQ(verdict(good + "="), "not_base64url");
    // 32 bytes leave two bits unused in the last character: set, they spell the same bytes.
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    auto respelt = good;
    respelt.back() = kAlphabet[kAlphabet.find(good.back()) + 1];
    EXPECT_EQ(verdict(respelt), "not_base64url");
}

TEST(Verify, RefusesAMacOfAnyOtherLength) {
    auto const good = test::sign_claims(kJohn);
    auto const input = good.substr(0, good.rfind('.'));
    auto const mac = HmacKey(test::kSecret).mac(input);
    for (std::size_t length = 1; length < mac.size(); ++length) {
        auto const cut = base64url::encode(std::span(mac).first(length));
        EXPECT_EQ(verdict(input + '.' + cut), "signature_mismatch") << length;
    }
    std::string longer(mac.begin(), mac.end());
    for (std::size_t const more : {1U, 16U, 32U}) {
        EXPECT_EQ(verdict(input + '.' + base64url::encode(longer + std::string(more, '\0'))),
                  "signature_mismatch");
    }
    EXPECT_EQ(verdict(input + "."), "wrong_segment_count");
}

TEST(Verify, ReportsAWrongMacBeforeAnythingOfTheClaims) {
    EXPECT_EQ(verdict(sign(test::kHeader, R"({"user_id":5,"exp":"x"})", "wrong")),
              "signature_mismatch");
    EXPECT_EQ(verdict(sign(test::kHeader, "not JSON", "wrong")), "signature_mismatch");
    EXPECT_EQ(verdict(sign_parts(base64url::encode(test::kHeader), "e+", "wrong")),
              "not_base64url");
}

TEST(Verify, TriesEachKeyAndTellsWhichItWas) {
    std::array const keys{HmacKey("first"), HmacKey("second"), HmacKey("third")};
    for (auto const& [secret, index] :
         {std::pair("first", 0U), std::pair("second", 1U), std::pair("third", 2U)}) {
        auto const outcome = test::verify(sign(test::kHeader, kJohn, secret), keys);
        ASSERT_TRUE(outcome) << secret;
        EXPECT_EQ(outcome->key_index, index);
    }
    EXPECT_EQ(test::verify(sign(test::kHeader, kJohn, "fourth"), keys).error(),
              TokenError::SignatureMismatch);
    EXPECT_EQ(test::verify(sign(test::kHeader, kJohn, "first"), {}).error(),
              TokenError::SignatureMismatch);
}

TEST(Verify, TakesHeadersInEverySpelling) {
    for (std::string_view const header :
         {R"({"alg":"HS256","typ":"JWT"})", R"({"typ":"JWT","alg":"HS256"})", R"({"alg":"HS256"})",
          R"({ "alg" : "HS256" , "typ" : "JWT" })", "\r\n{\"alg\":\"HS256\"}\t",
          R"({"alg":"HS256","typ":"jwt"})", R"({"alg":"HS256","typ":"application/JWT"})",
          R"({"\u0061lg":"HS\u003256"})", R"({"alg":"HS256","cty":"JWT"})",
          R"({"alg":"HS256","zip":"DEF"})"}) {
        EXPECT_EQ(verdict_on_header(header), "john") << header;
    }
}

TEST(Verify, TakesNoAlgorithmButHs256) {
    for (std::string_view const header : {R"({})",
                                          R"({"typ":"JWT"})",
                                          R"({"alg":"none"})",
                                          R"({"alg":"None"})",
                                          R"({"alg":"hs256"})",
                                          R"({"alg":"HS256 "})",
                                          R"({"alg":" HS256"})",
                                          R"({"alg":"HS256\u0000"})",
                                          R"({"alg":"HS384"})",
                                          R"({"alg":"HS512"})",
                                          R"({"alg":"RS256"})",
                                          R"({"alg":"ES256"})",
                                          R"({"alg":"EdDSA"})",
                                          R"({"alg":""})",
                                          R"({"alg":null})",
                                          R"({"alg":true})",
                                          R"({"alg":256})",
                                          R"({"alg":["HS256"]})",
                                          R"({"alg":{"alg":"HS256"}})",
                                          R"({"ALG":"HS256"})",
                                          R"({"alg ":"HS256"})",
                                          R"({"x":{"alg":"HS256"}})"}) {
        EXPECT_EQ(verdict_on_header(header), "algorithm_not_allowed") << header;
    }
}

TEST(Verify, CallsAnotherAlgorithmsSignatureByItsNameWhateverItsLength) {
    auto const input = base64url::encode(R"({"alg":"HS384"})") + '.' + base64url::encode(kJohn);
    EXPECT_EQ(verdict(input + '.' + base64url::encode(std::string(48, 'x'))),
              "algorithm_not_allowed");
}

TEST(Verify, TakesNoTypeButJwt) {
    for (std::string_view const typ :
         {R"("at+jwt")", R"("JWT ")", R"("")", R"("JWE")", R"("application/at+jwt")",
          R"("text/jwt")", "1", "null", "true", R"(["JWT"])", R"({"typ":"JWT"})"}) {
        EXPECT_EQ(verdict_on_header(R"({"alg":"HS256","typ":)" + std::string(typ) + '}'),
                  "type_not_allowed")
            << typ;
    }
}

TEST(Verify, RefusesExtensionsItWouldHaveToUnderstand) {
    for (std::string_view const member :
         {R"("crit":["exp"])", R"("crit":[])", R"("crit":null)", R"("crit":"exp")", R"("b64":true)",
          R"("b64":false)", R"("b64":null)", R"("\u0063rit":["b64"])"}) {
        EXPECT_EQ(verdict_on_header(R"({"alg":"HS256",)" + std::string(member) + '}'),
                  "header_critical")
            << member;
    }
    EXPECT_EQ(verdict_on_header(R"({"alg":"HS256","x":{"crit":[],"b64":false}})"), "john");
}

TEST(Verify, RefusesADuplicateHeaderParameter) {
    for (std::string_view const header :
         {R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"none","alg":"HS256"})",
          R"({"alg":"HS256","typ":"JWT","typ":"JWT"})", R"({"alg":"HS256","kid":"1","kid":"1"})",
          R"({"alg":"HS256","\u0061lg":"HS256"})", R"({"alg":"HS256","":1,"":2})"}) {
        EXPECT_EQ(verdict_on_header(header), "header_duplicate_name") << header;
    }
    EXPECT_EQ(verdict_on_header(R"({"alg":"HS256","kid":"1","Kid":"1"})"), "john");
}

TEST(Verify, RefusesAHeaderThatIsNotOneObject) {
    for (std::string_view const header :
         {"", "null", R"([{"alg":"HS256"}])", R"({"alg":"HS256"}{})", R"({"alg":"HS256",})",
          R"({"alg":"HS256","x":01})", R"({"alg":"HS256","x":[tru]})",
          "\xef\xbb\xbf{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"x\":\"\xff\"}"}) {
        auto const expected = header.empty() ? "wrong_segment_count" : "header_not_json";
        EXPECT_EQ(verdict_on_header(header), expected) << header;
    }
}

TEST(Verify, TakesAHeaderAtTheDepthLimitAndRefusesOneLevelMore) {
    auto nested = [](std::size_t depth) {
        return R"({"alg":"HS256","x":)" + std::string(depth - 1, '[') +
               std::string(depth - 1, ']') + '}';
    };
    EXPECT_EQ(verdict_on_header(nested(kJsonDepthMax)), "john");
    EXPECT_EQ(verdict_on_header(nested(kJsonDepthMax + 1)), "header_not_json");
}

TEST(Verify, IgnoresEveryParameterThatWouldChooseAKey) {
    for (std::string_view const member :
         {R"("kid":"/dev/null")", R"("kid":null)", R"("kid":["' OR 1=1"])",
          R"("jku":"http://127.0.0.1:9/k")", R"("x5u":"file:///etc/passwd")", R"("x5c":["AAAA"])",
          R"("jwk":{"kty":"oct","k":"d3Jvbmc"})"}) {
        auto const header = R"({"alg":"HS256",)" + std::string(member) + '}';
        EXPECT_EQ(verdict_on_header(header), "john") << member;
        EXPECT_EQ(verdict(sign(header, kJohn, "wrong")), "signature_mismatch") << member;
    }
}

TEST(VerifySignature, LooksAtNeitherPayloadNorType) {
    std::array const keys{HmacKey("first"), HmacKey(test::kSecret)};
    Verifier verifier;
    auto const text = sign(R"({"alg":"HS256","typ":"at+jwt"})", "\x01 any bytes \xff");
    auto const verified = verifier.verify_signature(*CompactToken::parse(text), keys);
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->key_index, 1U);
    EXPECT_EQ(std::string(verified->payload.begin(), verified->payload.end()),
              "\x01 any bytes \xff");
    EXPECT_EQ(verdict(text), "type_not_allowed");
}

TEST(VerifySignature, RefusesWhatVerifyRefusesUpToTheSignature) {
    std::array const keys{HmacKey(test::kSecret)};
    Verifier verifier;
    auto error_of = [&](std::string const& text) {
        return verifier.verify_signature(*CompactToken::parse(text), keys).error();
    };
    EXPECT_EQ(error_of(sign("[]", "x")), TokenError::HeaderNotJson);
    EXPECT_EQ(error_of(sign(R"({"alg":"none"})", "x")), TokenError::AlgorithmNotAllowed);
    EXPECT_EQ(error_of(sign(R"({"alg":"HS256","b64":false})", "x")), TokenError::HeaderCritical);
    EXPECT_EQ(error_of(sign(test::kHeader, "x", "wrong")), TokenError::SignatureMismatch);
}

TEST(Verify, AcceptsTheExampleOfRfc7515AsJwsOnly) {
    // RFC 7515 appendix A.1; its key in base64url.
    std::array<std::uint8_t, 66> key{};
    auto const size = base64url::decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        key);
    ASSERT_EQ(size, 64U);
    std::array const keys{
        HmacKey(std::string_view(reinterpret_cast<char const*>(key.data()), *size))};
    constexpr std::string_view kText =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ."
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    Verifier verifier;
    EXPECT_TRUE(verifier.verify_signature(*CompactToken::parse(kText), keys));
    EXPECT_EQ(test::verify(kText, keys).error(), TokenError::UserIdMissing);
}

}  // namespace
}  // namespace latchkey::token
