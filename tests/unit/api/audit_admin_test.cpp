#include "api/admin_service.hpp"
#include "domain/audit.hpp"
#include "support/test_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace latchkey::test {
namespace {

using boost::json::object;
using http::Method;
using testing::ElementsAre;
using testing::IsEmpty;

class AuditAdminTest : public testing::Test {
protected:
    TestNode node;
    api::AdminService service{node.node, node.loop, 0, Secret("the credential")};

    http::Response call(Method method, std::string const& path) {
        TestExchange exchange({.method = method,
                               .target = "/admin/v1" + path,
                               .token = "Bearer the credential",
                               .auth_type = "",
                               .body = method == Method::Post ? "{}" : ""});
        service.handle(exchange);
        node.settle();
        return exchange.answer_given();
    }
    object done(Method method, std::string const& path) {
        auto const answer = call(method, path);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return TestNode::body_of(answer);
    }
    object list(std::string const& query = {}) { return done(Method::Get, "/audit" + query); }
    std::vector<std::int64_t> numbers(std::string const& query) {
        std::vector<std::int64_t> found;
        auto const page = list(query);
        for (auto const& entry : page.at("entries").as_array()) {
            found.push_back(entry.at("number").as_int64());
        }
        return found;
    }
    void append(std::string const& action, std::string const& app, std::string const& actor,
                std::size_t count = 1) {
        node.commit([&](domain::Transaction& transaction) {
            for (std::size_t i = 0; i < count; ++i) {
                transaction.audit().append({.at = kNow,
                                            .actor_kind = domain::ActorKind::Account,
                                            .actor = actor,
                                            .address = "192.0.2.1",
                                            .action = action,
                                            .app = app,
                                            .target = "john",
                                            .before = {{"name", "a"}},
                                            .after = {{"name", "b"}}});
            }
            return domain::Outcome::Commit;
        });
    }
};

TEST_F(AuditAdminTest, ShowsAnEntryWhole) {
    append("app.update", "key", "ada");
    append("account.create", "", "ada");
    auto const page = list();
    EXPECT_TRUE(page.at("next").is_null());
    auto const& entries = page.at("entries").as_array();
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_TRUE(entries.at(0).at("app").is_null());
    auto entry = entries.at(1).as_object();
    EXPECT_EQ(entry.at("hash").as_string().size(), 64U);
    entry.erase("hash");
    EXPECT_EQ(entry, boost::json::parse(R"({"number":1,"at":"2026-01-01T00:00:00.000000Z",
        "actor":{"kind":"account","name":"ada"},"address":"192.0.2.1","action":"app.update",
        "app":"key","target":"john","before":{"name":"a"},"after":{"name":"b"}})"));
}

TEST_F(AuditAdminTest, FindsByAppActorAndAction) {
    append("app.update", "key", "ada");
    append("app.update", "other", "ada");
    append("app.revoke", "key", "bob+1@example.com");
    EXPECT_THAT(numbers(""), ElementsAre(3, 2, 1));
    EXPECT_THAT(numbers("?app=key"), ElementsAre(3, 1));
    EXPECT_THAT(numbers("?actor=bob%2B1@example.com"), ElementsAre(3));
    EXPECT_THAT(numbers("?action=app.update&app=key"), ElementsAre(1));
    EXPECT_THAT(numbers("?app=nothing"), IsEmpty());
    EXPECT_THAT(numbers("?app=&actor="), ElementsAre(3, 2, 1));
}

TEST_F(AuditAdminTest, PagesToTheEnd) {
    append("app.update", "key", "ada", 5);
    auto const first = list("?limit=3");
    EXPECT_EQ(first.at("entries").as_array().size(), 3U);
    EXPECT_EQ(first.at("next"), 3);
    EXPECT_THAT(numbers("?limit=3&before=3"), ElementsAre(2, 1));
    EXPECT_TRUE(list("?limit=3&before=3").at("next").is_null());
    EXPECT_TRUE(list("?limit=2&before=3").at("next").is_null());
    EXPECT_EQ(list("?limit=1&before=3").at("next"), 2);
}

TEST_F(AuditAdminTest, ShowsFiftyUnlessToldAndAHundredAtMost) {
    append("app.update", "key", "ada", 101);
    EXPECT_EQ(numbers("").size(), 50U);
    EXPECT_EQ(numbers("?limit=100").size(), 100U);
    for (auto const* query : {"?limit=101", "?limit=0", "?limit=-1", "?limit=x", "?limit=1x",
                              "?before=0", "?before=9223372036854775808", "?before=1.5"}) {
        EXPECT_EQ(call(Method::Get, std::string("/audit") + query).status, 400) << query;
    }
    EXPECT_EQ(numbers("?before=9223372036854775807&limit=1"), std::vector<std::int64_t>{101});
}

TEST_F(AuditAdminTest, VerifiesTheChainInSteps) {
    auto const entries = 2 * domain::kAuditWalkEntriesMax;
    append("app.update", "key", "ada", entries);
    auto const verdict = done(Method::Post, "/audit/verify");
    EXPECT_EQ(verdict.at("verified"), true);
    EXPECT_EQ(verdict.at("entries"), entries);
    EXPECT_EQ(verdict.at("hash"), list("?limit=1").at("entries").at(0).at("hash"));
    EXPECT_TRUE(verdict.at("first_bad").is_null());
    EXPECT_EQ(verdict.at("why"), "");
}

TEST_F(AuditAdminTest, LetsOthersWriteBetweenTheSteps) {
    append("app.update", "key", "ada", domain::kAuditWalkEntriesMax);
    TestExchange exchange({.method = Method::Post,
                           .target = "/admin/v1/audit/verify",
                           .token = "Bearer the credential",
                           .auth_type = "",
                           .body = "{}"});
    service.handle(exchange);
    node.queue.run_next();
    node.loop.run_one();
    EXPECT_FALSE(exchange.answered());
    append("app.update", "key", "ada");
    EXPECT_EQ(TestNode::body_of(exchange.answer_given()).at("entries"),
              domain::kAuditWalkEntriesMax + 1);
}

TEST_F(AuditAdminTest, CannotVerifyWhatTheStoreDoesNotShow) {
    node.queue.lost = true;
    EXPECT_EQ(call(Method::Post, "/audit/verify").status, 503);
    EXPECT_EQ(call(Method::Get, "/doctor").status, 503);
    node.queue.lost = false;
    EXPECT_EQ(call(Method::Post, "/audit/verify").status, 200);
}

TEST_F(AuditAdminTest, ExaminesTheStoreItsKeyAndTheLog) {
    append("app.update", "key", "ada");
    auto const found = done(Method::Get, "/doctor");
    EXPECT_EQ(found.at("ok"), true);
    EXPECT_EQ(found.at("checks"), boost::json::parse(R"json([
        {"name":"store","ok":true,"detail":"no damage found"},
        {"name":"master key","ok":true,"detail":"opens the secrets of all apps (1)"
},
        {"name":"audit log","ok":true,"detail":"whole (entries: 1)"}])json"));
}

}  // namespace
}  // namespace latchkey::test
