#include "server/store_worker.hpp"

#include "domain/apps.hpp"
#include "storage/memory/memory_store.hpp"
#include "support/failing_store.hpp"
#include "support/recording_log.hpp"
#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

namespace latchkey::server {
namespace {

using namespace std::chrono_literals;
using domain::Outcome;
using domain::Transaction;
using domain::WorkResult;

constexpr Instant kNow{1767225600s};

class StoreWorkerTest : public testing::Test {
protected:
    test::SeededRandom random;
    test::RecordingLog log;
    storage::MemoryStore memory{random};
    test::FailingStore store{memory, 3};  // the third commit is lost
    domain::NodeState state{1, random};
    std::atomic<bool> ready = true;

    domain::Job make_app(std::string key) {
        return [this, key = std::move(key)](Transaction& transaction) {
            return domain::create_app(transaction, {.name = "app", .api_key = ApiKey::parse(key)},
                                      kNow, random)
                       ? Outcome::Commit
                       : Outcome::Rollback;
        };
    }
    /// Submits and waits for the end.
    static WorkResult run(StoreWorker& worker, domain::Job job) {
        auto promise = std::make_shared<std::promise<WorkResult>>();
        auto future = promise->get_future();
        worker.submit(std::move(job), [promise](WorkResult result) { promise->set_value(result); });
        return future.get();
    }
};

TEST_F(StoreWorkerTest, HasTheNodeDecideByAWriteBeforeItIsDone) {
    StoreWorker worker(store, state, log, ready);
    EXPECT_EQ(run(worker, make_app("a")), WorkResult::Done);
    EXPECT_NE(state.read(0).find_app("a"), nullptr);
}

TEST_F(StoreWorkerTest, TellsListenersBetweenStateAndDone) {
    struct Listener final : domain::ChangeListener {
        domain::NodeState const* state = nullptr;
        std::atomic<int> told_with_state = 0;
        void on_changes(
            std::shared_ptr<std::vector<domain::Change> const> const& changes) override {
            if (state->applied() >= changes->back().sequence) {
                ++told_with_state;
            }
        }
    };
    Listener listener;
    listener.state = &state;
    StoreWorker worker(store, state, log, ready);
    worker.subscribe(listener);
    (void)run(worker, make_app("a"));
    EXPECT_EQ(listener.told_with_state, 1);
    worker.unsubscribe(listener);
    (void)run(worker, make_app("b"));
    EXPECT_EQ(listener.told_with_state, 1);
}

TEST_F(StoreWorkerTest, TellsAJobThatItWasRolledBack) {
    StoreWorker worker(store, state, log, ready);
    EXPECT_EQ(run(worker, make_app("a")), WorkResult::Done);
    EXPECT_EQ(run(worker, make_app("a")), WorkResult::RolledBack);
}

TEST_F(StoreWorkerTest, IsNotReadyWhileTheStoreFailsAndReadyAgainAfter) {
    StoreWorker worker(store, state, log, ready);
    EXPECT_EQ(run(worker, make_app("a")), WorkResult::Done);
    EXPECT_EQ(run(worker, make_app("b")), WorkResult::Done);
    EXPECT_EQ(run(worker, make_app("c")), WorkResult::Failed);
    EXPECT_FALSE(ready);
    EXPECT_TRUE(log.has("store.failed"));
    EXPECT_EQ(state.read(0).find_app("c"), nullptr);
    EXPECT_EQ(run(worker, make_app("c")), WorkResult::Done);
    EXPECT_TRUE(ready);
}

TEST_F(StoreWorkerTest, FinishesWhatWaitsAndTakesNoMoreOnceItStops) {
    StoreWorker worker(memory, state, log, ready);
    std::atomic<int> done = 0;
    for (int i = 0; i < 100; ++i) {
        worker.submit(make_app("app-" + std::to_string(i)), [&done](WorkResult) { ++done; });
    }
    worker.stop();
    EXPECT_EQ(done, 100);
    EXPECT_EQ(run(worker, make_app("late")), WorkResult::Failed);
}

TEST_F(StoreWorkerTest, RefusesMoreThanMayWait) {
    StoreWorker worker(memory, state, log, ready);
    std::promise<void> release;
    auto const released = release.get_future().share();
    std::promise<void> running;
    std::atomic<int> done = 0;
    worker.submit(
        [&](Transaction&) {
            running.set_value();
            released.wait();
            return Outcome::Commit;
        },
        [&done](WorkResult) { ++done; });
    running.get_future().wait();
    auto const nothing = [](Transaction&) { return Outcome::Commit; };
    for (std::size_t i = 0; i < StoreWorker::kWaitingMax; ++i) {
        worker.submit(nothing, [&done](WorkResult) { ++done; });
    }
    EXPECT_EQ(run(worker, nothing), WorkResult::Failed);
    release.set_value();
    worker.stop();
    EXPECT_EQ(done, static_cast<int>(StoreWorker::kWaitingMax) + 1);
}

}  // namespace
}  // namespace latchkey::server
