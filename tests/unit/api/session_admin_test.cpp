#include "support/admin_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace latchkey::test {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class SessionAdminTest : public testing::Test {
protected:
    AdminNode admin;

    http::Response set_up(std::string const& code, std::string const& name = "ann",
                          std::string const& password = std::string(AdminNode::kPassword)) {
        return admin.call({.method = Method::Post,
                           .path = "/setup",
                           .body = R"({"code":")" + code + R"(","name":")" + name +
                                   R"(","password":")" + password + "\"}"});
    }
    boost::json::object session(std::string const& cookie = {}) {
        auto const answer = admin.call({.path = "/session", .cookie = cookie});
        EXPECT_EQ(answer.status, 200);
        return TestNode::body_of(answer);
    }
    int apps_by(std::string const& cookie) {
        return admin.call({.path = "/apps", .cookie = cookie}).status;
    }
    http::Response change_password(std::string const& cookie, std::string const& current,
                                   std::string const& wanted) {
        return admin.call({.method = Method::Post,
                           .path = "/session/password",
                           .body = R"({"current":")" + current + R"(","new":")" + wanted + "\"}",
                           .cookie = cookie});
    }
};

TEST_F(SessionAdminTest, SaysThatThereIsNobodyYet) {
    auto const shown = session();
    EXPECT_EQ(shown.at("state"), "setup");
    EXPECT_TRUE(shown.at("account").is_null());
    EXPECT_TRUE(shown.at("oidc").is_null());
    EXPECT_TRUE(shown.at("expires_at").is_null());
    EXPECT_EQ(shown.at("idle_timeout_s"), 1800);
}

TEST_F(SessionAdminTest, MakesTheFirstAccountWithTheCodeAndSignsItIn) {
    auto const made = set_up(std::string(admin.code.reveal()));
    ASSERT_EQ(made.status, 201) << made.body;
    auto const account = TestNode::body_of(made).at("account").as_object();
    EXPECT_EQ(account.at("id"), 1);
    EXPECT_EQ(account.at("name"), "ann");
    EXPECT_EQ(account.at("role"), "owner");
    EXPECT_EQ(account.at("sign_in"), "password");
    auto const shown = session(AdminNode::cookie_of(made));
    EXPECT_EQ(shown.at("state"), "signed_in");
    EXPECT_EQ(shown.at("account"), account);
    EXPECT_EQ(shown.at("expires_at"), "2026-01-01T12:00:00.000000Z");
    EXPECT_EQ(admin.try_to_sign_in("ann", std::string(AdminNode::kPassword)).status, 201);
    auto const audited = admin.audited("setup.done");
    ASSERT_EQ(audited.size(), 1U);
    EXPECT_EQ(audited[0].record.target, "ann");
    EXPECT_EQ(audited[0].record.address, "10.0.0.1");
}

TEST_F(SessionAdminTest, MakesTheFirstAccountOnce) {
    auto const code = std::string(admin.code.reveal());
    ASSERT_EQ(set_up(code).status, 201);
    auto const refused = set_up(code, "bob");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(TestNode::code_of(refused), 17);
    EXPECT_EQ(session().at("state"), "signed_out");
}

TEST_F(SessionAdminTest, MakesOneFirstAccountOfTwoAtOnce) {
    auto const body = [&](std::string const& name) {
        return R"({"code":")" + std::string(admin.code.reveal()) + R"(","name":")" + name +
               R"(","password":"correct horse"})";
    };
    std::vector<http::Field> const fields = {{"Content-Type", "application/json"}};
    TestExchange first({.method = Method::Post,
                        .target = "/admin/v1/setup",
                        .body = body("ann"),
                        .fields = fields});
    TestExchange second({.method = Method::Post,
                         .target = "/admin/v1/setup",
                         .body = body("bob"),
                         .fields = fields});
    admin.service.handle(first);
    admin.service.handle(second);
    admin.node.settle();
    EXPECT_EQ(first.answer_given().status, 201);
    EXPECT_EQ(second.answer_given().status, 403);
}

TEST_F(SessionAdminTest, RefusesAWrongCode) {
    auto const refused = set_up("0000-0000-0000-0000");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(TestNode::code_of(refused), 5);
    EXPECT_EQ(set_up("").status, 401);
    EXPECT_EQ(session().at("state"), "setup");
    EXPECT_EQ(set_up(std::string(admin.code.reveal())).status, 201);
}

TEST_F(SessionAdminTest, MakesWhoeverGuessesTheCodeWait) {
    for (unsigned i = 0; i < api::SignInThrottle::kPair.free_tries; ++i) {
        ASSERT_EQ(set_up("0000-0000-0000-0000").status, 401);
    }
    auto const told = set_up(std::string(admin.code.reveal()));
    EXPECT_EQ(told.status, 429);
    EXPECT_EQ(TestNode::code_of(told), 9);
    EXPECT_THAT(told.fields, HasSubstr("Retry-After: 1\r\n"));
    admin.node.clock.advance(1s);
    EXPECT_EQ(set_up(std::string(admin.code.reveal())).status, 201);
}

TEST_F(SessionAdminTest, DoesNotCountAMistakeInTheNameAsAGuess) {
    auto const code = std::string(admin.code.reveal());
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(set_up(code, "a b").status, 400);
        ASSERT_EQ(set_up(code, "ann", "too short").status, 400);
        ASSERT_EQ(set_up(code, "ann@example.com", "Ann@Example.com").status, 400);
    }
    EXPECT_EQ(set_up(code).status, 201);
}

TEST_F(SessionAdminTest, NeedsNoCodeWhereTheCommandLineMadeAnAccount) {
    admin.make_account("ann", "owner");
    EXPECT_EQ(session().at("state"), "signed_out");
    EXPECT_EQ(set_up(std::string(admin.code.reveal())).status, 403);
}

TEST_F(SessionAdminTest, SignsInAndOut) {
    admin.make_account("ann", "viewer");
    auto const cookie = admin.sign_in("ann");
    EXPECT_EQ(apps_by(cookie), 200);
    EXPECT_EQ(session(cookie).at("account").at("role"), "viewer");
    auto const out = admin.call({.method = Method::Delete, .path = "/session", .cookie = cookie});
    EXPECT_EQ(out.status, 200);
    EXPECT_THAT(out.fields, HasSubstr("Set-Cookie: latchkey-session=; "));
    EXPECT_THAT(out.fields, HasSubstr("Max-Age=0"));
    EXPECT_EQ(apps_by(cookie), 401);
    EXPECT_EQ(session(cookie).at("state"), "signed_out");
    EXPECT_EQ(admin.audited("account.sign_in").size(), 1U);
    EXPECT_EQ(admin.audited("account.sign_out").size(), 1U);
}

TEST_F(SessionAdminTest, SignsOutWhoIsSignedOut) {
    EXPECT_EQ(admin.call({.method = Method::Delete, .path = "/session"}).status, 200);
    EXPECT_TRUE(admin.audited("account.sign_out").empty());
}

TEST_F(SessionAdminTest, KeepsTheCookieFromPagesOtherSitesAndCaches) {
    admin.make_account("ann", "viewer");
    auto const answer = admin.try_to_sign_in("ann", std::string(AdminNode::kPassword));
    EXPECT_THAT(answer.fields, HasSubstr("; Path=/; HttpOnly; SameSite=Strict\r\n"));
    EXPECT_THAT(answer.fields, Not(HasSubstr("Secure")));
    EXPECT_THAT(answer.fields, HasSubstr("Cache-Control: no-store"));
    EXPECT_THAT(answer.fields, HasSubstr("X-Content-Type-Options: nosniff"));
}

TEST_F(SessionAdminTest, BindsTheCookieToTheHostBehindATlsProxy) {
    admin.make_account("ann", "viewer");
    auto const answer =
        admin.call({.method = Method::Post,
                    .path = "/session",
                    .body = R"({"name":"ann","password":"correct horse battery"})",
                    .fields = {{"X-Forwarded-Proto", "https"}, {"X-Forwarded-For", "192.0.2.7"}},
                    .peer = "127.0.0.1"});
    EXPECT_THAT(answer.fields, HasSubstr("Set-Cookie: __Host-latchkey-session="));
    EXPECT_THAT(answer.fields, HasSubstr("; Path=/; HttpOnly; SameSite=Strict; Secure\r\n"));
    EXPECT_EQ(admin.audited("account.sign_in")[0].record.address, "192.0.2.7");
}

TEST_F(SessionAdminTest, TakesAProxyThatDoesNotSayForWhomForTheCallerItself) {
    admin.make_account("ann", "viewer");
    for (auto const* said : {"", "192.0.2.7, ", " "}) {
        auto const answer =
            admin.call({.method = Method::Post,
                        .path = "/session",
                        .body = R"({"name":"ann","password":"correct horse battery"})",
                        .fields = {{"X-Forwarded-For", said}},
                        .peer = "127.0.0.1"});
        EXPECT_EQ(answer.status, 201) << said;
        EXPECT_EQ(admin.audited("account.sign_in")[0].record.address, "127.0.0.1") << said;
    }
    // Its tries are counted: as one caller's, for nothing tells them apart.
    auto const wrong = [&] {
        return admin.try_to_sign_in("ann", "wrong horse battery", "127.0.0.1").status;
    };
    for (unsigned i = 0; i < api::SignInThrottle::kPair.free_tries; ++i) {
        EXPECT_EQ(wrong(), 401);
    }
    EXPECT_EQ(wrong(), 429);
    EXPECT_EQ(admin.try_to_sign_in("ann", "wrong horse battery", "10.0.0.2").status, 401);
}

TEST_F(SessionAdminTest, RefusesASessionWhereAnotherSitesNameLeadsHere) {
    admin.make_account("ann", "owner");
    auto const cookie = admin.sign_in("ann");
    auto const create_app = [&](char const* host, char const* origin) {
        return admin.call(
            {.method = Method::Post,
             .path = "/apps",
             .body = R"({"name":"By a page"})",
             .cookie = cookie,
             .fields = {{"Host", host}, {"Origin", origin}, {"Sec-Fetch-Site", "same-origin"}}});
    };
    auto const refused = create_app("evil.example:8081", "http://evil.example:8081");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(TestNode::code_of(refused), 17);
    EXPECT_THAT(refused.body, HasSubstr("admin-hosts"));
    EXPECT_THAT(refused.body, Not(HasSubstr("evil.example")));
    EXPECT_EQ(create_app("latchkey.test:8081", "http://latchkey.test:8081").status, 201);
    EXPECT_EQ(create_app("localhost:8081", "http://localhost:8081").status, 201);
    EXPECT_EQ(create_app("192.0.2.7", "http://192.0.2.7").status, 201);
}

TEST_F(SessionAdminTest, StandsBesideTheCredentialsOfAProxyInFront) {
    admin.make_account("ann", "owner");
    auto const cookie = admin.sign_in("ann");
    auto const status = [&](std::string authorization, std::string const& shown) {
        return admin
            .call({.path = "/apps",
                   .cookie = shown,
                   .fields = {{"Authorization", std::move(authorization)}}})
            .status;
    };
    EXPECT_EQ(status("Basic YW5uOnNlY3JldA==", cookie), 200);
    EXPECT_EQ(status("Negotiate YWJj", cookie), 200);
    EXPECT_EQ(status("Basic YW5uOnNlY3JldA==", ""), 401);
    EXPECT_EQ(status("Bearer another", cookie), 401) << "a try at the local credential";
    EXPECT_EQ(status("another", cookie), 401);
    EXPECT_EQ(status("bearer the credential", ""), 200);
}

TEST_F(SessionAdminTest, GivesTheSameAnswerToWhoeverCannotSignIn) {
    admin.make_account("owner", "owner");
    auto const disabled = admin.make_account("disabled", "viewer");
    ASSERT_EQ(
        admin
            .command(Method::Patch, "/accounts/" + std::to_string(disabled), R"({"disabled":true})")
            .status,
        200);
    ASSERT_EQ(admin
                  .command(Method::Post, "/accounts",
                           R"({"name":"federated","role":"viewer","oidc_subject":"a"})")
                  .status,
              201);
    auto const password = std::string(AdminNode::kPassword);
    auto const unknown = admin.try_to_sign_in("nobody", password);
    EXPECT_EQ(unknown.status, 401);
    EXPECT_EQ(TestNode::code_of(unknown), 5);
    EXPECT_EQ(AdminNode::cookie_of(unknown), "");
    auto const text = TestNode::body_of(unknown).at("message");
    for (auto const& [name, tried] :
         {std::pair("owner", "wrong horse battery"), std::pair("disabled", password.c_str()),
          std::pair("federated", password.c_str()), std::pair("a b", password.c_str())}) {
        auto const refused = admin.try_to_sign_in(name, tried);
        EXPECT_EQ(refused.status, 401) << name;
        EXPECT_EQ(TestNode::body_of(refused).at("message"), text) << name;
        EXPECT_EQ(AdminNode::cookie_of(refused), "") << name;
    }
    EXPECT_EQ(admin.try_to_sign_in("OWNER", password).status, 201);
}

TEST_F(SessionAdminTest, ReadsNoMoreOfAPasswordThanOneHas) {
    admin.make_account("ann", "viewer");
    EXPECT_EQ(admin.try_to_sign_in("ann", std::string(1024, 'x')).status, 401);
    EXPECT_EQ(admin.try_to_sign_in("ann", std::string(1025, 'x')).status, 400);
    EXPECT_EQ(admin.try_to_sign_in(std::string(64, 'x'), "x").status, 401);
    EXPECT_EQ(admin.try_to_sign_in(std::string(65, 'x'), "x").status, 400);
}

TEST_F(SessionAdminTest, WritesFailuresDownAndWhoseAccountItWasIfThereIsOne) {
    admin.make_account("ann", "viewer");
    ASSERT_EQ(admin.try_to_sign_in("ANN", "wrong horse battery").status, 401);
    ASSERT_EQ(admin.try_to_sign_in("my-password-by-mistake", "ann").status, 401);
    auto const failures = admin.audited("account.sign_in_failed");
    ASSERT_EQ(failures.size(), 2U);
    EXPECT_EQ(failures[0].record.target, "");
    EXPECT_EQ(failures[1].record.target, "ann");
    EXPECT_EQ(failures[1].record.actor, "");
    EXPECT_EQ(failures[1].record.address, "10.0.0.1");
}

TEST_F(SessionAdminTest, FillsNoLogWithFailures) {
    for (unsigned i = 0; i < 300; ++i) {
        ASSERT_EQ(admin
                      .try_to_sign_in("nobody" + std::to_string(i), "wrong horse battery",
                                      "10.0.1." + std::to_string(i % 250))
                      .status,
                  401);
    }
    EXPECT_EQ(admin.audited("account.sign_in_failed").size(), api::FailureAudit::kPerHour);
    admin.node.clock.advance(1h);
    ASSERT_EQ(admin.try_to_sign_in("nobody", "wrong horse battery", "10.0.2.1").status, 401);
    EXPECT_EQ(admin.audited("account.sign_in_failed").size(), api::FailureAudit::kPerHour + 1);
}

TEST_F(SessionAdminTest, GetsTenThousandTriesNowhere) {
    admin.make_account("ann", "owner");
    unsigned tried = 0;
    for (unsigned i = 0; i < 10'000; ++i) {
        auto const answer = admin.try_to_sign_in("ann", "wrong horse " + std::to_string(i));
        ASSERT_TRUE(answer.status == 401 || answer.status == 429);
        tried += answer.status == 401 ? 1U : 0U;
    }
    EXPECT_EQ(tried, api::SignInThrottle::kPair.free_tries);
    auto const password = std::string(AdminNode::kPassword);
    EXPECT_EQ(admin.try_to_sign_in("ann", password).status, 429);
    EXPECT_EQ(admin.try_to_sign_in("ann", password, "10.0.0.2").status, 201);
    admin.node.clock.advance(1s);
    EXPECT_EQ(admin.try_to_sign_in("ann", password).status, 201);
}

TEST_F(SessionAdminTest, NeverTakesOnTheIdThatABrowserBrings) {
    admin.make_account("ann", "owner");
    std::string const planted = "latchkey-session=" + std::string(43, 'A');
    auto const answer = admin.call({.method = Method::Post,
                                    .path = "/session",
                                    .body = R"({"name":"ann","password":"correct horse battery"})",
                                    .cookie = planted});
    ASSERT_EQ(answer.status, 201);
    EXPECT_NE(AdminNode::cookie_of(answer), planted);
    EXPECT_EQ(apps_by(planted), 401);
    EXPECT_EQ(apps_by(AdminNode::cookie_of(answer)), 200);
}

TEST_F(SessionAdminTest, EndsTheSessionThatABrowserHadWhenItSignsInAgain) {
    admin.make_account("ann", "owner");
    auto const before = admin.sign_in("ann");
    auto const answer = admin.call({.method = Method::Post,
                                    .path = "/session",
                                    .body = R"({"name":"ann","password":"correct horse battery"})",
                                    .cookie = before});
    EXPECT_EQ(apps_by(before), 401);
    EXPECT_EQ(apps_by(AdminNode::cookie_of(answer)), 200);
}

TEST_F(SessionAdminTest, EndsAnUnusedSessionAndCountsAskingForItAsNoUse) {
    admin.make_account("ann", "viewer");
    auto const cookie = admin.sign_in("ann");
    admin.node.clock.advance(29min);
    ASSERT_EQ(apps_by(cookie), 200);
    admin.node.clock.advance(29min);
    ASSERT_EQ(session(cookie).at("state"), "signed_in");
    admin.node.clock.advance(1min);
    EXPECT_EQ(session(cookie).at("state"), "signed_out");
    EXPECT_EQ(apps_by(cookie), 401);
}

TEST_F(SessionAdminTest, EndsASessionAfterTwelveHours) {
    admin.make_account("ann", "viewer");
    auto const cookie = admin.sign_in("ann");
    for (int i = 1; i < 12 * 4; ++i) {
        admin.node.clock.advance(15min);
        ASSERT_EQ(apps_by(cookie), 200) << i;
    }
    admin.node.clock.advance(15min);
    EXPECT_EQ(apps_by(cookie), 401);
}

TEST_F(SessionAdminTest, RefusesWhatAnotherSiteMakesABrowserSend) {
    admin.make_account("ann", "owner");
    auto const cookie = admin.sign_in("ann");
    auto const revoke = [&](std::vector<http::Field> fields, std::string type) {
        return admin
            .call({.method = Method::Post,
                   .path = "/apps/key/revoke",
                   .body = "{}",
                   .cookie = cookie,
                   .fields = std::move(fields),
                   .content_type = std::move(type)})
            .status;
    };
    EXPECT_EQ(revoke({{"Origin", "http://evil.test"}}, "application/json"), 403);
    EXPECT_EQ(revoke({{"Sec-Fetch-Site", "cross-site"}}, "application/json"), 403);
    EXPECT_EQ(revoke({}, "text/plain"), 415);
    EXPECT_EQ(revoke({}, ""), 415);
    EXPECT_FALSE(admin.node.state.read(0).find_app("key")->app->revoke_tokens_issued_before);
    EXPECT_EQ(revoke({{"Origin", "http://latchkey.test:8081"}}, "application/json"), 200);
}

TEST_F(SessionAdminTest, SignsNobodyInForAnotherSite) {
    admin.make_account("ann", "owner");
    auto const sign_in = [&](std::vector<http::Field> fields, std::string type) {
        return admin
            .call({.method = Method::Post,
                   .path = "/session",
                   .body = R"({"name":"ann","password":"correct horse battery"})",
                   .fields = std::move(fields),
                   .content_type = std::move(type)})
            .status;
    };
    EXPECT_EQ(sign_in({{"Origin", "http://evil.test"}}, "application/json"), 403);
    EXPECT_EQ(sign_in({}, "text/plain"), 415);
    EXPECT_EQ(sign_in({}, "application/json"), 201);
}

TEST_F(SessionAdminTest, AsksNoSuchThingOfWhoeverHoldsTheCredential) {
    auto const answer = admin.call({.method = Method::Post,
                                    .path = "/apps/key/revoke",
                                    .body = "{}",
                                    .credential = std::string(AdminNode::kCredential),
                                    .content_type = ""});
    EXPECT_EQ(answer.status, 200);
}

TEST_F(SessionAdminTest, DoesNotFallBackToTheCookieWhereACredentialIsWrong) {
    admin.make_account("ann", "owner");
    auto const cookie = admin.sign_in("ann");
    EXPECT_EQ(admin.call({.path = "/apps", .cookie = cookie, .credential = "another"}).status, 401);
}

TEST_F(SessionAdminTest, ShowsTheCommandLineThatItIsKnown) {
    admin.make_account("ann", "owner");
    auto const shown = TestNode::body_of(admin.command(Method::Get, "/session"));
    EXPECT_EQ(shown.at("state"), "signed_in");
    EXPECT_TRUE(shown.at("account").is_null());
}

TEST_F(SessionAdminTest, ChangesOnesOwnPasswordAndEndsTheOtherSessions) {
    admin.make_account("ann", "viewer");
    auto const here = admin.sign_in("ann");
    auto const elsewhere = admin.sign_in("ann");
    auto const changed =
        change_password(here, std::string(AdminNode::kPassword), "another horse battery");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(apps_by(here), 200);
    EXPECT_EQ(apps_by(elsewhere), 401);
    EXPECT_EQ(admin.try_to_sign_in("ann", std::string(AdminNode::kPassword)).status, 401);
    EXPECT_EQ(admin.try_to_sign_in("ann", "another horse battery").status, 201);
    auto const audited = admin.audited("account.password");
    ASSERT_EQ(audited.size(), 1U);
    EXPECT_EQ(audited[0].record.actor, "ann");
    EXPECT_TRUE(audited[0].record.after.empty());
}

TEST_F(SessionAdminTest, WantsTheCurrentPasswordForThat) {
    admin.make_account("ann", "viewer");
    auto const cookie = admin.sign_in("ann");
    for (unsigned i = 0; i < api::SignInThrottle::kPair.free_tries; ++i) {
        EXPECT_EQ(change_password(cookie, "wrong horse battery", "another horse").status, 401);
    }
    EXPECT_EQ(change_password(cookie, std::string(AdminNode::kPassword), "another horse").status,
              429);
    EXPECT_EQ(apps_by(cookie), 200) << "the session itself goes on";
    EXPECT_TRUE(admin.audited("account.password").empty());
}

TEST_F(SessionAdminTest, RefusesAnUnfitNewPassword) {
    admin.make_account("ann@example.com", "viewer");
    auto const cookie = admin.sign_in("ann@example.com");
    auto const current = std::string(AdminNode::kPassword);
    EXPECT_EQ(change_password(cookie, current, "ninebytes").status, 400);
    EXPECT_EQ(change_password(cookie, current, std::string(1025, 'x')).status, 400);
    EXPECT_EQ(change_password(cookie, current, "ANN@example.com").status, 400);
    EXPECT_EQ(change_password(cookie, current, "ten bytes!").status, 200);
}

TEST_F(SessionAdminTest, DoesNotSignInAnAccountThatWasDisabledMeanwhile) {
    auto const id = admin.make_account("ann", "viewer");
    std::vector<http::Field> const fields = {{"Content-Type", "application/json"}};
    TestExchange exchange({.method = Method::Post,
                           .target = "/admin/v1/session",
                           .body = R"({"name":"ann","password":"correct horse battery"})",
                           .fields = fields});
    admin.service.handle(exchange);
    admin.node.queue.run();     // the account is read and its password checked
    admin.node.loop.run_one();  // which hands the result to the loop
    admin.node.commit([&](domain::Transaction& transaction) {
        auto account = *transaction.accounts().find(id);
        account.disabled = true;
        transaction.accounts().update(account);
        return domain::Outcome::Commit;
    });
    EXPECT_EQ(exchange.answer_given().status, 401);
}

TEST_F(SessionAdminTest, SaysThatItCannotTellWhereTheStoreIsLost) {
    admin.make_account("ann", "viewer");
    admin.node.queue.full = true;
    for (unsigned i = 0; i < 2 * api::SignInThrottle::kPair.free_tries; ++i) {
        ASSERT_EQ(admin.try_to_sign_in("ann", std::string(AdminNode::kPassword)).status, 503);
    }
    admin.node.queue.full = false;
    EXPECT_EQ(admin.try_to_sign_in("ann", std::string(AdminNode::kPassword)).status, 201)
        << "such tries are not counted";
}

}  // namespace
}  // namespace latchkey::test
