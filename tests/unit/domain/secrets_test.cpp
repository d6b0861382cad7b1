#include "domain/secrets.hpp"

#include "domain/apps.hpp"
#include "storage/memory/memory_store.hpp"
#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <expected>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace latchkey::domain {
namespace {

using namespace std::chrono_literals;
using enum SecretError;

constexpr Instant kNow{1767225600s};
constexpr AppId kApp{1};

Secret fit_secret(int number = 0) {
    return Secret("a-secret-of-more-than-32-bytes-0123456789-" + std::to_string(number));
}

class SecretsTest : public testing::Test {
protected:
    SecretsTest() {
        in_transaction([&](Transaction& transaction) {
            return create_app(
                       transaction,
                       {.name = "app", .api_key = ApiKey::parse("key"), .api_secret = fit_secret()},
                       kNow, random_)
                .has_value();
        });
    }

    template <class Run>
    std::invoke_result_t<Run, Transaction&> in_transaction(Run run) {
        std::optional<std::invoke_result_t<Run, Transaction&>> result;
        std::array<Job, 1> jobs = {[&](Transaction& transaction) {
            result.emplace(run(transaction));
            return Outcome::Commit;
        }};
        changes_ = store_.commit(jobs).changes.size();
        return *std::move(result);
    }

    std::expected<App, SecretError> add(std::optional<Secret> given = std::nullopt,
                                        Instant now = kNow) {
        return in_transaction([&](Transaction& transaction) {
            return add_secret(transaction, kApp, std::move(given), now, random_);
        });
    }
    std::expected<App, SecretError> retire(std::int64_t id,
                                           std::optional<Instant> at = std::nullopt,
                                           Instant now = kNow, DryRun dry_run = DryRun::No) {
        return in_transaction([&](Transaction& transaction) {
            return retire_secret(transaction, kApp, id, at, now, dry_run);
        });
    }
    std::expected<App, SecretError> unretire(std::int64_t id, Instant now = kNow) {
        return in_transaction(
            [&](Transaction& transaction) { return unretire_secret(transaction, kApp, id, now); });
    }
    std::vector<ForgottenSecret> forget(Instant now) {
        return in_transaction([&](Transaction& transaction) {
            return forget_retired_secrets(transaction, kApp, now);
        });
    }
    App stored() {
        return *in_transaction(
            [](Transaction& transaction) { return transaction.apps().find(kApp); });
    }
    /// `2 1`: the numbers, newest first; with `-` where a date is set.
    static std::string numbers(App const& app) {
        std::string text;
        for (auto const& secret : app.secrets) {
            text += (text.empty() ? "" : " ") + std::to_string(secret.id);
            text += secret.retires_at ? "-" : "";
        }
        return text;
    }

    test::SeededRandom random_;
    storage::MemoryStore store_{random_};
    std::size_t changes_ = 0;  ///< of the last transaction
};

TEST_F(SecretsTest, AddsASecretThatSignsFromThenOn) {
    auto const app = add();
    ASSERT_TRUE(app);
    EXPECT_EQ(numbers(*app), "2 1");
    EXPECT_EQ(app->signing_secret().id, 2);
    EXPECT_EQ(app->secrets.front().created_at, kNow);
    EXPECT_EQ(app->secrets.front().secret.reveal().size(), kGeneratedSecretCharacters);
    EXPECT_EQ(numbers(stored()), "2 1");
}

TEST_F(SecretsTest, TakesASecretThatIsBroughtAlong) {
    auto const app = add(fit_secret(1));
    ASSERT_TRUE(app);
    EXPECT_EQ(app->secrets.front().secret.reveal(), fit_secret(1).reveal());
}

TEST_F(SecretsTest, RefusesASecretThatCannotGuardAnAppOrThatTheAppHas) {
    EXPECT_EQ(add(Secret("too-short")).error(), SecretFlawed);
    EXPECT_EQ(add(fit_secret()).error(), SecretTaken);
    EXPECT_EQ(changes_, 0U);
    EXPECT_TRUE(add(fit_secret(1)));
    EXPECT_EQ(add(fit_secret(1)).error(), SecretTaken);
}

TEST_F(SecretsTest, RefusesAnAppThatIsNone) {
    in_transaction([&](Transaction& transaction) {
        EXPECT_EQ(add_secret(transaction, AppId{7}, std::nullopt, kNow, random_).error(),
                  AppUnknown);
        EXPECT_EQ(retire_secret(transaction, AppId{7}, 1, std::nullopt, kNow).error(), AppUnknown);
        EXPECT_EQ(unretire_secret(transaction, AppId{7}, 1, kNow).error(), AppUnknown);
        return 0;
    });
}

TEST_F(SecretsTest, HoldsSixteenLiveSecretsAndNotOneMore) {
    for (std::size_t count = 1; count < kSecretsMax; ++count) {
        ASSERT_TRUE(add());
    }
    EXPECT_EQ(stored().secrets.size(), 16U);
    EXPECT_EQ(add().error(), TooManySecrets);
    ASSERT_TRUE(retire(3, kNow + 1h));
    EXPECT_EQ(add().error(), TooManySecrets);  // it is live until its date
    ASSERT_TRUE(retire(5));
    ASSERT_TRUE(retire(4, std::nullopt, kNow + 1s));
    auto const app = add(std::nullopt, kNow + 2s);
    ASSERT_TRUE(app);
    EXPECT_EQ(app->secrets.size(), 16U);
    EXPECT_EQ(app->secrets.front().id, 17);
    ASSERT_EQ(app->forgotten_secrets.size(), 1U);
    EXPECT_EQ(app->forgotten_secrets.front().id, 5);  // retired the longest ago
}

TEST_F(SecretsTest, NeverGivesANumberTwice) {
    ASSERT_TRUE(add());
    ASSERT_TRUE(retire(2));
    forget(kNow + kRetiredSecretKeptFor);
    EXPECT_EQ(numbers(stored()), "1");
    ASSERT_TRUE(add());
    EXPECT_EQ(numbers(stored()), "3 1");
}

TEST_F(SecretsTest, RetiresNow) {
    ASSERT_TRUE(add());
    auto const app = retire(1);
    ASSERT_TRUE(app);
    EXPECT_EQ(numbers(*app), "2 1-");
    EXPECT_FALSE(is_retired(*app, 1, kNow - 1us));
    EXPECT_TRUE(is_retired(*app, 1, kNow));
    EXPECT_FALSE(is_retired(*app, 2, kNow));
    EXPECT_EQ(state_of(app->secrets.back(), kNow), SecretState::Retired);
    EXPECT_EQ(count_live_secrets(*app, kNow), 1U);
}

TEST_F(SecretsTest, RetiresAtADateThatCanBeMovedUntilItHasCome) {
    ASSERT_TRUE(add());
    auto const planned = retire(1, kNow + 1h);
    ASSERT_TRUE(planned);
    EXPECT_EQ(state_of(planned->secrets.back(), kNow), SecretState::Retiring);
    EXPECT_EQ(next_retirement(*planned, kNow), kNow + 1h);
    EXPECT_EQ(next_retirement(*planned, kNow + 1h), std::nullopt);
    ASSERT_TRUE(retire(1, kNow + 2h));
    EXPECT_EQ(stored().secrets.back().retires_at, kNow + 2h);
    ASSERT_TRUE(retire(1, std::nullopt, kNow + 1h));
    EXPECT_EQ(stored().secrets.back().retires_at, kNow + 1h);
    EXPECT_EQ(retire(1, kNow + 3h, kNow + 1h).error(), AlreadyRetired);
}

TEST_F(SecretsTest, StoresNothingWhereNothingChanges) {
    ASSERT_TRUE(add());
    ASSERT_TRUE(retire(1, kNow + 1h));
    ASSERT_TRUE(retire(1, kNow + 1h));
    EXPECT_EQ(changes_, 0U);
    ASSERT_TRUE(retire(1));
    EXPECT_EQ(changes_, 1U);
    ASSERT_TRUE(retire(1, std::nullopt, kNow + 1s));
    EXPECT_EQ(changes_, 0U);
    EXPECT_EQ(stored().secrets.back().retires_at, kNow);
    ASSERT_TRUE(unretire(2));
    EXPECT_EQ(changes_, 0U);
}

TEST_F(SecretsTest, TakesADateOfAMomentAgoForNowAndAnOlderOneForAMistake) {
    ASSERT_TRUE(add());
    EXPECT_EQ(retire(1, kNow - kRetirementAgoMax - 1us).error(), RetirementInPast);
    ASSERT_TRUE(retire(1, kNow - kRetirementAgoMax));
    EXPECT_EQ(stored().secrets.back().retires_at, kNow);
}

TEST_F(SecretsTest, KeepsOneSecretWithoutADate) {
    EXPECT_EQ(retire(1).error(), NoSecretStays);
    ASSERT_TRUE(add());
    ASSERT_TRUE(retire(2, kNow + 1h));
    EXPECT_EQ(retire(1, kNow + 2h).error(), NoSecretStays);
    ASSERT_TRUE(unretire(2));
    EXPECT_TRUE(retire(1, kNow + 2h));
}

TEST_F(SecretsTest, SignsWithTheNewestThatIsNotAboutToRetire) {
    ASSERT_TRUE(add());
    ASSERT_TRUE(add());
    EXPECT_EQ(stored().signing_secret().id, 3);
    ASSERT_TRUE(retire(3, kNow + 1h));
    EXPECT_EQ(stored().signing_secret().id, 2);
    ASSERT_TRUE(unretire(3));
    EXPECT_EQ(stored().signing_secret().id, 3);
}

TEST_F(SecretsTest, TriesARetirementOutWithoutStoringIt) {
    ASSERT_TRUE(add());
    auto const app = retire(1, std::nullopt, kNow, DryRun::Yes);
    ASSERT_TRUE(app);
    EXPECT_EQ(numbers(*app), "2 1-");
    EXPECT_EQ(numbers(stored()), "2 1");
    EXPECT_EQ(retire(3, std::nullopt, kNow, DryRun::Yes).error(), SecretUnknown);
}

TEST_F(SecretsTest, TakesARetirementBackUntilItsDateHasCome) {
    ASSERT_TRUE(add());
    ASSERT_TRUE(retire(1, kNow + 1h));
    EXPECT_EQ(unretire(1, kNow + 1h).error(), AlreadyRetired);
    auto const app = unretire(1, kNow + 1h - 1us);
    ASSERT_TRUE(app);
    EXPECT_EQ(numbers(*app), "2 1");
    EXPECT_EQ(unretire(3).error(), SecretUnknown);
}

TEST_F(SecretsTest, ForgetsTheBytesADayAfterAndKeepsNumberAndDates) {
    ASSERT_TRUE(add());
    ASSERT_TRUE(retire(1, kNow + 1h));
    auto const due = kNow + 1h + kRetiredSecretKeptFor;
    EXPECT_FALSE(has_secrets_to_forget(stored(), due - 1us));
    EXPECT_TRUE(forget(due - 1us).empty());
    EXPECT_EQ(changes_, 0U);
    EXPECT_TRUE(has_secrets_to_forget(stored(), due));
    auto const forgotten = forget(due);
    ForgottenSecret const kept = {.id = 1, .created_at = kNow, .retired_at = kNow + 1h};
    EXPECT_EQ(forgotten, std::vector{kept});
    auto const app = stored();
    EXPECT_EQ(numbers(app), "2");
    EXPECT_EQ(app.forgotten_secrets, std::vector{kept});
    EXPECT_TRUE(is_retired(app, 1, kNow));
}

TEST_F(SecretsTest, SaysOfAForgottenSecretThatItIsRetired) {
    ASSERT_TRUE(add());
    ASSERT_TRUE(retire(1));
    forget(kNow + kRetiredSecretKeptFor);
    auto const later = kNow + kRetiredSecretKeptFor;
    EXPECT_TRUE(retire(1, std::nullopt, later));
    EXPECT_EQ(retire(1, later + 1h, later).error(), AlreadyRetired);
    EXPECT_EQ(unretire(1, later).error(), AlreadyRetired);
}

TEST_F(SecretsTest, RemembersTheNewestHundredForgottenSecrets) {
    auto now = kNow;
    for (std::size_t count = 0; count <= kForgottenSecretsMax; ++count) {
        now += 1s;
        auto const app = add(std::nullopt, now);
        ASSERT_TRUE(app);
        ASSERT_TRUE(retire(app->secrets.back().id, std::nullopt, now));
        now += kRetiredSecretKeptFor;
        ASSERT_EQ(forget(now).size(), 1U);
    }
    auto const app = stored();
    ASSERT_EQ(app.forgotten_secrets.size(), kForgottenSecretsMax);
    EXPECT_EQ(app.forgotten_secrets.front().id, 101);
    EXPECT_EQ(app.forgotten_secrets.back().id, 2);
    EXPECT_EQ(numbers(app), "102");
}

}  // namespace
}  // namespace latchkey::domain
