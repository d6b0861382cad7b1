#include "storage/argon2_passwords.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::storage {
namespace {

constexpr Argon2Costs kCheap{.passes = 1, .memory_bytes = 8192};

TEST(Argon2Passwords, KnowsAPasswordAgain) {
    Argon2Passwords passwords(kCheap);
    auto const hash = passwords.hash(Secret("correct horse"));
    EXPECT_TRUE(passwords.verify(hash, Secret("correct horse")));
    for (auto const* wrong : {"", "correct hors", "correct horse ", "Correct horse"}) {
        EXPECT_FALSE(passwords.verify(hash, Secret(wrong))) << wrong;
    }
}

TEST(Argon2Passwords, NamesWhatItCost) {
    Argon2Passwords passwords;
    EXPECT_TRUE(
        passwords.hash(Secret("correct horse")).starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
}

TEST(Argon2Passwords, ReadsAHashThatCostSomethingElse) {
    auto const hash = Argon2Passwords(kCheap).hash(Secret("correct horse"));
    Argon2Passwords passwords({.passes = 2, .memory_bytes = 16'384});
    EXPECT_TRUE(passwords.verify(hash, Secret("correct horse")));
}

TEST(Argon2Passwords, HashesTheSamePasswordDifferentlyEachTime) {
    Argon2Passwords passwords(kCheap);
    EXPECT_NE(passwords.hash(Secret("correct horse")), passwords.hash(Secret("correct horse")));
}

TEST(Argon2Passwords, LetsNobodyInWhoHasNoPassword) {
    Argon2Passwords passwords(kCheap);
    EXPECT_FALSE(passwords.verify(std::nullopt, Secret("")));
    EXPECT_FALSE(passwords.verify(std::nullopt, Secret("correct horse")));
}

TEST(Argon2Passwords, RefusesWhatIsNoHash) {
    Argon2Passwords passwords(kCheap);
    for (auto const& hash : {std::string(), std::string("correct horse"), std::string(500, 'A')}) {
        EXPECT_FALSE(passwords.verify(hash, Secret("correct horse"))) << hash;
    }
}

}  // namespace
}  // namespace latchkey::storage
