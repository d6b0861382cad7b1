#include "signing.hpp"

#include <latchkey/token/issue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace latchkey::token {
namespace {

/// The user id, or the name of the rule that refused.
std::string read_text(std::string_view text) {
    Verifier verifier;
    auto const claims = verifier.read_developer_token(*CompactToken::parse(text));
    return std::string(claims ? claims->user_id : rule_name(claims.error()));
}

std::string read(std::string_view payload, std::string_view signature = "devtoken") {
    return read_text("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + std::string(payload) + '.' +
                     std::string(signature));
}

std::string read_claims(std::string_view claims) { return read(base64url::encode(claims)); }

TEST(ReadDeveloperToken, TakesWhatClientsWrite) {
    // JavaScript, Swift, Kotlin, Flutter, Unreal: standard base64 with padding.
    EXPECT_EQ(read("eyJ1c2VyX2lkIjoiam9obi1kb2UifQ=="), "john-doe");
    EXPECT_EQ(read("eyJ1c2VyX2lkIjogImpvaG4ifQ=="), "john");
    // Unity: base64url without padding, and a capital T.
    EXPECT_EQ(read("eyJ1c2VyX2lkIjoiam9obi1kb2UifQ", "devToken"), "john-doe");
}

TEST(ReadDeveloperToken, TakesBothAlphabetsPaddedOrNot) {
    auto const respelt = [](std::string text, char from, char to) {
        std::ranges::replace(text, from, to);
        return text;
    };
    auto const url_safe = base64url::encode("{\"user_id\":\"john\",\"x\":\"\xc3\xbf\xc3\xbe>?~\"}");
    ASSERT_NE(url_safe.find_first_of("-_"), url_safe.npos);
    ASSERT_EQ(url_safe.size() % 4, 3U);
    auto const standard = respelt(respelt(url_safe, '-', '+'), '_', '/');
    EXPECT_EQ(read(url_safe), "john");
    EXPECT_EQ(read(standard), "john");
    EXPECT_EQ(read(url_safe + "="), "john");
    EXPECT_EQ(read(standard + "="), "john");
}

TEST(ReadDeveloperToken, RefusesMisplacedPaddingAndForeignCharacters) {
    for (std::string_view const payload :
         {"eyJ1c2VyX2lkIjoiam9obi1kb2UifQ=", "eyJ1c2VyX2lkIjoiam9obi1kb2UifQ===",
          "eyJ1c2VyX2lkIjoiam9obi1kb2UifQ====", "eyJ1c2VyX2lkIjoiam9obi1kb2Ui=Q==",
          "=yJ1c2VyX2lkIjoiam9obi1kb2UifQ==", "eyJ1c2VyX2lkIjoiYSJ9====", "eyJ1c2VyX2lkIjoiYSJ9=",
          "eyJ1c2VyX2lkIjoiYS J9", "eyJ1c2VyX2lkIjoiYSJ9\n", "eyJ1c2VyX2lkIjoi*SJ9", "====", "=",
          "eyJ1c2VyX2lkIjoiam9obi1kb2UifR=="}) {
        EXPECT_EQ(read(payload), "not_base64url") << payload;
    }
    EXPECT_EQ(read("eyJ1c2VyX2lkIjoiYSJ9"), "a");
}

TEST(ReadDeveloperToken, TakesAnyHeaderAndAnyThirdPart) {
    for (std::string_view const text :
         {"x.eyJ1c2VyX2lkIjoiYSJ9.y", "*.eyJ1c2VyX2lkIjoiYSJ9.\x01",
          "eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoiYSJ9.a manually made token"}) {
        EXPECT_EQ(read_text(text), "a");
    }
    EXPECT_EQ(read_text(test::sign(test::kHeader, R"({"user_id":"a"})", "any")), "a");
}

TEST(ReadDeveloperToken, RefusesAPayloadThatNamesNoUser) {
    EXPECT_EQ(read_claims(R"({"user_id":""})"), "user_id_invalid");
    EXPECT_EQ(read_claims(R"({"user_id":"john.doe"})"), "user_id_invalid");
    EXPECT_EQ(read_claims(R"({"user_id":5})"), "user_id_not_text");
    EXPECT_EQ(read_claims(R"({"user_id":"a"b"})"), "claims_not_json");
    EXPECT_EQ(read_claims(R"(["user_id"])"), "claims_not_json");
    EXPECT_EQ(read_claims(R"({"user_id":"a","user_id":"b"})"), "claim_duplicate_name");
}

TEST(ReadDeveloperToken, RefusesTheAnonymousUser) {
    EXPECT_EQ(read_claims(R"({"user_id":"!anon"})"), "user_id_invalid");
}

TEST(ReadDeveloperToken, NeverSpeaksForAServer) {
    EXPECT_EQ(read_claims("{}"), "signature_mismatch");
    EXPECT_EQ(read_claims(R"({"server":true})"), "signature_mismatch");
    EXPECT_EQ(read_claims(R"({"server":1})"), "signature_mismatch");
    EXPECT_EQ(read_claims(R"({"sub":"john"})"), "signature_mismatch");
    EXPECT_EQ(read_claims(R"({"server":true,"user_id":"john"})"), "signature_mismatch");
    EXPECT_EQ(read_claims(R"({"server":"yes","user_id":"john"})"), "server_not_true");
    EXPECT_EQ(read_claims(R"({"server":false,"user_id":"john"})"), "john");
}

TEST(ReadDeveloperToken, TakesOverNeitherRoleNorDates) {
    auto const text =
        "a." + base64url::encode(R"({"user_id":"john","role":"admin","exp":1,"iat":"x"})") + ".b";
    Verifier verifier;
    auto const claims = verifier.read_developer_token(*CompactToken::parse(text));
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->role, "");
    EXPECT_EQ(claims->dates, TokenDates{});
}

TEST(MakeDeveloperToken, WritesWhatClientsWriteAndIsReadBack) {
    EXPECT_EQ(make_developer_token(*UserId::parse("john-doe")),
              "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiam9obi1kb2UifQ==.devtoken");
    for (std::string_view const id : {"a", "ab", "abc", "abcd", "@_-Zz09"}) {
        EXPECT_EQ(read_text(make_developer_token(*UserId::parse(id))), id);
    }
}

TEST(Verify, RefusesADeveloperTokenForItsSignatureHoweverItIsSpelt) {
    for (std::string_view const id : {"a", "ab", "abc", "abcd", "john-doe"}) {
        EXPECT_EQ(test::verdict(make_developer_token(*UserId::parse(id))), "signature_mismatch");
    }
    auto const token = make_developer_token(*UserId::parse("john-doe"));
    auto const signing_input = token.substr(0, token.rfind('.'));
    EXPECT_EQ(test::verdict(signing_input + ".by hand"), "signature_mismatch");
    EXPECT_EQ(test::verdict(signing_input + '.' + std::string(42, 'A')), "signature_mismatch");
    // With a MAC behind it, it was signed, and then respelt on its way.
    EXPECT_EQ(test::verdict(signing_input + '.' + std::string(43, 'A')), "not_base64url");
    EXPECT_EQ(test::verdict('*' + token), "not_base64url");
}

}  // namespace
}  // namespace latchkey::token
