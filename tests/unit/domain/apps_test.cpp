#include "domain/apps.hpp"

#include "storage/memory/memory_store.hpp"
#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace latchkey::domain {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1767225600s};
constexpr Instant kLater{1767225700s};

class AppsTest : public testing::Test {
protected:
    test::SeededRandom random;
    storage::MemoryStore store{random};

    /// Runs `work` in a transaction of its own; gives back what it gives, and how many changes.
    template <class Work>
    auto run(Work work) {
        decltype(work(std::declval<Transaction&>())) result =
            std::unexpected(typename decltype(work(std::declval<Transaction&>()))::error_type{});
        std::array<Job, 1> jobs = {[&](Transaction& transaction) {
            result = work(transaction);
            return result ? Outcome::Commit : Outcome::Rollback;
        }};
        changes = store.commit(jobs).changes.size();
        return result;
    }
    std::expected<App, AppError> create(NewApp content) {
        return run([&](Transaction& transaction) {
            return create_app(transaction, std::move(content), kNow, random);
        });
    }
    std::expected<App, UpdateAppError> update(AppId id, std::move_only_function<void(App&)> edit) {
        return run([&](Transaction& transaction) {
            return update_app(transaction, id, std::move(edit), kLater);
        });
    }

    std::size_t changes = 0;
};

TEST_F(AppsTest, MakesKeysAndSecretsAtRandomWhereNoneAreGiven) {
    auto const first = create({.name = "first"});
    auto const second = create({.name = "second"});
    EXPECT_EQ(first->api_key.text().size(), kGeneratedKeyCharacters);
    EXPECT_EQ(first->secrets.front().secret.reveal().size(), kGeneratedSecretCharacters);
    EXPECT_EQ(find_flaw(first->secrets.front().secret), std::nullopt);
    EXPECT_NE(first->api_key, second->api_key);
    EXPECT_EQ(first->id, AppId{1});
    EXPECT_EQ(second->id, AppId{2});
}

TEST_F(AppsTest, RefusesAKeyThatIsTaken) {
    EXPECT_TRUE(create({.name = "a", .api_key = ApiKey::parse("key")}));
    EXPECT_EQ(create({.name = "b", .api_key = ApiKey::parse("key")}).error(), AppError::KeyTaken);
    EXPECT_TRUE(create({.name = "b", .api_key = ApiKey::parse("Key")}));
}

TEST_F(AppsTest, RefusesNamesThatAreNone) {
    EXPECT_TRUE(create({.name = std::string(kAppNameBytesMax, 'x')}));
    for (auto const& name : {std::string(), std::string(kAppNameBytesMax + 1, 'x'),
                             std::string("two\nlines"), std::string("nul\0byte", 8)}) {
        EXPECT_EQ(create({.name = name}).error(), AppError::NameInvalid) << name;
    }
}

TEST_F(AppsTest, RefusesASecretWithAFlaw) {
    NewApp content{.name = "a"};
    content.api_secret.emplace(std::string(31, 'x'));
    EXPECT_EQ(create(std::move(content)).error(), AppError::SecretFlawed);
}

TEST(FindFlaw, NamesWhatIsWrongWithASecret) {
    auto const flaw = [](std::string text) { return find_flaw(Secret(std::move(text))); };
    EXPECT_EQ(flaw("0123456789abcdefghijklmnopqrstu"), SecretFlaw::TooShort);
    EXPECT_EQ(flaw("0123456789abcdefghijklmnopqrstuv"), std::nullopt);
    EXPECT_EQ(flaw(std::string(kSecretBytesMax, 'x') + "0123456789"), SecretFlaw::TooLong);
    EXPECT_EQ(flaw("123456789123456789123456789123456789"), SecretFlaw::TooPlain);
    EXPECT_EQ(flaw("PUT_HERE_YOUR_SUPER_SECRET_JWT_CODE"), SecretFlaw::Known);
}

TEST_F(AppsTest, SwitchingToProductionClearsDisabledAuthChecksInTheSameWrite) {
    auto const app = create({.name = "a", .mode = Mode::Development});
    EXPECT_TRUE(
        update(app->id, [](App& a) { a.disable_auth_checks = true; })->auth_checks_disabled());
    auto const production = update(app->id, [](App& a) { a.mode = Mode::Production; });
    EXPECT_FALSE(production->disable_auth_checks);
    EXPECT_EQ(changes, 1U);
    auto const back = update(app->id, [](App& a) { a.mode = Mode::Development; });
    EXPECT_FALSE(back->auth_checks_disabled());
}

TEST_F(AppsTest, RefusesToDisableAuthChecksInProduction) {
    auto const app = create({.name = "a", .mode = Mode::Production});
    EXPECT_EQ(update(app->id, [](App& a) { a.disable_auth_checks = true; }).error(),
              UpdateAppError::AuthChecksInProduction);
    EXPECT_EQ(changes, 0U);
    EXPECT_TRUE(update(app->id, [](App& a) { a.disable_auth_checks = false; }));
}

TEST_F(AppsTest, StoresNothingWhereNothingChanged) {
    auto const app = create({.name = "a"});
    auto const same = update(app->id, [](App& a) { a.name = "a"; });
    EXPECT_EQ(changes, 0U);
    EXPECT_EQ(same->updated_at, kNow);
    auto const renamed = update(app->id, [](App& a) { a.name = "b"; });
    EXPECT_EQ(changes, 1U);
    EXPECT_EQ(renamed->updated_at, kLater);
}

TEST_F(AppsTest, KnowsNoAppThatIsNotThere) {
    EXPECT_EQ(update(AppId{9}, [](App&) {}).error(), UpdateAppError::AppUnknown);
}

}  // namespace
}  // namespace latchkey::domain
