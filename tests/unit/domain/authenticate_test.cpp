#include "domain/authenticate.hpp"

#include "support/seeded_random.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/issue.hpp>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

namespace latchkey::domain {

void PrintTo(Refusal const& refusal, std::ostream* out) { *out << rule_name(refusal); }

namespace {

using namespace std::chrono_literals;
using token::TokenError;

constexpr Instant kNow{1767225600s};
constexpr std::string_view kSecret = "secret-of-the-app-0123456789-abcdef";

std::string sign(std::string_view claims, std::string_view secret = kSecret) {
    auto const input =
        base64url::encode(R"({"alg":"HS256","typ":"JWT"})") + '.' + base64url::encode(claims);
    return input + '.' + base64url::encode(token::HmacKey(secret).mac(input));
}

std::string john(std::string_view more = "") {
    return sign(R"({"user_id":"john")" + std::string(more) + "}");
}
std::string john_issued_at(Instant instant) {
    auto const seconds = std::chrono::floor<std::chrono::seconds>(instant);
    return john(",\"iat\":" + std::to_string(seconds.time_since_epoch().count()));
}
std::string developer_token() { return token::make_developer_token(*UserId::parse("john")); }

class AuthenticateTest : public testing::Test {
protected:
    AuthenticateTest() {
        change([](App&) {});
    }

    void change(std::function<void(App&)> const& edit) {
        App app{.id = AppId{1},
                .api_key = *ApiKey::parse("key"),
                .name = "app",
                .mode = Mode::Production,
                .secrets = {},
                .created_at = kNow,
                .updated_at = kNow};
        app.secrets.push_back(
            {.id = 1, .secret = Secret(std::string(kSecret)), .created_at = kNow});
        edit(app);
        apply(AppChanged{std::make_shared<App const>(std::move(app))});
    }
    void stand(UserStanding standing) {
        apply(UserStandingChanged{AppId{1}, "john", std::move(standing)});
    }
    void apply(std::variant<AppChanged, AppRemoved, UserStandingChanged> what) {
        std::array<Change, 1> const changes = {
            {{.sequence = state_.applied() + 1, .what = std::move(what)}}};
        state_.apply(changes);
    }

    /// Who it is (`user john user`), or the rule that refused.
    std::string decide(std::string const& token, std::string_view auth_type = "jwt",
                       std::string_view api_key = "key", Instant now = kNow) {
        auto const reader = state_.read(0);
        auto const decision = authenticate(
            reader, {.api_key = api_key, .auth_type = auth_type, .token = token}, now, verifier_);
        if (!decision) {
            return std::string(rule_name(decision.error()));
        }
        auto text = std::string(kind_name(decision->kind));
        if (decision->kind != CallerKind::Server) {
            text += ' ' + std::string(decision->user_id) + ' ' + decision->role;
        }
        return text + (decision->developer_token ? " unsigned" : "");
    }

    test::SeededRandom random_;
    NodeState state_{1, random_};
    token::Verifier verifier_;
};

TEST_F(AuthenticateTest, LetsInAUserNobodyHasHeardOf) {
    EXPECT_EQ(decide(john()), "user john user");
}

TEST_F(AuthenticateTest, LetsInAServer) { EXPECT_EQ(decide(sign(R"({"server":true})")), "server"); }

TEST_F(AuthenticateTest, RefusesKeysThatNobodyHas) {
    EXPECT_EQ(decide(john(), "jwt", ""), "api_key_missing");
    EXPECT_EQ(decide(john(), "jwt", "other"), "api_key_unknown");
    EXPECT_EQ(decide(john(), "jwt", "KEY"), "api_key_unknown");
}

TEST_F(AuthenticateTest, RefusesAuthTypesItDoesNotKnow) {
    for (auto const* type : {"", "JWT", "simple", "jwt "}) {
        EXPECT_EQ(decide(john(), type), "auth_type_invalid") << type;
    }
}

TEST_F(AuthenticateTest, TellsTheFirstFailureInTheDocumentedOrder) {
    auto const expired_and_forged = sign(R"({"user_id":"john","exp":1})", "another secret");
    EXPECT_EQ(decide(expired_and_forged, "jwt", "other"), "api_key_unknown");
    change([](App& app) { app.suspended = true; });
    EXPECT_EQ(decide(expired_and_forged, "nonsense"), "app_suspended");
    change([](App&) {});
    EXPECT_EQ(decide(expired_and_forged, "nonsense"), "auth_type_invalid");
    EXPECT_EQ(decide(expired_and_forged), "signature_mismatch");
    stand({.revoke_tokens_issued_before = kNow, .deactivated = true});
    EXPECT_EQ(decide(john(R"(,"exp":1)")), "expired");
    EXPECT_EQ(decide(john()), "revoked_for_user");
    EXPECT_EQ(decide(john_issued_at(kNow)), "user_deactivated");
}

TEST_F(AuthenticateTest, EndsATokenInTheSecondOfItsExp) {
    auto const token = john(R"(,"exp":1767225600)");
    EXPECT_EQ(decide(token, "jwt", "key", kNow - 1us), "user john user");
    EXPECT_EQ(decide(token, "jwt", "key", kNow), "expired");
}

TEST_F(AuthenticateTest, RefusesTokensIssuedBeforeTheUsersRevocation) {
    stand({.revoke_tokens_issued_before = kNow - 100s});
    EXPECT_EQ(decide(john_issued_at(kNow - 101s)), "revoked_for_user");
    EXPECT_EQ(decide(john_issued_at(kNow - 100s)), "user john user");
    EXPECT_EQ(decide(john()), "revoked_for_user");
}

TEST_F(AuthenticateTest, RefusesTokensIssuedBeforeTheAppsRevocation) {
    change([](App& app) { app.revoke_tokens_issued_before = kNow - 100s; });
    EXPECT_EQ(decide(john_issued_at(kNow - 101s)), "revoked_for_app");
    EXPECT_EQ(decide(john_issued_at(kNow - 100s)), "user john user");
}

TEST_F(AuthenticateTest, LetsTheLaterRevocationDecide) {
    change([](App& app) { app.revoke_tokens_issued_before = kNow - 50s; });
    stand({.revoke_tokens_issued_before = kNow - 100s});
    EXPECT_EQ(decide(john_issued_at(kNow - 75s)), "revoked_for_app");
    EXPECT_EQ(decide(john_issued_at(kNow - 25s)), "user john user");
}

TEST_F(AuthenticateTest, NeverRevokesAServer) {
    change([](App& app) { app.revoke_tokens_issued_before = kNow; });
    EXPECT_EQ(decide(sign(R"({"server":true})")), "server");
    EXPECT_EQ(decide(sign("{}")), "server");
}

TEST_F(AuthenticateTest, HonoursTheDatesOfAServersToken) {
    EXPECT_EQ(decide(sign(R"({"exp":1767225601})")), "server");
    EXPECT_EQ(decide(sign(R"({"exp":1767225600})")), "expired");
}

TEST_F(AuthenticateTest, RefusesUsersWhoHaveEnded) {
    stand({.deactivated = true});
    EXPECT_EQ(decide(john()), "user_deactivated");
    stand({.deleted = true});
    EXPECT_EQ(decide(john()), "user_deleted");
    stand({});
    EXPECT_EQ(decide(john()), "user john user");
}

TEST_F(AuthenticateTest, CallsAGuestAGuest) {
    stand({.role = std::string(kRoleGuest)});
    EXPECT_EQ(decide(john()), "guest john guest");
    EXPECT_EQ(decide(john(R"(,"role":"admin")")), "guest john guest");
}

TEST_F(AuthenticateTest, TakesARoleFromTheTokenOnlyWhereItExists) {
    EXPECT_EQ(decide(john(R"(,"role":"moderator")")), "user john moderator");
    EXPECT_EQ(decide(john(R"(,"role":"emperor")")), "user john user");
    EXPECT_EQ(decide(john(R"(,"role":"anonymous")")), "user john user");
    stand({.role = "emperor"});
    EXPECT_EQ(decide(john()), "user john emperor");
}

TEST_F(AuthenticateTest, TakesACustomRoleFromTheTokenWhileTheAppHasIt) {
    change([](App& app) { app.custom_roles = {{.name = "support", .created_at = kNow}}; });
    EXPECT_EQ(decide(john(R"(,"role":"support")")), "user john support");
    EXPECT_EQ(decide(john(R"(,"role":"Support")")), "user john user");
    change([](App&) {});
    EXPECT_EQ(decide(john(R"(,"role":"support")")), "user john user");
}

TEST_F(AuthenticateTest, SaysWhereARoleComesFrom) {
    auto const source_of = [&](std::string const& token) {
        auto const reader = state_.read(0);
        return authenticate(reader, {.api_key = "key", .auth_type = "jwt", .token = token}, kNow,
                            verifier_)
            ->role_source;
    };
    EXPECT_EQ(source_of(john(R"(,"role":"admin")")), RoleSource::Token);
    EXPECT_EQ(source_of(john(R"(,"role":"emperor")")), RoleSource::Stored);
    stand({.role = "admin"});
    EXPECT_EQ(source_of(john()), RoleSource::Stored);
    EXPECT_EQ(source_of(john(R"(,"role":"admin")")), RoleSource::Stored);  // claims what it has
    EXPECT_EQ(source_of(john(R"(,"role":"moderator")")), RoleSource::Token);
}

TEST_F(AuthenticateTest, TakesAnyLiveSecretAndNoneThatIsRetired) {
    change([](App& app) {
        app.secrets.front().retires_at = kNow;
        app.secrets.insert(app.secrets.begin(),
                           {.id = 2, .secret = Secret("the newer secret"), .created_at = kNow});
    });
    auto const newer = sign(R"({"user_id":"john"})", "the newer secret");
    EXPECT_EQ(decide(newer), "user john user");
    EXPECT_EQ(decide(john(), "jwt", "key", kNow - 1us), "user john user");
    EXPECT_EQ(decide(john(), "jwt", "key", kNow), "signature_mismatch");
}

TEST_F(AuthenticateTest, SaysWhichSecretMadeTheSignature) {
    change([](App& app) {
        app.secrets.insert(app.secrets.begin(),
                           {.id = 2, .secret = Secret("the newer secret"), .created_at = kNow});
    });
    auto const key_of = [&](std::string const& token, std::string_view auth_type = "jwt") {
        auto const reader = state_.read(0);
        return authenticate(reader, {.api_key = "key", .auth_type = auth_type, .token = token},
                            kNow, verifier_)
            ->key_index;
    };
    EXPECT_EQ(key_of(john()), 1U);
    EXPECT_EQ(key_of(sign("{}", "the newer secret")), 0U);
    EXPECT_EQ(key_of(sign(R"({"user_id":"!anon"})"), "anonymous"), 1U);
    EXPECT_EQ(key_of("", "anonymous"), std::nullopt);
    change([](App& app) {
        app.mode = Mode::Development;
        app.disable_auth_checks = true;
    });
    EXPECT_EQ(key_of(developer_token()), std::nullopt);
}

TEST_F(AuthenticateTest, TakesUnsignedTokensOnlyInDevelopmentWithChecksDisabled) {
    EXPECT_EQ(decide(developer_token()), "signature_mismatch");
    change([](App& app) { app.mode = Mode::Development; });
    EXPECT_EQ(decide(developer_token()), "signature_mismatch");
    change([](App& app) {
        app.mode = Mode::Development;
        app.disable_auth_checks = true;
    });
    EXPECT_EQ(decide(developer_token()), "user john user unsigned");
    change([](App& app) { app.disable_auth_checks = true; });  // in production mode
    EXPECT_EQ(decide(developer_token()), "signature_mismatch");
}

class ChecksDisabledTest : public AuthenticateTest {
protected:
    ChecksDisabledTest() {
        change([](App& app) {
            app.mode = Mode::Development;
            app.disable_auth_checks = true;
        });
    }
};

TEST_F(ChecksDisabledTest, StillWantsAToken) {
    EXPECT_EQ(decide(""), "missing");
    EXPECT_EQ(decide("garbage"), "wrong_segment_count");
}

TEST_F(ChecksDisabledTest, NeverMakesAServerOfAnUnsignedToken) {
    EXPECT_EQ(decide(sign(R"({"server":true})", "another secret")), "signature_mismatch");
    EXPECT_EQ(decide(sign("{}", "another secret")), "signature_mismatch");
    EXPECT_EQ(decide(sign(R"({"server":true})")), "server");
}

TEST_F(ChecksDisabledTest, EnforcesNeitherDatesNorRevocationForUsers) {
    stand({.revoke_tokens_issued_before = kNow});
    EXPECT_EQ(decide(john(R"(,"exp":1)")), "user john user");
    EXPECT_EQ(decide(sign(R"({"user_id":"john","exp":1})", "another secret")),
              "user john user unsigned");
}

TEST_F(ChecksDisabledTest, StillRefusesUsersWhoHaveEnded) {
    stand({.deactivated = true});
    EXPECT_EQ(decide(developer_token()), "user_deactivated");
}

TEST_F(ChecksDisabledTest, TakesNoRoleFromAnUnsignedToken) {
    EXPECT_EQ(decide(sign(R"({"user_id":"john","role":"admin"})", "another secret")),
              "user john user unsigned");
    EXPECT_EQ(decide(john(R"(,"role":"admin")")), "user john admin");
}

TEST_F(AuthenticateTest, LetsInAnonymousCallersWithoutAToken) {
    EXPECT_EQ(decide("", "anonymous"), "anonymous !anon anonymous");
    EXPECT_EQ(decide(sign(R"({"user_id":"!anon"})"), "anonymous"), "anonymous !anon anonymous");
}

TEST_F(AuthenticateTest, RefusesAnonymousCallersWithSomebodysToken) {
    EXPECT_EQ(decide(john(), "anonymous"), "anonymous_with_user_id");
    EXPECT_EQ(decide(sign(R"({"server":true})"), "anonymous"), "anonymous_with_user_id");
    EXPECT_EQ(decide("garbage", "anonymous"), "wrong_segment_count");
    EXPECT_EQ(decide(sign(R"({"user_id":"!anon"})", "another secret"), "anonymous"),
              "signature_mismatch");
    EXPECT_EQ(decide(sign(R"({"user_id":"!anon"})")), "user_id_invalid");
}

class CheckStillAllowedTest : public AuthenticateTest {
protected:
    Grant const grant_ = {.app_id = AppId{1},
                          .user_id = "john",
                          .kind = CallerKind::User,
                          .issued_at = kNow,
                          .expires_at = kNow + 60s,
                          .developer_token = false};
    [[nodiscard]] Grant signed_by(std::optional<std::int64_t> secret_id,
                                  CallerKind kind = CallerKind::User) const {
        auto grant = grant_;
        grant.secret_id = secret_id;
        grant.kind = kind;
        return grant;
    }
    std::string recheck(Grant const& grant, Instant now = kNow) {
        auto const allowed = check_still_allowed(state_.read(0), grant, now);
        return allowed ? "allowed" : std::string(rule_name(allowed.error()));
    }
};

TEST_F(CheckStillAllowedTest, EndsWhatRestsOnASecretWhenItsDateHasCome) {
    change([](App& app) {
        app.secrets.front().retires_at = kNow;
        app.secrets.insert(app.secrets.begin(),
                           {.id = 2, .secret = Secret("the newer secret"), .created_at = kNow});
    });
    EXPECT_EQ(recheck(signed_by(1), kNow - 1us), "allowed");
    EXPECT_EQ(recheck(signed_by(1)), "signature_mismatch");
    EXPECT_EQ(recheck(signed_by(2)), "allowed");
    EXPECT_EQ(recheck(signed_by(1, CallerKind::Anonymous)), "signature_mismatch");
    EXPECT_EQ(recheck(signed_by(std::nullopt, CallerKind::Anonymous)), "allowed");
}

TEST_F(CheckStillAllowedTest, EndsWhatRestsOnASecretThatTheAppNoLongerHas) {
    EXPECT_EQ(recheck(signed_by(1)), "allowed");
    EXPECT_EQ(recheck(signed_by(2)), "signature_mismatch");
}

TEST_F(CheckStillAllowedTest, AsksForNoSecretWhileAuthChecksAreOff) {
    change([](App& app) {
        app.secrets.front().retires_at = kNow;
        app.mode = Mode::Development;
        app.disable_auth_checks = true;
    });
    EXPECT_EQ(recheck(signed_by(1)), "allowed");
}

TEST_F(CheckStillAllowedTest, SeesEverythingThatCanGoBad) {
    EXPECT_EQ(recheck(grant_), "allowed");
    EXPECT_EQ(recheck(grant_, kNow + 60s), "expired");
    stand({.revoke_tokens_issued_before = kNow + 1us});
    EXPECT_EQ(recheck(grant_), "revoked_for_user");
    stand({.deactivated = true});
    EXPECT_EQ(recheck(grant_), "user_deactivated");
    stand({});
    change([](App& app) { app.revoke_tokens_issued_before = kNow + 1us; });
    EXPECT_EQ(recheck(grant_), "revoked_for_app");
    change([](App& app) { app.suspended = true; });
    EXPECT_EQ(recheck(grant_), "app_suspended");
    apply(AppRemoved{AppId{1}});
    EXPECT_EQ(recheck(grant_), "api_key_unknown");
}

TEST_F(CheckStillAllowedTest, EndsAnUnsignedTokenOnceChecksAreOnAgain) {
    auto unsigned_grant = grant_;
    unsigned_grant.developer_token = true;
    EXPECT_EQ(recheck(unsigned_grant), "signature_mismatch");
    change([](App& app) {
        app.mode = Mode::Development;
        app.disable_auth_checks = true;
    });
    EXPECT_EQ(recheck(unsigned_grant, kNow + 61s), "allowed");
}

TEST_F(CheckStillAllowedTest, JudgesASignedTokenByItsDatesOnceChecksAreOnAgain) {
    change([](App& app) {
        app.mode = Mode::Development;
        app.disable_auth_checks = true;
    });
    stand({.revoke_tokens_issued_before = kNow + 1us});
    EXPECT_EQ(recheck(grant_, kNow + 60s), "allowed");
    change([](App& app) { app.mode = Mode::Development; });
    EXPECT_EQ(recheck(grant_, kNow + 60s), "expired");
    EXPECT_EQ(recheck(grant_), "revoked_for_user");
    stand({});
    EXPECT_EQ(recheck(grant_), "allowed");
}

TEST_F(CheckStillAllowedTest, LeavesAnonymousConnectionsToTheirApp) {
    Grant const anonymous = {.app_id = AppId{1},
                             .user_id = kAnonymousUserId,
                             .kind = CallerKind::Anonymous,
                             .issued_at = std::nullopt,
                             .expires_at = std::nullopt,
                             .developer_token = false};
    change([](App& app) { app.revoke_tokens_issued_before = kNow; });
    EXPECT_EQ(recheck(anonymous), "allowed");
    change([](App& app) { app.suspended = true; });
    EXPECT_EQ(recheck(anonymous), "app_suspended");
}

}  // namespace
}  // namespace latchkey::domain
