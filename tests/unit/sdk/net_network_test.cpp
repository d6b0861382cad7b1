#include "sdk/net_network.hpp"

#include "net/client_types.hpp"
#include "support/ws_server.hpp"

#include <gtest/gtest.h>

#include <future>

namespace latchkey::sdk {
namespace {

using namespace latchkey::test;
using namespace std::chrono_literals;

using Outcome = std::expected<Response, Failure>;

template <class T>
T get(std::future<T> future) {
    if (future.wait_for(kGenerous) != std::future_status::ready) {
        throw std::runtime_error("nothing was told for as long as a test waits");
    }
    return future.get();
}

std::unique_ptr<Network> network_to(TcpListener const& listener, std::string const& prefix = {}) {
    return make_network(
               {.base_url = "http://127.0.0.1:" + std::to_string(listener.port()) + prefix})
        .value();
}

std::future<Outcome> send(Network& network, Request request,
                          std::chrono::milliseconds timeout = kGenerous) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto future = promise->get_future();
    network.post([&network, promise, timeout, request = std::move(request)]() mutable {
        network.send(std::move(request), std::chrono::steady_clock::now() + timeout,
                     [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
    });
    return future;
}

TEST(NetNetwork, SendsARequestBelowTheBaseUrlAndReadsWhatTheClientsNeed) {
    TcpListener listener;
    auto const network = network_to(listener, "/chat/");
    auto outcome = send(*network, {.method = "POST",
                                   .target = "/api/v2/users?api_key=k",
                                   .fields = {{"Authorization", "t"}},
                                   .body = "{}"});
    auto peer = listener.accept();
    auto const head = peer.read_until("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("POST /chat/api/v2/users?api_key=k HTTP/1.1\r\n")) << head;
    EXPECT_TRUE(head.contains("\r\nAuthorization: t\r\n"));
    EXPECT_EQ(peer.read_exactly(2), "{}");
    peer.send(
        "HTTP/1.1 429 Too Many Requests\r\nDate: Thu, 01 Jan 1970 00:00:10 GMT\r\n"
        "Retry-After: 7\r\nContent-Length: 2\r\n\r\nno");
    auto const response = get(std::move(outcome)).value();
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(response.body, "no");
    EXPECT_EQ(response.date, Instant(10s));
    EXPECT_EQ(response.retry_after, 7s);
}

TEST(NetNetwork, LeavesOutADateThatIsNone) {
    TcpListener listener;
    auto const network = network_to(listener);
    auto outcome = send(*network, {.method = "GET", .target = "/"});
    auto peer = listener.accept();
    EXPECT_NE(peer.read_until("\r\n\r\n"), "");
    peer.send("HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 0\r\n\r\n");
    auto const response = get(std::move(outcome)).value();
    EXPECT_FALSE(response.date.has_value());
    EXPECT_FALSE(response.retry_after.has_value());
}

TEST(NetNetwork, SaysWhyThereIsNoAnswer) {
    struct Row {
        std::string_view answer;
        Error::Kind kind;
    };
    for (auto const& [answer, kind] : {
             Row{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", Error::Kind::Disconnected},
             Row{"what?\r\n\r\n", Error::Kind::BadAnswer},
         }) {
        TcpListener listener;
        auto const network = network_to(listener);
        auto outcome = send(*network, {.method = "GET", .target = "/"});
        auto peer = listener.accept();
        EXPECT_NE(peer.read_until("\r\n\r\n"), "");
        peer.send(answer);
        peer.close();
        auto const result = get(std::move(outcome));
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().kind, kind);
        EXPECT_TRUE(result.error().sent);
    }
    TcpListener listener;
    auto const network = network_to(listener);
    EXPECT_EQ(get(send(*network, {.method = "GET", .target = "/"}, 20ms)).error().kind,
              Error::Kind::TimedOut);
    EXPECT_EQ(get(send(*network, {.method = "GET", .target = "x y"})).error().kind,
              Error::Kind::InvalidArgument);
}

/// Keeps what it is told.
class Listener final : public SocketHandler {
public:
    void on_open() override { opened.set_value(); }
    void on_text(std::string_view text) override { said.set_value(std::string(text)); }
    void on_closed(std::optional<std::uint16_t> code, Failure const& failure) override {
        EXPECT_EQ(failure.kind, Error::Kind::Disconnected);
        closed.set_value(code);
    }
    std::promise<void> opened;
    std::promise<std::string> said;
    std::promise<std::optional<std::uint16_t>> closed;
};

TEST(NetNetwork, OpensASocketBelowTheBaseUrl) {
    TcpListener listener;
    auto const network = network_to(listener, "/chat");
    Listener handler;
    std::unique_ptr<Socket> socket;
    network->post([&] {
        socket = network->open_socket("/connect?a=b", std::chrono::steady_clock::now() + kGenerous,
                                      handler);
    });
    auto peer = listener.accept();
    auto const request = read_upgrade(peer);
    EXPECT_TRUE(request.head.starts_with("GET /chat/connect?a=b HTTP/1.1\r\n")) << request.head;
    peer.send(request.accept);
    get(handler.opened.get_future());
    network->post([&] { socket->send_text("to the server"); });
    EXPECT_EQ(read_client_frame(peer).payload, "to the server");
    peer.send(server_frame(0x81, "to the client"));
    EXPECT_EQ(get(handler.said.get_future()), "to the client");
    network->post([&] { socket->close(1000); });
    EXPECT_EQ(read_client_frame(peer).first_byte, 0x88);
    peer.send(server_close_frame(1000));
    EXPECT_EQ(get(handler.closed.get_future()), 1000);
    network->stop();
}

TEST(NetNetwork, CallsAWaitWhenItIsDue) {
    TcpListener listener;
    auto const network = network_to(listener);
    std::promise<void> due;
    std::unique_ptr<Wait> wait;
    network->post([&] {
        wait =
            network->wait_until(std::chrono::steady_clock::now() + 1ms, [&] { due.set_value(); });
    });
    get(due.get_future());
    network->stop();
}

TEST(NetNetwork, CallsNothingOnceItIsStopped) {
    TcpListener listener;
    auto network = network_to(listener);
    auto outcome = send(*network, {.method = "GET", .target = "/"});
    auto peer = listener.accept();
    EXPECT_NE(peer.read_until("\r\n\r\n"), "");
    network->stop();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_NE(outcome.wait_for(0s), std::future_status::ready);
    network->stop();
    network.reset();
    EXPECT_THROW(get(std::move(outcome)), std::future_error);
}

TEST(NetNetwork, MayBeDestroyedByAnAnswerOnItsOwnThread) {
    TcpListener listener;
    auto owned = network_to(listener);
    auto& network = *owned;
    std::promise<void> done;
    network.post([&] {
        network.send({.method = "GET", .target = "/"}, std::chrono::steady_clock::now() + kGenerous,
                     [&](Outcome const& outcome) {
                         EXPECT_TRUE(outcome.has_value());
                         owned.reset();
                         done.set_value();
                     });
    });
    auto peer = listener.accept();
    EXPECT_NE(peer.read_until("\r\n\r\n"), "");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    get(done.get_future());
    EXPECT_EQ(peer.read_until_closed(), "");
}

TEST(NetNetwork, RefusesOptionsThatCannotBeMeant) {
    EXPECT_TRUE(make_network({.base_url = "http://h", .connections_max = 1}).has_value());
    EXPECT_TRUE(make_network({.base_url = "https://h"}).has_value());
    for (ConnectionOptions const& options : {
             ConnectionOptions{.base_url = "h"},
             ConnectionOptions{.base_url = "http://h", .connections_max = 0},
             ConnectionOptions{.base_url = "http://h", .ca_file = "/dev/null"},
             ConnectionOptions{.base_url = "https://h", .ca_file = "/nowhere/ca.pem"},
         }) {
        auto const made = make_network(options);
        ASSERT_FALSE(made.has_value()) << options.base_url;
        EXPECT_FALSE(made.error().empty());
    }
}

TEST(ParseRetryAfter, ReadsSecondsAndDates) {
    struct Row {
        std::string_view text;
        std::optional<Instant> date;
        std::optional<std::chrono::seconds> retry_after;
    };
    std::optional<Instant> const minute = Instant(60s);
    for (auto const& [text, date, retry_after] : {
             Row{"0", minute, 0s},
             Row{"120", std::nullopt, 120s},
             Row{"86400", minute, 86'400s},
             Row{"86401", minute, 86'400s},
             Row{"4294967296", minute, std::nullopt},
             Row{"Thu, 01 Jan 1970 00:01:30 GMT", minute, 30s},
             Row{"Thu, 01 Jan 1970 00:00:30 GMT", minute, 0s},
             Row{"Fri, 31 Dec 9999 23:59:59 GMT", minute, 86'400s},
             Row{"Thu, 01 Jan 1970 00:01:30 GMT", std::nullopt, std::nullopt},
             Row{"", minute, std::nullopt},
             Row{"-1", minute, std::nullopt},
             Row{"1.5", minute, std::nullopt},
             Row{"1 ", minute, std::nullopt},
             Row{"soon", minute, std::nullopt},
         }) {
        EXPECT_EQ(parse_retry_after(text, date), retry_after) << text;
    }
}

}  // namespace
}  // namespace latchkey::sdk
