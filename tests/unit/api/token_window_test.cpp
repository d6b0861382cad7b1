#include "api/token_provider/token_window.hpp"

#include "api/token_provider/minute_counter.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace latchkey::api {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1'767'225'600s};

class TokenWindowTest : public testing::Test {
protected:
    TokenWindow window;
    UserId const john = *UserId::parse("john");
    ProvidedToken const token{.text = "token", .issued_at = kNow, .expires_at = kNow + 1h};

    TokenWindow::Wish wish(std::int64_t secret = 1, std::chrono::seconds lifetime = 1h,
                           std::optional<Instant> revoked = std::nullopt) const {
        return {
            .user_id = john, .secret_id = secret, .lifetime = lifetime, .revoked_before = revoked};
    }
};

TEST_F(TokenWindowTest, HandsATokenOutAgainForAMoment) {
    EXPECT_EQ(window.find(wish(), kNow), nullptr);
    window.keep(wish(), token, kNow);
    EXPECT_EQ(window.find(wish(), kNow)->text, "token");
    EXPECT_NE(window.find(wish(), kNow + TokenWindow::kLength - 1us), nullptr);
    EXPECT_EQ(window.find(wish(), kNow + TokenWindow::kLength), nullptr);
    EXPECT_EQ(window.find(wish(), kNow - 1us), nullptr);  // the clock was set back
}

TEST_F(TokenWindowTest, HandsOutNoTokenThatIsNoLongerGood) {
    window.keep(wish(), token, kNow);
    EXPECT_NE(window.find(wish(1, 1h, kNow), kNow), nullptr);
    EXPECT_EQ(window.find(wish(1, 1h, kNow + 1us), kNow), nullptr);
    EXPECT_EQ(window.find(wish(2), kNow), nullptr);
    EXPECT_EQ(window.find(wish(1, 2h), kNow), nullptr);
}

TEST_F(TokenWindowTest, HandsOutNoTokenThatHasLittleOfItsLifeLeft) {
    ProvidedToken const brief{.text = "brief", .issued_at = kNow, .expires_at = kNow + 2s};
    window.keep(wish(1, 2s), brief, kNow);
    EXPECT_NE(window.find(wish(1, 2s), kNow + 1s), nullptr);
    EXPECT_EQ(window.find(wish(1, 2s), kNow + 1s + 1us), nullptr);
}

TEST_F(TokenWindowTest, KeepsUsersApart) {
    window.keep(wish(), token, kNow);
    auto const jane = *UserId::parse("jane");
    auto const other = TokenWindow::Wish{
        .user_id = jane, .secret_id = 1, .lifetime = 1h, .revoked_before = std::nullopt};
    EXPECT_EQ(window.find(other, kNow), nullptr);
}

TEST_F(TokenWindowTest, IsBounded) {
    for (std::size_t i = 0; i <= TokenWindow::kTokensMax; ++i) {
        auto const id = *UserId::parse("u" + std::to_string(i));
        window.keep({.user_id = id, .secret_id = 1, .lifetime = 1h, .revoked_before = std::nullopt},
                    token, kNow);
    }
    EXPECT_EQ(window.size(), TokenWindow::kTokensMax);
    window.keep(wish(), token, kNow + TokenWindow::kLength);  // the others have had their time
    EXPECT_EQ(window.size(), 1U);
}

TEST(MinuteCounter, RefusesOneTooManyUntilTheNextMinute) {
    MinuteCounter counter(2);
    EXPECT_EQ(counter.count("a", kNow).remaining, 1U);
    EXPECT_TRUE(counter.count("a", kNow + 59s).allowed);
    auto const refused = counter.count("a", kNow + 59s);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.remaining, 0U);
    EXPECT_EQ(refused.resets_at_s, 1'767'225'660);
    EXPECT_TRUE(counter.count("b", kNow + 59s).allowed);
    EXPECT_TRUE(counter.count("a", kNow + 60s).allowed);
}

TEST(MinuteCounter, CountsNobodyWhoIsNotKnown) {
    MinuteCounter counter(1);
    EXPECT_TRUE(counter.count("", kNow).allowed);
    EXPECT_TRUE(counter.count("", kNow).allowed);
}

TEST(MinuteCounter, IsBounded) {
    MinuteCounter counter(1);
    for (std::size_t i = 0; i <= MinuteCounter::kKeysMax; ++i) {
        counter.count(std::to_string(i), kNow);
    }
    EXPECT_EQ(counter.size(), MinuteCounter::kKeysMax);
    EXPECT_TRUE(counter.count("one more", kNow).allowed);
    EXPECT_TRUE(counter.count("one more", kNow).allowed);
    EXPECT_FALSE(counter.count("0", kNow).allowed);
}

}  // namespace
}  // namespace latchkey::api
