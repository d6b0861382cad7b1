#include <latchkey/sdk/user_client.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace latchkey {
namespace {

using namespace std::chrono_literals;

UserClient::Options options(std::string api_key, std::string base_url) {
    UserClient::Options made;
    made.api_key = std::move(api_key);
    made.connection.base_url = std::move(base_url);
    return made;
}

TEST(UserClient, SaysWhichOfItsOptionsCannotBe) {
    EXPECT_NO_THROW(UserClient(options("key", "http://127.0.0.1:1")));
    EXPECT_THROW(UserClient(options("", "http://127.0.0.1:1")), std::invalid_argument);
    EXPECT_THROW(UserClient(options("key", "127.0.0.1:1")), std::invalid_argument);
    EXPECT_THROW(UserClient(options("key", "")), std::invalid_argument);
}

TEST(UserClient, MakesDeveloperTokensAndRefusesIdsThatAreNone) {
    EXPECT_EQ(UserClient::dev_token("john"),
              "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiam9obiJ9.devtoken");
    EXPECT_THROW((void)UserClient::dev_token("a b"), std::invalid_argument);
}

TEST(UserClient, CallsNeedASession) {
    UserClient client(options("key", "http://127.0.0.1:1"));
    EXPECT_EQ(client.state(), sdk::SessionState::Offline);
    EXPECT_EQ(client.call("GET", "/api/v2/app", "").get().error().kind, sdk::Error::Kind::Stopped);
    EXPECT_TRUE(client.connect_anonymous().get());
    EXPECT_EQ(client.call("GET", "api", "").get().error().kind, sdk::Error::Kind::InvalidArgument);
    EXPECT_TRUE(client.disconnect().get());
    EXPECT_FALSE(client.last_error());
    EXPECT_EQ(client.clock_skew(), 0ms);
}

TEST(UserClient, ItsDestructionEndsWhatIsUnderWayOnTheRealNetworkToo) {
    auto client = std::make_unique<UserClient>(options("key", "http://127.0.0.1:1"));
    auto connecting = client->connect_user(
        {.id = "john"}, [](std::string_view) -> std::expected<std::string, std::string> {
            return std::unexpected("no backend");
        });
    auto const call = client->call("GET", "/api/v2/app", "");
    client.reset();
    EXPECT_EQ(std::move(connecting).get().error().kind, sdk::Error::Kind::Stopped);
}

}  // namespace
}  // namespace latchkey
