#include "api/secret_keeper.hpp"

#include "domain/secrets.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <vector>

namespace latchkey::test {
namespace {

using namespace std::chrono_literals;
using api::SecretKeeper;

class SecretKeeperTest : public testing::Test {
protected:
    SecretKeeperTest() {
        node.commit([&](domain::Transaction& transaction) {
            EXPECT_TRUE(domain::add_secret(transaction, AppId{1}, std::nullopt, kNow, node.random));
            EXPECT_TRUE(domain::retire_secret(transaction, AppId{1}, 1, std::nullopt, kNow));
            return domain::Outcome::Commit;
        });
    }
    /// How many secrets node state has, retired ones included, after a tick.
    std::size_t tick() {
        keeper.on_tick();
        node.settle();
        return node.state.read(0).find_app("key")->keys.size();
    }

    TestNode node;
    SecretKeeper keeper{node.node, 0};
};

TEST_F(SecretKeeperTest, ForgetsARetiredSecretADayLater) {
    EXPECT_EQ(tick(), 2U);
    node.clock.advance(domain::kRetiredSecretKeptFor - 1us);
    EXPECT_EQ(tick(), 2U);
    node.clock.advance(1us + SecretKeeper::kLooksEvery);
    EXPECT_EQ(tick(), 1U);
}

TEST_F(SecretKeeperTest, WritesDownWhatItForgot) {
    auto const entries = [&] {
        std::vector<domain::AuditEntry> found;
        node.commit([&](domain::Transaction& transaction) {
            found = transaction.audit().query({.action = "secret.forget"});
            return domain::Outcome::Rollback;
        });
        return found;
    };
    EXPECT_EQ(tick(), 2U);
    EXPECT_TRUE(entries().empty());
    node.clock.advance(domain::kRetiredSecretKeptFor);
    EXPECT_EQ(tick(), 1U);
    node.clock.advance(SecretKeeper::kLooksEvery);
    EXPECT_EQ(tick(), 1U);
    auto const written = entries();
    ASSERT_EQ(written.size(), 1U);
    domain::AuditRecord const expected = {
        .at = kNow + domain::kRetiredSecretKeptFor,
        .actor_kind = domain::ActorKind::System,
        .action = "secret.forget",
        .app = "key",
        .target = "1",
        .before = {{"kept", true}},
        .after = {{"kept", false}},
    };
    EXPECT_EQ(written.front().record, expected);
}

TEST_F(SecretKeeperTest, LooksNowAndThenAndNotAtEveryTick) {
    node.clock.advance(domain::kRetiredSecretKeptFor - 1us);
    EXPECT_EQ(tick(), 2U);
    node.clock.advance(SecretKeeper::kLooksEvery - 1us);
    EXPECT_EQ(tick(), 2U);
    node.clock.advance(1us);
    EXPECT_EQ(tick(), 1U);
}

TEST_F(SecretKeeperTest, TriesAgainWhatTheStoreCouldNotDo) {
    node.clock.advance(domain::kRetiredSecretKeptFor);
    node.queue.lost = true;
    EXPECT_EQ(tick(), 2U);
    node.queue.lost = false;
    node.clock.advance(SecretKeeper::kLooksEvery);
    EXPECT_EQ(tick(), 1U);
}

}  // namespace
}  // namespace latchkey::test
