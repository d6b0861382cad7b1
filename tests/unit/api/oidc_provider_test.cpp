#include "api/token_provider/provider_keys.hpp"
#include "support/foreign_key.hpp"
#include "unit/api/token_provider_fixture.hpp"

#include <latchkey/base/rfc3339.hpp>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

using boost::json::object;
using test::ForeignKey;
using test::kNow;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr std::string_view kIssuer = "https://id.example.com";

TokenProviderSettings settings_of(std::string_view role_claim = {}) {
    TokenProviderSettings settings{
        .name = "idp",
        .app = *ApiKey::parse("key"),
        .source = OidcSource{.expected = {.issuer = std::string(kIssuer), .audiences = {"app"}}},
        .allowed_origins = {"https://app.example.com"},
        .per_address = 20,
        .per_user = 5};
    if (!role_claim.empty()) {
        std::get<OidcSource>(settings.source).claims.role = role_claim;
    }
    return settings;
}

object claims_of(std::string_view sub) {
    auto const now = std::chrono::floor<std::chrono::seconds>(kNow).time_since_epoch().count();
    return {{"iss", kIssuer}, {"aud", "app"}, {"sub", sub}, {"iat", now}, {"exp", now + 3600}};
}

class OidcProviderTest : public testing::Test {
protected:
    static ForeignKey const& key() {
        static auto const made = ForeignKey::p256();
        return made;
    }
    test::ProviderNode at{settings_of()};

    std::unique_ptr<test::TestExchange> ask(std::string const& proof) {
        return at.ask({.target = "/token/idp",
                       .token = "Bearer " + proof,
                       .auth_type = "",
                       .fields = {{"X-Forwarded-For", "10.0.0.7"}}});
    }
    /// Answers what is asked of the provider: its document, then its keys.
    void serve_keys(std::string const& keys) {
        at.http.answer(200, boost::json::serialize(object{
                                {"issuer", kIssuer}, {"jwks_uri", "https://id.example.com/keys"}}));
        at.http.answer(200, keys);
        at.settle();
    }
    void fetch_first_keys() {
        auto const asked = ask(key().token("one", claims_of("first")));
        serve_keys(test::key_set({key().jwk("one")}));
        ASSERT_EQ(asked->answer_given().status, 200) << asked->answer_given().body;
    }
    static object body_of(test::TestExchange const& exchange) {
        return test::TestNode::body_of(exchange.answer_given());
    }
    std::string token_for(object const& claims) {
        auto const asked = ask(key().token("one", claims));
        EXPECT_EQ(asked->answer_given().status, 200) << asked->answer_given().body;
        return std::string(body_of(*asked).at("token").as_string());
    }
    /// Of a token that is held back for so long.
    std::string held_token_for(object const& claims, std::chrono::milliseconds pause) {
        auto const asked = ask(key().token("one", claims));
        EXPECT_FALSE(asked->answered());
        EXPECT_EQ(at.http.pauses.back(), pause);
        at.node.clock.advance(pause);
        at.http.pass();
        at.settle();
        return std::string(body_of(*asked).at("token").as_string());
    }
    /// Its lines in the audit log, the newest first.
    std::vector<domain::AuditEntry> records() {
        std::vector<domain::AuditEntry> entries;
        at.node.commit([&](domain::Transaction& transaction) {
            entries = transaction.audit().query({.action = "provider.minted"});
            return domain::Outcome::Commit;
        });
        return entries;
    }
    void expect_refused(std::string const& proof, std::string_view why) {
        auto const asked = ask(proof);
        EXPECT_EQ(asked->answer_given().status, 401);
        EXPECT_EQ(body_of(*asked).at("code"), 5);
        EXPECT_THAT(std::string(body_of(*asked).at("message").as_string()), HasSubstr(why));
    }
};

TEST_F(OidcProviderTest, GivesATokenForATokenOfTheProvider) {
    auto const asked = ask(key().token("one", claims_of("john")));
    EXPECT_FALSE(asked->answered());
    ASSERT_EQ(at.http.sent.size(), 1U);
    EXPECT_EQ(at.http.sent[0].url.path, "/.well-known/openid-configuration");
    serve_keys(test::key_set({key().jwk("one")}));
    EXPECT_EQ(at.http.sent[1].url.path, "/keys");
    ASSERT_TRUE(asked->answered());
    auto const& response = asked->answer_given();
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_THAT(response.fields, HasSubstr("Cache-Control: no-store\r\n"));
    test::TestNode::expect_described({.target = "/token/idp"}, response);
    auto const body = body_of(*asked);
    EXPECT_EQ(body.at("user_id"), "john");
    EXPECT_EQ(parse_rfc3339(body.at("server_time").as_string()), kNow);
    auto const expires_at = *parse_rfc3339(body.at("expires_at").as_string());
    EXPECT_LE(expires_at, kNow + 3600s);
    EXPECT_GE(expires_at, kNow + 3240s);
    EXPECT_TRUE(at.accepts(std::string(body.at("token").as_string())));
}

TEST_F(OidcProviderTest, TakesTheProofInTheBodyToo) {
    fetch_first_keys();
    auto claims = claims_of("john");
    claims["nonce"] = "n-1";
    auto const proof = key().token("one", claims);
    auto const post = [&](std::string const& nonce) {
        auto const asked =
            at.ask({.method = http::Method::Post,
                    .target = "/token/idp",
                    .auth_type = "",
                    .body = boost::json::serialize(object{{"token", std::string_view(proof)},
                                                          {"nonce", std::string_view(nonce)}})});
        return asked->answer_given().status;
    };
    EXPECT_EQ(post("n-1"), 200);
    EXPECT_EQ(post("n-2"), 401);
}

TEST_F(OidcProviderTest, RefusesABodyThatIsNone) {
    for (auto const* body : {"x", "[]", R"({"token":1})", R"({"nonce":[]})"}) {
        auto const asked = at.ask(
            {.method = http::Method::Post, .target = "/token/idp", .auth_type = "", .body = body});
        EXPECT_EQ(asked->answer_given().status, 400) << body;
    }
    auto const post = [&](std::size_t bytes) {
        return at
            .ask({.method = http::Method::Post,
                  .target = "/token/idp",
                  .auth_type = "",
                  .body = "{}" + std::string(bytes - 2, ' ')})
            ->answer_given()
            .status;
    };
    EXPECT_EQ(post(kProofBodyBytesMax), 401);
    EXPECT_EQ(post(kProofBodyBytesMax + 1), 413);
}

TEST_F(OidcProviderTest, RefusesWhatProvesNothing) {
    fetch_first_keys();
    auto const with = [](std::string_view name, boost::json::value value) {
        auto claims = claims_of("john");
        claims[name] = std::move(value);
        return key().token("one", claims);
    };
    EXPECT_EQ(ask(key().token("one", claims_of("john")))->answer_given().status, 200);
    expect_refused("", "no token");
    expect_refused("x", "cannot be read");
    expect_refused(with("iss", "https://evil.example.com"), "another issuer");
    expect_refused(with("aud", "other"), "made out to others");
    expect_refused(with("exp", 1), "has expired");
    expect_refused(with("sub", "not a user id"), "no user id");
    expect_refused(key().token_of(R"({"alg":"none"})", boost::json::serialize(claims_of("john"))),
                   "algorithm");
    expect_refused(ForeignKey::p256().token("one", claims_of("john")), "signature");
    expect_refused(test::sign(boost::json::serialize(claims_of("john"))), "algorithm");  // HS256
    EXPECT_EQ(at.count(ProviderOutcome::Refused), 9U);
}

TEST_F(OidcProviderTest, SaysNothingOfTheProofInAnswersAndLog) {
    fetch_first_keys();
    auto const proof = key().token("one", claims_of("a secret name"));
    auto const asked = ask(proof);
    EXPECT_THAT(asked->answer_given().body, Not(HasSubstr("a secret name")));
    EXPECT_THAT(at.node.log.text(), Not(HasSubstr("a secret name")));
    EXPECT_THAT(at.node.log.text(), Not(HasSubstr("eyJ")));
}

TEST_F(OidcProviderTest, FindsAKeyThatTheProviderTurnedTo) {
    fetch_first_keys();
    auto const next = ForeignKey::ed25519();
    auto const asked = ask(next.token("two", claims_of("john")));
    EXPECT_FALSE(asked->answered());
    at.http.answer(200, test::key_set({next.jwk("two")}));  // where the keys are is known still
    at.settle();
    EXPECT_EQ(asked->answer_given().status, 200) << asked->answer_given().body;
}

TEST_F(OidcProviderTest, FindsAKeyThatCameBesideOneWithoutAnId) {
    auto const asked_first = ask(key().token("", claims_of("first")));
    serve_keys(test::key_set({key().jwk()}));
    ASSERT_EQ(asked_first->answer_given().status, 200);
    EXPECT_EQ(ask(key().token("any", claims_of("john")))->answer_given().status, 200);
    EXPECT_FALSE(at.http.is_asked());
    auto const turn_to = [&](ForeignKey const& next, std::string_view kid,
                             std::vector<object> const& keys) {
        auto const asked = ask(next.token(kid, claims_of("john")));
        ASSERT_TRUE(at.http.is_asked()) << kid;
        at.http.answer(200, test::key_set(keys));
        at.settle();
        EXPECT_EQ(asked->answer_given().status, 200) << asked->answer_given().body;
    };
    auto const second = ForeignKey::p256();
    turn_to(second, "b", {key().jwk(), second.jwk("b")});
    auto const third = ForeignKey::ed25519();
    turn_to(third, "c", {third.jwk("c")});
    EXPECT_FALSE(at.http.is_asked());
}

TEST_F(OidcProviderTest, LooksOnlySoOftenForKeysThatAreNot) {
    auto const asked_first = ask(key().token("", claims_of("first")));
    serve_keys(test::key_set({key().jwk()}));
    auto const nobodys = ForeignKey::p256();
    std::size_t fetches = 0;
    for (int i = 0; i < 3 * oidc::KeyCache::kLookupsMax; ++i) {
        auto const asked = ask(nobodys.token("made-up", claims_of("john")));
        while (at.http.is_asked()) {
            ++fetches;
            at.http.answer(200, test::key_set({key().jwk()}));
            at.settle();
        }
        EXPECT_EQ(asked->answer_given().status, 401);
    }
    EXPECT_EQ(fetches, std::size_t{oidc::KeyCache::kLookupsMax});
}

TEST_F(OidcProviderTest, FetchesOnceForATokenOfAKeyThatIsNot) {
    fetch_first_keys();
    auto const asked = ask(ForeignKey::p256().token("made-up", claims_of("john")));
    at.http.answer(200, test::key_set({key().jwk("one")}));
    at.settle();
    EXPECT_FALSE(at.http.is_asked());
    EXPECT_EQ(asked->answer_given().status, 401);
}

TEST_F(OidcProviderTest, LooksOnceForTheKeyOfATokenThatNamesNone) {
    fetch_first_keys();
    auto const next = ForeignKey::p256();
    auto const asked = ask(next.token("", claims_of("john")));
    at.http.answer(200, test::key_set({next.jwk("two")}));
    at.settle();
    EXPECT_EQ(asked->answer_given().status, 200);
    auto const nobody = ask(ForeignKey::p256().token("", claims_of("john")));
    at.http.answer(200, test::key_set({next.jwk("two")}));
    at.settle();
    EXPECT_EQ(nobody->answer_given().status, 401);
    EXPECT_FALSE(at.http.is_asked());
}

TEST_F(OidcProviderTest, FetchesOnceForAllWhoWait) {
    auto const first = ask(key().token("one", claims_of("john")));
    auto const second = ask(key().token("one", claims_of("jane")));
    EXPECT_EQ(at.http.sent.size(), 1U);
    serve_keys(test::key_set({key().jwk("one")}));
    EXPECT_EQ(first->answer_given().status, 200);
    EXPECT_EQ(second->answer_given().status, 200);
}

TEST_F(OidcProviderTest, GoesOnWithGoodKeysWhileTheProviderIsAway) {
    fetch_first_keys();
    at.node.clock.advance(oidc::KeyCache::kFreshDefault);
    auto claims = claims_of("john");
    EXPECT_EQ(ask(key().token("one", claims))->answer_given().status, 200);
    ASSERT_TRUE(at.http.is_asked());  // in the background
    at.http.answer(500, "out of order");
    at.node.clock.advance(10s);
    EXPECT_EQ(ask(key().token("one", claims))->answer_given().status, 200);
    // Its keys may have moved: it is asked where they are, and again answers rubbish.
    at.http.answer(200, "{}");
    EXPECT_EQ(ask(key().token("one", claims))->answer_given().status, 200);
}

TEST_F(OidcProviderTest, SaysThatItCannotAskWhereItHasNoKeys) {
    auto const asked = ask(key().token("one", claims_of("john")));
    at.http.answer(std::unexpected(OutgoingFailure::NotConnected));
    at.settle();
    EXPECT_EQ(asked->answer_given().status, 502);
    EXPECT_EQ(body_of(*asked).at("code"), -1);
    EXPECT_EQ(at.count(ProviderOutcome::Failed), 1U);
    EXPECT_EQ(ask(key().token("one", claims_of("john")))->answer_given().status, 502);
    EXPECT_FALSE(at.http.is_asked());
}

TEST_F(OidcProviderTest, LetsOnlySoManyWaitForKeys) {
    std::vector<std::unique_ptr<test::TestExchange>> asked;
    auto const proof = key().token("one", claims_of("john"));
    auto settings = settings_of();
    settings.per_address = kProviderRateMax;
    settings.per_user = kProviderRateMax;
    test::ProviderNode busy(std::move(settings));
    for (std::size_t i = 0; i <= ProviderKeys::kWaitingMax; ++i) {
        asked.push_back(busy.ask({.target = "/token/idp", .token = proof, .auth_type = ""}));
    }
    EXPECT_EQ(asked.back()->answer_given().status, 502);
    EXPECT_FALSE(asked.front()->answered());
}

TEST_F(OidcProviderTest, StoresWhatTheProofSaysOfTheUser) {
    fetch_first_keys();
    auto claims = claims_of("john");
    claims["name"] = "John";
    claims["picture"] = "https://img.example/j.png";
    token_for(claims);
    EXPECT_EQ(at.user("john")->name, "John");
    EXPECT_EQ(at.user("john")->image, "https://img.example/j.png");
    EXPECT_EQ(at.user("john")->role, "user");
    auto const updated_at = at.user("john")->updated_at;
    at.node.clock.advance(1min);
    token_for(claims);
    EXPECT_EQ(at.user("john")->updated_at, updated_at);
    claims["name"] = "Johnny";
    token_for(claims);
    EXPECT_EQ(at.user("john")->name, "Johnny");
}

TEST_F(OidcProviderTest, LetsTwoPeopleOfOneNameIn) {
    at.edit_app([](domain::App& app) { app.enforce_unique_usernames = domain::UniqueNames::App; });
    fetch_first_keys();
    auto claims = claims_of("john");
    claims["name"] = "John";
    token_for(claims);
    claims["sub"] = "other";
    token_for(claims);
    EXPECT_EQ(at.user("john")->name, "John");
    EXPECT_EQ(at.user("other")->name, std::nullopt);
}

TEST_F(OidcProviderTest, GivesTheSameTokenToTheSameUserForAMoment) {
    fetch_first_keys();
    at.node.clock.advance(1s);
    auto const first = token_for(claims_of("john"));
    EXPECT_EQ(token_for(claims_of("john")), first);
    EXPECT_NE(token_for(claims_of("jane")), first);
    EXPECT_EQ(at.count(ProviderOutcome::Shared), 1U);
    at.node.clock.advance(TokenWindow::kLength);
    EXPECT_NE(token_for(claims_of("john")), first);
}

TEST_F(OidcProviderTest, NeverGivesATokenThatIsRevokedAlready) {
    fetch_first_keys();
    auto const before = token_for(claims_of("john"));
    // Half a second ahead of the whole one that `iat` can say.
    at.node.clock.advance(500ms);
    at.edit_user("john",
                 [](domain::User& user) { user.revoke_tokens_issued_before = kNow + 500ms; });
    EXPECT_FALSE(at.accepts(before));
    auto const after = held_token_for(claims_of("john"), 500ms);
    EXPECT_NE(after, before);
    EXPECT_TRUE(at.accepts(after));
    at.edit_app([](domain::App& app) { app.revoke_tokens_issued_before = kNow + 1500ms; });
    at.node.clock.advance(500ms);
    EXPECT_FALSE(at.accepts(after));
    EXPECT_TRUE(at.accepts(held_token_for(claims_of("john"), 500ms)));
}

TEST_F(OidcProviderTest, HoldsATokenBackUntilItsIatHasCome) {
    fetch_first_keys();
    at.node.clock.advance(400ms);
    at.edit_user("john",
                 [](domain::User& user) { user.revoke_tokens_issued_before = kNow + 400ms; });
    auto const first = ask(key().token("one", claims_of("john")));
    at.node.clock.advance(100ms);
    auto const second = ask(key().token("one", claims_of("john")));  // gets the same one
    EXPECT_FALSE(first->answered());
    EXPECT_FALSE(second->answered());
    EXPECT_EQ(at.http.pauses, (std::vector<std::chrono::milliseconds>{600ms, 500ms}));
    at.node.clock.advance(500ms);
    at.http.pass();
    at.settle();
    EXPECT_EQ(body_of(*first).at("token"), body_of(*second).at("token"));
    EXPECT_EQ(at.count(ProviderOutcome::Shared), 1U);
    EXPECT_EQ(parse_rfc3339(body_of(*first).at("server_time").as_string()), kNow + 1s);
}

TEST_F(OidcProviderTest, HoldsNothingBackForMoreThanASecond) {
    fetch_first_keys();
    auto const revoke_before = [&](Instant instant) {
        at.edit_user("john",
                     [instant](domain::User& user) { user.revoke_tokens_issued_before = instant; });
    };
    revoke_before(kNow + 1s);
    EXPECT_FALSE(ask(key().token("one", claims_of("john")))->answered());
    EXPECT_EQ(at.http.pauses.back(), TokenProvider::kHeldBackMax);
    revoke_before(kNow + 1s + 1us);
    EXPECT_TRUE(ask(key().token("one", claims_of("john")))->answered());
    EXPECT_EQ(at.http.pauses.size(), 1U);
}

TEST_F(OidcProviderTest, GivesNoneWhereARevocationLiesTooFarAhead) {
    fetch_first_keys();
    at.edit_user("john", [](domain::User& user) { user.revoke_tokens_issued_before = kNow + 10s; });
    EXPECT_TRUE(at.accepts(token_for(claims_of("john"))));
    at.edit_user("john", [](domain::User& user) { user.revoke_tokens_issued_before = kNow + 11s; });
    expect_refused(key().token("one", claims_of("john")), "lies ahead");
}

TEST_F(OidcProviderTest, GivesNoneToWhoMayNotSignIn) {
    fetch_first_keys();
    at.edit_user("john", [](domain::User& user) { user.deactivated_at = kNow; });
    expect_refused(key().token("one", claims_of("john")), "deactivated");
    at.edit_user("john", [](domain::User& user) { user.deactivated_at.reset(); });
    EXPECT_EQ(ask(key().token("one", claims_of("john")))->answer_given().status, 200);
    at.edit_user("john", [](domain::User& user) { user.deleted_at = kNow; });
    expect_refused(key().token("one", claims_of("john")), "deleted");
}

TEST_F(OidcProviderTest, GivesNoneInAnAppThatIsSuspended) {
    fetch_first_keys();
    at.edit_app([](domain::App& app) { app.suspended = true; });
    auto const asked = ask(key().token("one", claims_of("john")));
    EXPECT_EQ(asked->answer_given().status, 403);
    EXPECT_EQ(body_of(*asked).at("code"), 99);
    EXPECT_EQ(at.user("john"), std::nullopt);
}

TEST_F(OidcProviderTest, AsksNobodyWhileItsAppDoesNotExist) {
    auto settings = settings_of();
    settings.app = *ApiKey::parse("later");
    test::ProviderNode lost(std::move(settings));
    auto const ask_lost = [&] {
        return lost.ask({.target = "/token/idp",
                         .token = key().token("one", claims_of("john")),
                         .auth_type = ""});
    };
    for (int i = 0; i < 2; ++i) {
        auto const asked = ask_lost();
        EXPECT_EQ(asked->answer_given().status, 502);
        EXPECT_EQ(body_of(*asked).at("code"), -1);
    }
    EXPECT_FALSE(lost.http.is_asked());
    EXPECT_EQ(lost.count(ProviderOutcome::Failed), 2U);
    EXPECT_EQ(lost.node.log.count("token_provider.app_unknown"), 1U);
    lost.node.clock.advance(TokenProvider::kAppMissedEvery);
    EXPECT_EQ(ask_lost()->answer_given().status, 502);
    EXPECT_EQ(lost.node.log.count("token_provider.app_unknown"), 2U);
    lost.node.commit([&](domain::Transaction& transaction) {
        auto const app =
            domain::create_app(transaction,
                               {.name = "Later",
                                .mode = domain::Mode::Production,
                                .api_key = ApiKey::parse("later"),
                                .api_secret = Secret("0123456789-abcdefghijklmnop-later")},
                               kNow, lost.node.random);
        return app ? domain::Outcome::Commit : domain::Outcome::Rollback;
    });
    EXPECT_FALSE(ask_lost()->answered());
    EXPECT_TRUE(lost.http.is_asked());
}

TEST_F(OidcProviderTest, GivesRolesAsTheSettingsSay) {
    test::ProviderNode staff([] {
        auto settings = settings_of("groups");
        settings.role_map = {{"ops", "admin"}};
        return settings;
    }());
    auto const sign_in = [&](boost::json::value groups) {
        auto claims = claims_of("john");
        claims["groups"] = std::move(groups);
        auto const asked = staff.ask(
            {.target = "/token/idp", .token = key().token("one", claims), .auth_type = ""});
        if (staff.http.is_asked()) {
            staff.http.answer(
                200, boost::json::serialize(
                         object{{"issuer", kIssuer}, {"jwks_uri", "https://id.example.com/keys"}}));
            staff.http.answer(200, test::key_set({key().jwk("one")}));
            staff.settle();
        }
        EXPECT_EQ(asked->answer_given().status, 200);
        return staff.user("john")->role;
    };
    EXPECT_EQ(sign_in("admin"), "user");
    EXPECT_EQ(sign_in({"x", "ops"}), "admin");
    EXPECT_EQ(sign_in(nullptr), "user");  // who leaves the group leaves the role
}

TEST_F(OidcProviderTest, KeepsARecordOnceAnHour) {
    fetch_first_keys();
    ASSERT_EQ(records().size(), 1U);
    auto const first = records().front().record;
    EXPECT_EQ(first.actor_kind, domain::ActorKind::TokenProvider);
    EXPECT_EQ(first.actor, "idp");
    EXPECT_EQ(first.app, "key");
    EXPECT_EQ(first.after.at("minted"), 1);
    token_for(claims_of("john"));
    expect_refused("x", "cannot be read");
    EXPECT_EQ(records().size(), 1U);
    at.node.clock.advance(TokenProvider::kRecordedEvery - 1us);
    auto claims = claims_of("jane");
    claims["exp"] = claims["exp"].as_int64() + 3600;
    token_for(claims);
    EXPECT_EQ(records().size(), 1U);
    at.node.clock.advance(TokenWindow::kLength);
    token_for(claims);
    ASSERT_EQ(records().size(), 2U);
    EXPECT_EQ(records().front().record.after.at("minted"), 3);
    EXPECT_EQ(records().front().record.after.at("refused"), 1);
}

TEST_F(OidcProviderTest, KeepsARecordOfNothingButRefusalsToo) {
    auto const tick = [&] {
        at.node.service.on_tick();
        at.settle();
    };
    expect_refused("x", "cannot be read");
    at.node.clock.advance(TokenProvider::kRecordedEvery - 1us);
    tick();
    EXPECT_EQ(records().size(), 0U);
    at.node.clock.advance(1us);
    tick();
    ASSERT_EQ(records().size(), 1U);
    EXPECT_EQ(records().front().record.after.at("refused"), 1);
    EXPECT_EQ(records().front().record.after.at("minted"), 0);
    at.node.clock.advance(TokenProvider::kRecordedEvery);
    tick();
    EXPECT_EQ(records().size(), 1U);  // nothing happened since
}

TEST_F(OidcProviderTest, KeepsARecordOfWhatIsOutstandingWhereTheNodeStops) {
    fetch_first_keys();
    ASSERT_EQ(records().size(), 1U);
    auto const stop = [&] {
        at.providers->keep_records(at.node.queue, at.node.clock.now());
        at.settle();
    };
    stop();
    EXPECT_EQ(records().size(), 1U);
    token_for(claims_of("john"));
    expect_refused("x", "cannot be read");
    stop();
    ASSERT_EQ(records().size(), 2U);
    EXPECT_EQ(records().front().record.after.at("minted"), 1);
    EXPECT_EQ(records().front().record.after.at("refused"), 1);
}

TEST_F(OidcProviderTest, CountsANetworkOfIPv6AsOneAddress) {
    auto const status_from = [&](std::string const& address) {
        return at
            .ask({.target = "/token/idp",
                  .token = "x",
                  .auth_type = "",
                  .fields = {{"X-Forwarded-For", address}}})
            ->answer_given()
            .status;
    };
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(status_from("2001:db8:0:1::" + std::to_string(i)), 401) << i;
    }
    EXPECT_EQ(status_from("[2001:db8:0:1:ffff::]:443"), 429);
    EXPECT_EQ(status_from("2001:db8:0:2::"), 401);
}

TEST_F(OidcProviderTest, LimitsRequestsOfAnAddressAndOfAUser) {
    fetch_first_keys();
    for (int i = 0; i < 5; ++i) {
        token_for(claims_of("john"));
    }
    auto const user = ask(key().token("one", claims_of("john")));
    EXPECT_EQ(user->answer_given().status, 429);
    EXPECT_THAT(user->answer_given().fields, HasSubstr("Retry-After: 60\r\n"));
    EXPECT_EQ(body_of(*user).at("code"), 9);
    token_for(claims_of("jane"));
    for (int i = 0; i < 12; ++i) {  // with those above 20
        EXPECT_EQ(ask("x")->answer_given().status, 401) << i;
    }
    EXPECT_EQ(ask("x")->answer_given().status, 429);
    EXPECT_EQ(at.count(ProviderOutcome::Limited), 2U);
    at.node.clock.advance(1min);
    token_for(claims_of("john"));
}

TEST_F(OidcProviderTest, TellsPagesOfItsOriginsAndNoOthers) {
    auto const preflight = [&](std::string_view origin) {
        auto const asked = at.ask({.method = http::Method::Options,
                                   .target = "/token/idp",
                                   .auth_type = "",
                                   .fields = {{"Origin", origin}}});
        EXPECT_EQ(asked->answer_given().status, 204);
        return asked->answer_given().fields;
    };
    auto const allowed = preflight("https://app.example.com");
    EXPECT_THAT(allowed, HasSubstr("Access-Control-Allow-Origin: https://app.example.com\r\n"));
    EXPECT_THAT(allowed, HasSubstr("Access-Control-Allow-Headers: authorization"));
    EXPECT_THAT(allowed, HasSubstr("Access-Control-Allow-Credentials: true\r\n"));
    EXPECT_THAT(allowed, HasSubstr("Vary: Origin\r\n"));
    for (auto const* origin : {"https://evil.example.com", "https://app.example.com:8443",
                               "http://app.example.com", "null"}) {
        EXPECT_THAT(preflight(origin), Not(HasSubstr("Access-Control"))) << origin;
    }
    auto const asked = at.ask({.target = "/token/idp",
                               .token = "x",
                               .auth_type = "",
                               .fields = {{"Origin", "https://evil.example.com"}}});
    EXPECT_THAT(asked->answer_given().fields, Not(HasSubstr("Access-Control")));
}

TEST_F(OidcProviderTest, AsksNobodyForAPageThatIsNotAllowed) {
    auto const proof = key().token("one", claims_of("john"));
    auto const ask_with = [&](std::vector<http::Field> fields) {
        return at.ask({.method = http::Method::Post,
                       .target = "/token/idp",
                       .token = proof,
                       .auth_type = "",
                       .body = "{}",
                       .fields = std::move(fields)});
    };
    for (auto const& fields :
         std::vector<std::vector<http::Field>>{{{"Origin", "https://evil.example.com"}},
                                               {{"Origin", "null"}},
                                               {{"Sec-Fetch-Site", "cross-site"}},
                                               {{"Sec-Fetch-Site", "same-site"}}}) {
        auto const asked = ask_with(fields);
        EXPECT_EQ(asked->answer_given().status, 403) << fields.front().value;
        EXPECT_EQ(body_of(*asked).at("code"), 17);
    }
    EXPECT_FALSE(at.http.is_asked());
    EXPECT_EQ(at.count(ProviderOutcome::Refused), 4U);
    for (auto const& fields : std::vector<std::vector<http::Field>>{
             {},
             {{"Sec-Fetch-Site", "none"}},
             {{"Sec-Fetch-Site", "same-origin"}},
             {{"Origin", "https://app.example.com"}, {"Sec-Fetch-Site", "cross-site"}}}) {
        EXPECT_FALSE(ask_with(fields)->answered());
    }
    EXPECT_TRUE(at.http.is_asked());
}

TEST_F(OidcProviderTest, LeavesOtherPathsOpenToAll) {
    for (auto const* path : {"/app", "/token/other", "/token/"}) {
        auto const asked =
            at.ask({.method = http::Method::Options, .target = path, .auth_type = ""});
        EXPECT_THAT(asked->answer_given().fields, HasSubstr("Access-Control-Allow-Origin: *"));
    }
}

TEST_F(OidcProviderTest, IsNotFoundByAnotherName) {
    auto const asked = at.ask({.target = "/token/other", .auth_type = ""});
    EXPECT_EQ(asked->answer_given().status, 404);
    EXPECT_EQ(body_of(*asked).at("code"), 16);
    test::TestNode none;
    EXPECT_EQ(none.call({.target = "/token/idp", .auth_type = ""}).status, 404);
    EXPECT_EQ(at.ask({.method = http::Method::Put, .target = "/token/idp"})->answer_given().status,
              405);
}

}  // namespace
}  // namespace latchkey::api
