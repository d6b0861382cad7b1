#include "api/admin_service.hpp"
#include "support/test_node.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::test {
namespace {

using http::Method;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Calls of both APIs, and what the audit log has of them.
class AuditingTest : public testing::Test {
protected:
    AuditingTest() {
        EXPECT_EQ(
            send(Method::Post, "/users",
                 R"({"users":{"john":{"id":"john"},"jane":{"id":"jane"},"jim":{"id":"jim"}}})"),
            201);
    }

    TestNode node;
    api::AdminService service{node.node, node.loop, 0, Secret("the credential")};

    /// By a backend, through a proxy.
    int send(Method method, std::string const& path, std::string const& body = {},
             std::string const& token = server_token(),
             std::string const& client = "stream-node-0.7.64") {
        auto const mark = path.find('?') == std::string::npos ? "?" : "&";
        return node
            .call({.method = method,
                   .target = path + mark + "api_key=key",
                   .token = token,
                   .body = body,
                   .fields = {{"X-Stream-Client", client}, {"X-Forwarded-For", "192.0.2.7"}}})
            .status;
    }

    /// By the holder of the local credential, through a proxy.
    int administer(Method method, std::string const& path, std::string const& body = "{}") {
        TestExchange exchange({.method = method,
                               .target = "/admin/v1" + path,
                               .token = "Bearer the credential",
                               .auth_type = "",
                               .body = body,
                               .fields = {{"X-Forwarded-For", "198.51.100.9"}}});
        service.handle(exchange);
        node.settle();
        return exchange.answer_given().status;
    }

    std::vector<domain::AuditEntry> entries() {
        std::vector<domain::AuditEntry> found;
        node.commit([&](domain::Transaction& transaction) {
            found = transaction.audit().query({.limit = 100});
            EXPECT_EQ(transaction.audit().verify().first_bad, std::nullopt);
            return domain::Outcome::Commit;
        });
        std::ranges::reverse(found);
        return found;
    }

    /// `action app target before after`, oldest first.
    std::vector<std::string> acts() {
        std::vector<std::string> texts;
        for (auto const& entry : entries()) {
            auto const& record = entry.record;
            texts.push_back(record.action + ' ' + record.app + " [" + record.target + "] " +
                            boost::json::serialize(record.before) + ' ' +
                            boost::json::serialize(record.after));
        }
        return texts;
    }
    std::string all_text() {
        std::string text;
        for (auto const& act : acts()) {
            text += act + '\n';
        }
        return text;
    }
};

constexpr auto kNowText = "2026-01-01T00:00:00.000000Z";

TEST_F(AuditingTest, SaysThatABackendCalledAndFromWhere) {
    ASSERT_EQ(send(Method::Patch, "/app", R"({"multi_tenant_enabled":true})"), 200);
    auto const found = entries();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.at(0).record, (domain::AuditRecord{.at = kNow,
                                                       .actor_kind = domain::ActorKind::Server,
                                                       .actor = "stream-node-0.7.64",
                                                       .address = "192.0.2.7",
                                                       .action = "app.update",
                                                       .app = "key",
                                                       .before = {{"multi_tenant_enabled", false}},
                                                       .after = {{"multi_tenant_enabled", true}}}));
}

TEST_F(AuditingTest, SaysThatTheLocalCredentialCalledAndFromWhere) {
    ASSERT_EQ(administer(Method::Patch, "/apps/key", R"({"name":"Renamed"})"), 200);
    auto const found = entries();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.at(0).record,
              (domain::AuditRecord{.at = kNow,
                                   .actor_kind = domain::ActorKind::LocalCredential,
                                   .address = "198.51.100.9",
                                   .action = "app.update",
                                   .app = "key",
                                   .before = {{"name", "Test app"}},
                                   .after = {{"name", "Renamed"}}}));
}

TEST_F(AuditingTest, KeepsOfAClientsNameWhatIsPlainTextAndNotTooLong) {
    auto const name_kept = [&](std::string const& client) {
        EXPECT_EQ(send(Method::Post, "/users/john/deactivate", {}, server_token(), client), 201);
        EXPECT_EQ(send(Method::Post, "/users/john/reactivate", {}, server_token(), client), 201);
        return entries().back().record.actor;
    };
    EXPECT_EQ(name_kept(std::string(64, 'x')), std::string(64, 'x'));
    EXPECT_EQ(name_kept(std::string(65, 'x')), std::string(64, 'x'));
    EXPECT_EQ(name_kept("<b>~ !"), "<b>~ !");
    EXPECT_EQ(name_kept("a\xc3\xa4"), "");
    EXPECT_EQ(name_kept("a\x1b[31m"), "");
}

TEST_F(AuditingTest, TellsARevocationOfTheAppFromOtherSettings) {
    ASSERT_EQ(
        send(Method::Patch, "/app", R"({"revoke_tokens_issued_before":"2026-01-01T00:00:00Z"})"),
        200);
    ASSERT_EQ(send(Method::Patch, "/app", R"({"revoke_tokens_issued_before":null})"), 200);
    ASSERT_EQ(administer(Method::Post, "/apps/key/revoke"), 200);
    ASSERT_EQ(administer(Method::Post, "/apps/key/unrevoke"), 200);
    std::string const null = R"({"revoke_tokens_issued_before":null})";
    std::string const date = R"({"revoke_tokens_issued_before":")" + std::string(kNowText) + "\"}";
    EXPECT_THAT(acts(), ElementsAre("app.revoke key [] " + null + ' ' + date,
                                    "app.unrevoke key [] " + date + ' ' + null,
                                    "app.revoke key [] " + null + ' ' + date,
                                    "app.unrevoke key [] " + date + ' ' + null));
}

TEST_F(AuditingTest, HoldsOfAnAppWhatChangedAndNothingElse) {
    ASSERT_EQ(administer(Method::Patch, "/apps/key",
                         R"({"mode":"development","suspended":false,"multi_tenant_enabled":true,
                             "user_search_disallowed_roles":["guest"],
                             "enforce_unique_usernames":"team"})"),
              200);
    EXPECT_THAT(
        acts(),
        ElementsAre(
            R"(app.update key [] {"mode":"production","multi_tenant_enabled":false,)"
            R"("enforce_unique_usernames":"no","user_search_disallowed_roles":[]} )"
            R"({"mode":"development","multi_tenant_enabled":true,)"
            R"("enforce_unique_usernames":"team","user_search_disallowed_roles":["guest"]})"));
}

TEST_F(AuditingTest, HoldsTheGrantsOfTheRolesThatChanged) {
    ASSERT_EQ(send(Method::Patch, "/app", R"({"grants":{"user":["a"],"guest":["b"]}})"), 200);
    ASSERT_EQ(send(Method::Patch, "/app", R"({"grants":{"user":["a","c"],"guest":["b"]}})"), 200);
    EXPECT_EQ(acts().back(),
              R"(app.update key [] {"grants":{"user":["a"]}} {"grants":{"user":["a","c"]}})");
}

TEST_F(AuditingTest, HoldsNoValueOfSettingsThatMayBeCredentials) {
    ASSERT_EQ(send(Method::Patch, "/app",
                   R"({"webhook_url":"https://user:hunter2@example.com",
                       "apn_config":{"auth_key":"hunter2","key_id":"hunter2"}})"),
              200);
    ASSERT_EQ(send(Method::Patch, "/app", R"({"webhook_url":"https://hunter2.example.com"})"), 200);
    EXPECT_EQ(acts().back(), R"(app.update key [] {} {"other_settings":["webhook_url"]})");
    EXPECT_THAT(all_text(), AllOf(HasSubstr("webhook_url"), HasSubstr("apn_config"),
                                  Not(HasSubstr("hunter2"))));
}

TEST_F(AuditingTest, LeavesOutAValueThatIsTooLong) {
    auto const explain = [&](std::size_t bytes) {
        ASSERT_EQ(administer(Method::Patch, "/apps/key",
                             R"({"suspended_explanation":")" + std::string(bytes, 'x') + "\"}"),
                  200);
    };
    explain(4094);  // two quotes more as JSON
    EXPECT_THAT(acts().back(), HasSubstr(std::string(4094, 'x')));
    explain(4095);
    EXPECT_THAT(acts().back(),
                AllOf(HasSubstr(R"({"suspended_explanation":"left out: 4097 bytes"})"),
                      HasSubstr(std::string(4094, 'x'))));
}

TEST_F(AuditingTest, HoldsTheRevocationsOfUsersOnceForACall) {
    std::string const revoke =
        R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":"2026-01-01T00:00:00Z"}},
                     {"id":"jane","set":{"revoke_tokens_issued_before":"2026-01-01T00:00:00Z"}}]})";
    ASSERT_EQ(send(Method::Patch, "/users", revoke), 200);
    ASSERT_EQ(send(Method::Patch, "/users",
                   R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":null}},
                                {"id":"jim","set":{"revoke_tokens_issued_before":null}}]})"),
              200);
    ASSERT_EQ(administer(Method::Post, "/apps/key/users/revoke",
                         R"({"user_ids":["john","jane"],"before":"2026-01-01T00:00:01Z"})"),
              200);
    ASSERT_EQ(administer(Method::Post, "/apps/key/users/unrevoke", R"({"user_ids":["jane"]})"),
              200);
    std::string const null = R"({"revoke_tokens_issued_before":null})";
    std::string const first = R"({"revoke_tokens_issued_before":"2026-01-01T00:00:00.000000Z"})";
    std::string const second = R"({"revoke_tokens_issued_before":"2026-01-01T00:00:01.000000Z"})";
    EXPECT_THAT(
        acts(),
        ElementsAre("users.revoke key [john jane] " + null + ' ' + first,
                    "users.unrevoke key [john] " + first + ' ' + null,
                    R"(users.revoke key [john jane] {"revoke_tokens_issued_before":{"john":null,)"
                    R"("jane":"2026-01-01T00:00:00.000000Z"}} )" +
                        second,
                    "users.unrevoke key [jane] " + second + ' ' + null));
}

TEST_F(AuditingTest, HoldsARevocationThatCameWithANewUser) {
    ASSERT_EQ(send(Method::Post, "/users",
                   R"({"users":{"new":{"id":"new","name":"New",
                       "revoke_tokens_issued_before":"2026-01-01T00:00:00Z"}}})"),
              201);
    EXPECT_THAT(acts(),
                ElementsAre(R"(users.revoke key [new] {"revoke_tokens_issued_before":null})"
                            R"( {"revoke_tokens_issued_before":"2026-01-01T00:00:00.000000Z"})"));
}

TEST_F(AuditingTest, NamesTenUsersAndCountsTheOthers) {
    auto const revoke = [&](std::size_t count) {
        std::string users;
        std::string ids;
        for (std::size_t i = 0; i < count; ++i) {
            auto const id = "u" + std::to_string(count) + '-' + std::to_string(i);
            users += (i == 0 ? "\"" : ",\"") + id + R"(":{"id":")" + id + "\"}";
            ids += (i == 0 ? "\"" : ",\"") + id + '"';
        }
        EXPECT_EQ(send(Method::Post, "/users", R"({"users":{)" + users + "}}"), 201);
        EXPECT_EQ(
            administer(Method::Post, "/apps/key/users/revoke", R"({"user_ids":[)" + ids + "]}"),
            200);
        return entries().back().record.target;
    };
    EXPECT_EQ(revoke(10), "u10-0 u10-1 u10-2 u10-3 u10-4 u10-5 u10-6 u10-7 u10-8 u10-9");
    EXPECT_EQ(revoke(12),
              "u12-0 u12-1 u12-2 u12-3 u12-4 u12-5 u12-6 u12-7 u12-8 u12-9 … and 2 more");
    EXPECT_EQ(entries().size(), 2U);
}

TEST_F(AuditingTest, HoldsHowUsersEndAndComeBack) {
    ASSERT_EQ(send(Method::Post, "/users/john/deactivate"), 201);
    ASSERT_EQ(send(Method::Post, "/users/john/reactivate", R"({"name":"private"})"), 201);
    ASSERT_EQ(send(Method::Post, "/users/deactivate", R"({"user_ids":["john","jane"]})"), 201);
    ASSERT_EQ(send(Method::Post, "/users/reactivate", R"({"user_ids":["john","jane"]})"), 201);
    ASSERT_EQ(send(Method::Delete, "/users/john"), 200);
    ASSERT_EQ(send(Method::Post, "/users/restore", R"({"user_ids":["john"]})"), 201);
    ASSERT_EQ(send(Method::Post, "/users/delete", R"({"user_ids":["jane"],"user":"pruning"})"),
              201);
    ASSERT_EQ(send(Method::Delete, "/users/jane?hard_delete=true"), 200);
    auto const member = [](std::string name, bool set) {
        return "{\"" + name + "\":" + (set ? '"' + std::string(kNowText) + '"' : "null") + '}';
    };
    auto const deletion = [](std::string kind) {
        return R"({"deletion":")" + kind + R"(","deleted_at":")" + kNowText + "\"}";
    };
    auto const active = member("deactivated_at", false);
    auto const inactive = member("deactivated_at", true);
    auto const present = member("deleted_at", false);
    auto const gone = member("deleted_at", true);
    EXPECT_THAT(acts(),
                ElementsAre("users.deactivate key [john] " + active + ' ' + inactive,
                            "users.reactivate key [john] " + inactive + ' ' + active,
                            "users.deactivate key [john jane] " + active + ' ' + inactive,
                            "users.reactivate key [john jane] " + inactive + ' ' + active,
                            "users.delete key [john] " + present + ' ' + deletion("soft"),
                            "users.restore key [john] " + gone + ' ' + present,
                            "users.delete key [jane] " + present + ' ' + deletion("pruning"),
                            "users.delete key [jane] " + gone + ' ' + deletion("hard")));
}

TEST_F(AuditingTest, HoldsRoles) {
    ASSERT_EQ(send(Method::Post, "/roles", R"({"name":"support"})"), 201);
    ASSERT_EQ(send(Method::Delete, "/roles/support"), 200);
    EXPECT_THAT(acts(),
                ElementsAre("role.create key [support] {} {}", "role.delete key [support] {} {}"));
}

TEST_F(AuditingTest, HoldsThatAnAppWasMadeWithoutItsSecret) {
    ASSERT_EQ(
        administer(
            Method::Post, "/apps",
            R"({"name":"Shop","api_key":"shop","api_secret":"hunter2-hunter2-xyz-0123456789-abc"})"),
        201);
    EXPECT_THAT(acts(),
                ElementsAre(R"(app.create shop [] {} {"name":"Shop","mode":"development"})"));
}

TEST_F(AuditingTest, HoldsThatATokenWasMintedAndNotTheToken) {
    ASSERT_EQ(administer(Method::Post, "/apps/key/tokens", R"({"user_id":"john"})"), 201);
    ASSERT_EQ(
        administer(Method::Post, "/apps/key/tokens", R"({"user_id":"jane","expires_in_s":0})"),
        201);
    EXPECT_THAT(
        acts(),
        ElementsAre(R"(token.mint key [john] {} {"expires_at":"2026-01-01T01:00:00.000000Z"})",
                    R"(token.mint key [jane] {} {"expires_at":null})"));
}

TEST_F(AuditingTest, HoldsNothingOfCallsThatAreRefused) {
    EXPECT_EQ(send(Method::Patch, "/app", R"({"multi_tenant_enabled":true})", user_token("john")),
              403);
    EXPECT_EQ(send(Method::Patch, "/app", R"({"disable_auth_checks":true})"), 400);
    EXPECT_EQ(send(Method::Patch, "/users",
                   R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":0}},
                                {"id":"nobody","set":{"revoke_tokens_issued_before":0}}]})"),
              404);
    EXPECT_EQ(send(Method::Post, "/users/deactivate", R"({"user_ids":["john","nobody"]})"), 404);
    EXPECT_EQ(send(Method::Post, "/roles", R"({"name":"admin"})"), 400);
    EXPECT_EQ(send(Method::Delete, "/roles/nothing"), 404);
    EXPECT_EQ(administer(Method::Post, "/apps", R"({"name":"again","api_key":"key"})"), 400);
    EXPECT_EQ(administer(Method::Patch, "/apps/key", R"({"name":""})"), 400);
    EXPECT_EQ(administer(Method::Post, "/apps/nothing/tokens", R"({"user_id":"john"})"), 404);
    EXPECT_EQ(administer(Method::Post, "/apps/key/users/revoke", R"({"user_ids":["nobody"]})"),
              404);
    EXPECT_THAT(acts(), IsEmpty());
}

TEST_F(AuditingTest, HoldsNothingOfCallsThatChangeNothing) {
    EXPECT_EQ(send(Method::Patch, "/app", R"({"multi_tenant_enabled":false})"), 200);
    EXPECT_EQ(send(Method::Patch, "/app", "{}"), 200);
    EXPECT_EQ(send(Method::Patch, "/users",
                   R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":null}}]})"),
              200);
    EXPECT_EQ(send(Method::Post, "/users/john/reactivate"), 201);
    EXPECT_EQ(send(Method::Post, "/users/restore", R"({"user_ids":["john"]})"), 201);
    EXPECT_EQ(administer(Method::Patch, "/apps/key"), 200);
    EXPECT_EQ(administer(Method::Post, "/apps/key/unrevoke"), 200);
    EXPECT_EQ(administer(Method::Post, "/apps/key/users/unrevoke", R"({"user_ids":["john"]})"),
              200);
    EXPECT_THAT(acts(), IsEmpty());
}

TEST_F(AuditingTest, HoldsNothingOfDryRuns) {
    EXPECT_EQ(administer(Method::Post, "/apps/key/revoke", R"({"dry_run":true})"), 200);
    EXPECT_EQ(administer(Method::Post, "/apps/key/users/revoke",
                         R"({"user_ids":["john"],"dry_run":true})"),
              200);
    EXPECT_THAT(acts(), IsEmpty());
}

TEST_F(AuditingTest, HoldsNothingOfWhatUsersSayOfThemselves) {
    EXPECT_EQ(send(Method::Patch, "/users",
                   R"({"users":[{"id":"john","set":{"name":"John","role":"admin","x":1}}]})"),
              200);
    EXPECT_EQ(send(Method::Post, "/users", R"({"users":{"new":{"id":"new","name":"N"}}})"), 201);
    EXPECT_EQ(send(Method::Patch, "/users", R"({"users":[{"id":"john","set":{"name":"J"}}]})",
                   user_token("john")),
              200);
    EXPECT_THAT(acts(), IsEmpty());
}

TEST_F(AuditingTest, HoldsNothingOfACommitThatIsLost) {
    node.queue.lost = true;
    EXPECT_EQ(send(Method::Patch, "/app", R"({"multi_tenant_enabled":true})"), 503);
    node.queue.lost = false;
    EXPECT_THAT(acts(), IsEmpty());
    EXPECT_EQ(send(Method::Patch, "/app", R"({"multi_tenant_enabled":true})"), 200);
    EXPECT_EQ(acts().size(), 1U);
}

}  // namespace
}  // namespace latchkey::test
