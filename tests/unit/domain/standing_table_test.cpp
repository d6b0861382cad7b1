#include "domain/standing_table.hpp"

#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace latchkey::domain {
namespace {

using namespace std::chrono_literals;

TEST(StandingTable, GivesBackEveryFieldItWasGiven) {
    test::SeededRandom random;
    StandingTable table(random);
    UserStanding const samples[] = {
        {.revoke_tokens_issued_before = kInstantMin},
        {.revoke_tokens_issued_before = kInstantMax},
        {.revoke_tokens_issued_before = Instant(1767225600123456us), .deactivated = true},
        {.deactivated = true},
        {.deleted = true},
        {.role = std::string(kRoleGuest)},
        {.role = std::string(kRoleModerator)},
        {.role = std::string(kRoleAdmin)},
        {.role = "a-role-of-the-customers-own"},
        {.revoke_tokens_issued_before = Instant(1us),
         .deactivated = true,
         .deleted = true,
         .role = "vip"},
    };
    for (auto const& standing : samples) {
        table.set("john", standing);
        EXPECT_EQ(table.find("john"), standing);
        EXPECT_EQ(table.size(), 1U);
    }
}

TEST(StandingTable, ForgetsAUserWhoBecomesOrdinary) {
    test::SeededRandom random;
    StandingTable table(random);
    table.set("john", {.role = "vip"});
    table.set("john", {});
    EXPECT_EQ(table.find("john"), std::nullopt);
    EXPECT_EQ(table.size(), 0U);
}

TEST(StandingTable, KnowsNobodyWhoWasNotSet) {
    test::SeededRandom random;
    StandingTable table(random);
    EXPECT_EQ(table.find("john"), std::nullopt);
    table.set("john", {.deleted = true});
    EXPECT_EQ(table.find("john2"), std::nullopt);
    EXPECT_EQ(table.find("joh"), std::nullopt);
    EXPECT_EQ(table.find(""), std::nullopt);
}

TEST(StandingTable, AgreesWithAPlainMapOverManyRandomChanges) {
    test::SeededRandom random;
    StandingTable table(random);
    std::map<std::string, UserStanding> plain;
    std::mt19937 engine(7);
    for (int i = 0; i < 20'000; ++i) {
        auto const id = "user-" + std::to_string(engine() % 500);
        UserStanding standing;
        if (engine() % 2 == 0) {
            standing.revoke_tokens_issued_before = Instant(std::chrono::microseconds(engine()));
        }
        standing.deactivated = engine() % 4 == 0;
        standing.role = engine() % 5 == 0 ? "vip-" + std::to_string(engine() % 3) : "user";
        table.set(id, standing);
        if (standing.is_ordinary()) {
            plain.erase(id);
        } else {
            plain[id] = standing;
        }
    }
    EXPECT_EQ(table.size(), plain.size());
    for (auto const& [id, standing] : plain) {
        EXPECT_EQ(table.find(id), standing) << id;
    }
}

}  // namespace
}  // namespace latchkey::domain
