#include "signing.hpp"

#include <gtest/gtest.h>

namespace latchkey::token {
namespace {

// The shapes of tokens that Stream's SDKs make: header, order and spelling of the claims as each
// writes them, at 2026-01-01T00:00:00Z. What they sign with is the secret as text.
constexpr std::string_view kAlgTyp = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view kTypAlg = R"({"typ":"JWT","alg":"HS256"})";
constexpr std::string_view kAlgOnly = R"({"alg":"HS256"})";

struct Recorded {
    std::string_view sdk;
    std::string_view header;
    std::string_view claims;
    std::string_view who;
};

constexpr Recorded kRecorded[] = {
    {"stream-chat JS server", kAlgTyp, R"({"server":true})", "server"},
    {"node-sdk server", kAlgTyp, R"({"server":true})", "server"},
    {"getstream-go server", kAlgTyp, R"({"server":true})", "server"},
    {"stream-chat-python server", kAlgTyp, R"({"server":true})", "server"},
    {"getstream Python server", kAlgTyp, R"({})", "server"},
    {"getstream-php server", kTypAlg, R"({"iat":1767225600,"server":true})", "server"},
    {"getstream-ruby server", kAlgOnly, R"({"iat":1767225595,"server":true})", "server"},
    {"stream-sdk-java server", kAlgTyp, R"({"iat":1767225600,"server":true})", "server"},
    {"getstream-net server", kAlgTyp, R"({"nbf":1767225595,"exp":1767229200,"iat":1767225595})",
     "server"},
    {"stream-chat JS createToken", kAlgTyp, R"({"user_id":"john"})", "john"},
    {"stream-chat JS createToken with dates", kAlgTyp,
     R"({"user_id":"john","exp":1767229200,"iat":1767225595})", "john"},
    {"node-sdk generateUserToken", kAlgTyp,
     R"({"user_id":"john","validity_in_seconds":3600,"iat":1767225599,"exp":1767229199})", "john"},
    {"node-sdk generatePermanentUserToken", kAlgTyp, R"({"user_id":"john","iat":1767225599})",
     "john"},
    {"node-sdk generateCallToken", kAlgTyp,
     R"({"call_cids":["default:1"],"role":"admin","user_id":"john","iat":1767225599,"exp":1767229199})",
     "john"},
    {"getstream-go CreateToken", kAlgTyp, R"({"iat":1767225600,"user_id":"john"})", "john"},
    {"getstream-go CreateToken with claims", kAlgTyp,
     R"({"call_cids":["a:1"],"channel_cids":["b:2"],"exp":1767229200,"iat":1767225600,"role":"user","user_id":"john"})",
     "john"},
    {"stream-chat-go CreateToken", kAlgTyp,
     R"({"exp":1767229200,"iat":1767225600,"user_id":"john"})", "john"},
    {"getstream Python create_token", kAlgTyp,
     R"({"user_id":"john","iat":1767225595,"exp":1767229200})", "john"},
    {"stream-chat-python create_token", kAlgTyp, R"({"user_id":"john"})", "john"},
    {"getstream-php createUserToken", kTypAlg,
     R"({"user_id":"john","iat":1767225600,"exp":1767229200})", "john"},
    {"getstream-php createUserToken, exp 56 years ahead", kTypAlg,
     R"({"user_id":"john","iat":1767225600,"exp":3534454800})", "john"},
    {"Ruby JWT.encode", kAlgOnly, R"({"user_id":"john"})", "john"},
    {"getstream-net CreateUserToken", kAlgTyp,
     R"({"user_id":"john","nbf":1767225595,"exp":1767229200,"iat":1767225595})", "john"},
    {"stream-sdk-java createToken", kAlgTyp, R"({"user_id":"john","iat":1767225595})", "john"},
    {"stream-sdk-java createCallToken", kAlgOnly,
     R"({"role":"admin","user_id":"john","call_cids":["a:1"],"iat":1767225595,"exp":1767229200})",
     "john"},
    {"guest token", kAlgTyp, R"({"user_id":"guest-1f2e3d4c-john","iat":1767225600})",
     "guest-1f2e3d4c-john"},
    {"anonymous user", kAlgTyp, R"({"user_id":"!anon"})", "!anon"},
};

TEST(Verify, AcceptsTheTokensOfEverySdk) {
    for (auto const& [sdk, header, claims, who] : kRecorded) {
        EXPECT_EQ(test::verdict(test::sign(header, claims)), who) << sdk;
    }
}

TEST(Verify, AcceptsATokenThatTheJavaScriptSdkMade) {
    // jsonwebtoken 9: jwt.sign({user_id: "john"}, "secret", {noTimestamp: true})
    std::array const keys{HmacKey("secret")};
    auto const outcome = test::verify(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiam9obiJ9."
        "yrpLD2gUq_TIyxMKpDBHQO391KGCNrFl-RvMT-p90MU",
        keys);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->who, "john");
}

}  // namespace
}  // namespace latchkey::token
