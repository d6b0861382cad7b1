#include "oidc/key_cache.hpp"

#include "support/foreign_key.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace latchkey::oidc {
namespace {

using Advice = KeyCache::Advice;
using namespace std::chrono_literals;

JwkSet keys_named(std::string_view kid) {
    static auto const key = test::ForeignKey::ed25519();
    return *JwkSet::parse(test::key_set({key.jwk(kid)}));
}

class KeyCacheTest : public testing::Test {
protected:
    KeyCache cache;
    KeyCache::TimePoint now{1h};

    void fill(std::string_view kid, std::optional<std::chrono::seconds> fresh_for = std::nullopt) {
        cache.succeed(keys_named(kid), fresh_for, now);
    }
};

TEST_F(KeyCacheTest, FetchesOnceForAllWhoWaitForTheFirstKeys) {
    auto const first = cache.ask("one", now);
    EXPECT_EQ(first.advice, Advice::Wait);
    EXPECT_TRUE(first.fetch);
    auto const second = cache.ask(std::nullopt, now);
    EXPECT_EQ(second.advice, Advice::Wait);
    EXPECT_FALSE(second.fetch);
    fill("one");
    auto const third = cache.ask("one", now);
    EXPECT_EQ(third.advice, Advice::Use);
    EXPECT_FALSE(third.fetch);
    EXPECT_TRUE(third.keys->knows("one"));
}

TEST_F(KeyCacheTest, PausesBehindAFailureWhereItHasNoKeys) {
    EXPECT_TRUE(cache.ask("one", now).fetch);
    cache.fail(now);
    EXPECT_EQ(cache.ask("one", now + KeyCache::kRetryPause - 1ms).advice, Advice::Fail);
    EXPECT_TRUE(cache.ask("one", now + KeyCache::kRetryPause).fetch);
}

TEST_F(KeyCacheTest, UsesKeysWhileTheyAreFresh) {
    fill("one", 120s);
    EXPECT_FALSE(cache.ask("one", now + 120s - 1ms).fetch);
    auto const stale = cache.ask("one", now + 120s);
    EXPECT_EQ(stale.advice, Advice::Use);  // nobody waits for a refresh
    EXPECT_TRUE(stale.fetch);
    EXPECT_FALSE(cache.ask("one", now + 121s).fetch);
}

TEST_F(KeyCacheTest, BoundsHowLongKeysAreFresh) {
    for (auto const& [said, counts] :
         {std::pair{std::optional<std::chrono::seconds>(), KeyCache::kFreshDefault},
          {0s, KeyCache::kFreshMin},
          {1000h, KeyCache::kFreshMax}}) {
        fill("one", said);
        EXPECT_FALSE(cache.ask("one", now + counts - 1ms).fetch);
        EXPECT_TRUE(cache.ask("one", now + counts).fetch);
    }
}

TEST_F(KeyCacheTest, LooksForAKeyThatItDoesNotKnow) {
    fill("one");
    auto const answer = cache.ask("two", now + 1s);
    EXPECT_EQ(answer.advice, Advice::Wait);
    EXPECT_TRUE(answer.fetch);
    EXPECT_EQ(cache.ask("one", now + 1s).advice, Advice::Use);
    EXPECT_FALSE(cache.ask("three", now + 1s).fetch);
    fill("two");
    EXPECT_EQ(cache.ask("two", now + 1s).advice, Advice::Use);
}

TEST_F(KeyCacheTest, BoundsHowOftenUnknownKeysAreLookedFor) {
    fill("one");
    for (int i = 0; i < KeyCache::kLookupsMax; ++i) {
        EXPECT_TRUE(cache.ask("made-up", now).fetch);
        fill("one");
    }
    auto const refused = cache.ask("made-up", now);
    EXPECT_EQ(refused.advice, Advice::Use);
    EXPECT_FALSE(refused.fetch);
    EXPECT_FALSE(cache.ask("made-up", now + KeyCache::kLookupEvery - 1ms).fetch);
    EXPECT_TRUE(cache.ask("made-up", now + KeyCache::kLookupEvery).fetch);
    fill("one");
    EXPECT_FALSE(cache.ask("made-up", now + KeyCache::kLookupEvery).fetch);
}

TEST_F(KeyCacheTest, LooksForNewerKeysWhereNoneOfTheseSigned) {
    fill("one");
    auto const tried = cache.current(now);
    EXPECT_TRUE(cache.ask_newer(tried, now).fetch);
    fill("one");
    auto const newer = cache.ask_newer(tried, now);  // another request fetched them meanwhile
    EXPECT_EQ(newer.advice, Advice::Use);
    EXPECT_NE(newer.keys, tried);
    EXPECT_FALSE(newer.fetch);
}

TEST_F(KeyCacheTest, TriesAKeyWithoutAnIdBeforeItLooksForNewerOnes) {
    cache.succeed(*JwkSet::parse(test::key_set({test::ForeignKey::ed25519().jwk()})), std::nullopt,
                  now);
    EXPECT_EQ(cache.ask("one", now).advice, Advice::Use);
    EXPECT_FALSE(cache.ask("one", now).fetch);
    EXPECT_TRUE(cache.ask_newer(cache.current(now), now).fetch);
}

TEST_F(KeyCacheTest, KeepsGoodKeysWhenAFetchFails) {
    fill("one", 60s);
    EXPECT_TRUE(cache.ask("one", now + 60s).fetch);
    cache.fail(now + 60s);
    auto const answer = cache.ask("one", now + 61s);
    EXPECT_EQ(answer.advice, Advice::Use);
    EXPECT_FALSE(answer.fetch);
    EXPECT_TRUE(cache.ask("one", now + 60s + KeyCache::kRetryPause).fetch);
}

TEST_F(KeyCacheTest, LetsNoKeysCountForEver) {
    fill("one");
    EXPECT_EQ(cache.ask("one", now + KeyCache::kStaleMax - 1ms).advice, Advice::Use);
    cache.fail(now + KeyCache::kStaleMax - 1ms);
    EXPECT_EQ(cache.ask("one", now + KeyCache::kStaleMax).advice, Advice::Fail);
    EXPECT_EQ(cache.ask("one", now + KeyCache::kStaleMax + KeyCache::kRetryPause).advice,
              Advice::Wait);
}

TEST(ParseMaxAge, ReadsTheFieldAsCachesDo) {
    EXPECT_EQ(parse_max_age("max-age=300"), 300s);
    EXPECT_EQ(parse_max_age("public, Max-Age=300, must-revalidate"), 300s);
    EXPECT_EQ(parse_max_age("no-store"), 0s);
    EXPECT_EQ(parse_max_age("no-cache, max-age=300"), 0s);
    for (auto const* text : {"", "public", "max-age", "max-age=", "max-age=-1", "max-age=x",
                             "max-age=99999999999", "s-maxage=300"}) {
        EXPECT_EQ(parse_max_age(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace latchkey::oidc
