#include "api/admin.hpp"

#include "api/admin_service.hpp"
#include "support/test_node.hpp"
#include "wire/app_settings.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace latchkey::test {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class AdminServiceTest : public testing::Test {
protected:
    TestNode node;
    api::AdminService service{node.node, node.loop, 0, Secret("the credential")};

    http::Response call(Method method, std::string const& path, std::string const& body = {},
                        std::string const& credential = "the credential") {
        TestExchange exchange({.method = method,
                               .target = path,
                               .token = credential.empty() ? "" : "Bearer " + credential,
                               .auth_type = "",
                               .body = body});
        service.handle(exchange);
        node.settle();
        return exchange.answer_given();
    }
};

TEST_F(AdminServiceTest, WantsItsCredential) {
    for (auto const* credential : {"", "another", "the credential "}) {
        auto const refused = call(Method::Get, "/admin/v1/apps", {}, credential);
        EXPECT_EQ(refused.status, 401) << credential;
    }
    EXPECT_EQ(call(Method::Get, "/admin/v1/apps").status, 200);
}

TEST_F(AdminServiceTest, TellsItsHealthToEverybody) {
    EXPECT_EQ(call(Method::Get, "/health/live", {}, "").status, 200);
    EXPECT_EQ(call(Method::Get, "/health/ready", {}, "").status, 200);
    node.ready = false;
    EXPECT_EQ(call(Method::Get, "/health/ready", {}, "").status, 503);
}

TEST_F(AdminServiceTest, TellsWhoeverCallsItByAnotherNameItsHealthAlone) {
    auto const status = [this](std::string const& path, std::string_view host) {
        TestExchange exchange({.target = path,
                               .token = "Bearer the credential",
                               .auth_type = "",
                               .fields = {{"Host", host}}});
        service.handle(exchange);
        node.settle();
        return exchange.answer_given().status;
    };
    for (auto const* path : {"/", "/metrics", "/admin/v1/apps", "/admin/v1/session"}) {
        EXPECT_EQ(status(path, "evil.example"), 403) << path;
        EXPECT_EQ(status(path, "localhost"), 200) << path;
    }
    EXPECT_EQ(status("/nothing", "evil.example"), 403);
    EXPECT_EQ(status("/health/live", "evil.example"), 200);
    EXPECT_EQ(status("/health/ready", "evil.example"), 200);
}

TEST_F(AdminServiceTest, ShowsASecretOnceWhenItIsMadeAndNeverAgain) {
    auto const made =
        call(Method::Post, "/admin/v1/apps", R"({"name":"Second","mode":"production"})");
    EXPECT_EQ(made.status, 201);
    auto const app = TestNode::body_of(made).at("app").as_object();
    EXPECT_EQ(app.at("api_secret").as_string().size(), 64U);
    EXPECT_EQ(app.at("mode"), "production");
    auto const key = std::string(app.at("api_key").as_string());
    for (auto const& path : {std::string("/admin/v1/apps"), "/admin/v1/apps/" + key}) {
        EXPECT_EQ(call(Method::Get, path).body.find("api_secret"), std::string::npos);
    }
    EXPECT_NE(node.state.read(0).find_app(key), nullptr);
}

TEST_F(AdminServiceTest, RefusesAppsThatCannotBe) {
    for (auto const* body :
         {"", "[]", "{}", R"({"name":5})", R"({"name":"a","mode":"test"})",
          R"({"name":"a","api_key":"with space"})", R"({"name":"a","api_key":"key"})",
          R"({"name":"a","api_secret":"short"})",
          R"({"name":"a","api_secret":"PUT_HERE_YOUR_SUPER_SECRET_JWT_CODE"})"}) {
        auto const refused = call(Method::Post, "/admin/v1/apps", body);
        EXPECT_EQ(refused.status, 400) << body;
    }
}

TEST_F(AdminServiceTest, ChangesModeNameAndSettings) {
    auto const changed =
        call(Method::Patch, "/admin/v1/apps/key",
             R"({"name":"Renamed","mode":"development","disable_auth_checks":true})");
    EXPECT_EQ(changed.status, 200);
    auto const app = TestNode::body_of(changed).at("app").as_object();
    EXPECT_EQ(app.at("name"), "Renamed");
    EXPECT_TRUE(app.at("settings").at("disable_auth_checks").as_bool());
    EXPECT_EQ(call(Method::Patch, "/admin/v1/apps/key", R"({"suspended":true})").status, 200);
    EXPECT_TRUE(node.state.read(0).find_app("key")->app->suspended);
    EXPECT_EQ(call(Method::Patch, "/admin/v1/apps/nobody", "{}").status, 404);
}

TEST_F(AdminServiceTest, AnEmptyChangeUndoesNothing) {
    ASSERT_EQ(call(Method::Patch, "/admin/v1/apps/key",
                   R"({"revoke_tokens_issued_before":"2026-01-01T00:00:00Z"})")
                  .status,
              200);
    ASSERT_EQ(call(Method::Patch, "/admin/v1/apps/key", "{}").status, 200);
    EXPECT_TRUE(node.state.read(0).find_app("key")->app->revoke_tokens_issued_before);
}

TEST_F(AdminServiceTest, MintsTokensThatNoRevocationInForceCovers) {
    ASSERT_EQ(call(Method::Patch, "/admin/v1/apps/key",
                   R"({"revoke_tokens_issued_before":"2026-01-01T00:00:05.5Z"})")
                  .status,
              200);
    auto const minted = call(Method::Post, "/admin/v1/apps/key/tokens", R"({"user_id":"john"})");
    EXPECT_EQ(minted.status, 201);
    std::string const token(TestNode::body_of(minted).at("token").as_string());
    EXPECT_EQ(node.call({.target = "/app?api_key=key", .token = token}).status, 200);
    node.clock.advance(3600s);
    EXPECT_EQ(TestNode::code_of(node.call({.target = "/app?api_key=key", .token = token})), 40);
}

TEST_F(AdminServiceTest, MintsNoTokenThatARevocationAheadWouldVoid) {
    auto const mint = [this](char const* body) {
        return call(Method::Post, "/admin/v1/apps/key/tokens", body);
    };
    auto const expect_refused = [&](char const* body, char const* why) {
        auto const refused = mint(body);
        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_EQ(TestNode::code_of(refused), 4) << body;
        EXPECT_THAT(refused.body, HasSubstr(why));
    };
    ASSERT_EQ(call(Method::Patch, "/admin/v1/apps/key",
                   R"({"revoke_tokens_issued_before":"2026-01-01T00:00:10Z"})")
                  .status,
              200);
    EXPECT_EQ(mint(R"({"user_id":"john"})").status, 201);
    EXPECT_EQ(mint(R"({"user_id":"john","expires_in_s":10})").status, 201);
    expect_refused(R"({"user_id":"john","expires_in_s":9})", "mint after it");
    ASSERT_EQ(call(Method::Patch, "/admin/v1/apps/key",
                   R"({"revoke_tokens_issued_before":"2027-01-01T00:00:00Z"})")
                  .status,
              200);
    for (auto const* body : {R"({"user_id":"john"})", R"({"user_id":"john","expires_in_s":0})"}) {
        expect_refused(body,
                       "the tokens of all the app's users are revoked up to "
                       "2027-01-01T00:00:00.000000Z");
    }
    ASSERT_EQ(call(Method::Post, "/admin/v1/apps/key/users", R"({"id":"john"})").status, 201);
    ASSERT_EQ(call(Method::Post, "/admin/v1/apps/key/users/revoke",
                   R"({"user_ids":["john"],"before":"2028-01-01T00:00:00Z"})")
                  .status,
              200);
    expect_refused(R"({"user_id":"john"})",
                   "the tokens of user john are revoked up to 2028-01-01T00:00:00.000000Z");
}

TEST_F(AdminServiceTest, MintsNoTokenForWhoIsRefusedWithAny) {
    auto const mint = [this] {
        return call(Method::Post, "/admin/v1/apps/key/tokens", R"({"user_id":"john"})");
    };
    auto const change = [this](std::string const& what) {
        return node
            .call({.method = Method::Post,
                   .target = "/users/" + what + "?api_key=key",
                   .token = server_token(),
                   .body = R"({"user_ids":["john"]})"})
            .status;
    };
    ASSERT_EQ(call(Method::Post, "/admin/v1/apps/key/users", R"({"id":"john"})").status, 201);
    ASSERT_EQ(change("deactivate"), 201);
    auto const deactivated = mint();
    EXPECT_EQ(deactivated.status, 400);
    EXPECT_EQ(TestNode::code_of(deactivated), 4);
    EXPECT_THAT(deactivated.body, HasSubstr("reactivate them first"));
    ASSERT_EQ(change("delete"), 201);
    auto const deleted = mint();
    EXPECT_EQ(deleted.status, 404);
    EXPECT_EQ(TestNode::code_of(deleted), 16);
    EXPECT_THAT(deleted.body, HasSubstr("user john was deleted: restore them first"));
    ASSERT_EQ(change("restore"), 201);
    ASSERT_EQ(change("reactivate"), 201);
    EXPECT_EQ(mint().status, 201);
}

TEST_F(AdminServiceTest, RefusesToMintForNobody) {
    for (auto const* body :
         {"{}", R"({"user_id":"!anon"})", R"({"user_id":"a b"})",
          R"({"user_id":"john","expires_in_s":-1})", R"({"user_id":"john","expires_in_s":"1h"})"}) {
        EXPECT_EQ(call(Method::Post, "/admin/v1/apps/key/tokens", body).status, 400) << body;
    }
}

TEST_F(AdminServiceTest, TellsTheDecisionAboutAToken) {
    auto const check = [&](std::string const& token) {
        auto const answer = call(Method::Post, "/admin/v1/tokens/check",
                                 R"({"api_key":"key","token":")" + token + "\"}");
        EXPECT_EQ(answer.status, 200);
        return TestNode::body_of(answer);
    };
    EXPECT_EQ(check(user_token("john")).at("user_id"), "john");
    auto const refused = check(sign(R"({"user_id":"john","exp":1})"));
    EXPECT_EQ(refused.at("verdict"), "reject");
    EXPECT_EQ(refused.at("code"), 40);
    EXPECT_EQ(refused.at("rule"), "expired");
}

TEST_F(AdminServiceTest, AnswersUnknownPathsInTheApisShape) {
    for (auto const* path : {"/nothing", "/admin", "/admin/v1", "/admin/v1/", "/admin/v1/nothing",
                             "/admin/v1apps", "/admin/v1/apps/", "/admin/v1/apps/key/",
                             "/admin/v1/apps/key/nothing", "/admin/v1//apps", "/admin/v1/apps/%"}) {
        EXPECT_EQ(call(Method::Get, path).status, 404) << path;
    }
}

TEST_F(AdminServiceTest, NamesTheMethodsThatAPathHas) {
    auto const refused = call(Method::Put, "/admin/v1/apps");
    EXPECT_EQ(refused.status, 405);
    EXPECT_THAT(refused.fields, HasSubstr("Allow: GET, HEAD, POST\r\n"));
    EXPECT_EQ(call(Method::Put, "/admin/v1/apps", {}, "").status, 401);
    EXPECT_EQ(call(Method::Head, "/admin/v1/apps").status, 200);
}

TEST_F(AdminServiceTest, LetsNoAnswerBeKeptOrGuessedAt) {
    for (auto const& answer :
         {call(Method::Get, "/admin/v1/apps"), call(Method::Get, "/admin/v1/apps", {}, ""),
          call(Method::Post, "/admin/v1/tokens/check", "{}"), call(Method::Get, "/admin/v1/no")}) {
        EXPECT_THAT(answer.fields, HasSubstr("Cache-Control: no-store\r\n"));
        EXPECT_THAT(answer.fields, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    }
}

TEST_F(AdminServiceTest, DecodesWhatStandsInThePath) {
    EXPECT_EQ(call(Method::Get, "/admin/v1/apps/k%65y").status, 200);
    EXPECT_EQ(call(Method::Get, "/admin/v1/apps/k%65y%2f").status, 404);
}

class Tokens final : public api::TokenState {
public:
    explicit Tokens(domain::NodeState const& state) : state_(state) {}
    [[nodiscard]] domain::NodeState::Reader read() override { return state_.read(0); }
    [[nodiscard]] token::Verifier& verifier() override { return verifier_; }

private:
    domain::NodeState const& state_;
    token::Verifier verifier_;
};

/// What each role may do, by the table; a handler is never reached with less.
TEST_F(AdminServiceTest, AsksForTheRoleThatARouteNeeds) {
    Tokens tokens(node.state);
    using domain::OperatorRole;
    for (auto const& route : api::admin_routes()) {
        api::AdminRouteMatch const match{.route = route, .parameters = {"key", "john"}};
        for (auto const role :
             {OperatorRole::Viewer, OperatorRole::Operator, OperatorRole::Owner}) {
            auto const reply = api::call_admin_route(
                match, {.method = route.method, .body = "{}"}, kNow,
                {.kind = api::Operator::Kind::Account, .name = "jane", .role = role},
                {.random = node.random,
                 .tokens = tokens,
                 .passwords = node.passwords,
                 .node = &node.node,
                 .loop = &node.loop});
            bool const refused = !reply && reply.error().http_status == 403;
            EXPECT_EQ(refused, route.needs && role < *route.needs) << route.operation;
        }
    }
}

std::string path_of(api::AdminRoute const& route) {
    std::string path(route.path);
    for (std::string_view const parameter : {"{key}", "{id}"}) {
        if (auto const at = path.find(parameter); at != std::string::npos) {
            path.replace(at, parameter.size(), parameter == "{key}" ? "key" : "1");
        }
    }
    return std::string(api::kAdminPrefix) + path;
}

/// A slip in the name of `dry_run` must not make an order of a question.
TEST_F(AdminServiceTest, RefusesMembersThatACallDoesNotKnowAndChangesNothing) {
    auto const audited = [this] {
        std::vector<domain::AuditEntry> entries;
        node.commit([&](domain::Transaction& transaction) {
            entries = transaction.audit().query({.limit = 1'000});
            return domain::Outcome::Rollback;
        });
        return entries.size();
    };
    auto const count = audited();
    for (auto const& route : api::admin_routes()) {
        if (route.method == Method::Get) {
            continue;
        }
        for (auto const* name : {"dryRun", "DRY_RUN", "dry_run ", "dry_ru", ""}) {
            boost::json::object const body = {{name, true}};
            auto const refused = call(route.method, path_of(route), boost::json::serialize(body));
            EXPECT_EQ(refused.status, 400) << route.operation << name;
            auto const told = TestNode::body_of(refused);
            EXPECT_EQ(told.at("code"), 4) << route.operation << name;
            EXPECT_EQ(told.at("exception_fields"), (boost::json::object{{name, "no such member"}}))
                << route.operation << refused.body;
        }
    }
    EXPECT_EQ(audited(), count);
}

TEST_F(AdminServiceTest, SaysWhichMembersACallTakesInPlaceOfOneThatItDoesNot) {
    auto const told = [this](Method method, std::string const& path, std::string const& body) {
        return call(method, "/admin/v1/" + path, body).body;
    };
    EXPECT_THAT(told(Method::Post, "apps/key/revoke", R"({"dry_run":true,"Before":0})"),
                HasSubstr("no member Before here: the call takes before, dry_run"));
    EXPECT_THAT(told(Method::Post, "audit/verify", R"({"now":null})"),
                HasSubstr("no member now here: the call takes none"));
    EXPECT_THAT(told(Method::Patch, "apps/key", R"({"nosuch":1})"),
                HasSubstr("suspended_explanation, any setting of an app"));
    std::string const longest(64, 'n');
    auto const body_with = [](std::string const& name) { return "{\"" + name + "\":1}"; };
    EXPECT_THAT(told(Method::Post, "audit/verify", body_with(longest)), HasSubstr(longest));
    auto const longer = told(Method::Post, "audit/verify", body_with(longest + 'n'));
    EXPECT_THAT(longer, Not(HasSubstr(longest)));
    EXPECT_THAT(longer, HasSubstr("a name of 65 bytes"));
}

/// Settings that a new App would not have, were they passed over, are refused; an App's own are
/// not.
TEST_F(AdminServiceTest, KnowsTheSettingsOfAnAppThatIsThere) {
    for (auto const& setting : wire::app_settings()) {
        boost::json::object const body = {{setting.name, nullptr}};
        auto const changed =
            call(Method::Patch, "/admin/v1/apps/key", boost::json::serialize(body));
        EXPECT_EQ(changed.status, 200) << changed.body;
    }
    EXPECT_EQ(
        call(Method::Post, "/admin/v1/apps", R"({"name":"a","disable_auth_checks":true})").status,
        400);
}

TEST_F(AdminServiceTest, LetsOnlyOwnersChangeTheMode) {
    auto const change = [&](domain::OperatorRole role, std::string_view body) {
        auto const match = api::find_admin_route(Method::Patch, "/admin/v1/apps/key");
        Tokens tokens(node.state);
        auto const reply = api::call_admin_route(
            *match, {.method = Method::Patch, .body = body}, kNow,
            {.kind = api::Operator::Kind::Account, .name = "jane", .role = role},
            {.random = node.random, .tokens = tokens, .passwords = node.passwords});
        return reply ? 200 : reply.error().http_status;
    };
    EXPECT_EQ(change(domain::OperatorRole::Owner, R"({"mode":"production"})"), 200);
    EXPECT_EQ(change(domain::OperatorRole::Operator, R"({"mode":"production"})"), 403);
    EXPECT_EQ(change(domain::OperatorRole::Operator, R"({"name":"Another"})"), 200);
}

}  // namespace
}  // namespace latchkey::test
