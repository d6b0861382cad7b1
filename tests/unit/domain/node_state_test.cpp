#include "domain/node_state.hpp"

#include "domain/apps.hpp"
#include "domain/users.hpp"
#include "storage/memory/memory_store.hpp"
#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>

namespace latchkey::domain {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1767225600s};

AppSnapshot make_app(std::int64_t id, std::string const& key, std::string name = "app") {
    App app{.id = AppId{id},
            .api_key = *ApiKey::parse(key),
            .name = std::move(name),
            .secrets = {},
            .created_at = kNow,
            .updated_at = kNow};
    app.secrets.push_back({.id = 1, .secret = Secret("secret-of-" + key), .created_at = kNow});
    return std::make_shared<App const>(std::move(app));
}

class NodeStateTest : public testing::Test {
protected:
    test::SeededRandom random;
    NodeState state{2, random};

    void apply(Sequence sequence, std::variant<AppChanged, AppRemoved, UserStandingChanged> what) {
        std::array<Change, 1> const changes = {{{.sequence = sequence, .what = std::move(what)}}};
        state.apply(changes);
    }
};

TEST_F(NodeStateTest, FindsAnAppByKeyAndByIdOnceItIsInTheLog) {
    EXPECT_EQ(state.read(0).find_app("a"), nullptr);
    apply(1, AppChanged{make_app(1, "a")});
    EXPECT_EQ(state.read(0).find_app("a")->app->id, AppId{1});
    EXPECT_EQ(state.read(1).find_app(AppId{1})->app->api_key.text(), "a");
    EXPECT_EQ(state.read(0).find_app("A"), nullptr);
    EXPECT_EQ(state.read(0).find_app(""), nullptr);
}

TEST_F(NodeStateTest, KeepsTheUsersOfAnAppWhoseSettingsChange) {
    apply(1, AppChanged{make_app(1, "a")});
    apply(2, UserStandingChanged{AppId{1}, "john", {.deactivated = true}});
    apply(3, AppChanged{make_app(1, "a", "another name")});
    auto const reader = state.read(0);
    EXPECT_EQ(reader.find_app("a")->app->name, "another name");
    EXPECT_TRUE(reader.find_app("a")->find_standing("john")->deactivated);
}

TEST_F(NodeStateTest, KeepsTheUsersOfTwoAppsApart) {
    apply(1, AppChanged{make_app(1, "a")});
    apply(2, AppChanged{make_app(2, "b")});
    apply(3, UserStandingChanged{AppId{1}, "john", {.deactivated = true}});
    EXPECT_TRUE(state.read(0).find_app("a")->find_standing("john"));
    EXPECT_FALSE(state.read(0).find_app("b")->find_standing("john"));
}

TEST_F(NodeStateTest, ForgetsARemovedAppAndItsUsers) {
    apply(1, AppChanged{make_app(1, "a")});
    apply(2, UserStandingChanged{AppId{1}, "john", {.deactivated = true}});
    apply(3, AppRemoved{AppId{1}});
    EXPECT_EQ(state.read(0).find_app("a"), nullptr);
    EXPECT_EQ(state.read(0).find_app(AppId{1}), nullptr);
    apply(4, UserStandingChanged{AppId{1}, "jane", {.deactivated = true}});
    EXPECT_EQ(state.applied(), 4U);
}

TEST_F(NodeStateTest, PassesOverChangesThatItHasAlready) {
    apply(1, AppChanged{make_app(1, "a", "first")});
    apply(1, AppChanged{make_app(1, "a", "again")});
    EXPECT_EQ(state.read(0).find_app("a")->app->name, "first");
    EXPECT_EQ(state.applied(), 1U);
}

TEST_F(NodeStateTest, RefusesALogWithAGap) {
    apply(1, AppChanged{make_app(1, "a")});
    EXPECT_THROW(apply(3, AppRemoved{AppId{1}}), std::logic_error);
    EXPECT_NE(state.read(0).find_app("a"), nullptr);
    apply(2, AppRemoved{AppId{1}});
    EXPECT_EQ(state.read(0).find_app("a"), nullptr);
}

TEST_F(NodeStateTest, RefusesASlotThatItDoesNotHave) {
    EXPECT_NO_THROW((void)state.read(1));
    EXPECT_THROW((void)state.read(2), std::out_of_range);
}

TEST_F(NodeStateTest, LoadsWhatTheStoreHoldsAndGoesOnFromThere) {
    storage::MemoryStore store(random);
    std::array<Job, 1> jobs = {[&](Transaction& transaction) {
        auto const app =
            create_app(transaction, {.name = "app", .api_key = ApiKey::parse("a")}, kNow, random);
        std::vector<UserEdit> edits;
        edits.push_back(
            {*UserId::parse("john"), [](User& user) -> std::expected<void, std::string> {
                 user.revoke_tokens_issued_before = kNow;
                 return {};
             }});
        return edit_users(transaction, *app, edits, IfMissing::Create, kNow) ? Outcome::Commit
                                                                             : Outcome::Rollback;
    }};
    auto const committed = store.commit(jobs);
    state.load(store);
    EXPECT_EQ(state.applied(), committed.changes.back().sequence);
    EXPECT_EQ(state.read(0).find_app("a")->find_standing("john")->revoke_tokens_issued_before,
              kNow);
    state.apply(committed.changes);  // what is in the snapshot is passed over
    EXPECT_EQ(state.applied(), committed.changes.back().sequence);
}

TEST_F(NodeStateTest, ShowsEveryReaderAChangeOnceApplyHasReturned) {
    apply(1, AppChanged{make_app(1, "a")});
    std::atomic<Sequence> announced = 1;
    std::atomic<bool> stop = false;
    std::atomic<int> stale = 0;
    auto const reader = [&](std::size_t slot) {
        while (!stop) {
            auto const expected = announced.load();
            auto const standing = state.read(slot).find_app("a")->find_standing("john");
            auto const seen =
                standing ? standing->revoke_tokens_issued_before->time_since_epoch().count() : 1;
            if (std::cmp_less(seen, expected)) {
                ++stale;
            }
        }
    };
    std::jthread const first(reader, 0);
    std::jthread const second(reader, 1);
    for (Sequence sequence = 2; sequence < 2'000; ++sequence) {
        apply(sequence, UserStandingChanged{AppId{1},
                                            "john",
                                            {.revoke_tokens_issued_before =
                                                 Instant(std::chrono::microseconds(sequence))}});
        announced = sequence;
    }
    stop = true;
    EXPECT_EQ(stale, 0);
}

}  // namespace
}  // namespace latchkey::domain
