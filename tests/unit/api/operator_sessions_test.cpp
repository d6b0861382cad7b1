#include "api/operator_sessions.hpp"

#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace latchkey::api {
namespace {

using namespace std::chrono_literals;

class OperatorSessionsTest : public testing::Test {
protected:
    using TimePoint = OperatorSessions::TimePoint;

    test::SeededRandom random;
    OperatorSessions sessions{random};
    TimePoint now{1h};
    domain::Account ann{.id = 1,
                        .name = "ann",
                        .role = domain::OperatorRole::Owner,
                        .created_at = Instant{},
                        .updated_at = Instant{}};
    domain::Account bob{.id = 2,
                        .name = "bob",
                        .role = domain::OperatorRole::Viewer,
                        .created_at = Instant{},
                        .updated_at = Instant{}};

    std::string open(domain::Account const& account) {
        return sessions.open(account, SignInBy::Password, now);
    }
    bool is_open(std::string const& id) { return sessions.find(id, now) != nullptr; }
    std::uint64_t number_of(std::string const& id) { return sessions.find(id, now)->number; }
};

TEST_F(OperatorSessionsTest, KnowsWhoIsBehindAnId) {
    auto const id = open(bob);
    auto const* session = sessions.find(id, now);
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(session->account_id, 2);
    EXPECT_EQ(session->name, "bob");
    EXPECT_EQ(session->role, domain::OperatorRole::Viewer);
    EXPECT_EQ(session->by, SignInBy::Password);
}

TEST_F(OperatorSessionsTest, MakesA256BitIdAnewAtEachSignIn) {
    std::set<std::string> ids;
    for (int i = 0; i < 10; ++i) {
        ids.insert(open(ann));
    }
    EXPECT_EQ(ids.size(), 10U);
    EXPECT_EQ(ids.begin()->size(), 43U);  // 256 bits in base64url
}

TEST_F(OperatorSessionsTest, TakesNoIdThatItDidNotMake) {
    auto const id = open(ann);
    for (auto const& brought :
         {std::string(), std::string("a"), std::string(43, 'A'), id + "A", id.substr(1)}) {
        EXPECT_FALSE(is_open(brought)) << brought;
    }
    EXPECT_TRUE(is_open(id));
    OperatorSessions of_another_start{random};
    EXPECT_EQ(of_another_start.find(id, now), nullptr);
}

TEST_F(OperatorSessionsTest, EndsOneThatIsNotUsed) {
    auto const id = open(ann);
    now += OperatorSessions::kIdleMax - 1us;
    EXPECT_TRUE(is_open(id));
    now += 1us;
    EXPECT_FALSE(is_open(id));
}

TEST_F(OperatorSessionsTest, LetsOneGoOnThatIsUsed) {
    auto const id = open(ann);
    now += OperatorSessions::kIdleMax - 1us;
    sessions.touch(number_of(id), now);
    now += OperatorSessions::kIdleMax - 1us;
    EXPECT_TRUE(is_open(id));
}

TEST_F(OperatorSessionsTest, IsNotUsedByBeingLookedFor) {
    auto const id = open(ann);
    now += OperatorSessions::kIdleMax - 1us;
    ASSERT_TRUE(is_open(id));
    now += 1us;
    EXPECT_FALSE(is_open(id));
}

TEST_F(OperatorSessionsTest, EndsOneAtItsAgeHoweverMuchItIsUsed) {
    auto const id = open(ann);
    auto const number = number_of(id);
    auto const start = now;
    while (now + 10min < start + OperatorSessions::kAgeMax) {
        now += 10min;
        sessions.touch(number, now);
    }
    now = start + OperatorSessions::kAgeMax - 1us;
    EXPECT_TRUE(is_open(id));
    now += 1us;
    EXPECT_FALSE(is_open(id));
}

TEST_F(OperatorSessionsTest, EndsOneById) {
    auto const id = open(ann);
    auto const other = open(ann);
    sessions.end(number_of(id));
    EXPECT_FALSE(is_open(id));
    EXPECT_TRUE(is_open(other));
}

TEST_F(OperatorSessionsTest, EndsAllOfAnAccountAndNobodyElses) {
    auto const first = open(ann);
    auto const second = open(ann);
    auto const other = open(bob);
    sessions.end_all_of(1);
    EXPECT_FALSE(is_open(first));
    EXPECT_FALSE(is_open(second));
    EXPECT_TRUE(is_open(other));
}

TEST_F(OperatorSessionsTest, EndsAllOfAnAccountButOne) {
    auto const kept = open(ann);
    auto const ended = open(ann);
    sessions.end_all_of(1, number_of(kept));
    EXPECT_TRUE(is_open(kept));
    EXPECT_FALSE(is_open(ended));
}

TEST_F(OperatorSessionsTest, IsFoundByNumberAsLongAsItIsOpen) {
    auto const id = open(ann);
    auto const number = number_of(id);
    EXPECT_NE(sessions.find(number, now), nullptr);
    EXPECT_EQ(sessions.find(number + 1, now), nullptr);
    EXPECT_EQ(sessions.find(number, now + OperatorSessions::kIdleMax), nullptr);
}

TEST_F(OperatorSessionsTest, EndsTheLongestUnusedOfAnAccountWithTooMany) {
    auto const other = open(bob);
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < OperatorSessions::kPerAccountMax; ++i) {
        now += 1s;
        ids.push_back(open(ann));
    }
    now += 1s;
    sessions.touch(number_of(ids[0]), now);  // the first is now the last used
    for (auto const& id : ids) {
        EXPECT_TRUE(is_open(id));
    }
    auto const one_more = open(ann);
    EXPECT_TRUE(is_open(one_more));
    EXPECT_TRUE(is_open(ids[0]));
    EXPECT_FALSE(is_open(ids[1]));
    EXPECT_TRUE(is_open(ids[2]));
    EXPECT_TRUE(is_open(other));
}

TEST_F(OperatorSessionsTest, EndsTheLongestUnusedOfAllWhereThereAreTooMany) {
    auto const first = open(bob);
    now += 1s;
    for (std::int64_t i = 1; i < static_cast<std::int64_t>(OperatorSessions::kSessionsMax); ++i) {
        auto account = ann;
        account.id = 100 + i;
        ASSERT_FALSE(open(account).empty());
    }
    EXPECT_EQ(sessions.size(), OperatorSessions::kSessionsMax);
    EXPECT_TRUE(is_open(first));
    EXPECT_TRUE(is_open(open(ann)));
    EXPECT_EQ(sessions.size(), OperatorSessions::kSessionsMax);
    EXPECT_FALSE(is_open(first));
}

TEST_F(OperatorSessionsTest, ForgetsWhatIsOver) {
    auto const id = open(ann);
    now += OperatorSessions::kIdleMax - 1us;
    sessions.sweep(now);
    EXPECT_EQ(sessions.size(), 1U);
    sessions.sweep(now + 1us);
    EXPECT_EQ(sessions.size(), 0U);
}

}  // namespace
}  // namespace latchkey::api
