#include "api/operation.hpp"
#include "support/test_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace latchkey::test {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

class RateLimitsEndpointTest : public testing::Test {
protected:
    TestNode node;

    http::Response ask(std::string const& query = {}, std::string const& path = "/rate_limits") {
        return node.call({.target = path + "?api_key=key" + query, .token = server_token()});
    }
    boost::json::object limits(std::string const& query = {},
                               std::string const& path = "/rate_limits") {
        auto const answer = ask(query, path);
        EXPECT_EQ(answer.status, 200) << answer.body;
        auto body = TestNode::body_of(answer);
        body.erase("duration");
        return body;
    }
    static std::vector<std::string> names(boost::json::object const& object) {
        std::vector<std::string> keys;
        for (auto const& member : object) {
            keys.emplace_back(member.key());
        }
        return keys;
    }
};

TEST_F(RateLimitsEndpointTest, ShowsEveryPlatformWhereNoneIsNamed) {
    for (auto const* query : {"", "&web=false", "&web=&ios=false"}) {
        EXPECT_THAT(names(limits(query)),
                    UnorderedElementsAre("server_side", "android", "ios", "web", "unity"));
    }
    EXPECT_THAT(names(limits("&server_side=true")), ElementsAre("server_side"));
    EXPECT_THAT(names(limits("&web=true&ios=true&android=false", "/api/v2/rate_limits")),
                UnorderedElementsAre("ios", "web"));
}

TEST_F(RateLimitsEndpointTest, ShowsEveryOperationThatIsCounted) {
    auto const shown = names(limits("&web=true").at("web").as_object());
    for (auto const& [id, per_minute] : api::kOperations) {
        EXPECT_EQ(std::ranges::count(shown, id), per_minute == 0 ? 0 : 1) << id;
    }
}

TEST_F(RateLimitsEndpointTest, ShowsWhatIsLeftAndCountsItselfOnly) {
    auto const before = limits("&web=true").at("web").as_object();
    EXPECT_EQ(before.at("GetApp"),
              (boost::json::object{
                  {"limit", 1'000'000}, {"remaining", 1'000'000}, {"reset", 1767225660}}));
    for (int i = 0; i < 3; ++i) {
        (void)node.call({.target = "/app?api_key=key", .token = user_token("john")});
    }
    auto const behind = limits("&web=true&server_side=true");
    EXPECT_EQ(behind.at("web").at("GetApp").at("remaining"), 999'997);
    EXPECT_EQ(behind.at("web"), behind.at("server_side"));
    EXPECT_EQ(behind.at("web").at("GetRateLimits").at("remaining"), 5'998);
    node.clock.advance(1min);
    auto const next = limits("&web=true").at("web").as_object();
    EXPECT_EQ(next.at("GetApp").at("remaining"), 1'000'000);
    EXPECT_EQ(next.at("GetApp").at("reset"), 1767225720);
}

TEST_F(RateLimitsEndpointTest, ShowsOnlyTheEndpointsThatAreNamedAndHere) {
    auto const named = limits("&web=true&endpoints=GetApp,QueryChannels,,Connect,Hi,GetApp");
    EXPECT_THAT(names(named.at("web").as_object()), UnorderedElementsAre("GetApp", "Connect"));
    EXPECT_TRUE(limits("&web=true&endpoints=QueryChannels").at("web").as_object().empty());
    EXPECT_TRUE(limits("&web=true&endpoints=Get").at("web").as_object().empty());
    auto const escaped = limits("&web=true&endpoints=GetApp%2CConnect");
    EXPECT_THAT(names(escaped.at("web").as_object()), UnorderedElementsAre("GetApp", "Connect"));
}

TEST_F(RateLimitsEndpointTest, RefusesAFlagThatIsNone) {
    EXPECT_EQ(ask("&unity=true").status, 200);
    auto const refused = ask("&unity=yes");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(TestNode::code_of(refused), 4);
}

}  // namespace
}  // namespace latchkey::test
