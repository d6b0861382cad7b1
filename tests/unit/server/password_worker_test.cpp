#include "server/password_worker.hpp"

#include "support/recording_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace latchkey::server {
namespace {

using domain::PasswordCheck;

/// "Hashes" by writing `#` in front; stands still while the gate is shut.
class GatedHasher final : public domain::PasswordHasher {
public:
    std::string hash(Secret const& password) override {
        if (password.reveal() == "too much") {
            throw std::runtime_error("no memory");
        }
        pass();
        return '#' + std::string(password.reveal());
    }
    bool verify(std::optional<std::string> const& hash, Secret const& password) override {
        if (password.reveal() == "too much") {
            throw std::runtime_error("no memory");
        }
        pass();
        return hash == '#' + std::string(password.reveal());
    }
    void shut() { open_ = false; }
    void open() {
        open_ = true;
        open_.notify_all();
    }
    void wait_for(int inside) const {
        for (int seen = inside_; seen < inside; seen = inside_) {
            inside_.wait(seen);
        }
    }
    [[nodiscard]] int most_inside() const { return most_inside_; }

private:
    void pass() {
        int const now = ++inside_;
        for (int most = most_inside_; now > most;) {
            most_inside_.compare_exchange_weak(most, now);
        }
        inside_.notify_all();
        open_.wait(false);
        --inside_;
    }
    std::atomic<bool> open_ = true;
    std::atomic<int> inside_ = 0;
    std::atomic<int> most_inside_ = 0;
};

class PasswordWorkerTest : public testing::Test {
protected:
    GatedHasher hasher;
    test::RecordingLog log;
    PasswordWorker worker{hasher, log};

    ~PasswordWorkerTest() override { hasher.open(); }

    std::future<PasswordCheck> check(std::string hash, std::string password) {
        auto promise = std::make_shared<std::promise<PasswordCheck>>();
        auto future = promise->get_future();
        worker.check(std::move(hash), Secret(std::move(password)),
                     [promise](PasswordCheck result) { promise->set_value(result); });
        return future;
    }
    std::future<std::optional<std::string>> hash(std::string password) {
        auto promise = std::make_shared<std::promise<std::optional<std::string>>>();
        auto future = promise->get_future();
        worker.hash(Secret(std::move(password)), [promise](std::optional<std::string> result) {
            promise->set_value(std::move(result));
        });
        return future;
    }
};

TEST_F(PasswordWorkerTest, HashesAndChecks) {
    EXPECT_EQ(hash("secret").get(), "#secret");
    EXPECT_EQ(check("#secret", "secret").get(), PasswordCheck::Matches);
    EXPECT_EQ(check("#secret", "another").get(), PasswordCheck::Differs);
}

TEST_F(PasswordWorkerTest, DoesTwoAtOnceAndNoMore) {
    hasher.shut();
    std::vector<std::future<PasswordCheck>> checks;
    for (int i = 0; i < 10; ++i) {
        checks.push_back(check("#secret", "secret"));
    }
    hasher.wait_for(2);
    hasher.open();
    for (auto& result : checks) {
        EXPECT_EQ(result.get(), PasswordCheck::Matches);
    }
    EXPECT_EQ(hasher.most_inside(), 2);
}

TEST_F(PasswordWorkerTest, TurnsAwayWhatItHasNoRoomFor) {
    hasher.shut();
    std::vector<std::future<PasswordCheck>> checks;
    for (std::size_t i = 0; i < PasswordWorker::kThreads; ++i) {
        checks.push_back(check("#secret", "secret"));
    }
    hasher.wait_for(PasswordWorker::kThreads);
    for (std::size_t i = 0; i < PasswordWorker::kWaitingMax; ++i) {
        checks.push_back(check("#secret", "secret"));
    }
    EXPECT_EQ(check("#secret", "secret").get(), PasswordCheck::Unavailable);
    EXPECT_EQ(hash("secret").get(), std::nullopt);
    hasher.open();
    for (auto& result : checks) {
        EXPECT_EQ(result.get(), PasswordCheck::Matches);
    }
}

TEST_F(PasswordWorkerTest, TurnsAwayWhatWaitsWhenItStops) {
    hasher.shut();
    std::vector<std::future<PasswordCheck>> under_way;
    for (std::size_t i = 0; i < PasswordWorker::kThreads; ++i) {
        under_way.push_back(check("#secret", "secret"));
    }
    hasher.wait_for(PasswordWorker::kThreads);
    auto waiting = check("#secret", "secret");
    std::thread stopper([this] { worker.stop(); });
    EXPECT_EQ(waiting.get(), PasswordCheck::Unavailable);
    hasher.open();
    stopper.join();
    for (auto& result : under_way) {
        EXPECT_EQ(result.get(), PasswordCheck::Matches);
    }
    EXPECT_EQ(check("#secret", "secret").get(), PasswordCheck::Unavailable);
}

TEST_F(PasswordWorkerTest, SaysSoWhereThereIsNoMemory) {
    EXPECT_EQ(hash("too much").get(), std::nullopt);
    EXPECT_EQ(check("#secret", "too much").get(), PasswordCheck::Unavailable);
    EXPECT_EQ(check("#secret", "secret").get(), PasswordCheck::Matches);
    EXPECT_EQ(log.count("password.not_hashed"), 2U);
}

}  // namespace
}  // namespace latchkey::server
