#include "domain/users.hpp"

#include "domain/apps.hpp"
#include "storage/memory/memory_store.hpp"
#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace latchkey::domain {
namespace {

using namespace std::chrono_literals;
using Cause = EditFailure::Cause;

constexpr Instant kNow{1767225600s};
constexpr Instant kLater{1767225700s};

class EditUsersTest : public testing::Test {
protected:
    EditUsersTest() {
        std::array<Job, 1> jobs = {[&](Transaction& transaction) {
            app_ = *create_app(transaction, {.name = "app"}, kNow, random_);
            return Outcome::Commit;
        }};
        (void)store_.commit(jobs);
    }

    using Edit = std::function<void(User&)>;
    using Result = std::expected<std::vector<User>, EditFailure>;

    Result edit(std::vector<std::pair<std::string, Edit>> const& wanted,
                IfMissing if_missing = IfMissing::Create, Instant now = kNow) {
        Result result;
        std::array<Job, 1> jobs = {[&](Transaction& transaction) {
            std::vector<UserEdit> edits;
            for (auto const& [id, change] : wanted) {
                edits.push_back(
                    {*UserId::parse(id), [&change](User& user) -> std::expected<void, std::string> {
                         change(user);
                         return {};
                     }});
            }
            auto edited = edit_users(transaction, *app_, edits, if_missing, now);
            if (edited) {
                changed_ = std::move(edited->changed);
                result = std::move(edited->users);
            } else {
                result = std::unexpected(edited.error());
            }
            return result ? Outcome::Commit : Outcome::Rollback;
        }};
        changes_ = store_.commit(jobs).changes.size();
        return result;
    }
    static Edit named(std::string name) {
        return [name = std::move(name)](User& user) { user.name = name; };
    }

    test::SeededRandom random_;
    storage::MemoryStore store_{random_};
    std::optional<App> app_;
    std::size_t changes_ = 0;
    std::vector<std::size_t> changed_;
};

TEST_F(EditUsersTest, CreatesAUserWhoIsNewWithTheDefaultRole) {
    auto const users = edit({{"john", named("John")}});
    EXPECT_EQ(users->front().name, "John");
    EXPECT_EQ(users->front().role, kRoleUser);
    EXPECT_EQ(users->front().created_at, kNow);
    EXPECT_EQ(users->front().updated_at, kNow);
}

TEST_F(EditUsersTest, ReturnsUsersInTheOrderOfTheEdits) {
    auto const users = edit({{"c", {named("3")}}, {"a", named("1")}, {"b", named("2")}});
    EXPECT_EQ((*users)[0].id.text(), "c");
    EXPECT_EQ((*users)[1].id.text(), "a");
    EXPECT_EQ((*users)[2].id.text(), "b");
}

TEST_F(EditUsersTest, ChangesNobodyWhereOneIsUnknown) {
    (void)edit({{"john", named("John")}});
    auto const failed = edit({{"john", named("Other")}, {"nobody", named("x")}}, IfMissing::Refuse);
    EXPECT_EQ(failed.error().cause, Cause::UserUnknown);
    EXPECT_EQ(failed.error().user_id.text(), "nobody");
    EXPECT_EQ(edit({{"john", [](User&) {}}})->front().name, "John");
}

TEST_F(EditUsersTest, LeavesUpdatedAtWhereNothingChanged) {
    (void)edit({{"john", named("John")}});
    EXPECT_EQ(edit({{"john", named("John")}}, IfMissing::Refuse, kLater)->front().updated_at, kNow);
    EXPECT_EQ(edit({{"john", named("J")}}, IfMissing::Refuse, kLater)->front().updated_at, kLater);
}

TEST_F(EditUsersTest, NamesThoseWhoWereChangedByMoreThanBeingSeen) {
    using Places = std::vector<std::size_t>;
    (void)edit({{"a", named("1")}, {"b", named("2")}});
    EXPECT_EQ(changed_, (Places{0, 1}));
    (void)edit({{"a", named("1")}, {"b", named("3")}, {"c", named("4")}});
    EXPECT_EQ(changed_, (Places{1, 2}));
    (void)edit({{"a", named("1")}, {"b", [](User& user) { user.last_active = kLater; }}});
    EXPECT_EQ(changed_, Places());
}

TEST_F(EditUsersTest, BeingSeenIsStoredButIsNoUpdate) {
    (void)edit({{"john", named("John")}});
    auto const seen =
        edit({{"john", [](User& user) { user.last_active = kLater; }}}, IfMissing::Refuse, kLater);
    EXPECT_EQ(seen->front().updated_at, kNow);
    EXPECT_EQ(edit({{"john", [](User&) {}}})->front().last_active, kLater);
}

TEST_F(EditUsersTest, PutsOnlyChangesOfStandingIntoTheLog) {
    (void)edit({{"john", named("John")}});
    EXPECT_EQ(changes_, 0U);
    (void)edit({{"john", [](User& user) { user.revoke_tokens_issued_before = kNow; }}});
    EXPECT_EQ(changes_, 1U);
    (void)edit({{"john", named("Another")}});
    EXPECT_EQ(changes_, 0U);
    (void)edit({{"john", [](User& user) { user.revoke_tokens_issued_before.reset(); }}});
    EXPECT_EQ(changes_, 1U);
}

TEST_F(EditUsersTest, TouchesNoDeletedUser) {
    (void)edit({{"john", [](User& user) { user.deleted_at = kNow; }}});
    EXPECT_EQ(edit({{"john", named("x")}}).error().cause, Cause::UserDeleted);
    EXPECT_EQ(edit({{"john", named("x")}}, IfMissing::Refuse).error().cause, Cause::UserDeleted);
}

TEST_F(EditUsersTest, AllowsTheSameNameTwiceUnlessTheAppWantsThemUnique) {
    EXPECT_TRUE(edit({{"a", named("same")}, {"b", named("same")}}));
    app_->enforce_unique_usernames = UniqueNames::App;
    EXPECT_EQ(edit({{"c", named("same")}}).error().cause, Cause::NameTaken);
    EXPECT_TRUE(edit({{"c", named("other")}}));
}

TEST_F(EditUsersTest, RevokesAUserWhoSharedANameBeforeTheRule) {
    ASSERT_TRUE(edit({{"a", named("same")}, {"b", named("same")}}));
    app_->enforce_unique_usernames = UniqueNames::App;
    auto const revoke = [](User& user) { user.revoke_tokens_issued_before = kNow; };
    EXPECT_TRUE(edit({{"a", revoke}}, IfMissing::Refuse));
    EXPECT_EQ(edit({{"c", named("same")}}).error().cause, Cause::NameTaken);
}

TEST_F(EditUsersTest, SeesTheSameNameTwiceInOneRequest) {
    app_->enforce_unique_usernames = UniqueNames::App;
    EXPECT_EQ(edit({{"a", named("same")}, {"b", named("same")}}).error().cause, Cause::NameTaken);
    EXPECT_TRUE(edit({{"a", named("one")}, {"b", named("two")}}));
}

TEST_F(EditUsersTest, LetsTwoUsersSwapTheirUniqueNamesInOneRequest) {
    app_->enforce_unique_usernames = UniqueNames::App;
    ASSERT_TRUE(edit({{"a", named("one")}, {"b", named("two")}}));
    EXPECT_TRUE(edit({{"a", named("two")}, {"b", named("one")}}));
}

TEST_F(EditUsersTest, KeepsNamesUniqueInsideEachTeamOnly) {
    app_->enforce_unique_usernames = UniqueNames::Team;
    auto const in_team = [](std::string team) {
        return [team = std::move(team)](User& user) {
            user.name = "same";
            user.teams = {team};
        };
    };
    ASSERT_TRUE(edit({{"a", in_team("red")}}));
    EXPECT_TRUE(edit({{"b", in_team("blue")}}));
    EXPECT_EQ(edit({{"c", in_team("red")}}).error().cause, Cause::NameTaken);
}

}  // namespace
}  // namespace latchkey::domain
