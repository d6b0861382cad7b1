#include <latchkey/token/token_verifier.hpp>

#include "signing.hpp"

#include <latchkey/token/issue.hpp>
#include <latchkey/token/limits.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace latchkey::token {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1767225600s};
constexpr std::string_view kOldSecret = "the-secret-before-that-one-0123456789";

std::vector<Secret> secrets(std::initializer_list<std::string_view> texts) {
    std::vector<Secret> result;
    for (auto const text : texts) {
        result.emplace_back(std::string(text));
    }
    return result;
}

TokenVerifier make_verifier() {
    return TokenVerifier(secrets({test::kSecret, kOldSecret}), "key-1");
}

/// The user id, `server`, or the name of the rule that refused.
std::string verdict(std::string_view text, IssuedBefore const& revoked = {}, Instant now = kNow) {
    auto const identity = make_verifier().verify(text, now, revoked);
    if (!identity) {
        return std::string(rule_name(identity.error()));
    }
    return identity->kind == VerifiedIdentity::Kind::Server ? "server" : identity->user_id;
}

TEST(TokenVerifierVerify, SaysWhoAUsersTokenSpeaksFor) {
    auto const text =
        test::sign_claims(R"({"user_id":"john","role":"admin","iat":1767225500,"exp":1767229200})");
    auto const identity = make_verifier().verify(text, kNow);
    ASSERT_TRUE(identity);
    EXPECT_EQ(*identity, (VerifiedIdentity{.kind = VerifiedIdentity::Kind::User,
                                           .user_id = "john",
                                           .role = "admin",
                                           .issued_at = kNow - 100s,
                                           .expires_at = kNow + 1h}));
}

TEST(TokenVerifierVerify, TellsAServersTokenFromAUsers) {
    auto const identity = make_verifier().verify(test::sign_claims(R"({"server":true})"), kNow);
    ASSERT_TRUE(identity);
    EXPECT_EQ(*identity, (VerifiedIdentity{.kind = VerifiedIdentity::Kind::Server}));
    EXPECT_EQ(verdict(test::sign_claims(R"({"user_id":"john"})")), "john");
}

TEST(TokenVerifierVerify, OwnsWhatItSays) {
    auto const verifier = make_verifier();
    std::string const long_id(255, 'j');
    auto const john = verifier.verify(
        test::sign_claims(R"({"user_id":")" + long_id + R"(","role":"a role of some length"})"),
        kNow);
    auto const other = verifier.verify(
        test::sign_claims(R"({"user_id":")" + std::string(255, 'x') + R"("})"), kNow);
    ASSERT_TRUE(john && other);
    EXPECT_EQ(john->user_id, long_id);
    EXPECT_EQ(john->role, "a role of some length");
}

TEST(TokenVerifierVerify, SaysWhichSecretSigned) {
    auto const claims = R"({"user_id":"john"})";
    auto const verifier = make_verifier();
    auto const by_new = verifier.verify(test::sign(test::kHeader, claims), kNow);
    auto const by_old = verifier.verify(test::sign(test::kHeader, claims, kOldSecret), kNow);
    ASSERT_TRUE(by_new && by_old);
    EXPECT_EQ(by_new->secret_index, 0U);
    EXPECT_EQ(by_old->secret_index, 1U);
    EXPECT_EQ(verdict(test::sign(test::kHeader, claims, "a third")), "signature_mismatch");
}

TEST(TokenVerifierVerify, NamesTheRuleThatRefused) {
    struct Row {
        std::string text;
        std::string_view verdict;
    };
    HmacKey const key(test::kSecret);
    auto const john = *UserId::parse("john");
    Row const rows[] = {
        {"", "missing"},
        {std::string(kTokenBytesMax + 1, 'x'), "too_long"},
        {std::string(kTokenBytesMax, 'x'), "wrong_segment_count"},
        {"Bearer " + issue_user_token({.user_id = john}, key), "not_base64url"},
        {make_developer_token(john), "signature_mismatch"},
        {issue_user_token({.user_id = john}, key), "john"},
        {issue_user_token({.user_id = john, .expires_at = kNow}, key), "expired"},
        {issue_user_token({.user_id = john, .expires_at = kNow + 1s}, key), "john"},
        {issue_server_token(key, kNow + 11s), "issued_in_future"},
        {issue_server_token(key, kNow + 10s), "server"},
        {test::sign_claims(R"({"server":true,"exp":1767225600})"), "expired"},
        {test::sign_claims(R"({"user_id":"john","nbf":1767225611})"), "not_yet_valid"},
        {test::sign_claims(R"({"user_id":"john","nbf":1767225610})"), "john"},
        {test::sign_claims(R"({"user_id":"!anon","exp":1})"), "user_id_invalid"},
        {test::sign_claims(R"({"user_id":5})"), "user_id_not_text"},
    };
    for (auto const& row : rows) {
        EXPECT_EQ(verdict(row.text), row.verdict) << row.text.substr(0, 80);
    }
}

TEST(TokenVerifierVerify, HoldsUsersTokensToTheRevocationsItIsGiven) {
    auto const john = issue_user_token({.user_id = *UserId::parse("john"), .issued_at = kNow - 1h},
                                       HmacKey(test::kSecret));
    EXPECT_EQ(verdict(john, {.user = kNow - 1h + 1us}), "revoked_for_user");
    EXPECT_EQ(verdict(john, {.user = kNow - 1h}), "john");
    EXPECT_EQ(verdict(john, {.app = kNow, .user = kNow - 1h}), "revoked_for_app");
    EXPECT_EQ(verdict(john, {}), "john") << "undone";
    EXPECT_EQ(verdict(issue_server_token(HmacKey(test::kSecret)), {.app = kNow, .user = kNow}),
              "server");
}

TEST(TokenVerifierVerify, AnswersManyThreadsAtOnce) {
    constexpr int kThreads = 4;
    constexpr int kRounds = 500;
    auto const verifier = make_verifier();
    std::atomic<int> right{0};
    {
        std::vector<std::jthread> threads;
        threads.reserve(kThreads);
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&verifier, &right, i] {
                auto const id = "user-with-a-long-name-" + std::to_string(i);
                auto const text =
                    issue_user_token({.user_id = *UserId::parse(id)},
                                     HmacKey(i % 2 == 0 ? test::kSecret : kOldSecret));
                for (int round = 0; round < kRounds; ++round) {
                    auto const identity = verifier.verify(text, kNow);
                    right += identity && identity->user_id == id ? 1 : 0;
                }
            });
        }
    }
    EXPECT_EQ(right, kThreads * kRounds);
}

TEST(TokenVerifier, TakesTheLimitOfSecretsAndNoneMore) {
    std::vector<Secret> many;
    for (std::size_t i = 1; i < kSecretsMax; ++i) {
        many.emplace_back("secret " + std::to_string(i));
    }
    many.emplace_back(std::string(test::kSecret));
    auto const identity =
        TokenVerifier(many).verify(test::sign_claims(R"({"user_id":"john"})"), kNow);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->secret_index, kSecretsMax - 1);
    many.emplace_back("one more");
    EXPECT_THROW(TokenVerifier{many}, std::invalid_argument);
}

TEST(TokenVerifier, IsNotMadeWithoutASecretOrWithAnEmptyOne) {
    EXPECT_THROW(TokenVerifier(std::span<Secret const>{}), std::invalid_argument);
    EXPECT_THROW(TokenVerifier(secrets({test::kSecret, ""})), std::invalid_argument);
    EXPECT_NO_THROW(TokenVerifier(secrets({test::kSecret, "x"})));
    EXPECT_NO_THROW(TokenVerifier(Secret("x")));
}

TEST(TokenVerifierDescribe, GivesCodeRuleAndTextAndNamesTheApiKey) {
    auto const refusal = make_verifier().describe(TokenError::SignatureMismatch);
    EXPECT_EQ(refusal.code, 43);
    EXPECT_EQ(refusal.rule, "signature_mismatch");
    EXPECT_EQ(refusal.message,
              "JWTAuth error: signature is not valid. Make sure the token is created using the "
              "secret for API key \"key-1\"");
}

TEST(TokenVerifierDescribe, NamesNoApiKeyWhereItWasGivenNone) {
    auto const refusal = TokenVerifier(Secret("x")).describe(TokenError::SignatureMismatch);
    EXPECT_EQ(refusal.message,
              "JWTAuth error: signature is not valid. Make sure the token is created using the "
              "App's API secret");
}

TEST(DescribeRefusal, HasTheCodesThatSdksKnow) {
    struct Row {
        TokenError error;
        int code;
    };
    constexpr Row kRows[] = {{TokenError::Missing, 5},
                             {TokenError::UserIdMissing, 5},
                             {TokenError::Expired, 40},
                             {TokenError::RevokedForUser, 40},
                             {TokenError::RevokedForApp, 40},
                             {TokenError::NotYetValid, 41},
                             {TokenError::IssuedInFuture, 42},
                             {TokenError::SignatureMismatch, 43},
                             {TokenError::AlgorithmNotAllowed, 43}};
    for (auto const& row : kRows) {
        auto const refusal = describe_refusal(row.error);
        EXPECT_EQ(refusal.code, row.code);
        EXPECT_EQ(refusal.rule, rule_name(row.error));
        EXPECT_TRUE(refusal.message.starts_with("JWTAuth error: ")) << refusal.message;
    }
}

}  // namespace
}  // namespace latchkey::token
