#include "oidc/id_token.hpp"

#include "oidc/limits.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace latchkey::oidc {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using namespace std::chrono_literals;

constexpr Instant kNow{std::chrono::seconds{1'767'225'600}};
constexpr std::int64_t kNowSeconds = 1'767'225'600;
constexpr std::int64_t kSkewSeconds = kProviderClockSkew.count();

class CheckClaimsTest : public testing::Test {
protected:
    Expectations expected{.issuer = "https://id.example.com", .audiences = {"app"}};
    object claims{{"iss", "https://id.example.com"},
                  {"aud", "app"},
                  {"sub", "john"},
                  {"exp", kNowSeconds + 300},
                  {"iat", kNowSeconds}};

    std::optional<ProofError> judge(std::optional<std::string_view> nonce = std::nullopt) {
        auto const checked = check_claims(boost::json::serialize(claims), expected, kNow, nonce);
        return checked ? std::nullopt : std::optional(checked.error());
    }
    std::optional<ProofError> judge_with(std::string_view name, value claim) {
        auto const kept = claims;
        claims[name] = std::move(claim);
        auto const error = judge();
        claims = kept;
        return error;
    }
    std::optional<ProofError> judge_without(std::string_view name) {
        auto const kept = claims;
        claims.erase(name);
        auto const error = judge();
        claims = kept;
        return error;
    }
};

TEST_F(CheckClaimsTest, HandsOutTheClaimsOfAGoodToken) {
    auto const checked = check_claims(boost::json::serialize(claims), expected, kNow);
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->at("sub"), "john");
}

TEST_F(CheckClaimsTest, WantsOneObjectOfJson) {
    for (auto const* text : {"", "[]", "\"x\"", R"({"iss":"a","iss":"a"})", "{} x"}) {
        EXPECT_EQ(check_claims(text, expected, kNow).error(), ProofError::ClaimsNotJson) << text;
    }
}

TEST_F(CheckClaimsTest, TakesNoTokenOfAnEvent) {
    object const logout = {{"http://schemas.openid.net/event/backchannel-logout", object()}};
    for (value const& events : {value(logout), value(object()), value(nullptr)}) {
        EXPECT_EQ(judge_with("events", events), ProofError::EventToken);
    }
}

TEST_F(CheckClaimsTest, WantsTheIssuerToTheLetter) {
    EXPECT_EQ(judge(), std::nullopt);
    for (value const& issuer : {value("https://id.example.com/"), value("https://ID.example.com"),
                                value("https://evil.example.com"), value(""), value(nullptr),
                                value(array{"https://id.example.com"})}) {
        EXPECT_EQ(judge_with("iss", issuer), ProofError::IssuerMismatch);
    }
    EXPECT_EQ(judge_without("iss"), ProofError::IssuerMismatch);
}

TEST_F(CheckClaimsTest, WantsOneOfItsAudiences) {
    expected.audiences = {"app", "api"};
    EXPECT_EQ(judge_with("aud", "api"), std::nullopt);
    EXPECT_EQ(judge_with("aud", array{"app"}), std::nullopt);
    EXPECT_EQ(judge_with("aud", "other"), ProofError::AudienceMismatch);
    EXPECT_EQ(judge_with("aud", array{}), ProofError::AudienceMismatch);
    EXPECT_EQ(judge_with("aud", array{"app", 1}), ProofError::AudienceMismatch);
    EXPECT_EQ(judge_with("aud", object{{"app", true}}), ProofError::AudienceMismatch);
    EXPECT_EQ(judge_without("aud"), ProofError::AudienceMismatch);
}

TEST_F(CheckClaimsTest, BoundsTheAudiences) {
    array audiences(kAudiencesMax, "app");
    claims["azp"] = "app";
    EXPECT_EQ(judge_with("aud", audiences), std::nullopt);
    audiences.emplace_back("app");
    EXPECT_EQ(judge_with("aud", audiences), ProofError::AudienceMismatch);
}

TEST_F(CheckClaimsTest, AsksOfATokenForSeveralWhomItWasGivenTo) {
    claims["aud"] = array{"app", "other"};
    EXPECT_EQ(judge(), ProofError::AuthorizedParty);
    EXPECT_EQ(judge_with("azp", "app"), std::nullopt);
    EXPECT_EQ(judge_with("azp", "other"), ProofError::AuthorizedParty);
    EXPECT_EQ(judge_with("azp", 1), ProofError::AuthorizedParty);
    expected.authorized_parties = {"page"};
    EXPECT_EQ(judge_with("azp", "page"), std::nullopt);
    EXPECT_EQ(judge_with("azp", "app"), ProofError::AuthorizedParty);
}

TEST_F(CheckClaimsTest, CountsExpiryWithTheSkewOfClocks) {
    EXPECT_EQ(judge_with("exp", kNowSeconds - kSkewSeconds + 1), std::nullopt);
    EXPECT_EQ(judge_with("exp", kNowSeconds - kSkewSeconds), ProofError::Expired);
    EXPECT_EQ(judge_with("exp", static_cast<double>(kNowSeconds - kSkewSeconds) + 0.5),
              std::nullopt);
    EXPECT_EQ(judge_without("exp"), ProofError::ExpiryMissing);
}

TEST_F(CheckClaimsTest, CountsTheOtherDatesWithTheSkewOfClocks) {
    EXPECT_EQ(judge_with("nbf", kNowSeconds + kSkewSeconds), std::nullopt);
    EXPECT_EQ(judge_with("nbf", kNowSeconds + kSkewSeconds + 1), ProofError::NotYetValid);
    EXPECT_EQ(judge_with("iat", kNowSeconds + kSkewSeconds), std::nullopt);
    EXPECT_EQ(judge_with("iat", kNowSeconds + kSkewSeconds + 1), ProofError::IssuedInFuture);
    EXPECT_EQ(judge_without("iat"), std::nullopt);
}

TEST_F(CheckClaimsTest, TakesNoDateThatIsNone) {
    for (auto const* name : {"exp", "nbf", "iat"}) {
        for (value const& date :
             {value("soon"), value(nullptr), value(true), value(-1),
              value(std::int64_t{253'402'300'800}), value(1e300), value(-0.5)}) {
            EXPECT_EQ(judge_with(name, date), ProofError::DateInvalid) << name;
        }
    }
    EXPECT_EQ(judge_with("exp", std::int64_t{253'402'300'799}), std::nullopt);
    EXPECT_EQ(judge_with("nbf", 0), std::nullopt);
}

TEST_F(CheckClaimsTest, ComparesTheNonceWhereOneIsGiven) {
    EXPECT_EQ(judge("n-1"), ProofError::NonceMismatch);
    claims["nonce"] = "n-1";
    EXPECT_EQ(judge("n-1"), std::nullopt);
    EXPECT_EQ(judge("n-2"), ProofError::NonceMismatch);
    EXPECT_EQ(judge(), std::nullopt);
}

}  // namespace
}  // namespace latchkey::oidc
