#include "client_fixture.hpp"

#include <gtest/gtest.h>

namespace latchkey::net {
namespace {

using namespace latchkey::test;
using namespace std::chrono_literals;

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

std::string read_head(TcpSocket& peer) { return peer.read_until("\r\n\r\n"); }

/// The server's side of one request.
TcpSocket serve(TcpListener& listener, std::string_view answer) {
    auto peer = listener.accept();
    read_head(peer);
    peer.send(answer);
    return peer;
}

TEST(HttpPool, SendsTheRequestAsItWasAsked) {
    TcpListener listener;
    TestClient client(listener.port());
    auto answer = client.send({.method = "POST",
                               .target = "/a?b=c",
                               .fields = {{.name = "X-Echo", .value = "v"}},
                               .body = "body"});
    auto peer = listener.accept();
    EXPECT_EQ(read_head(peer),
              "POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(listener.port()) +
                  "\r\nContent-Length: 4\r\nX-Echo: v\r\n\r\n");
    EXPECT_EQ(peer.read_exactly(4), "body");
    peer.send(kHello);
    EXPECT_EQ(get(std::move(answer)).value().body, "hello");
}

TEST(HttpPool, KeepsAConnectionForTheNextRequest) {
    TcpListener listener;
    TestClient client(listener.port());
    auto first = client.send();
    auto peer = serve(listener, kHello);
    EXPECT_TRUE(get(std::move(first)).has_value());
    auto second = client.send();
    read_head(peer);
    peer.send(kHello);
    EXPECT_TRUE(get(std::move(second)).has_value());
    EXPECT_FALSE(listener.has_connection());
}

TEST(HttpPool, KeepsNoConnectionThatTheServerIsAboutToCloseOrThatSaidTooMuch) {
    for (std::string const answer :
         {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
          "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"}) {
        TcpListener listener;
        TestClient client(listener.port());
        auto first = client.send();
        auto peer = serve(listener, answer);
        EXPECT_TRUE(get(std::move(first)).has_value());
        auto second = client.send();
        auto other = serve(listener, kHello);
        EXPECT_EQ(get(std::move(second)).value().body, "hello") << answer;
    }
}

TEST(HttpPool, ReadsBodiesHoweverTheyAreDelimited) {
    struct Row {
        std::string_view answer;
        int status;
        std::string_view body;
    };
    for (auto const& [answer, status, body] : {
             Row{kHello, 200, "hello"},
             Row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n"
                 "0\r\nX-Trailer: 1\r\n\r\n",
                 200, "hello"},
             Row{"HTTP/1.1 200 OK\r\n\r\nhello", 200, "hello"},
             Row{"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
             Row{"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, ""},
             Row{"HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n", 302, ""},
             Row{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200,
                 "x"},
             Row{"HTTP/1.1 503 \r\nContent-Length: 1\r\n\r\nx", 503, "x"},
         }) {
        TcpListener listener;
        TestClient client(listener.port());
        auto outcome = client.send();
        serve(listener, answer).shutdown_send();
        auto const response = get(std::move(outcome));
        ASSERT_TRUE(response.has_value()) << answer << response.error().message;
        EXPECT_EQ(response->status, status) << answer;
        EXPECT_EQ(response->body, body) << answer;
    }
}

TEST(HttpPool, ReadsNoBodyBehindTheAnswerToHead) {
    TcpListener listener;
    TestClient client(listener.port());
    auto outcome = client.send({.method = "HEAD"});
    auto peer = serve(listener, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(get(std::move(outcome)).value().body, "");
}

TEST(HttpPool, SkipsSoManyInterimAnswersAndNoMore) {
    for (bool const one_more : {false, true}) {
        std::string answer;
        for (int i = 0; i < kClientInterimAnswersMax + (one_more ? 1 : 0); ++i) {
            answer += "HTTP/1.1 103 Early Hints\r\n\r\n";
        }
        TcpListener listener;
        TestClient client(listener.port());
        auto outcome = client.send();
        auto peer = serve(listener, answer.append(kHello));
        EXPECT_EQ(get(std::move(outcome)).has_value(), !one_more);
    }
}

TEST(HttpPool, RefusesWhatIsNotHttp) {
    for (std::string_view const answer : {
             "SSH-2.0-OpenSSH_9.2\r\n\r\n",
             "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
             "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
             "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
             "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
             "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n",
         }) {
        TcpListener listener;
        TestClient client(listener.port());
        auto outcome = client.send();
        auto peer = serve(listener, answer);
        SCOPED_TRACE(answer);
        expect_failure(get(std::move(outcome)), ClientError::NotHttp, true);
    }
}

TEST(HttpPool, RefusesAnAnswerLargerThanItsLimits) {
    struct Row {
        std::string head;
        std::string body;
        bool fits;
    };
    std::string const ok = "HTTP/1.1 200 OK\r\n";
    for (auto const& [head, body, fits] : {
             Row{"Content-Length: 8\r\n", "12345678", true},
             Row{"Content-Length: 9\r\n", "123456789", false},
             Row{"Transfer-Encoding: chunked\r\n", "4\r\n1234\r\n4\r\n5678\r\n0\r\n\r\n", true},
             Row{"Transfer-Encoding: chunked\r\n", "4\r\n1234\r\n5\r\n56789\r\n0\r\n\r\n", false},
             Row{"", "12345678", true},
             Row{"", "123456789", false},
             Row{"X: " + std::string(kClientHeaderBytesMax - 100, 'x') +
                     "\r\nContent-Length: 0\r\n",
                 "", true},
             Row{"X: " + std::string(kClientHeaderBytesMax, 'x') + "\r\nContent-Length: 0\r\n", "",
                 false},
         }) {
        TcpListener listener;
        TestClient client(listener.port(), {.body_bytes_max = 8});
        auto outcome = client.send();
        serve(listener, ok + head + "\r\n" + body).shutdown_send();
        auto const result = get(std::move(outcome));
        EXPECT_EQ(result.has_value(), fits) << head.substr(0, 40) << body;
        if (!fits) {
            expect_failure(result, ClientError::NotHttp, true);
        }
    }
}

TEST(HttpPool, SaysThatTheConnectionBrokeAtWhicheverByteOfTheAnswer) {
    for (std::size_t length = 0; length < kHello.size(); ++length) {
        for (bool const by_reset : {false, true}) {
            TcpListener listener;
            TestClient client(listener.port());
            auto outcome = client.send({.repeatable = true});
            auto peer = serve(listener, kHello.substr(0, length));
            by_reset ? peer.reset() : peer.close();
            if (length == 0) {  // nothing was kept, so this is no reason to repeat
                EXPECT_FALSE(listener.has_connection());
            }
            expect_failure(get(std::move(outcome)), ClientError::Disconnected, true);
        }
    }
}

TEST(HttpPool, TakesAnAnswerThatComesBeforeTheServerHasReadTheBody) {
    TcpListener listener;
    TestClient client(listener.port());
    auto outcome = client.send({.method = "POST", .body = std::string(100'000, 'x')});
    auto peer = listener.accept();
    peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    peer.shutdown_send();
    EXPECT_EQ(get(std::move(outcome)).value().status, 413);
}

TEST(HttpPool, TimesOutAtItsDeadlineWhateverWasAnswered) {
    for (std::size_t const length : {std::size_t{0}, std::size_t{10}, kHello.size() - 1}) {
        TcpListener listener;
        TestClient client(listener.port());
        auto outcome = client.send({}, 100ms);
        auto peer = serve(listener, kHello.substr(0, length));
        expect_failure(get(std::move(outcome)), ClientError::TimedOut, true);
        EXPECT_EQ(peer.read_until_closed(), "") << "the connection is not kept";
    }
}

TEST(HttpPool, SaysThatNothingWasSentWhereItCannotConnect) {
    std::uint16_t port = 0;
    {
        TcpListener const listener;
        port = listener.port();
    }
    TestClient client(port);
    expect_failure(get(client.send()), ClientError::CannotConnect, false);
    // A label of 64 characters is no name (RFC 1035 section 2.3.4), and so nobody is asked for it.
    TestClient nowhere({.host = std::string(64, 'x'), .port = 80});
    expect_failure(get(nowhere.send()), ClientError::UnknownHost, false);
}

TEST(HttpPool, LooksAHostUpByName) {
    TcpListener listener;
    TestClient client({.host = "localhost", .port = listener.port()});
    auto first = client.send();
    auto second = client.send();
    auto peer = serve(listener, kHello);
    auto other = serve(listener, kHello);
    EXPECT_TRUE(get(std::move(first)).has_value());
    EXPECT_TRUE(get(std::move(second)).has_value());
}

TEST(HttpPool, DoesNotUseAKeptConnectionThatTheServerHasClosed) {
    TcpListener listener;
    TestClient client(listener.port());
    auto first = client.send();
    auto peer = serve(listener, kHello);
    EXPECT_TRUE(get(std::move(first)).has_value());
    peer.close();
    auto second = client.send({.method = "POST"});
    auto other = serve(listener, kHello);
    EXPECT_TRUE(get(std::move(second)).has_value());
}

TEST(HttpPool, RepeatsOnAFreshConnectionOnlyWhatIsRepeatableAndWasNotAnswered) {
    struct Row {
        bool repeatable;
        std::string_view answered;
        bool repeated;
    };
    for (auto const& [repeatable, answered, repeated] : {
             Row{true, "", true},
             Row{false, "", false},
             Row{true, "H", false},
         }) {
        TcpListener listener;
        TestClient client(listener.port());
        auto first = client.send();
        auto peer = serve(listener, kHello);
        EXPECT_TRUE(get(std::move(first)).has_value());
        auto second = client.send({.repeatable = repeatable});
        read_head(peer);
        peer.send(answered);
        peer.close();
        if (repeated) {
            auto other = serve(listener, kHello);
            EXPECT_TRUE(get(std::move(second)).has_value());
        } else {
            expect_failure(get(std::move(second)), ClientError::Disconnected, true);
            EXPECT_FALSE(listener.has_connection());
        }
    }
}

TEST(HttpPool, RepeatsOnlyOnce) {
    TcpListener listener;
    TestClient client(listener.port());
    auto first = client.send();
    auto peer = serve(listener, kHello);
    EXPECT_TRUE(get(std::move(first)).has_value());
    auto second = client.send({.repeatable = true});
    read_head(peer);
    peer.close();
    serve(listener, "").close();
    expect_failure(get(std::move(second)), ClientError::Disconnected, true);
    EXPECT_FALSE(listener.has_connection());
}

TEST(HttpPool, ClosesAConnectionThatHasBeenIdleForTooLong) {
    TcpListener listener;
    TestClient client(listener.port(), {.keep_alive_idle = 5ms});
    auto first = client.send();
    auto peer = serve(listener, kHello);
    EXPECT_TRUE(get(std::move(first)).has_value());
    EXPECT_EQ(peer.read_until_closed(), "");
}

TEST(HttpPool, OpensNoMoreConnectionsThanItMayAndServesTheRestInTurn) {
    TcpListener listener;
    TestClient client(listener.port(), {.connections_max = 2});
    auto first = client.send({.target = "/1"});
    auto second = client.send({.target = "/2"});
    auto third = client.send({.target = "/3"});
    auto peer = listener.accept();
    auto other = listener.accept();
    read_head(other);
    read_head(peer);
    EXPECT_FALSE(listener.has_connection());
    peer.send(kHello);
    EXPECT_TRUE(read_head(peer).starts_with("GET /3 "));
    peer.send(kHello);
    other.send(kHello);
    for (auto* const answer : {&first, &second, &third}) {
        EXPECT_TRUE(get(std::move(*answer)).has_value());
    }
}

TEST(HttpPool, LetsSoManyRequestsWaitAndNoMore) {
    TcpListener listener;
    TestClient client(listener.port(), {.connections_max = 1, .requests_waiting_max = 1});
    auto first = client.send();
    auto peer = listener.accept();
    read_head(peer);
    auto second = client.send();
    auto third = client.send();
    expect_failure(get(std::move(third)), ClientError::Overloaded, false);
    peer.send(kHello);
    read_head(peer);
    peer.send(kHello);
    EXPECT_TRUE(get(std::move(first)).has_value());
    EXPECT_TRUE(get(std::move(second)).has_value());
}

TEST(HttpPool, TimesOutARequestThatStillWaitsForAConnectionAsNotSent) {
    TcpListener listener;
    TestClient client(listener.port(), {.connections_max = 1});
    auto first = client.send();
    auto peer = listener.accept();
    read_head(peer);
    expect_failure(get(client.send({}, 20ms)), ClientError::TimedOut, false);
    peer.send(kHello);
    EXPECT_TRUE(get(std::move(first)).has_value());
}

TEST(HttpPool, SendsNothingThatCouldBeReadAsTwoRequests) {
    TcpListener listener;
    TestClient client(listener.port());
    for (ClientRequest const& request : {
             ClientRequest{.method = ""},
             ClientRequest{.method = "GET /"},
             ClientRequest{.target = ""},
             ClientRequest{.target = "x"},
             ClientRequest{.target = "/ HTTP/1.1\r\n"},
             ClientRequest{.target = "/\x7f"},
             ClientRequest{.target = "/\xc3\xa4"},
             ClientRequest{.fields = {{.name = "", .value = "v"}}},
             ClientRequest{.fields = {{.name = "a b", .value = "v"}}},
             ClientRequest{.fields = {{.name = "a", .value = "v\r\nb: c"}}},
             ClientRequest{.fields = {{.name = "a", .value = std::string(1, '\0')}}},
         }) {
        expect_failure(get(client.send(request)), ClientError::BadRequest, false);
    }
    EXPECT_FALSE(listener.has_connection());
    auto outcome = client.send({.method = "PURGE",
                                .target = "/~!$&'()*+,;=:@%20",
                                .fields = {{.name = "a", .value = "v \t\xc3\xa4"}}});
    auto peer = serve(listener, kHello);
    EXPECT_TRUE(get(std::move(outcome)).has_value());
}

TEST(HttpPool, EndsWithTheLoopWhateverIsUnderWay) {
    for (std::size_t length = 0; length < kHello.size(); length += 12) {
        TcpListener listener;
        bool called = false;
        {
            TestClient client(listener.port(), {.connections_max = 1});
            auto underway = client.send();
            auto waiting = client.send();
            auto peer = serve(listener, kHello.substr(0, length));
            client.loop.stop();
            called = underway.wait_for(0s) == std::future_status::ready;
        }
        EXPECT_FALSE(called);
    }
}

TEST(HttpPool, EndsWhileAHostIsLookedUp) {
    for (int i = 0; i < 50; ++i) {
        TestClient client({.host = "localhost", .port = 9});
        auto const outcome = client.send();
    }
}

TEST(HttpPool, DropsWhatIsUnderWayWhenItIsDestroyed) {
    TcpListener listener;
    TestClient client(listener.port(), {.connections_max = 1});
    auto underway = client.send();
    auto waiting = client.send();
    auto peer = listener.accept();
    read_head(peer);
    client.run([&] { client.destroy_pool(); });
    EXPECT_EQ(peer.read_until_closed(), "");
    EXPECT_THROW(get(std::move(underway)), std::future_error);
    EXPECT_THROW(get(std::move(waiting)), std::future_error);
}

TEST(HttpPool, MayBeDestroyedByAnAnswer) {
    TcpListener listener;
    ClientLoop loop;
    auto dialer = make_dialer(loop, {.host = "127.0.0.1", .port = listener.port()}).value();
    std::unique_ptr<HttpPool> pool;
    std::promise<void> done;
    loop.post([&] {
        pool = std::make_unique<HttpPool>(loop, dialer, ClientLimits{});
        pool->send({}, std::chrono::steady_clock::now() + kGenerous, [&](Outcome const&) {
            pool.reset();
            done.set_value();
        });
    });
    auto peer = serve(listener, kHello);
    get(done.get_future());
    EXPECT_EQ(peer.read_until_closed(), "");
}

TEST(ClientLoop, RunsTasksInOrderUntilItIsStopped) {
    ClientLoop loop;
    std::promise<std::vector<int>> done;
    std::vector<int> seen;
    for (int i = 0; i < 3; ++i) {
        loop.post([&seen, i] { seen.push_back(i); });
    }
    loop.post([&] { done.set_value(seen); });
    EXPECT_EQ(get(done.get_future()), (std::vector<int>{0, 1, 2}));
    loop.stop();
    loop.post([&seen] { seen.push_back(3); });
    loop.stop();
    EXPECT_EQ(seen.size(), 3U);
}

TEST(ClientLoop, MayBeDestroyedOnItsOwnThread) {
    std::promise<void> done;
    auto loop = std::make_unique<ClientLoop>();
    auto* const borrowed = loop.get();
    borrowed->post([&done, loop = std::move(loop)]() mutable {
        loop.reset();
        done.set_value();
    });
    get(done.get_future());
}

TEST(ClientLoop, CallsATimerWhenItIsDueAndNotOnceItIsDestroyed) {
    ClientLoop loop;
    std::unique_ptr<ClientTimer> kept;
    std::unique_ptr<ClientTimer> dropped;
    bool wrong = false;
    std::promise<void> done;
    loop.post([&] {
        auto const now = std::chrono::steady_clock::now();
        dropped = loop.wait_until(now, [&] { wrong = true; });
        kept = loop.wait_until(now + 1ms, [&] {
            kept.reset();
            done.set_value();
        });
        dropped.reset();
    });
    get(done.get_future());
    loop.stop();
    EXPECT_FALSE(wrong);
}

}  // namespace
}  // namespace latchkey::net
