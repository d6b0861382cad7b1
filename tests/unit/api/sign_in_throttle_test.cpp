#include "api/sign_in_throttle.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::api {
namespace {

using namespace std::chrono_literals;

class SignInThrottleTest : public testing::Test {
protected:
    SignInThrottle throttle;
    SignInThrottle::TimePoint now{1h};

    /// Tries once, with a wrong password where it is let through.
    bool fails(std::string const& name, std::string const& address) {
        return !throttle.begin(name, address, now);
    }
    bool may_try(std::string const& name, std::string const& address) {
        if (throttle.begin(name, address, now)) {
            return false;
        }
        throttle.withdraw(name, address);
        return true;
    }
    static std::string address(unsigned i) {
        return "10." + std::to_string(i / 65'536) + '.' + std::to_string(i / 256 % 256) + '.' +
               std::to_string(i % 256);
    }
    /// How many of `count` tries in a row from one address are let through.
    unsigned let_through(unsigned count, std::string const& name, std::string const& from) {
        unsigned let = 0;
        for (unsigned i = 0; i < count; ++i) {
            let += fails(name, from) ? 1U : 0U;
        }
        return let;
    }
};

TEST_F(SignInThrottleTest, LetsAFewMistakesPassAndThenWaits) {
    for (unsigned i = 1; i <= SignInThrottle::kPair.free_tries; ++i) {
        EXPECT_TRUE(fails("ann", "10.0.0.1")) << i;
    }
    EXPECT_EQ(throttle.begin("ann", "10.0.0.1", now), 1s);
    now += 999ms;
    EXPECT_EQ(throttle.begin("ann", "10.0.0.1", now), 1s);
    now += 1ms;
    EXPECT_TRUE(fails("ann", "10.0.0.1"));
}

TEST_F(SignInThrottleTest, WaitsTwiceAsLongEachTimeUpToALimit) {
    EXPECT_EQ(let_through(5, "ann", "10.0.0.1"), 5U);
    for (auto wait = 1s; wait < SignInThrottle::kPair.wait_max; wait *= 2) {
        EXPECT_EQ(throttle.begin("ann", "10.0.0.1", now), wait);
        now += wait;
        ASSERT_TRUE(fails("ann", "10.0.0.1"));
    }
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(throttle.begin("ann", "10.0.0.1", now), SignInThrottle::kPair.wait_max);
        now += SignInThrottle::kPair.wait_max;
        ASSERT_TRUE(fails("ann", "10.0.0.1"));
    }
}

TEST_F(SignInThrottleTest, DoesNotWaitLongerForWhoAsksWhileWaiting) {
    EXPECT_EQ(let_through(10'000, "ann", "10.0.0.1"), 5U);
    EXPECT_EQ(throttle.begin("ann", "10.0.0.1", now), 1s);
}

TEST_F(SignInThrottleTest, GetsTenThousandTriesFromOneAddressNowhere) {
    unsigned let = 0;
    for (unsigned i = 0; i < 10'000; ++i) {
        let += fails("ann", "10.0.0.1") ? 1U : 0U;
        now += 100ms;
    }
    EXPECT_LE(let, 16U);  // in 1000 seconds
}

TEST_F(SignInThrottleTest, GetsTenThousandTriesFromAsManyAddressesNowhere) {
    unsigned let = 0;
    for (unsigned i = 0; i < 10'000; ++i) {
        let += fails("ann", address(i)) ? 1U : 0U;
    }
    EXPECT_EQ(let, SignInThrottle::kAccount.free_tries);
    EXPECT_FALSE(may_try("ANN", "192.0.2.1")) << "the name in another case";
    EXPECT_TRUE(may_try("bob", "192.0.2.1"));
}

TEST_F(SignInThrottleTest, GetsOneAddressNowhereWithManyNames) {
    unsigned let = 0;
    for (unsigned i = 0; i < 10'000; ++i) {
        let += fails("user" + std::to_string(i), "10.0.0.1") ? 1U : 0U;
    }
    EXPECT_EQ(let, SignInThrottle::kAddress.free_tries);
    EXPECT_TRUE(may_try("user1", "10.0.0.2"));
}

TEST_F(SignInThrottleTest, LetsTheOwnerInFromAnotherAddress) {
    EXPECT_EQ(let_through(10'000, "ann", "10.0.0.1"), 5U);
    EXPECT_FALSE(may_try("ann", "10.0.0.1"));
    EXPECT_TRUE(may_try("ann", "10.0.0.2"));
}

TEST_F(SignInThrottleTest, LetsTheOwnerInWhereSheHasSignedInBeforeWhateverOthersDo) {
    ASSERT_TRUE(fails("ann", "10.9.9.9"));
    throttle.succeed("ann", "10.9.9.9");
    for (unsigned i = 0; i < 10'000; ++i) {
        (void)throttle.begin("ann", address(i), now);
    }
    EXPECT_FALSE(may_try("ann", "192.0.2.1"));
    EXPECT_TRUE(may_try("ann", "10.9.9.9"));
    EXPECT_EQ(let_through(10'000, "ann", "10.9.9.9"), 5U) << "but not to any number of tries";
}

TEST_F(SignInThrottleTest, DoesNotKeepTheOwnerOutForLongFromAnywhere) {
    for (unsigned i = 0; i < 1'000; ++i) {
        for (unsigned j = 0; j < 3; ++j) {
            (void)throttle.begin("ann", address(i), now);
        }
        now += 1s;
    }
    now += SignInThrottle::kAccount.wait_max;
    EXPECT_TRUE(may_try("ann", "192.0.2.1"));
}

TEST_F(SignInThrottleTest, ForgivesMistakesBeforeASuccess) {
    EXPECT_EQ(let_through(4, "ann", "10.0.0.1"), 4U);
    ASSERT_TRUE(fails("ann", "10.0.0.1"));
    throttle.succeed("ann", "10.0.0.1");
    EXPECT_EQ(let_through(100, "ann", "10.0.0.1"), 5U);
}

TEST_F(SignInThrottleTest, DoesNotForgiveAnAddressForASuccessOfOneAccount) {
    for (unsigned i = 1; i < SignInThrottle::kAddress.free_tries; ++i) {
        ASSERT_TRUE(fails("user" + std::to_string(i), "10.0.0.1"));
    }
    ASSERT_TRUE(fails("mallory", "10.0.0.1"));
    throttle.succeed("mallory", "10.0.0.1");
    EXPECT_TRUE(fails("one more", "10.0.0.1"));
    EXPECT_FALSE(fails("and another", "10.0.0.1"));
}

TEST_F(SignInThrottleTest, CountsATryAsFailedWhileItIsUnderWay) {
    for (unsigned i = 0; i < SignInThrottle::kPair.free_tries; ++i) {
        ASSERT_EQ(throttle.begin("ann", "10.0.0.1", now), std::nullopt);
    }
    EXPECT_NE(throttle.begin("ann", "10.0.0.1", now), std::nullopt);
    throttle.withdraw("ann", "10.0.0.1");
    EXPECT_EQ(throttle.begin("ann", "10.0.0.1", now), std::nullopt);
}

TEST_F(SignInThrottleTest, ForgetsAnAccountWhosePasswordIsNew) {
    EXPECT_EQ(let_through(100, "ann", "10.0.0.1"), 5U);
    EXPECT_EQ(let_through(100, "bob", "10.0.0.1"), 5U);
    throttle.forget("Ann");
    EXPECT_TRUE(may_try("ann", "10.0.0.1"));
    EXPECT_FALSE(may_try("bob", "10.0.0.1"));
}

TEST_F(SignInThrottleTest, TakesAnIPv6NetworkForOneAddress) {
    EXPECT_EQ(let_through(5, "ann", "2001:db8:1:1::1"), 5U);
    EXPECT_FALSE(may_try("ann", "2001:db8:1:1:ffff:ffff:ffff:ffff"));
    EXPECT_TRUE(may_try("ann", "2001:db8:1:2::1"));
}

TEST_F(SignInThrottleTest, TakesAnIPv4AddressOnAnIPv6SocketForItself) {
    EXPECT_EQ(let_through(5, "ann", "10.0.0.1"), 5U);
    EXPECT_FALSE(may_try("ann", "::ffff:10.0.0.1"));
    EXPECT_TRUE(may_try("ann", "::ffff:10.0.0.2"));
}

TEST_F(SignInThrottleTest, KnowsALimitedNumberOfKnownPlaces) {
    for (unsigned i = 0; i <= SignInThrottle::kKnownMax; ++i) {
        ASSERT_TRUE(fails("ann", address(i)));
        throttle.succeed("ann", address(i));
    }
    for (unsigned i = 0; i < SignInThrottle::kAccount.free_tries; ++i) {
        ASSERT_TRUE(fails("ann", address(100'000 + i)));
    }
    EXPECT_FALSE(may_try("ann", address(0))) << "the first of them was forgotten";
    EXPECT_TRUE(may_try("ann", address(1)));
}

TEST(FailureTable, KnowsALimitedNumberOfKeys) {
    FailureTable table({.free_tries = 1, .wait_max = 60s});
    FailureTable::TimePoint const now{1h};
    for (std::size_t i = 0; i < FailureTable::kKeysMax; ++i) {
        table.count(std::to_string(i), now);
    }
    EXPECT_EQ(table.size(), FailureTable::kKeysMax);
    EXPECT_GT(table.wait_of("0", now), 0s);
    table.count("one more", now);
    EXPECT_EQ(table.size(), FailureTable::kKeysMax);
    EXPECT_EQ(table.wait_of("0", now), 0s);
    EXPECT_GT(table.wait_of("1", now), 0s);
}

TEST(FailureTable, ForgetsAfterADay) {
    FailureTable table({.free_tries = 2, .wait_max = 60s});
    FailureTable::TimePoint now{1h};
    table.count("a", now);
    now += FailureTable::kForgottenAfter - 1us;
    table.count("a", now);
    EXPECT_GT(table.wait_of("a", now), 0s) << "remembered within the day";
    now += FailureTable::kForgottenAfter;
    table.count("a", now);
    EXPECT_EQ(table.wait_of("a", now), 0s) << "the first failure of another day";
}

}  // namespace
}  // namespace latchkey::api
