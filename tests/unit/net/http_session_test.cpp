#include "echo_server.hpp"
#include "http/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace latchkey::net {
namespace {

using namespace latchkey::test;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

std::string get(std::string_view target, std::string_view fields = {}) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) +
           "\r\n";
}

std::string post(std::string_view fields, std::string_view body) {
    return "POST /echo HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n" +
           std::string(body);
}

std::string post_sized(std::string_view body) {
    return post("Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

TEST(HttpSession, AnswersWithJsonLengthDateAndNothingMore) {
    EchoServer server;
    auto socket = server.connect();
    socket.send(get("/echo?a=b", "X-Echo: field\r\n"));
    auto const answer = read_answer(socket);
    EXPECT_EQ(answer.head,
              "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nContent-Type: application/json\r\n"
              "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n");
    EXPECT_EQ(answer.body, "/echo?a=b|a=b|field|");
}

TEST(HttpSession, KeepsTheConnectionForTheNextRequest) {
    EchoServer server;
    auto socket = server.connect();
    for (int i = 0; i < 3; ++i) {
        socket.send(get("/echo"));
        EXPECT_EQ(read_answer(socket).status, 200);
    }
}

TEST(HttpSession, AnswersPipelinedRequestsInOrder) {
    EchoServer server;
    auto socket = server.connect();
    std::string requests;
    for (int i = 0; i < 100; ++i) {
        requests += i % 3 == 0 ? post_sized("body " + std::to_string(i))
                               : get("/echo?" + std::to_string(i));
    }
    socket.send(requests);
    for (int i = 0; i < 100; ++i) {
        EXPECT_THAT(read_answer(socket).body, HasSubstr(std::to_string(i)));
    }
}

TEST(HttpSession, ReadsRequestsThatComeByteByByte) {
    EchoServer server;
    auto socket = server.connect();
    for (auto const& request :
         {get("/echo"), post_sized("hello"),
          post("Transfer-Encoding: chunked\r\n", "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n")}) {
        for (char const c : request) {
            socket.send({&c, 1});
        }
        EXPECT_EQ(read_answer(socket).status, 200);
    }
}

TEST(HttpSession, ToleratesEmptyLinesAheadOfARequest) {
    EchoServer server;
    auto socket = server.connect();
    socket.send("\r\n" + get("/echo") + "\r\n" + get("/echo"));
    EXPECT_EQ(read_answer(socket).status, 200);
    EXPECT_EQ(read_answer(socket).status, 200);
}

TEST(HttpSession, ToleratesRawJsonInTheTarget) {
    EchoServer server;
    auto socket = server.connect();
    socket.send(get(R"(/echo?json={"user_details":{"id":"j|^`<>\"}})"));
    EXPECT_EQ(read_answer(socket).status, 200);
}

TEST(HttpSession, ReadsChunkedBodies) {
    EchoServer server;
    auto socket = server.connect();
    socket.send(
        post("Transfer-Encoding: chunked\r\n", "4\r\nabcd\r\nA\r\n0123456789\r\n0\r\n\r\n"));
    EXPECT_EQ(read_answer(socket).body, "/echo|||abcd0123456789");
}

TEST(HttpSession, KeepsTheRequestReadableWhileALongBodyComes) {
    EchoServer server;
    auto socket = server.connect();
    std::string const body(300'000, 'b');
    auto const request = post("X-Echo: still here\r\nContent-Length: 300000\r\n", body);
    socket.send(request.substr(0, 200));
    socket.send(request.substr(200));
    EXPECT_EQ(read_answer(socket).body, "/echo||still here|" + body);
}

TEST(HttpSession, TakesBodiesUpToTheLimitAndNotOneByteMore) {
    EchoServer server;
    auto socket = server.connect();
    std::string const body(http::kBodyBytesMax, 'b');
    socket.send(post_sized(body));
    EXPECT_EQ(read_answer(socket).body.size(), body.size() + 8);
    socket.send(post("Content-Length: " + std::to_string(body.size() + 1) + "\r\n", {}));
    auto const answer = read_answer(socket);
    EXPECT_EQ(answer.status, 413);
    EXPECT_TRUE(answer.says("Connection: close"));
}

TEST(HttpSession, TakesChunkedBodiesUpToTheLimitAndNotOneByteMore) {
    EchoServer server;
    std::string const half(http::kBodyBytesMax / 2, 'c');
    for (std::string const rest : {"0\r\n\r\n", "1\r\nx\r\n0\r\n\r\n"}) {
        auto socket = server.connect();
        std::string const chunk = "280000\r\n" + half + "\r\n";
        socket.send(post("Transfer-Encoding: chunked\r\n", chunk + chunk + rest));
        EXPECT_EQ(read_answer(socket).status, rest.size() == 5 ? 200 : 413);
    }
}

TEST(HttpSession, LetsThePeerReadTheRefusalOfABodyThatIsStillComing) {
    EchoServer server;
    auto socket = server.connect();
    socket.send(post("Content-Length: 6000000\r\n", {}));
    std::string const part(100'000, 'p');
    for (int i = 0; i < 60; ++i) {
        ASSERT_TRUE(socket.send(part));
    }
    EXPECT_EQ(read_answer(socket).status, 413);
    EXPECT_EQ(socket.read_until_closed(), "");
}

TEST(HttpSession, TakesHeadersUpToTheLimitAndNotOneByteMore) {
    EchoServer server;
    auto const frame = get("/echo", "X: \r\n").size();
    auto const room = http::kHeaderBytesMax - frame;
    auto socket = server.connect();
    socket.send(get("/echo", "X: " + std::string(room, 'x') + "\r\n"));
    EXPECT_EQ(read_answer(socket).status, 200);
    socket.send(get("/echo", "X: " + std::string(room + 1, 'x') + "\r\n"));
    EXPECT_EQ(read_answer(socket).status, 431);
}

TEST(HttpSession, TakesAsManyFieldsAsTheLimitAndNotOneMore) {
    EchoServer server;
    auto socket = server.connect();
    for (auto const& [extra, status] : {std::pair{0, 200}, std::pair{1, 431}}) {
        std::string fields;
        for (std::size_t i = 1; i < http::kHeaderFieldsMax + static_cast<std::size_t>(extra); ++i) {
            fields += "X: y\r\n";
        }
        socket.send(get("/echo", fields));
        EXPECT_EQ(read_answer(socket).status, status);
    }
}

TEST(HttpSession, SaysContinueToWhoAsksAndOnlyBeforeTheBody) {
    EchoServer server;
    auto socket = server.connect();
    auto const fields = "Expect: 100-continue\r\nContent-Length: 5\r\n";
    socket.send(post(fields, {}));
    EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.send("hello");
    EXPECT_EQ(read_answer(socket).body, "/echo|||hello");
    socket.send(post(fields, "again"));
    EXPECT_EQ(read_answer(socket).body, "/echo|||again");
}

TEST(HttpSession, AnswersHeadLikeGetWithoutTheBody) {
    EchoServer server;
    auto socket = server.connect();
    socket.send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n" + get("/echo"));
    EXPECT_TRUE(read_answer(socket, AnswerBody::Absent).says("Content-Length: 8"));
    EXPECT_EQ(read_answer(socket).body, "/echo|||");
}

TEST(HttpSession, ClosesBehindTheAnswerWhereEitherSideWantsIt) {
    EchoServer server;
    for (auto const& request : {get("/echo", "Connection: close\r\n"), get("/close"),
                                std::string("GET /echo HTTP/1.0\r\n\r\n")}) {
        auto socket = server.connect();
        socket.send(request);
        auto const answer = read_answer(socket);
        EXPECT_EQ(answer.status, 200);
        EXPECT_TRUE(answer.says("Connection: close"));
        EXPECT_EQ(socket.read_until_closed(), "");
    }
}

TEST(HttpSession, KeepsAnHttp10ConnectionWhereThePeerAsks) {
    EchoServer server;
    auto socket = server.connect();
    for (int i = 0; i < 2; ++i) {
        socket.send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        EXPECT_TRUE(read_answer(socket).says("Connection: keep-alive"));
    }
}

TEST(HttpSession, Answers500WhereTheServiceThrowsOrForgets) {
    EchoServer server;
    for (auto const* const path : {"/throw", "/silent"}) {
        auto socket = server.connect();
        socket.send(get(path));
        EXPECT_EQ(read_answer(socket).status, 500);
    }
    EXPECT_TRUE(server.log.wait_for("net.exception"));
}

TEST(HttpSession, SendsALargeAnswerToASlowReader) {
    EchoServer server;
    TcpSocket socket(server.port(), 4096);
    socket.send(get("/large") + get("/echo"));
    ASSERT_TRUE(server.world.handled.wait_for(1));
    EXPECT_EQ(read_answer(socket).body.size(), 4'000'000U);
    EXPECT_EQ(read_answer(socket).status, 200);
}

TEST(HttpSession, CutsAPeerThatDoesNotReadItsAnswer) {
    auto timeouts = in_a_hurry();
    timeouts.answer_write = 20ms;
    EchoServer server(timeouts);
    TcpSocket socket(server.port(), 4096);
    socket.send(get("/large"));
    ASSERT_TRUE(server.world.handled.wait_for(1));
    server.server.stop();
    server.server.join();  // which waits for the connection to be cut
    EXPECT_LT(socket.read_until_closed().size(), 4'000'000U);
}

TEST(HttpSession, Answers408WhereTheHeaderTakesTooLongFromItsFirstByte) {
    auto timeouts = in_a_hurry();
    timeouts.header_read = 50ms;
    EchoServer server(timeouts);
    auto socket = server.connect();
    socket.send("GET /echo HTTP/1.1\r\nX: ");
    // A byte every now and then does not help (slowloris); the sends end when the server closes.
    // What paces them are whole exchanges, lest they come to the longest header before its time.
    auto other = server.connect();
    std::jthread const drip([&socket, &other](std::stop_token const& stop) {
        while (!stop.stop_requested() && socket.send("x")) {
            other.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
            EXPECT_EQ(read_answer(other).status, 200);
        }
    });
    EXPECT_EQ(read_answer(socket).status, 408);
}

TEST(HttpSession, Answers408WhereTheBodyTakesTooLong) {
    auto timeouts = in_a_hurry();
    timeouts.body_read = 20ms;
    EchoServer server(timeouts);
    auto socket = server.connect();
    socket.send(post("Content-Length: 5\r\n", "hell"));
    EXPECT_EQ(read_answer(socket).status, 408);
    socket.shutdown_send();
    EXPECT_EQ(socket.read_until_closed(), "");
}

TEST(HttpSession, ClosesAnIdleConnectionSilently) {
    auto timeouts = in_a_hurry();
    timeouts.keep_alive_idle = 20ms;
    EchoServer server(timeouts);
    auto socket = server.connect();
    socket.send(get("/echo"));
    EXPECT_EQ(read_answer(socket).status, 200);
    EXPECT_EQ(socket.read_until_closed(), "");
}

TEST(HttpSession, RefusesAtOnceWhatIsNotHttp) {
    EchoServer server;
    for (std::string const start : {"\x16\x03\x01\x02", "GET / HTTP/1.1\nHost: a\n\n"}) {
        auto socket = server.connect();
        socket.send(start);
        EXPECT_EQ(read_answer(socket).status, 400);
    }
}

TEST(HttpSession, SurvivesPeersThatHangUpAnywhere) {
    EchoServer server;
    auto const request = post_sized("hello");
    for (std::size_t length = 0; length <= request.size(); ++length) {
        auto socket = server.connect();
        socket.send(request.substr(0, length));
        length % 2 == 0 ? socket.reset() : socket.close();
    }
    auto socket = server.connect();
    socket.send(request);
    EXPECT_EQ(read_answer(socket).status, 200);
}

http::Response ok(std::string body) {
    http::Response response;
    response.body = std::move(body);
    return response;
}

TEST(DeferredAnswer, IsCompletedFromAnotherThreadThroughTheLoop) {
    EchoServer server;
    std::vector<std::jthread> threads;
    server.world.on_defer = [&](http::Loop& loop, std::unique_ptr<http::DeferredAnswer> answer) {
        threads.emplace_back([&loop, answer = std::move(answer)]() mutable {
            loop.post([answer = std::move(answer)] { answer->complete(ok("later")); });
        });
    };
    auto socket = server.connect();
    socket.send(get("/defer") + get("/echo") + get("/defer"));
    EXPECT_EQ(read_answer(socket).body, "later");
    EXPECT_EQ(read_answer(socket).body, "/echo|||");
    EXPECT_EQ(read_answer(socket).body, "later");
}

TEST(DeferredAnswer, MayBeCompleteBeforeHandleReturns) {
    EchoServer server;
    server.world.on_defer = [](http::Loop&, std::unique_ptr<http::DeferredAnswer> answer) {
        answer->complete(ok("at once"));
        answer->complete(ok("a second time is harmless"));
    };
    auto socket = server.connect();
    socket.send(get("/defer") + get("/echo"));
    EXPECT_EQ(read_answer(socket).body, "at once");
    EXPECT_EQ(read_answer(socket).status, 200);
}

TEST(DeferredAnswer, Is500WhereItIsDropped) {
    EchoServer server;
    server.world.on_defer = [](http::Loop& loop, std::unique_ptr<http::DeferredAnswer> answer) {
        loop.post([answer = std::move(answer)]() mutable { answer.reset(); });
    };
    auto socket = server.connect();
    socket.send(get("/defer"));
    EXPECT_EQ(read_answer(socket).status, 500);
}

TEST(DeferredAnswer, Is503WhereItTakesTooLong) {
    auto timeouts = in_a_hurry();
    timeouts.deferred_answer = 20ms;
    EchoServer server(timeouts);
    std::unique_ptr<http::DeferredAnswer> kept;
    http::Loop* kept_loop = nullptr;
    server.world.on_defer = [&](http::Loop& loop, std::unique_ptr<http::DeferredAnswer> answer) {
        kept_loop = &loop;
        kept = std::move(answer);
    };
    auto socket = server.connect();
    socket.send(get("/defer"));
    EXPECT_EQ(read_answer(socket).status, 503);
    Counter done;
    kept_loop->post([&] {
        kept->complete(ok("too late"));
        kept.reset();
        done.increment();
    });
    EXPECT_TRUE(done.wait_for(1));
}

TEST(DeferredAnswer, IsHarmlessWhereTheClientIsGone) {
    EchoServer server;
    Counter done;
    std::unique_ptr<http::DeferredAnswer> kept;
    http::Loop* kept_loop = nullptr;
    server.world.on_defer = [&](http::Loop& loop, std::unique_ptr<http::DeferredAnswer> answer) {
        kept_loop = &loop;
        kept = std::move(answer);
    };
    auto socket = server.connect();
    socket.send(get("/defer"));
    ASSERT_TRUE(server.world.deferred.wait_for(1));
    socket.reset();
    kept_loop->post([&] {
        kept->complete(ok("nobody"));
        kept.reset();
        done.increment();
    });
    EXPECT_TRUE(done.wait_for(1));
    auto other = server.connect();
    other.send(get("/echo"));
    EXPECT_EQ(read_answer(other).status, 200);
}

}  // namespace
}  // namespace latchkey::net
