#include "oidc/code_flow.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::oidc {
namespace {

TEST(FormEncode, EscapesAllButTheUnreserved) {
    EXPECT_EQ(form_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(form_encode("a b&c=d/%+\xc3\xa4"), "a%20b%26c%3Dd%2F%25%2B%C3%A4");
}

// RFC 7636 appendix B.
TEST(CodeChallenge, IsThatOfTheRfcsExample) {
    EXPECT_EQ(code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
              "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(AuthorizationUrl, AsksForACodeWithAllThatBindsIt) {
    EXPECT_EQ(authorization_url(*http::parse_url("https://id.example.com/auth?tenant=1"),
                                {.client_id = "dash board",
                                 .redirect_uri = "https://chat.example.com/cb",
                                 .state = "s-1",
                                 .nonce = "n-1",
                                 .verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}),
              "https://id.example.com/auth?tenant=1&response_type=code&client_id=dash%20board"
              "&redirect_uri=https%3A%2F%2Fchat.example.com%2Fcb&scope=openid&state=s-1&nonce=n-1"
              "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
              "&code_challenge_method=S256");
}

TEST(ExchangeBody, NamesTheClientOnlyWhereNoSecretDoes) {
    CodeExchange const exchange{
        .code = "c/1", .redirect_uri = "https://x/cb", .verifier = "v", .client_id = "id"};
    std::string const body =
        "grant_type=authorization_code&code=c%2F1&redirect_uri=https%3A%2F%2Fx%2Fcb&code_verifier="
        "v";
    EXPECT_EQ(exchange_body(exchange, ClientKind::Confidential), body);
    EXPECT_EQ(exchange_body(exchange, ClientKind::Public), body + "&client_id=id");
}

// RFC 6749 section 2.3.1: both are form-encoded before they are joined.
TEST(ClientAuthorization, EncodesIdAndSecretFirst) {
    EXPECT_EQ(client_authorization("id", "secret"), "Basic aWQ6c2VjcmV0");
    EXPECT_EQ(client_authorization("a:b", "c d"), "Basic YSUzQWI6YyUyMGQ=");
}

TEST(ReadIdToken, TakesItOutOfTheAnswer) {
    EXPECT_EQ(read_id_token(R"({"access_token":"x","id_token":"a.b.c"})"), "a.b.c");
    for (auto const* answer :
         {"", "[]", "{}", R"({"id_token":1})", R"({"id_token":"a","id_token":"b"})"}) {
        EXPECT_FALSE(read_id_token(answer)) << answer;
    }
    auto text = std::string(R"({"id_token":"a"})");
    text.resize(kTokenAnswerBytesMax, ' ');
    EXPECT_TRUE(read_id_token(text));
    EXPECT_FALSE(read_id_token(text + ' '));
}

}  // namespace
}  // namespace latchkey::oidc
