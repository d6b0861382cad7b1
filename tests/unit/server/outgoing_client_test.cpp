#include "server/outgoing_client.hpp"

#include "support/tcp_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <string_view>

namespace latchkey::server {
namespace {

using Outcome = std::expected<api::OutgoingResponse, api::OutgoingFailure>;
using testing::HasSubstr;

class OutgoingClientTest : public testing::Test {
protected:
    OutgoingClient client;
    test::TcpListener listener;

    std::future<Outcome> send(std::uint16_t port, std::chrono::milliseconds timeout,
                              bool repeatable = true) {
        std::promise<Outcome> promise;
        auto answer = promise.get_future();
        client.send(
            {.url =
                 {.tls = false, .host = "127.0.0.1", .port = port, .path = "/keys", .query = "a=1"},
             .method = "POST",
             .fields = {{"X-Name", "value"}},
             .body = "{}",
             .repeatable = repeatable},
            timeout, [promise = std::move(promise)](Outcome outcome) mutable {
                promise.set_value(std::move(outcome));
            });
        return answer;
    }
    std::future<Outcome> send() { return send(listener.port(), test::kGenerous); }
};

TEST_F(OutgoingClientTest, SendsARequestAndHandsOutTheAnswer) {
    auto answer = send();
    auto peer = listener.accept();
    auto const head = peer.read_until("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("POST /keys?a=1 HTTP/1.1\r\n")) << head;
    EXPECT_THAT(head, HasSubstr("\r\nX-Name: value\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nUser-Agent: latchkey/"));
    EXPECT_EQ(peer.read_exactly(2), "{}");
    peer.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=5\r\nContent-Length: 2\r\n\r\n[]");
    auto const outcome = answer.get();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->status, 200);
    EXPECT_EQ(outcome->cache_control, "max-age=5");
    EXPECT_EQ(outcome->body, "[]");
}

TEST_F(OutgoingClientTest, FollowsNoRedirect) {
    auto answer = send();
    auto peer = listener.accept();
    EXPECT_NE(peer.read_until("{}"), "");
    peer.send("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(answer.get()->status, 302);
}

TEST_F(OutgoingClientTest, TellsWhatNobodyGotFromWhatSomebodyMayHave) {
    std::uint16_t nobody = 0;
    {
        test::TcpListener const gone;
        nobody = gone.port();
    }
    EXPECT_EQ(send(nobody, test::kGenerous).get().error(), api::OutgoingFailure::NotConnected);
    auto answer = send();
    auto peer = listener.accept();
    EXPECT_NE(peer.read_until("{}"), "");
    peer.send("no HTTP\r\n\r\n");
    EXPECT_EQ(answer.get().error(), api::OutgoingFailure::Broken);
}

TEST_F(OutgoingClientTest, SendsAgainOnlyWhatIsRepeatable) {
    constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for (bool const repeatable : {false, true}) {
        auto first = send();
        auto peer = listener.accept();
        EXPECT_NE(peer.read_until("{}"), "");
        peer.send(kOk);
        ASSERT_TRUE(first.get());
        auto second = send(listener.port(), test::kGenerous, repeatable);
        EXPECT_NE(peer.read_until("{}"), "");
        peer.close();
        if (repeatable) {
            auto other = listener.accept();
            EXPECT_NE(other.read_until("{}"), "");
            other.send(kOk);
            EXPECT_TRUE(second.get());
        } else {
            EXPECT_EQ(second.get().error(), api::OutgoingFailure::Broken);
            EXPECT_FALSE(listener.has_connection());
        }
    }
}

TEST_F(OutgoingClientTest, WaitsNoLongerThanItWasTold) {
    auto answer = send(listener.port(), std::chrono::milliseconds(50));
    EXPECT_EQ(answer.get().error(), api::OutgoingFailure::TimedOut);
}

TEST_F(OutgoingClientTest, ReadsOnlySoMuch) {
    auto const answer_with = [&](std::size_t bytes) {
        auto answer = send();
        auto peer = listener.accept();
        EXPECT_NE(peer.read_until("{}"), "");
        peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " +
                  std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, 'x'));
        return answer.get();
    };
    EXPECT_EQ(answer_with(api::kOutgoingBodyBytesMax)->body.size(), api::kOutgoingBodyBytesMax);
    EXPECT_EQ(answer_with(api::kOutgoingBodyBytesMax + 1).error(), api::OutgoingFailure::Broken);
}

TEST_F(OutgoingClientTest, RunsATaskBehindAPause) {
    std::promise<void> ran;
    client.after(std::chrono::milliseconds(1), [&ran] { ran.set_value(); });
    EXPECT_EQ(ran.get_future().wait_for(test::kGenerous), std::future_status::ready);
}

TEST_F(OutgoingClientTest, CallsNothingOnceItHasStopped) {
    bool called = false;
    client.after(std::chrono::hours(1), [&called] { called = true; });
    client.stop();
    client.send({.url = {.host = "127.0.0.1", .port = listener.port(), .path = {}, .query = {}}},
                test::kGenerous, [&called](Outcome const&) { called = true; });
    EXPECT_FALSE(called);
}

TEST_F(OutgoingClientTest, TalksToOnlySoManyServers) {
    // Each is closed at once, so that what counts is that it was talked to.
    std::vector<std::unique_ptr<test::TcpListener>> servers;
    for (std::size_t i = 0; i < api::kOutgoingOriginsMax; ++i) {
        servers.push_back(std::make_unique<test::TcpListener>());
        auto answer = send(servers.back()->port(), test::kGenerous);
        servers.back()->accept().close();
        EXPECT_NE(answer.get().error(), api::OutgoingFailure::NotConnected);
    }
    EXPECT_EQ(send().get().error(), api::OutgoingFailure::NotConnected);
    EXPECT_FALSE(listener.has_connection());
}

}  // namespace
}  // namespace latchkey::server
