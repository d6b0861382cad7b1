#include "net/client.hpp"

#include "echo_server.hpp"

#include <gtest/gtest.h>

namespace latchkey::net {
namespace {

using namespace latchkey::test;
using namespace std::chrono_literals;

TEST(Fetch, SendsFieldsAndBodyAndReadsTheAnswer) {
    EchoServer server;
    auto const answer = fetch({.host = "127.0.0.1", .port = server.port()},
                              {.method = "POST",
                               .target = "/echo?q",
                               .fields = {{.name = "X-Echo", .value = "v"}},
                               .body = "hello"},
                              kGenerous);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "/echo?q|q|v|hello");
    EXPECT_EQ(answer->field("content-TYPE"), "application/json");
    EXPECT_EQ(answer->field("x-none"), "");
}

TEST(Fetch, ReadsTheAnswerToHeadWithoutABody) {
    EchoServer server;
    auto const answer = fetch({.host = "localhost", .port = server.port()},
                              {.method = "HEAD", .target = "/echo"}, kGenerous);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "");
}

TEST(Fetch, SaysThatNobodyListens) {
    std::uint16_t port = 0;
    {
        EchoServer const server;
        port = server.port();
    }
    auto const answer = fetch({.host = "127.0.0.1", .port = port}, {}, kGenerous);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().error, ClientError::CannotConnect);
}

TEST(Fetch, GivesUpAtItsDeadline) {
    std::unique_ptr<http::DeferredAnswer> kept;  // outlives the loop, on whose thread it belongs
    auto timeouts = in_a_hurry();
    timeouts.stop_grace = 0ms;
    EchoServer server(timeouts);
    server.world.on_defer = [&](http::Loop&, std::unique_ptr<http::DeferredAnswer> answer) {
        kept = std::move(answer);
    };
    auto const answer =
        fetch({.host = "127.0.0.1", .port = server.port()}, {.target = "/defer"}, 200ms);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().error, ClientError::TimedOut);
    server.server.stop();
    server.server.join();
}

}  // namespace
}  // namespace latchkey::net
