#include "support/tcp_socket.hpp"

#include <latchkey/sdk/server_client.hpp>

#include <gtest/gtest.h>

#include <coroutine>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

/// `ServerClient` with the machine's clock and network, against a peer on loopback that the test
/// plays.
namespace latchkey::sdk {
namespace {

using namespace std::chrono_literals;
using test::kGenerous;
using test::TcpListener;
using test::TcpSocket;

ServerClient client_to(std::string base_url, std::chrono::milliseconds deadline = kGenerous) {
    return ServerClient({.api_key = "key-1",
                         .api_secret = Secret("a-secret-of-tests-that-is-long-enough"),
                         .connection = {.base_url = std::move(base_url), .deadline = deadline}});
}

std::string url_of(TcpListener const& listener) {
    return "http://127.0.0.1:" + std::to_string(listener.port());
}

void answer(TcpSocket& peer, std::string_view status, std::string_view body) {
    peer.send("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

TEST(ServerClientOnTheMachine, BlocksUntilTheAnswerIsThere) {
    TcpListener listener;
    auto client = client_to(url_of(listener));
    auto call = client.get_app();
    auto peer = listener.accept();
    EXPECT_TRUE(peer.read_until("\r\n\r\n").starts_with("GET /api/v2/app?api_key=key-1 HTTP/1.1"));
    answer(peer, "200 OK", R"({"app":{"id":1}})");
    EXPECT_EQ(std::move(call).get(), R"({"id":1})");
}

TEST(ServerClientOnTheMachine, RepeatsACallOnTheConnectionThatItKeeps) {
    TcpListener listener;
    auto client = client_to(url_of(listener));
    auto call = client.get_app();
    auto peer = listener.accept();
    EXPECT_NE(peer.read_until("\r\n\r\n"), "");
    answer(peer, "503 Service Unavailable", "");
    EXPECT_NE(peer.read_until("\r\n\r\n"), "");
    answer(peer, "200 OK", R"({"app":{"id":1}})");
    EXPECT_TRUE(std::move(call).get().has_value());
    EXPECT_FALSE(listener.has_connection());
}

/// A coroutine that nobody waits for.
struct Started {
    struct promise_type {
        Started get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

TEST(ServerClientOnTheMachine, ResumesACoroutineOnAThreadOfItsOwn) {
    TcpListener listener;
    auto client = client_to(url_of(listener));
    std::promise<std::thread::id> resumed;
    auto const ask = [](ServerClient* asked, std::promise<std::thread::id>* out) -> Started {
        auto const app = co_await asked->get_app();
        out->set_value(app ? std::this_thread::get_id() : std::thread::id());
    };
    ask(&client, &resumed);
    auto peer = listener.accept();
    EXPECT_NE(peer.read_until("\r\n\r\n"), "");
    answer(peer, "200 OK", R"({"app":{"id":1}})");
    auto const thread = resumed.get_future().get();
    EXPECT_NE(thread, std::thread::id());
    EXPECT_NE(thread, std::this_thread::get_id());
}

TEST(ServerClientOnTheMachine, EndsWithItsDeadlineWhereNobodyAnswers) {
    TcpListener listener;
    auto client = client_to(url_of(listener), 50ms);
    auto const result = client.get_app().get();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, Error::Kind::TimedOut);
}

TEST(ServerClientOnTheMachine, SaysThatNobodyListens) {
    std::optional<TcpListener> listener(std::in_place);
    auto const url = url_of(*listener);
    listener.reset();
    auto client = client_to(url, 50ms);
    auto const result = client.create_guest({.id = "tom"}).get();
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, Error::Kind::CannotConnect);
    EXPECT_TRUE(result.error().may_retry);
}

TEST(ServerClientOnTheMachine, StopsWhatIsUnderWayWhenItIsDestroyed) {
    TcpListener listener;
    std::optional<ServerClient> client(client_to(url_of(listener)));
    auto call = client->get_app();
    auto peer = listener.accept();
    EXPECT_NE(peer.read_until("\r\n\r\n"), "");
    std::jthread const waiting([&call] {
        auto const result = std::move(call).get();
        EXPECT_FALSE(result.has_value());
        EXPECT_TRUE(result || result.error().kind == Error::Kind::Stopped);
    });
    client.reset();
}

TEST(ServerClientOnTheMachine, ServesSeveralThreads) {
    constexpr int kThreads = 4;
    constexpr int kCallsEach = 20;
    TcpListener listener;
    auto client = client_to(url_of(listener));
    std::vector<std::jthread> peers;
    std::vector<std::jthread> callers;
    callers.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
        callers.emplace_back([&client] {
            for (int k = 0; k < kCallsEach; ++k) {
                EXPECT_EQ(client.get_app().get(), R"({"id":1})");
                EXPECT_TRUE(client.create_token("john").has_value());
            }
        });
    }
    // There are as many connections as calls under way at once; which is for the pool to decide.
    std::jthread const accepting([&](std::stop_token const& stop) {
        while (!stop.stop_requested()) {
            if (!listener.has_connection()) {
                std::this_thread::yield();
                continue;
            }
            peers.emplace_back([peer = listener.accept()]() mutable {
                while (!peer.read_until("\r\n\r\n").empty()) {
                    answer(peer, "200 OK", R"({"app":{"id":1}})");
                }
            });
        }
    });
    callers.clear();
    auto const ended = std::move(client);
}

TEST(ServerClientOnTheMachine, RefusesWhatCannotReachAServer) {
    EXPECT_THROW(client_to("localhost:3030"), std::invalid_argument);
    EXPECT_THROW(client_to("http://localhost?x=y"), std::invalid_argument);
    EXPECT_THROW(client_to("http://localhost", 0ms), std::invalid_argument);
    EXPECT_NO_THROW(client_to("http://localhost"));
}

}  // namespace
}  // namespace latchkey::sdk
