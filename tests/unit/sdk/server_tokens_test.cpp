#include "sdk/server_tokens.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/token/issue.hpp>
#include <latchkey/token/limits.hpp>
#include <latchkey/token/validity.hpp>
#include <latchkey/token/verifier.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

namespace latchkey::sdk {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr Instant kNow{1'767'225'600s};
constexpr std::string_view kSecret = "a-secret-of-tests-that-is-long-enough";
token::HmacKey const kKey(kSecret);

std::string claims_of(std::string_view text) {
    auto const payload = token::CompactToken::parse(text)->payload();
    std::string claims(base64url::decoded_bytes_max(payload.size()), '\0');
    auto const size = base64url::decode(
        payload, std::span(reinterpret_cast<std::uint8_t*>(claims.data()), claims.size()));
    return claims.substr(0, *size);
}

std::string claims_with(TokenOptions const& options) {
    auto const text = create_token("john", options, kKey, kNow);
    return text ? claims_of(*text) : "refused: " + text.error().message;
}

Error::Kind refusal_of(TokenOptions const& options) {
    auto const text = create_token("john", options, kKey, kNow);
    return text ? Error::Kind::Api : text.error().kind;
}

TEST(CreateToken, LivesOneHourFromNowUnlessToldOtherwise) {
    EXPECT_EQ(claims_with({}), R"({"user_id":"john","iat":1767225600,"exp":1767229200})");
}

TEST(CreateToken, TakesALengthAnInstantOrNoEnd) {
    EXPECT_EQ(claims_with({.expires_in = 1s}),
              R"({"user_id":"john","iat":1767225600,"exp":1767225601})");
    EXPECT_EQ(claims_with({.expires_at = kNow - 1s}),
              R"({"user_id":"john","iat":1767225600,"exp":1767225599})");
    EXPECT_EQ(claims_with({.permanent = true}), R"({"user_id":"john","iat":1767225600})");
    EXPECT_EQ(claims_with({.expires_in = 60s, .issued_at = kNow - 10s}),
              R"({"user_id":"john","iat":1767225590,"exp":1767225650})");
}

TEST(CreateToken, TakesOneEndOnly) {
    EXPECT_EQ(refusal_of({.expires_in = 1s, .expires_at = kNow}), Error::Kind::InvalidArgument);
    EXPECT_EQ(refusal_of({.expires_in = 1s, .permanent = true}), Error::Kind::InvalidArgument);
    EXPECT_EQ(refusal_of({.expires_at = kNow, .permanent = true}), Error::Kind::InvalidArgument);
}

TEST(CreateToken, TakesDatesThatTokensCanCarry) {
    auto const last = std::chrono::floor<std::chrono::seconds>(kInstantMax);
    auto const longest = std::chrono::floor<std::chrono::seconds>(kInstantMax - kNow);
    EXPECT_EQ(refusal_of({.expires_at = last}), Error::Kind::Api);
    EXPECT_EQ(refusal_of({.expires_at = kInstantMax + 1us}), Error::Kind::InvalidArgument);
    EXPECT_EQ(refusal_of({.expires_at = kInstantMin - 1us}), Error::Kind::InvalidArgument);
    EXPECT_EQ(refusal_of({.permanent = true, .issued_at = last}), Error::Kind::Api);
    EXPECT_EQ(refusal_of({.permanent = true, .issued_at = kInstantMax + 1us}),
              Error::Kind::InvalidArgument);
    EXPECT_EQ(refusal_of({.issued_at = kInstantMin - 1us}), Error::Kind::InvalidArgument);
    EXPECT_EQ(refusal_of({.expires_in = longest}), Error::Kind::Api);
    EXPECT_EQ(refusal_of({.expires_in = longest + 1s}), Error::Kind::InvalidArgument);
    EXPECT_EQ(refusal_of({.expires_in = std::chrono::seconds::max()}),
              Error::Kind::InvalidArgument);
    EXPECT_EQ(refusal_of({.expires_in = 0s}), Error::Kind::InvalidArgument);
    EXPECT_EQ(refusal_of({.expires_in = std::chrono::seconds::min()}),
              Error::Kind::InvalidArgument);
}

TEST(CreateToken, RefusesWhatIsNoUserId) {
    for (std::string const& id : {std::string(), std::string("a b"), std::string("!anon"),
                                  std::string("j\"hn"), std::string(256, 'j')}) {
        auto const text = create_token(id, {}, kKey, kNow);
        ASSERT_FALSE(text.has_value()) << id;
        EXPECT_EQ(text.error().kind, Error::Kind::InvalidArgument);
    }
    EXPECT_TRUE(create_token(std::string(255, 'j'), {}, kKey, kNow).has_value());
}

TEST(CreateToken, CarriesFurtherClaimsOfAnyKind) {
    EXPECT_EQ(claims_with({.permanent = true,
                           .claims = {{"call_cids", R"(["a:b", "c:d"])"},
                                      {"n", " 1.5 "},
                                      {"o", R"({"x":{"y":null}})"},
                                      {"quote\"d", "true"},
                                      {"role", R"("host")"}}}),
              R"({"user_id":"john","iat":1767225600,"call_cids":["a:b","c:d"],"n":1.5,)"
              R"("o":{"x":{"y":null}},"quote\"d":true,"role":"host"})");
}

TEST(CreateToken, RefusesClaimsThatAreReservedOrNotJson) {
    struct Row {
        std::string name;
        std::string text;
    };
    for (auto const& [name, text] : {
             Row{"user_id", R"("jane")"},
             Row{"exp", "1"},
             Row{"iat", "1"},
             Row{"server", "false"},
             Row{"x", ""},
             Row{"x", " "},
             Row{"x", "word"},
             Row{"x", "'1'"},
             Row{"x", "01"},
             Row{"x", "1e999"},
             Row{"x", "NaN"},
             Row{"x", "1 2"},
             Row{"x", "1}"},
             Row{"x", R"(1,"server":true)"},
             Row{"x", R"(1,"value":2)"},
             Row{"x", R"({"a":1,"a":2})"},
             Row{"x", "\"\xff\""},
             Row{"\xff", "1"},
             Row{"nbf", R"("soon")"},
             Row{"nbf", "-1"},
         }) {
        EXPECT_EQ(refusal_of({.claims = {{name, text}}}), Error::Kind::InvalidArgument)
            << name << ": " << text;
    }
    EXPECT_EQ(refusal_of({.claims = {{"nbf", "1767225600"}}}), Error::Kind::Api);
    EXPECT_EQ(refusal_of({.claims = {{"Server", "true"}}}), Error::Kind::Api);
}

TEST(CreateToken, MakesNoTokenThatAVerifierWouldFindTooLarge) {
    TokenOptions most{.permanent = true};
    for (std::size_t i = 0; i < token::kClaimsMax - 2; ++i) {
        most.claims["c" + std::to_string(i)] = "0";
    }
    EXPECT_EQ(refusal_of(most), Error::Kind::Api);
    most.claims["one-more"] = "0";
    EXPECT_EQ(refusal_of(most), Error::Kind::InvalidArgument);

    auto const with_text = [](std::size_t size) {
        return TokenOptions{.permanent = true,
                            .claims = {{"c", '"' + std::string(size, 'x') + '"'}}};
    };
    auto const empty = create_token("john", with_text(0), kKey, kNow)->size();
    auto const room = (token::kTokenBytesMax - empty) / 4 * 3;
    EXPECT_EQ(refusal_of(with_text(room - 3)), Error::Kind::Api);
    EXPECT_EQ(refusal_of(with_text(room + 3)), Error::Kind::InvalidArgument);
}

TEST(CreateToken, RepeatsNeitherSecretNorArgumentInItsErrors) {
    TokenOptions const options{.claims = {{"private-name", "private-text"}}};
    auto const text = create_token("john", options, kKey, kNow);
    ASSERT_FALSE(text.has_value());
    EXPECT_THAT(text.error().message, Not(HasSubstr("private")));
    EXPECT_THAT(text.error().message, Not(HasSubstr(kSecret)));
}

TEST(CreateToken, MakesTokensThatTheServersVerifierAccepts) {
    auto const text = create_token("john", {.claims = {{"role", R"("host")"}}}, kKey, kNow + 1us);
    token::Verifier verifier;
    auto const verified = verifier.verify(*token::CompactToken::parse(*text), std::span(&kKey, 1));
    ASSERT_TRUE(verified.has_value());
    auto const& user = std::get<token::UserClaims>(verified->claims);
    EXPECT_EQ(user.user_id, "john");
    EXPECT_EQ(user.role, "host");
    EXPECT_TRUE(token::check_dates(user.dates, kNow + 1us, token::kClockSkewMax).has_value());
    // In the second of the token, but later: it covers the token, which cannot tell that it is
    // older.
    EXPECT_TRUE(token::check_not_revoked(user.dates.issued_at, {.user = kNow}).has_value());
    EXPECT_FALSE(token::check_not_revoked(user.dates.issued_at, {.user = kNow + 1us}).has_value());
}

TEST(VerifyToken, YieldsWhatATokenSays) {
    auto const text = create_token("john", {.claims = {{"role", R"("host")"}}}, kKey, kNow);
    auto const verified = verify_token(*text, kKey, "key-1", kNow);
    ASSERT_TRUE(verified.has_value());
    EXPECT_EQ(verified->user_id, "john");
    EXPECT_EQ(verified->role, "host");
    EXPECT_EQ(verified->issued_at, kNow);
    EXPECT_EQ(verified->expires_at, kNow + 1h);
}

TEST(VerifyToken, TellsABackendsTokenByItsEmptyUserId) {
    auto const verified = verify_token(token::issue_server_token(kKey), kKey, "key-1", kNow);
    ASSERT_TRUE(verified.has_value());
    EXPECT_EQ(verified->user_id, "");
    EXPECT_EQ(verified->expires_at, std::nullopt);
}

TEST(VerifyToken, RefusesWithTheCodeThatAServerWouldGive) {
    auto const token = *create_token("john", {}, kKey, kNow);
    auto const code_at = [](std::string_view text, Instant now) {
        auto const verified = verify_token(text, kKey, "key-1", now);
        EXPECT_TRUE(verified || verified.error().kind == Error::Kind::InvalidToken);
        return verified ? 0 : verified.error().code;
    };
    EXPECT_EQ(code_at(token, kNow + 1h - 1us), 0);
    EXPECT_EQ(code_at(token, kNow + 1h), 40);
    EXPECT_EQ(code_at(token, kNow - token::kClockSkewMax), 0);
    EXPECT_EQ(code_at(token, kNow - token::kClockSkewMax - 1us), 42);
    EXPECT_EQ(code_at("", kNow), 5);
    EXPECT_EQ(code_at("a.b", kNow), 5);
    EXPECT_EQ(code_at(token.substr(0, token.size() - 1), kNow), 43);
    EXPECT_EQ(code_at(token::make_developer_token(*UserId::parse("john")), kNow), 43);
    auto const later = *create_token("john", {.claims = {{"nbf", "1767226000"}}}, kKey, kNow);
    EXPECT_EQ(code_at(later, kNow), 41);
    token::HmacKey const other("another-secret-of-tests-of-some-length");
    EXPECT_EQ(code_at(*create_token("john", {}, other, kNow), kNow), 43);
}

}  // namespace
}  // namespace latchkey::sdk
