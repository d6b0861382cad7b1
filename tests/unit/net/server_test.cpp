#include "net/server.hpp"

#include "echo_server.hpp"
#include "support/ws_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <system_error>

namespace latchkey::net {
namespace {

using namespace latchkey::test;
using namespace std::chrono_literals;

constexpr std::string_view kGetEcho = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kGetDefer = "GET /defer HTTP/1.1\r\nHost: a\r\n\r\n";

std::ptrdiff_t open_descriptors() {
    std::filesystem::directory_iterator const entries("/proc/self/fd");
    return std::distance(begin(entries), end(entries));
}

TEST(Server, ServesFromSeveralLoopsOnOnePort) {
    EchoServer server({}, 3);
    for (int i = 0; i < 50; ++i) {
        auto socket = server.connect();
        socket.send(kGetEcho);
        EXPECT_EQ(read_answer(socket).status, 200);
    }
}

TEST(Server, ListensOnSeveralAddresses) {
    EchoWorld world;
    RecordingLog log;
    ManualClock const clock(kNow);
    Server server({.listen = {{.host = "127.0.0.1"}, {.host = "localhost"}}, .timeouts = {}}, log,
                  clock, [&world](http::Loop& loop, std::size_t) {
                      return std::make_unique<EchoService>(world, loop);
                  });
    server.start();
    EXPECT_NE(server.bound_port(0), server.bound_port(1));
    TcpSocket socket(server.bound_port(0));
    socket.send(kGetEcho);
    EXPECT_EQ(read_answer(socket).status, 200);
}

TEST(Server, NamesTheAddressThatIsInUse) {
    EchoServer first;
    for (std::size_t const loops : {1U, 2U}) {
        ManualClock const clock(kNow);
        Server second({.listen = {{.host = "127.0.0.1", .port = first.port()}},
                       .loops = loops,
                       .timeouts = {}},
                      first.log, clock,
                      [](http::Loop&, std::size_t) { return std::unique_ptr<http::Service>(); });
        try {
            second.start();
            ADD_FAILURE() << "a second server listens on the same port";
        } catch (std::system_error const& error) {
            EXPECT_EQ(error.code(), std::errc::address_in_use);
            EXPECT_THAT(error.what(),
                        testing::HasSubstr("127.0.0.1:" + std::to_string(first.port())));
        }
    }
}

TEST(Server, RefusesAPortThatASecondServerWithSeveralLoopsHolds) {
    EchoServer first({}, 2);
    ManualClock const clock(kNow);
    Server second(
        {.listen = {{.host = "127.0.0.1", .port = first.port()}}, .loops = 2, .timeouts = {}},
        first.log, clock,
        [](http::Loop&, std::size_t) { return std::unique_ptr<http::Service>(); });
    EXPECT_THROW(second.start(), std::system_error);
}

TEST(Server, SaysWhichHostIsUnknown) {
    EchoServer world;
    ManualClock const clock(kNow);
    Server server({.listen = {{.host = "no.such.host.invalid", .port = 1}}, .timeouts = {}},
                  world.log, clock,
                  [](http::Loop&, std::size_t) { return std::unique_ptr<http::Service>(); });
    EXPECT_THROW(server.start(), std::system_error);
}

TEST(Server, StopsAtOnceWhenNothingIsUnderWay) {
    EchoServer server({}, 2);
    server.server.stop();
    server.server.stop();
    server.server.join();
    EXPECT_EQ(server.world.stopped.value(), 2);
    EXPECT_THROW(TcpSocket(server.port()), std::runtime_error);
}

TEST(Server, ClosesIdleConnectionsWhenItStops) {
    EchoServer server;
    auto idle = server.connect();
    idle.send(kGetEcho);
    EXPECT_EQ(read_answer(idle).status, 200);
    server.server.stop();
    EXPECT_EQ(idle.read_until_closed(), "");
    server.server.join();
}

TEST(Server, FinishesARequestUnderWayWhenItStops) {
    EchoServer server;
    std::unique_ptr<http::DeferredAnswer> kept;
    http::Loop* kept_loop = nullptr;
    server.world.on_defer = [&](http::Loop& loop, std::unique_ptr<http::DeferredAnswer> answer) {
        kept_loop = &loop;
        kept = std::move(answer);
    };
    auto socket = server.connect();
    socket.send(kGetDefer);
    ASSERT_TRUE(server.world.deferred.wait_for(1));
    server.server.stop();
    ASSERT_TRUE(server.world.stopped.wait_for(1));
    kept_loop->post([&kept] { kept->complete({}); });
    auto const answer = read_answer(socket);
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.says("Connection: close"));
    server.server.join();
}

TEST(Server, EndsWhatIsStillUnderWayWhenItsGraceIsOver) {
    auto timeouts = in_a_hurry();
    timeouts.stop_grace = 20ms;
    EchoServer server(timeouts);
    std::unique_ptr<http::DeferredAnswer> kept;
    server.world.on_defer = [&](http::Loop&, std::unique_ptr<http::DeferredAnswer> answer) {
        kept = std::move(answer);
    };
    auto deferred = server.connect();
    deferred.send(kGetDefer);
    auto half = server.connect();
    half.send("GET /echo HT");
    WsClient websocket(server.port(), "/ws");
    ASSERT_TRUE(server.world.deferred.wait_for(1));
    server.server.stop();
    server.server.join();
    EXPECT_EQ(deferred.read_until_closed(), "");
    EXPECT_EQ(half.read_until_closed(), "");
    EXPECT_EQ(server.world.ended.value(), 1);
    kept.reset();  // harmless, however late
}

TEST(Server, ClosesWebSocketsWhenItStops) {
    EchoServer server;
    WsClient client(server.port(), "/ws");
    ASSERT_TRUE(server.world.opened.wait_for(1));
    server.server.stop();
    auto const frame = client.read_frame();
    EXPECT_EQ(frame.kind, WsFrame::Kind::Close);
    EXPECT_EQ(frame.close_code, 1001);
    client.send_close(1001);
    server.server.join();
    EXPECT_EQ(server.world.ended.value(), 1);
}

TEST(Server, LetsTheServiceChooseHowItsWebSocketsEnd) {
    EchoServer server;
    http::WebSocket* socket = nullptr;
    server.world.on_open = [&socket](http::WebSocket& opened) { socket = &opened; };
    server.world.on_stop = [&socket] { socket->close(4009, "moving"); };
    WsClient client(server.port(), "/ws");
    ASSERT_TRUE(server.world.opened.wait_for(1));
    server.server.stop();
    EXPECT_EQ(client.read_frame().close_code, 4009);
    client.send_close(4009);
    server.server.join();
}

TEST(Server, DestroysTasksThatArePostedAfterItsEnd) {
    auto const held = std::make_shared<int>();
    {
        EchoServer server;
        http::Loop* loop = nullptr;
        server.world.on_defer = [&loop](http::Loop& its, std::unique_ptr<http::DeferredAnswer>) {
            loop = &its;
        };
        auto socket = server.connect();
        socket.send(kGetDefer);
        EXPECT_EQ(read_answer(socket).status, 500);
        server.server.stop();
        server.server.join();
        loop->post([held] { ADD_FAILURE() << "run after the end"; });
        EXPECT_EQ(held.use_count(), 2);
    }
    EXPECT_EQ(held.use_count(), 1);
}

/// While it lives, the process can open one more file and no second one.
class OneMoreFile {
public:
    OneMoreFile() {
        getrlimit(RLIMIT_NOFILE, &before_);
        int const next = dup(STDERR_FILENO);
        close(next);
        rlimit const tight{.rlim_cur = static_cast<rlim_t>(next) + 1, .rlim_max = before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &tight);
    }
    OneMoreFile(OneMoreFile const&) = delete;
    OneMoreFile& operator=(OneMoreFile const&) = delete;
    ~OneMoreFile() { setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

TEST(Server, WaitsForDescriptorsToComeFreeAndSaysSoOnce) {
    EchoServer server;
    // Before UBSan trusts a vtable it reads it through a pipe, once for each class that it is
    // called as, and in the scarcity there is no pipe to be had: so loop and log are met before.
    auto first = server.connect();
    first.send(kGetEcho);
    ASSERT_EQ(read_answer(first).status, 200);
    EventLog& log = server.log;
    log.write(LogLevel::Info, "test.log_met", {});
    ASSERT_TRUE(server.log.wait_for("test.log_met"));
    std::optional<TcpSocket> socket;
    {
        OneMoreFile const scarcity;
        socket.emplace(server.port());
        ASSERT_TRUE(server.log.wait_for("net.accept_failed"));
    }
    socket->send(kGetEcho);
    EXPECT_EQ(read_answer(*socket).status, 200);
    EXPECT_EQ(server.log.count("net.accept_failed"), 1);
}

TEST(Server, LeavesNoDescriptorOpen) {
    auto const before = open_descriptors();
    {
        EchoServer server({}, 2);
        for (int i = 0; i < 50; ++i) {
            auto socket = server.connect();
            socket.send(i % 2 == 0 ? kGetEcho : "BAD\r\n\r\n");
            EXPECT_NE(read_answer(socket).status, 0);
        }
    }
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace latchkey::net
