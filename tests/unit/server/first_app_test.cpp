#include "server/first_app.hpp"

#include "storage/memory/memory_store.hpp"
#include "support/seeded_random.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::server {
namespace {

using namespace std::chrono_literals;
using Origin = FirstApp::Origin;

constexpr Instant kNow{1767225600s};

class EnsureFirstAppTest : public testing::Test {
protected:
    test::SeededRandom random;
    storage::MemoryStore store{random};

    static Settings settings_with(std::string const& key, std::string const& secret) {
        Settings settings;
        settings.api_key = ApiKey::parse(key);
        settings.api_secret.emplace(secret);
        settings.app_mode = domain::Mode::Production;
        return settings;
    }
    std::expected<FirstApp, std::string> ensure(Settings const& settings) {
        return ensure_first_app(store, settings, kNow, random);
    }
    static constexpr char const* kSecret = "a-good-secret-0123456789-abcdefgh";
};

TEST_F(EnsureFirstAppTest, MakesADevelopmentAppInAnEmptyStore) {
    auto const first = ensure({});
    EXPECT_EQ(first->origin, Origin::Generated);
    EXPECT_EQ(first->app->mode, domain::Mode::Development);
    EXPECT_EQ(ensure({})->origin, Origin::Existed);
    EXPECT_FALSE(ensure({})->app);
}

TEST_F(EnsureFirstAppTest, MakesTheAppThatTheSettingsName) {
    auto const first = ensure(settings_with("key", kSecret));
    EXPECT_EQ(first->origin, Origin::Given);
    EXPECT_EQ(first->app->api_key.text(), "key");
    EXPECT_EQ(first->app->mode, domain::Mode::Production);
}

TEST_F(EnsureFirstAppTest, TakesBackAGeneratedAppWhoseSecretNobodySaw) {
    take_back(store, *ensure({}));
    EXPECT_EQ(ensure({})->origin, Origin::Generated);
    auto const given = ensure(settings_with("key", kSecret));
    take_back(store, *given);
    EXPECT_EQ(ensure(settings_with("key", kSecret))->origin, Origin::Existed);
}

TEST_F(EnsureFirstAppTest, JoinsAnAppThatHasTheSecretAndNoOther) {
    ASSERT_TRUE(ensure(settings_with("key", kSecret)));
    EXPECT_EQ(ensure(settings_with("key", kSecret))->origin, Origin::Existed);
    EXPECT_FALSE(ensure(settings_with("key", "another-good-secret-0123456789-ab")));
    EXPECT_EQ(ensure(settings_with("second", kSecret))->origin, Origin::Given);
}

TEST_F(EnsureFirstAppTest, RefusesAnUnfitSecretWithoutRepeatingIt) {
    auto const refused = ensure(settings_with("key", "too short"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().find("too short"), std::string::npos);
    EXPECT_EQ(ensure({})->origin, Origin::Generated);
}

}  // namespace
}  // namespace latchkey::server
