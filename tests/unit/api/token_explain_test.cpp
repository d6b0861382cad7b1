#include "api/token_explain.hpp"

#include "api/admin_service.hpp"
#include "support/test_node.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::test {
namespace {

using boost::json::object;
using domain::AuthError;
using domain::Mode;
using domain::Refusal;
using testing::HasSubstr;
using token::TokenError;
using namespace std::chrono_literals;

/// Signs claims below a header of any kind.
std::string sign_below(std::string_view header, std::string_view claims) {
    auto const input = base64url::encode(header) + '.' + base64url::encode(claims);
    return input + '.' + base64url::encode(token::HmacKey(kApiSecret).mac(input));
}
std::string john(std::string_view more) {
    return sign(R"({"user_id":"john")" + std::string(more) + "}");
}
std::string developer_token(std::string_view claims = R"({"user_id":"john"})") {
    return base64url::encode(R"({"alg":"HS256","typ":"JWT"})") + '.' + base64url::encode(claims) +
           ".devtoken";
}

class ExplainTokenTest : public testing::Test {
protected:
    TestNode node{Mode::Development};
    token::Verifier verifier;

    void change(std::function<void(domain::App&)> const& edit) {
        node.commit([&](domain::Transaction& transaction) {
            auto app = transaction.apps().find_by_key(*ApiKey::parse("key"));
            edit(*app);
            transaction.apps().update(*app);
            return domain::Outcome::Commit;
        });
    }
    void stand(std::function<void(domain::User&)> const& edit) {
        node.commit([&](domain::Transaction& transaction) {
            auto const app = transaction.apps().find_by_key(*ApiKey::parse("key"));
            domain::User user{.id = *UserId::parse("john"), .created_at = kNow, .updated_at = kNow};
            edit(user);
            std::vector<domain::UserWrite> const writes = {
                {.user = std::move(user), .standing_changed = true}};
            transaction.users().put(app->id, writes);
            return domain::Outcome::Commit;
        });
    }

    object explain(std::string const& token, std::string_view auth_type = "jwt",
                   std::string_view api_key = "key") {
        object const body = {{"api_key", api_key}, {"token", token}, {"auth_type", auth_type}};
        return explain_body(body);
    }
    object explain_body(object const& body) {
        auto reply = api::explain_token(node.state.read(0), body, kNow, verifier);
        EXPECT_TRUE(reply);
        api::Answer answer;
        if (auto* const work = std::get_if<api::StoreWork>(&*reply)) {
            node.commit([&](domain::Transaction& transaction) {
                answer = (*work)(transaction).value();
                return domain::Outcome::Commit;
            });
        } else {
            answer = std::get<api::Answer>(*std::move(reply));
        }
        return boost::json::parse("{" + answer.members + "}").as_object();
    }
    static object step(object const& answer, std::string_view name) {
        for (auto const& entry : answer.at("steps").as_array()) {
            if (entry.at("step").as_string() == name) {
                return entry.as_object();
            }
        }
        ADD_FAILURE() << name;
        return {};
    }
    static std::string facts(object const& answer, std::string_view name) {
        auto const found = step(answer, name);
        return found.contains("facts") ? std::string(found.at("facts").as_string()) : "";
    }
    /// `passed`, then `failed` at this step, then nothing reached.
    static void expect_fails_at(object const& answer, std::string_view name) {
        std::string expected = "passed";
        for (auto const& entry : answer.at("steps").as_array()) {
            bool const here = entry.at("step").as_string() == name;
            EXPECT_EQ(entry.at("outcome").as_string(), here ? "failed" : expected)
                << entry.at("step");
            expected = here ? "not reached" : expected;
        }
        EXPECT_EQ(expected, "not reached");
    }
    static std::string mend(object const& answer) {
        return std::string(answer.at("mend").as_string());
    }
};

struct Row {
    Refusal refusal;
    std::string_view step;
    int code;
    std::string token;
    std::string_view auth_type = "jwt";
    std::string_view api_key = "key";
    std::string_view mend_holds = "";
};

std::string many_claims() {
    std::string more;
    for (int i = 0; i < 129; ++i) {
        more += ",\"c" + std::to_string(i) + "\":1";
    }
    return john(more);
}

/// Every cause that the token and the key alone bring about.
std::vector<Row> rows() {
    std::string const good = user_token("john");
    std::string const claims = R"({"user_id":"john"})";
    return {
        {{AuthError::ApiKeyMissing}, "key", 2, good, "jwt", ""},
        {{AuthError::ApiKeyUnknown}, "key", 2, good, "jwt", "other", "app list"},
        {{AuthError::AuthTypeInvalid}, "auth_type", 5, good, "simple"},
        {{AuthError::AnonymousWithUserId}, "claims", 5, good, "anonymous"},
        {{TokenError::Missing}, "form", 5, ""},
        {{TokenError::TooLong}, "form", 5, std::string(8193, 'a')},
        {{TokenError::WrongSegmentCount}, "form", 5, "a.b"},
        {{TokenError::NotBase64Url}, "form", 5, good + "="},
        {{TokenError::HeaderNotJson}, "header", 5, sign_below("[]", claims)},
        {{TokenError::HeaderDuplicateName},
         "header",
         5,
         sign_below(R"({"alg":"HS256","alg":"HS256"})", claims)},
        {{TokenError::HeaderCritical},
         "header",
         5,
         sign_below(R"({"alg":"HS256","crit":["b64"]})", claims)},
        {{TokenError::TypeNotAllowed},
         "header",
         5,
         sign_below(R"({"alg":"HS256","typ":"at+jwt"})", claims)},
        {{TokenError::AlgorithmNotAllowed}, "header", 43, sign_below(R"({"alg":"none"})", claims)},
        {{TokenError::SignatureMismatch},
         "signature",
         43,
         sign(claims, "another secret"),
         "jwt",
         "key",
         "is it the secret of this API key"},
        {{TokenError::ClaimsNotJson}, "claims", 5, sign("[]")},
        {{TokenError::ClaimDuplicateName}, "claims", 5, john(R"(,"user_id":"john")")},
        {{TokenError::TooManyClaims}, "claims", 5, many_claims()},
        {{TokenError::UserIdNotText}, "claims", 5, sign(R"({"user_id":42})")},
        {{TokenError::UserIdInvalid}, "claims", 5, sign(R"({"user_id":"a b"})")},
        {{TokenError::DateNotNumber}, "claims", 5, john(R"(,"exp":"soon")")},
        {{TokenError::DateOutOfRange},
         "claims",
         5,
         john(R"(,"iat":1767225600000)"),
         "jwt",
         "key",
         "iat in milliseconds"},
        {{TokenError::ServerNotTrue}, "claims", 5, sign(R"({"server":"true"})")},
        {{TokenError::ServerWithUserId}, "claims", 5, john(R"(,"server":true)")},
        {{TokenError::UserIdMissing},
         "claims",
         5,
         sign(R"({"sub":"john"})"),
         "jwt",
         "key",
         "the claim sub is not read"},
        {{TokenError::Expired}, "exp", 40, john(R"(,"exp":1767225600)")},
        {{TokenError::NotYetValid}, "nbf", 41, john(R"(,"nbf":1767225611)")},
        {{TokenError::IssuedInFuture}, "iat", 42, john(R"(,"iat":1767225611)")},
    };
}

TEST_F(ExplainTokenTest, NamesStepCodeAndCureOfEveryCauseInATokenAndItsKey) {
    for (auto const& row : rows()) {
        SCOPED_TRACE(domain::rule_name(row.refusal));
        auto const answer = explain(row.token, row.auth_type, row.api_key);
        EXPECT_EQ(answer.at("rule").as_string(), domain::rule_name(row.refusal));
        EXPECT_EQ(answer.at("code"), row.code);
        expect_fails_at(answer, row.step);
        EXPECT_NE(facts(answer, row.step), "");
        EXPECT_NE(mend(answer), "");
        EXPECT_THAT(mend(answer), HasSubstr(std::string(row.mend_holds)));
        EXPECT_NE(answer.at("sdk"), "");
    }
}

TEST_F(ExplainTokenTest, NamesStepCodeAndCureOfEveryCauseInStoredState) {
    change([](domain::App& app) {
        app.suspended = true;
        app.suspended_explanation = "unpaid";
    });
    auto const suspended = explain(user_token("john"));
    EXPECT_EQ(suspended.at("code"), 99);
    expect_fails_at(suspended, "app");
    EXPECT_THAT(facts(suspended, "app"), HasSubstr("unpaid"));
    EXPECT_NE(mend(suspended), "");
    change([](domain::App& app) { app.suspended = false; });

    stand([](domain::User& user) { user.deactivated_at = kNow; });
    auto const deactivated = explain(user_token("john"));
    EXPECT_EQ(deactivated.at("rule"), "user_deactivated");
    EXPECT_EQ(deactivated.at("code"), 5);
    expect_fails_at(deactivated, "account");
    EXPECT_NE(mend(deactivated), "");

    stand([](domain::User& user) { user.deleted_at = kNow; });
    auto const deleted = explain(user_token("john"));
    EXPECT_EQ(deleted.at("rule"), "user_deleted");
    expect_fails_at(deleted, "account");
    EXPECT_EQ(facts(deleted, "account"), "deleted");
    EXPECT_NE(mend(deleted), "");
}

TEST_F(ExplainTokenTest, TellsWhichRevocationDecidedAndByHowMuch) {
    change([](domain::App& app) { app.revoke_tokens_issued_before = kNow - 10s; });
    auto const by_app = explain(user_token("john", -15s));
    EXPECT_EQ(by_app.at("rule"), "revoked_for_app");
    EXPECT_EQ(by_app.at("code"), 40);
    expect_fails_at(by_app, "revocation");
    EXPECT_EQ(facts(by_app, "revocation"),
              "the app's decides: tokens issued before 2025-12-31T23:59:50.000000Z are void; this "
              "one was issued 5 s before");
    EXPECT_THAT(by_app.at("sdk").as_string().c_str(), HasSubstr("asks its token provider"));
    EXPECT_NE(mend(by_app), "");

    stand([](domain::User& user) { user.revoke_tokens_issued_before = kNow - 8s; });
    auto const by_user = explain(user_token("john", -9s));
    EXPECT_EQ(by_user.at("rule"), "revoked_for_user");
    expect_fails_at(by_user, "revocation");
    EXPECT_THAT(facts(by_user, "revocation"), HasSubstr("the user's decides"));
    EXPECT_EQ(step(by_user, "revocation").at("at"), "2025-12-31T23:59:52.000000Z");

    EXPECT_THAT(facts(explain(user_token("john", -8s)), "revocation"),
                HasSubstr("at that very instant"));
    EXPECT_THAT(facts(explain(user_token("john", -6s)), "revocation"),
                HasSubstr("issued 2 s after"));
    auto const without = explain(john(""));
    EXPECT_THAT(facts(without, "revocation"), HasSubstr("does not say when"));
    EXPECT_EQ(mend(without), "a token without iat under a revocation: mint with iat");
}

TEST_F(ExplainTokenTest, KnowsThatNoNewTokenHelpsAgainstARevocationAhead) {
    change([](domain::App& app) { app.revoke_tokens_issued_before = kNow + 1us; });
    EXPECT_THAT(mend(explain(user_token("john"))), HasSubstr("lies ahead"));
    change([](domain::App& app) { app.revoke_tokens_issued_before = kNow; });
    EXPECT_THAT(mend(explain(user_token("john", -1s))), HasSubstr("mint a new token"));
}

TEST_F(ExplainTokenTest, TellsHowFarADateLiesFromTheClock) {
    EXPECT_EQ(facts(explain(john(R"(,"exp":1767225600)")), "exp"), "expired now");
    EXPECT_EQ(facts(explain(john(R"(,"exp":1767225601)")), "exp"), "expires in 1 s");
    EXPECT_EQ(facts(explain(john(R"(,"exp":1767214080)")), "exp"), "expired 3 h 12 min ago");
    EXPECT_EQ(facts(explain(john(R"(,"nbf":1767225610)")), "nbf"),
              "valid from in 10 s; a clock may be ahead by 10 s");
    EXPECT_EQ(facts(explain(john(R"(,"iat":1767225610)")), "iat"),
              "issued in 10 s; a clock may be ahead by 10 s");
    EXPECT_EQ(step(explain(john(R"(,"iat":1767225611)")), "iat").at("at"),
              "2026-01-01T00:00:11.000000Z");
}

TEST_F(ExplainTokenTest, TellsWhoSetTheRevocationsAndWhen) {
    auto const patch = [&](std::string const& path, std::string const& body) {
        return node
            .call({.method = http::Method::Patch,
                   .target = path + "?api_key=key",
                   .token = server_token(),
                   .body = body,
                   .fields = {{"X-Stream-Client", "stream-node-0.7.64"}}})
            .status;
    };
    EXPECT_FALSE(explain(john("")).contains("revocations"));
    stand([](domain::User&) {});
    ASSERT_EQ(
        patch("/users",
              R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":1767225000}}]})"),
        200);
    node.clock.advance(5s);
    ASSERT_EQ(patch("/app", R"({"revoke_tokens_issued_before":1767225100})"), 200);
    auto const both = explain(john(R"(,"iat":1767225600)")).at("revocations").as_array();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0].at("of"), "app");
    EXPECT_EQ(both[0].at("before"), "2025-12-31T23:51:40.000000Z");
    EXPECT_EQ(both[0].at("set_at"), "2026-01-01T00:00:05.000000Z");
    EXPECT_EQ(both[0].at("set_by"), "a server's token from 127.0.0.1, stream-node-0.7.64");
    EXPECT_EQ(both[1].at("of"), "user");
    EXPECT_EQ(both[1].at("set_at"), "2026-01-01T00:00:00.000000Z");

    ASSERT_EQ(patch("/app", "{}"), 200);
    auto const left = explain(john("")).at("revocations").as_array();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].at("of"), "user");
    EXPECT_FALSE(explain(server_token()).contains("revocations"));
}

TEST_F(ExplainTokenTest, LeavesOutWhoSetARevocationWhereNobodyKeptIt) {
    stand([](domain::User& user) { user.revoke_tokens_issued_before = kNow; });
    auto const revocation = explain(john("")).at("revocations").as_array().at(0).as_object();
    EXPECT_EQ(revocation.at("before"), "2026-01-01T00:00:00.000000Z");
    EXPECT_FALSE(revocation.contains("set_by"));
}

TEST_F(ExplainTokenTest, DecidesAtAnotherInstantWhereOneIsGiven) {
    object body = {{"api_key", "key"}, {"token", john(R"(,"exp":1767225600)")}};
    body["now"] = "2025-12-31T23:59:59.999999Z";
    EXPECT_EQ(explain_body(body).at("verdict"), "accept");
    body["now"] = 1767225600;
    EXPECT_EQ(explain_body(body).at("rule"), "expired");
    body["now"] = "soon";
    EXPECT_FALSE(api::explain_token(node.state.read(0), body, kNow, verifier));
}

TEST_F(ExplainTokenTest, PassesEveryStepOfAGoodTokenAndNotesWhatIsOdd) {
    auto const good = explain(john(R"(,"iat":1767225600,"exp":1767229200,"plan":"gold")"));
    EXPECT_EQ(good.at("verdict"), "accept");
    for (auto const& entry : good.at("steps").as_array()) {
        EXPECT_EQ(entry.at("outcome"), "passed") << entry.at("step");
    }
    EXPECT_EQ(good.at("claims_verified"), true);
    EXPECT_EQ(good.at("claims").at("plan"), "gold");
    EXPECT_EQ(mend(good), "");
    EXPECT_EQ(mend(explain(john(R"(,"iat":1767225600,"exp":3534451200)"))),
              "exp lies 56 years ahead: was a Unix time passed where a duration is wanted?");
    EXPECT_THAT(mend(explain(john(R"(,"exp":1767229200)"))), HasSubstr("without iat"));
    EXPECT_THAT(mend(explain(user_token("john"))), HasSubstr("never expires"));
    EXPECT_EQ(mend(explain(server_token())), "");
}

TEST_F(ExplainTokenTest, MarksClaimsThatNobodySignedAndHidesSignatureAndSecret) {
    auto const token = sign(R"({"user_id":"mallory"})", "another secret");
    auto const answer = explain(token);
    EXPECT_EQ(answer.at("claims_verified"), false);
    EXPECT_EQ(answer.at("claims").at("user_id"), "mallory");
    EXPECT_EQ(facts(answer, "signature").find("mallory"), std::string::npos);
    auto const text = boost::json::serialize(answer);
    EXPECT_EQ(text.find(token.substr(token.rfind('.') + 1)), std::string::npos);
    EXPECT_EQ(text.find(kApiSecret), std::string::npos);
    // Signed, but refused before the signature was looked at: as good as unsigned.
    EXPECT_EQ(explain(sign_below(R"({"alg":"HS256","typ":"x"})", R"({"user_id":"a"})"))
                  .at("claims_verified"),
              false);
}

TEST_F(ExplainTokenTest, ShowsNothingOfAHeaderThatATerminalObeys) {
    auto const answer = explain(sign_below("{\"alg\":\"\\u001b[2J\\u009b\"}", "{}"));
    EXPECT_EQ(facts(answer, "header"), "alg \"?[2J??\", typ absent");
}

TEST_F(ExplainTokenTest, TellsDeveloperTokensWhereTheyCount) {
    EXPECT_THAT(mend(explain(developer_token())), HasSubstr("disable_auth_checks=true"));
    change([](domain::App& app) { app.disable_auth_checks = true; });
    auto const accepted = explain(developer_token());
    EXPECT_EQ(accepted.at("verdict"), "accept");
    EXPECT_EQ(step(accepted, "claims").at("outcome"), "passed");
    EXPECT_THAT(facts(accepted, "claims"), HasSubstr("john"));
    for (auto const* skipped : {"header", "signature", "exp", "nbf", "iat", "revocation"}) {
        EXPECT_EQ(step(accepted, skipped).at("outcome"), "skipped") << skipped;
    }
    EXPECT_EQ(accepted.at("claims_verified"), false);
    EXPECT_THAT(mend(accepted), HasSubstr("unchecked"));
    auto const server = explain(developer_token(R"({"server":true})"));
    EXPECT_EQ(step(server, "signature").at("outcome"), "failed");
    EXPECT_THAT(mend(server), HasSubstr("only a token signed"));
    EXPECT_EQ(step(explain(sign(R"({"server":true,"exp":1})")), "signature").at("outcome"),
              "passed");
    change([](domain::App& app) { app.mode = Mode::Production; });
    EXPECT_THAT(mend(explain(developer_token())), HasSubstr("production mode"));
}

TEST_F(ExplainTokenTest, TellsOfASecretThatIsRetired) {
    change([](domain::App& app) { app.secrets.front().retires_at = kNow + 60s; });
    EXPECT_THAT(facts(explain(user_token("john")), "signature"), HasSubstr("retires in 1 min"));
    change([](domain::App& app) { app.secrets.front().retires_at = kNow; });
    auto const refused = explain(user_token("john"));
    expect_fails_at(refused, "signature");
    EXPECT_THAT(facts(refused, "signature"), HasSubstr("retired now"));
    EXPECT_THAT(mend(refused), HasSubstr("retired"));
    EXPECT_EQ(refused.at("claims_verified"), false);
}

TEST_F(ExplainTokenTest, SkipsWhatDoesNotApplyToTheKindOfCaller) {
    auto const server = explain(server_token());
    EXPECT_EQ(step(server, "revocation").at("outcome"), "skipped");
    EXPECT_EQ(step(server, "account").at("outcome"), "skipped");
    auto const nobody = explain("", "anonymous");
    EXPECT_EQ(nobody.at("verdict"), "accept");
    EXPECT_EQ(step(nobody, "form").at("outcome"), "skipped");
    EXPECT_EQ(step(explain(sign(R"({"user_id":"!anon"})"), "anonymous"), "claims").at("outcome"),
              "passed");
}

TEST_F(ExplainTokenTest, AgreesWithTheDecisionAboutTheSameToken) {
    for (auto const& row : rows()) {
        domain::Credentials const credentials = {
            .api_key = row.api_key, .auth_type = row.auth_type, .token = row.token};
        auto const decision = domain::authenticate(node.state.read(0), credentials, kNow, verifier);
        ASSERT_FALSE(decision);
        EXPECT_EQ(decision.error(), row.refusal);
    }
}

TEST_F(ExplainTokenTest, IsAskedThroughTheAdminListenerWithItsCredential) {
    api::AdminService service{node.node, node.loop, 0, Secret("the credential")};
    for (auto const* credential : {"Bearer the credential", "Bearer another"}) {
        TestExchange exchange({.method = http::Method::Post,
                               .target = "/admin/v1/tokens/explain",
                               .token = credential,
                               .auth_type = "",
                               .body = R"({"api_key":"key","token":"a.b"})"});
        service.handle(exchange);
        auto const& answer = exchange.answer_given();
        bool const known = std::string_view(credential).ends_with("the credential");
        EXPECT_EQ(answer.status, known ? 200 : 401);
        EXPECT_EQ(TestNode::body_of(answer).contains("steps"), known);
    }
}

TEST(WordsFor, TellsAtMostTwoUnitsAndCutsTheRest) {
    struct Case {
        std::chrono::microseconds offset;
        std::string_view words;
    };
    for (auto const& [offset, words] :
         {Case{0us, "now"}, Case{1us, "in less than 1 s"}, Case{-999'999us, "less than 1 s ago"},
          Case{-1s, "1 s ago"}, Case{59s, "in 59 s"}, Case{60s, "in 1 min"},
          Case{-61s, "1 min 1 s ago"}, Case{3599s, "in 59 min 59 s"}, Case{3600s, "in 1 h"},
          Case{-(3h + 12min + 40s), "3 h 12 min ago"}, Case{24h, "in 1 d"},
          Case{-(24h + 59min), "1 d ago"}, Case{50h, "in 2 d 2 h"},
          Case{2 * std::chrono::years(1) - 1s, "in 730 d 11 h"},
          Case{2 * std::chrono::years(1), "in 2 years"}}) {
        EXPECT_EQ(api::words_for(kNow + offset, kNow), words);
    }
}

}  // namespace
}  // namespace latchkey::test
