#include "contract/samples.hpp"
#include "contract/store_harness.hpp"
#include "domain/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace latchkey {
namespace {

using domain::ActorKind;
using domain::AuditEntry;
using domain::AuditLog;
using domain::AuditQuery;
using domain::AuditRecord;
using domain::AuditVerdict;
using domain::AuditWalk;
using domain::Job;
using domain::JobResult;
using domain::Outcome;
using domain::Transaction;
using test::kNow;
using testing::ElementsAre;
using namespace std::chrono_literals;

AuditRecord record_of(std::string_view action, std::string_view app = {},
                      std::string_view actor = {}) {
    return {.at = kNow,
            .actor_kind = ActorKind::Account,
            .actor = std::string(actor),
            .action = std::string(action),
            .app = std::string(app)};
}

AuditRecord full_record() {
    return {.at = kNow + 1us,
            .actor_kind = ActorKind::Server,
            .actor = "stream-chat-python-client-4.0",
            .address = "2001:db8::1",
            .action = "users.revoke",
            .app = "the-key",
            .target = "john jane",
            .before = {{"revoke_tokens_issued_before", nullptr}},
            .after = {{"revoke_tokens_issued_before", "2026-01-01T00:00:00Z"},
                      {"nested", {{"b", 1}, {"a", 2.5}}}}};
}

class AuditContract : public testing::TestWithParam<test::StoreKind> {
protected:
    void reopen() { harness_->reopen(); }
    domain::Store& store() { return harness_->store(); }

    void work(std::function<void(AuditLog&)> const& act) {
        std::ignore = test::commit_one(store(), [&](Transaction& t) { act(t.audit()); });
    }

    void append(std::vector<AuditRecord> const& records) {
        work([&](AuditLog& log) {
            for (auto const& record : records) {
                log.append(record);
            }
        });
    }

    std::vector<AuditEntry> query(AuditQuery const& query) {
        std::vector<AuditEntry> entries;
        work([&](AuditLog& log) { entries = log.query(query); });
        return entries;
    }

    std::vector<std::uint64_t> numbers(AuditQuery const& by) {
        std::vector<std::uint64_t> found;
        for (auto const& entry : query(by)) {
            found.push_back(entry.number);
        }
        return found;
    }

    void expect_whole(std::uint64_t entries) {
        AuditVerdict verdict;
        work([&](AuditLog& log) { verdict = log.verify(); });
        EXPECT_EQ(verdict.entries, entries);
        auto const newest = query({.limit = 1});
        EXPECT_EQ(verdict.hash, newest.empty() ? std::string() : newest.front().hash);
        EXPECT_EQ(verdict.first_bad, std::nullopt);
        EXPECT_EQ(verdict.why, "");
    }

private:
    std::unique_ptr<test::StoreHarness> harness_ = GetParam().make(100);
};

/// In a function of its own, because g++ 12 takes the moving of jobs for a null dereference when it
/// sees it together with the lambda.
void add_job(std::vector<Job>& jobs, Job job) { jobs.push_back(std::move(job)); }

TEST_P(AuditContract, ReturnsEveryFieldAsItWasStoredNewestFirst) {
    append({full_record(), record_of("app.create")});
    reopen();
    auto const entries = query({});
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].number, 2U);
    EXPECT_EQ(entries[0].record, record_of("app.create"));
    EXPECT_EQ(entries[1].number, 1U);
    EXPECT_EQ(entries[1].record, full_record());
    for (auto const& entry : entries) {
        EXPECT_THAT(entry.hash, testing::MatchesRegex("[0-9a-f]{64}"));
    }
    expect_whole(2);
}

TEST_P(AuditContract, KeepsEveryKindOfActor) {
    for (auto const kind : {ActorKind::Account, ActorKind::LocalCredential, ActorKind::Server,
                            ActorKind::TokenProvider, ActorKind::System}) {
        auto record = record_of("app.update");
        record.actor_kind = kind;
        append({record});
        EXPECT_EQ(query({.limit = 1}).at(0).record.actor_kind, kind);
    }
    expect_whole(5);
}

TEST_P(AuditContract, NeverHashesTwoEntriesAlike) {
    append({full_record(), full_record(), full_record()});
    std::set<std::string> hashes;
    for (auto const& entry : query({})) {
        hashes.insert(entry.hash);
    }
    EXPECT_EQ(hashes.size(), 3U);
}

TEST_P(AuditContract, FindsByAppActorAndActionAndPagesBackwards) {
    append({record_of("app.create", "one", "ada"), record_of("app.update", "one", "ada"),
            record_of("app.update", "two", "ada"), record_of("app.update", "one", "bob"),
            record_of("account.create", "", "bob")});
    EXPECT_THAT(numbers({}), ElementsAre(5, 4, 3, 2, 1));
    EXPECT_THAT(numbers({.app = "one"}), ElementsAre(4, 2, 1));
    EXPECT_THAT(numbers({.app = ""}), ElementsAre(5));
    EXPECT_THAT(numbers({.actor = "ada"}), ElementsAre(3, 2, 1));
    EXPECT_THAT(numbers({.action = "app.update"}), ElementsAre(4, 3, 2));
    EXPECT_THAT(numbers({.app = "one", .actor = "ada", .action = "app.update"}), ElementsAre(2));
    EXPECT_THAT(numbers({.app = "three"}), ElementsAre());
    EXPECT_THAT(numbers({.limit = 2}), ElementsAre(5, 4));
    EXPECT_THAT(numbers({.before_number = 4, .limit = 2}), ElementsAre(3, 2));
    EXPECT_THAT(numbers({.app = "one", .before_number = 4, .limit = 1}), ElementsAre(2));
    EXPECT_THAT(numbers({.before_number = 1}), ElementsAre());
    EXPECT_THAT(numbers({.before_number = std::numeric_limits<std::uint64_t>::max(), .limit = 1}),
                ElementsAre(5));
    EXPECT_THAT(numbers({.limit = 0}), ElementsAre());
}

TEST_P(AuditContract, VerifiesAnEmptyLogAndGoesOnAfterARestart) {
    expect_whole(0);
    append({record_of("app.create")});
    reopen();
    append({record_of("app.update")});
    expect_whole(2);
    EXPECT_THAT(numbers({}), ElementsAre(2, 1));
}

TEST_P(AuditContract, LeavesNoEntryOfAJobThatWasRolledBackOrFailed) {
    append({record_of("app.create")});
    std::vector<Job> jobs;
    auto const add = [&](std::string action, Outcome outcome) {
        add_job(jobs, [action = std::move(action), outcome](Transaction& t) {
            t.audit().append(record_of(action));
            t.audit().append(record_of(action));
            return outcome;
        });
    };
    add("kept first", Outcome::Commit);
    add("rolled back", Outcome::Rollback);
    add_job(jobs, [](Transaction& t) -> Outcome {
        t.audit().append(record_of("failed"));
        throw std::runtime_error("a bug");
    });
    add("kept last", Outcome::Commit);
    add("rolled back", Outcome::Rollback);
    EXPECT_THAT(store().commit(jobs).jobs,
                ElementsAre(JobResult::Committed, JobResult::RolledBack, JobResult::Failed,
                            JobResult::Committed, JobResult::RolledBack));
    std::vector<std::string> actions;
    for (auto const& entry : query({})) {
        actions.push_back(std::to_string(entry.number) + " " + entry.record.action);
    }
    EXPECT_THAT(actions, ElementsAre("5 kept last", "4 kept last", "3 kept first", "2 kept first",
                                     "1 app.create"));
    expect_whole(5);
    reopen();
    append({record_of("app.update")});
    expect_whole(6);
}

TEST_P(AuditContract, LosesTheEntriesOfAGroupInWhichTheStoreFails) {
    append({record_of("app.create")});
    std::vector<Job> jobs;
    add_job(jobs, [](Transaction& t) {
        t.audit().append(record_of("lost"));
        return Outcome::Commit;
    });
    add_job(jobs, [](Transaction&) -> Outcome { throw domain::StoreFailure("disk"); });
    EXPECT_THROW(std::ignore = store().commit(jobs), domain::StoreFailure);
    expect_whole(1);
    append({record_of("app.update")});
    expect_whole(2);
}

TEST_P(AuditContract, WalksInStepsAndOverWhatIsAppendedBetweenThem) {
    append({record_of("1"), record_of("2"), record_of("3")});
    AuditWalk walk;
    auto const step = [&](std::size_t entries_max) {
        work([&](AuditLog& log) { log.walk(walk, entries_max); });
    };
    step(2);
    EXPECT_EQ(walk.verdict.entries, 2U);
    EXPECT_FALSE(walk.finished);
    append({record_of("4")});
    step(2);
    EXPECT_EQ(walk.verdict.entries, 4U);
    EXPECT_FALSE(walk.finished);
    step(2);
    EXPECT_EQ(walk.verdict.entries, 4U);
    EXPECT_TRUE(walk.finished);
    EXPECT_EQ(walk.verdict.first_bad, std::nullopt);
}

TEST_P(AuditContract, KeepsTheEntriesOfAnAppThatIsRemoved) {
    std::ignore = test::commit_one(store(), [](Transaction& t) {
        auto const app = t.apps().insert(test::plain_app("one")).value();
        t.audit().append(record_of("app.create", "one"));
        t.apps().remove(app);
        t.audit().append(record_of("app.delete", "one"));
    });
    EXPECT_THAT(numbers({.app = "one"}), ElementsAre(2, 1));
}

INSTANTIATE_TEST_SUITE_P(Stores, AuditContract, testing::ValuesIn(test::store_kinds()),
                         [](auto const& kind) { return kind.param.name; });

}  // namespace
}  // namespace latchkey
