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

class AccountAdminTest : public testing::Test {
protected:
    AdminNode admin;
    std::int64_t ann = admin.make_account("ann", "owner");
    std::string cookie = admin.sign_in("ann");

    http::Response by_ann(Method method, std::string path, std::string body = {}) {
        return admin.call(
            {.method = method, .path = std::move(path), .body = std::move(body), .cookie = cookie});
    }
    /// With her password typed again; `members` are those of the body.
    http::Response confirmed_by_ann(Method method, std::string path, std::string const& members) {
        return by_ann(
            method, std::move(path),
            "{" + members + R"(,"your_password":")" + std::string(AdminNode::kPassword) + "\"}");
    }
    std::size_t accounts() {
        return TestNode::body_of(admin.command(Method::Get, "/accounts"))
            .at("accounts")
            .as_array()
            .size();
    }
    static std::string path_of(std::int64_t id) { return "/accounts/" + std::to_string(id); }
    int apps_by(std::string const& shown) {
        return admin.call({.path = "/apps", .cookie = shown}).status;
    }
};

TEST_F(AccountAdminTest, ShowsAccountsWithoutTheirPasswords) {
    admin.make_account("bob", "viewer");
    auto const answer = by_ann(Method::Get, "/accounts");
    EXPECT_EQ(answer.status, 200);
    auto const accounts = TestNode::body_of(answer).at("accounts").as_array();
    ASSERT_EQ(accounts.size(), 2U);
    auto const bob = accounts[1].as_object();
    EXPECT_EQ(bob.at("id"), 2);
    EXPECT_EQ(bob.at("name"), "bob");
    EXPECT_EQ(bob.at("role"), "viewer");
    EXPECT_EQ(bob.at("sign_in"), "password");
    EXPECT_EQ(bob.at("disabled"), false);
    EXPECT_EQ(bob.at("created_at"), "2026-01-01T00:00:00.000000Z");
    EXPECT_TRUE(bob.at("last_signed_in_at").is_null());
    EXPECT_EQ(accounts[0].at("last_signed_in_at"), "2026-01-01T00:00:00.000000Z");
    EXPECT_THAT(answer.body, Not(HasSubstr("argon2")));
}

TEST_F(AccountAdminTest, MakesAnAccountThatSignsInElsewhere) {
    auto const made = confirmed_by_ann(
        Method::Post, "/accounts", R"("name":"bob","role":"viewer","oidc_subject":"subject-7")");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(TestNode::body_of(made).at("account").at("sign_in"), "oidc");
    EXPECT_EQ(admin.try_to_sign_in("bob", "subject-7").status, 401);
    auto const audited = admin.audited("account.create");
    ASSERT_EQ(audited.size(), 2U);
    EXPECT_EQ(audited[0].record.actor, "ann");
    EXPECT_EQ(audited[0].record.target, "bob");
    EXPECT_EQ(audited[0].record.after.at("role"), "viewer");
    EXPECT_EQ(audited[1].record.actor_kind, domain::ActorKind::LocalCredential);
}

TEST_F(AccountAdminTest, RefusesAccountsThatCannotBe) {
    for (
        auto const* body :
        {"{}", R"({"name":"bob","role":"viewer"})", R"({"name":"bob","password":"correct horse"})",
         R"({"name":"bob","role":"king","password":"correct horse"})",
         R"({"name":"b b","role":"viewer","password":"correct horse"})",
         R"({"name":"bob","role":"viewer","password":"too short"})",
         R"({"name":"bob","role":"viewer","password":5})",
         R"({"name":"bob","role":"viewer","password":"correct horse","oidc_subject":"a"})",
         R"({"name":"bob","role":"viewer","oidc_subject":""})",
         R"({"name":"ANN","role":"viewer","password":"correct horse","your_password":"correct horse battery"})"}) {
        EXPECT_EQ(by_ann(Method::Post, "/accounts", body).status, 400) << body;
    }
    EXPECT_EQ(confirmed_by_ann(Method::Post, "/accounts",
                               R"("name":"bob","role":"viewer","password":"correct horse")")
                  .status,
              201);
}

TEST_F(AccountAdminTest, ChangesARoleAndEndsTheSessionsUnderTheOldOne) {
    auto const bob = admin.make_account("bob", "viewer");
    auto const bobs = admin.sign_in("bob");
    auto const changed = confirmed_by_ann(Method::Patch, path_of(bob), R"("role":"operator")");
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(TestNode::body_of(changed).at("account").at("role"), "operator");
    EXPECT_EQ(apps_by(bobs), 401);
    EXPECT_EQ(apps_by(admin.sign_in("bob")), 200);
    auto const audited = admin.audited("account.update");
    ASSERT_EQ(audited.size(), 1U);
    EXPECT_EQ(audited[0].record.before, boost::json::object({{"role", "viewer"}}));
    EXPECT_EQ(audited[0].record.after, boost::json::object({{"role", "operator"}}));
}

TEST_F(AccountAdminTest, DisablesAnAccountAndLetsItInAgain) {
    auto const bob = admin.make_account("bob", "viewer");
    auto const bobs = admin.sign_in("bob");
    ASSERT_EQ(by_ann(Method::Patch, path_of(bob), R"({"disabled":true})").status, 200);
    EXPECT_EQ(apps_by(bobs), 401);
    EXPECT_EQ(admin.try_to_sign_in("bob", std::string(AdminNode::kPassword)).status, 401);
    ASSERT_EQ(by_ann(Method::Patch, path_of(bob), R"({"disabled":false})").status, 200);
    EXPECT_EQ(apps_by(bobs), 401) << "what has ended stays so";
    EXPECT_EQ(admin.try_to_sign_in("bob", std::string(AdminNode::kPassword)).status, 201);
}

TEST_F(AccountAdminTest, GivesAnAccountAnotherPasswordAndForgetsWhatWasTriedBefore) {
    auto const bob = admin.make_account("bob", "viewer");
    auto const bobs = admin.sign_in("bob");
    for (int i = 0; i < 10; ++i) {
        (void)admin.try_to_sign_in("bob", "wrong horse battery", "10.0.0.7");
    }
    ASSERT_EQ(admin.try_to_sign_in("bob", "wrong horse battery", "10.0.0.7").status, 429);
    ASSERT_EQ(confirmed_by_ann(Method::Patch, path_of(bob), R"("password":"another horse")").status,
              200);
    EXPECT_EQ(apps_by(bobs), 401);
    EXPECT_EQ(admin.try_to_sign_in("bob", "another horse", "10.0.0.7").status, 201);
    EXPECT_EQ(admin.audited("account.password").size(), 1U);
    EXPECT_TRUE(admin.audited("account.update").empty());
}

TEST_F(AccountAdminTest, RefusesThePasswordThatIsTheName) {
    auto const bob = admin.make_account("bob@example.com", "viewer");
    auto const status = [&](std::string const& member) {
        return confirmed_by_ann(Method::Patch, path_of(bob), member).status;
    };
    EXPECT_EQ(status(R"("password":"BOB@example.com")"), 400);
    EXPECT_EQ(status(R"("password":"BOB@example.co")"), 200);
}

TEST_F(AccountAdminTest, ChangesNothingByAnEmptyPatch) {
    auto const bob = admin.make_account("bob", "viewer");
    auto const bobs = admin.sign_in("bob");
    EXPECT_EQ(by_ann(Method::Patch, path_of(bob), "{}").status, 200);
    EXPECT_EQ(by_ann(Method::Patch, path_of(bob), R"({"disabled":false})").status, 200);
    EXPECT_EQ(apps_by(bobs), 200);
    EXPECT_TRUE(admin.audited("account.update").empty());
}

TEST_F(AccountAdminTest, RemovesAnAccountAndEndsItsSessions) {
    auto const bob = admin.make_account("bob", "operator");
    auto const bobs = admin.sign_in("bob");
    EXPECT_EQ(by_ann(Method::Delete, path_of(bob)).status, 200);
    EXPECT_EQ(apps_by(bobs), 401);
    EXPECT_EQ(admin.try_to_sign_in("bob", std::string(AdminNode::kPassword)).status, 401);
    auto const audited = admin.audited("account.delete");
    ASSERT_EQ(audited.size(), 1U);
    EXPECT_EQ(audited[0].record.target, "bob");
    EXPECT_EQ(audited[0].record.before, boost::json::object({{"role", "operator"}}));
    EXPECT_NE(admin.make_account("bob", "viewer"), bob);
}

TEST_F(AccountAdminTest, KeepsTheLastOwner) {
    auto const refused = [&](Method method, std::string const& members) {
        auto const answer = members.empty() ? by_ann(method, path_of(ann))
                                            : confirmed_by_ann(method, path_of(ann), members);
        return answer.status == 400 && TestNode::code_of(answer) == 4;
    };
    EXPECT_TRUE(refused(Method::Delete, ""));
    EXPECT_TRUE(refused(Method::Patch, R"("disabled":true)"));
    EXPECT_TRUE(refused(Method::Patch, R"("role":"operator")"));
    auto const bob = admin.make_account("bob", "owner");
    ASSERT_EQ(by_ann(Method::Patch, path_of(bob), R"({"disabled":true})").status, 200);
    EXPECT_TRUE(refused(Method::Delete, "")) << "one that is disabled keeps nothing";
    ASSERT_EQ(by_ann(Method::Patch, path_of(bob), R"({"disabled":false})").status, 200);
    EXPECT_EQ(by_ann(Method::Delete, path_of(ann)).status, 200);
}

TEST_F(AccountAdminTest, CountsNoOwnerWhoCannotSignInForWantOfAProvider) {
    ASSERT_EQ(confirmed_by_ann(Method::Post, "/accounts",
                               R"("name":"oscar","role":"owner","oidc_subject":"subject-7")")
                  .status,
              201);
    EXPECT_EQ(by_ann(Method::Delete, path_of(ann)).status, 400);
}

TEST_F(AccountAdminTest, WantsThePasswordOnceMoreForWhatGivesMoreThanThereWas) {
    auto const bob = admin.make_account("bob", "viewer");
    auto const try_all = [&](std::string const& more, int status) {
        EXPECT_EQ(by_ann(Method::Post, "/accounts",
                         R"({"name":"eve","role":"owner","password":"correct horse")" + more + "}")
                      .status,
                  status);
        EXPECT_EQ(by_ann(Method::Post, "/accounts",
                         R"({"name":"eve","role":"owner","oidc_subject":"subject-7")" + more + "}")
                      .status,
                  status);
        EXPECT_EQ(by_ann(Method::Patch, path_of(bob), R"({"role":"owner")" + more + "}").status,
                  status);
        EXPECT_EQ(by_ann(Method::Patch, path_of(bob), R"({"password":"another horse")" + more + "}")
                      .status,
                  status);
    };
    try_all("", 400);
    try_all(R"(,"your_password":"not the password")", 401);
    EXPECT_EQ(accounts(), 2U);
    EXPECT_TRUE(admin.audited("account.update").empty());
    EXPECT_TRUE(admin.audited("account.password").empty());
    auto const failures = admin.audited("account.sign_in_failed");
    ASSERT_EQ(failures.size(), 4U);
    EXPECT_EQ(failures[0].record.target, "ann");
}

TEST_F(AccountAdminTest, ChangesNobodysOwnPasswordWithoutTheOneBefore) {
    EXPECT_EQ(confirmed_by_ann(Method::Patch, path_of(ann), R"("password":"another horse")").status,
              400);
    EXPECT_EQ(admin.try_to_sign_in("ann", std::string(AdminNode::kPassword)).status, 201);
}

TEST_F(AccountAdminTest, LeavesOneWayToSignIn) {
    auto const made = admin.command(Method::Post, "/accounts",
                                    R"({"name":"bob","role":"viewer","oidc_subject":"subject-7"})");
    auto const bob = TestNode::body_of(made).at("account").at("id").as_int64();
    auto const changed =
        confirmed_by_ann(Method::Patch, path_of(bob), R"("password":"another horse")");
    EXPECT_EQ(TestNode::body_of(changed).at("account").at("sign_in"), "password");
    auto const audited = admin.audited("account.update");
    ASSERT_EQ(audited.size(), 1U);
    EXPECT_EQ(audited[0].record.before, boost::json::object({{"sign_in", "oidc"}}));
    EXPECT_EQ(confirmed_by_ann(Method::Post, "/accounts",
                               R"("name":"eve","role":"viewer","oidc_subject":"subject-7")")
                  .status,
              201)
        << "the subject is nobody's now";
}

TEST_F(AccountAdminTest, DoesNothingMoreForWhoIsGoneBeforeItIsDone) {
    admin.make_account("bob", "owner");
    TestExchange slow({.method = Method::Post,
                       .target = "/admin/v1/accounts",
                       .token = "",
                       .auth_type = "",
                       .body = R"({"name":"eve","role":"owner","password":"correct horse",
                                   "your_password":"correct horse battery"})",
                       .fields = {{"Content-Type", "application/json"},
                                  {"Cookie", cookie},
                                  {"Host", "latchkey.test:8081"}}});
    admin.service.handle(slow);
    ASSERT_EQ(admin.command(Method::Delete, path_of(ann)).status, 200);
    EXPECT_EQ(slow.answer_given().status, 401);
    EXPECT_EQ(accounts(), 1U);
}

TEST_F(AccountAdminTest, KnowsNoAccountByWhatIsNoId) {
    for (auto const* id : {"7", "0", "-1", "bob", "1x", "99999999999999999999"}) {
        EXPECT_EQ(by_ann(Method::Patch, std::string("/accounts/") + id, "{}").status, 404) << id;
        EXPECT_EQ(by_ann(Method::Delete, std::string("/accounts/") + id).status, 404) << id;
    }
}

TEST_F(AccountAdminTest, IsForOwners) {
    admin.make_account("bob", "operator");
    cookie = admin.sign_in("bob");
    EXPECT_EQ(by_ann(Method::Get, "/accounts").status, 403);
    EXPECT_EQ(by_ann(Method::Post, "/accounts",
                     R"({"name":"c","role":"owner","password":"correct horse"})")
                  .status,
              403);
    EXPECT_EQ(by_ann(Method::Patch, path_of(ann), R"({"role":"viewer"})").status, 403);
    EXPECT_EQ(by_ann(Method::Delete, path_of(ann)).status, 403);
}

TEST(FirstAccount, IsAnOwners) {
    AdminNode admin;
    auto const make = [&](std::string const& role) {
        return admin
            .command(Method::Post, "/accounts",
                     R"({"name":"bob","role":")" + role + R"(","password":"correct horse"})")
            .status;
    };
    EXPECT_EQ(make("viewer"), 400);
    EXPECT_EQ(make("operator"), 400);
    EXPECT_EQ(make("owner"), 201);
}

}  // namespace
}  // namespace latchkey::test
