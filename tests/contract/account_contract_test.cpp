#include "contract/samples.hpp"
#include "contract/store_harness.hpp"
#include "domain/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace latchkey {
namespace {

using domain::Account;
using domain::AccountStore;
using domain::Job;
using domain::JobResult;
using domain::OperatorRole;
using domain::Outcome;
using domain::Transaction;
using test::kNow;
using testing::ElementsAre;
using namespace std::chrono_literals;

Account account_named(std::string_view name) {
    return {.name = std::string(name), .created_at = kNow, .updated_at = kNow};
}

Account full_account() {
    return {.name = "Ada.Lovelace+1@example.com",
            .role = OperatorRole::Owner,
            .password_hash = "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA",
            .oidc_subject = "subject|1",
            .created_at = kNow,
            .updated_at = kNow + 1us,
            .last_signed_in_at = kNow + 2us,
            .disabled = true};
}

class AccountContract : public testing::TestWithParam<test::StoreKind> {
protected:
    void reopen() { harness_->reopen(); }

    JobResult run(Outcome outcome, std::function<void(AccountStore&)> const& work) {
        Job job = [&](Transaction& transaction) {
            work(transaction.accounts());
            return outcome;
        };
        return harness_->store().commit({&job, 1}).jobs.at(0);
    }

    std::optional<std::int64_t> insert(Account const& account) {
        std::optional<std::int64_t> id;
        std::ignore = run(Outcome::Commit, [&](auto& accounts) { id = accounts.insert(account); });
        return id;
    }

    std::vector<Account> all() {
        std::vector<Account> found;
        std::ignore = run(Outcome::Commit, [&](auto& accounts) { found = accounts.all(); });
        return found;
    }

private:
    std::unique_ptr<test::StoreHarness> harness_ = GetParam().make(100);
};

TEST_P(AccountContract, ReturnsEveryFieldAsItWasStored) {
    auto full = full_account();
    full.id = insert(full).value();
    auto plain = account_named("plain");
    plain.id = insert(plain).value();
    reopen();
    EXPECT_THAT(all(), ElementsAre(full, plain));
    std::ignore = run(Outcome::Commit, [&](auto& accounts) {
        EXPECT_EQ(accounts.find(full.id), full);
        EXPECT_EQ(accounts.find(plain.id + 1), std::nullopt);
    });
}

TEST_P(AccountContract, NumbersFromOneAndNeverGivesANumberOutAgain) {
    EXPECT_EQ(insert(account_named("first")), 1);
    EXPECT_EQ(insert(account_named("second")), 2);
    std::ignore = run(Outcome::Commit, [](auto& accounts) { accounts.remove(2); });
    reopen();
    EXPECT_EQ(insert(account_named("third")), 3);
}

TEST_P(AccountContract, FindsByNameWhateverItsCaseAndBySubjectExactly) {
    auto account = full_account();
    account.id = insert(account).value();
    std::ignore = insert(account_named("other"));
    std::ignore = run(Outcome::Commit, [&](auto& accounts) {
        EXPECT_EQ(accounts.find_by_name("ada.lovelace+1@EXAMPLE.com"), account);
        EXPECT_EQ(accounts.find_by_name("ada.lovelace+1@example.co"), std::nullopt);
        EXPECT_EQ(accounts.find_by_name("ada_lovelace+1@example.com"), std::nullopt);
        EXPECT_EQ(accounts.find_by_oidc_subject("subject|1"), account);
        EXPECT_EQ(accounts.find_by_oidc_subject("Subject|1"), std::nullopt);
        EXPECT_EQ(accounts.find_by_oidc_subject(""), std::nullopt);
    });
}

TEST_P(AccountContract, RefusesANameAndASubjectThatAreTaken) {
    EXPECT_TRUE(insert(full_account()));
    auto same_name = account_named("ADA.lovelace+1@example.com");
    EXPECT_EQ(insert(same_name), std::nullopt);
    auto same_subject = account_named("another");
    same_subject.oidc_subject = "subject|1";
    EXPECT_EQ(insert(same_subject), std::nullopt);
    same_subject.oidc_subject = "subject|2";
    EXPECT_EQ(insert(same_subject), 2);
    EXPECT_EQ(insert(account_named("without")), 3);
    EXPECT_EQ(insert(account_named("without-either")), 4);
}

TEST_P(AccountContract, ReplacesEverythingOfAnAccountButItsNumber) {
    auto account = full_account();
    account.id = insert(account).value();
    auto const other = insert(account_named("other")).value();
    account.name = "ADA";
    account.role = OperatorRole::Operator;
    account.password_hash.reset();
    account.oidc_subject = "subject|2";
    account.updated_at += 1s;
    account.last_signed_in_at.reset();
    account.disabled = false;
    std::ignore = run(Outcome::Commit, [&](auto& accounts) { accounts.update(account); });
    reopen();
    auto const found = all();
    EXPECT_THAT(found, ElementsAre(account, testing::Field(&Account::id, other)));
}

TEST_P(AccountContract, FailsTheJobThatChangesWhatIsNotThereOrTakesAName) {
    auto account = account_named("one");
    account.id = insert(account).value();
    std::ignore = insert(account_named("two"));
    auto const before = all();
    auto unknown = account;
    unknown.id = 9;
    EXPECT_EQ(run(Outcome::Commit, [&](auto& accounts) { accounts.update(unknown); }),
              JobResult::Failed);
    EXPECT_EQ(run(Outcome::Commit, [&](auto& accounts) { accounts.remove(9); }), JobResult::Failed);
    account.name = "TWO";
    EXPECT_EQ(run(Outcome::Commit, [&](auto& accounts) { accounts.update(account); }),
              JobResult::Failed);
    EXPECT_EQ(all(), before);
    account.name = "ONE";
    EXPECT_EQ(run(Outcome::Commit, [&](auto& accounts) { accounts.update(account); }),
              JobResult::Committed);
}

TEST_P(AccountContract, UndoesWhatARolledBackJobDid) {
    auto account = account_named("kept");
    account.id = insert(account).value();
    std::ignore = insert(account_named("removed"));
    auto const before = all();
    EXPECT_EQ(run(Outcome::Rollback,
                  [&](auto& accounts) {
                      EXPECT_EQ(accounts.insert(account_named("new")), 3);
                      auto changed = account;
                      changed.name = "changed";
                      accounts.update(changed);
                      accounts.remove(2);
                  }),
              JobResult::RolledBack);
    EXPECT_EQ(all(), before);
    EXPECT_EQ(insert(account_named("new")), 3);
}

INSTANTIATE_TEST_SUITE_P(Stores, AccountContract, testing::ValuesIn(test::store_kinds()),
                         [](auto const& kind) { return kind.param.name; });

}  // namespace
}  // namespace latchkey
