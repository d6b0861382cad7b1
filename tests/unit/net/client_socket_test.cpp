#include "net/client_socket.hpp"

#include "recording_socket_handler.hpp"
#include "support/ws_server.hpp"

#include <gtest/gtest.h>

namespace latchkey::net {
namespace {

using namespace latchkey::test;
using namespace std::chrono_literals;

constexpr std::string_view kBrokenOff = "failed the connection broke off";
constexpr std::string_view kNoWebSocket = "failed the answer is not HTTP";

/// A client's socket and the server's end of it. The test is the server.
struct OpenSocket {
    explicit OpenSocket(ClientLimits const& limits = {})
        : client(listener.port(), limits), socket(client.open(handler)), peer(listener.accept()) {
        peer.send(read_upgrade(peer).accept);
        EXPECT_EQ(handler.next(), "open");
    }
    ~OpenSocket() { client.loop.stop(); }
    void send_text(std::string text) {
        client.run([&] { socket->send_text(std::move(text)); });
    }
    void close(std::uint16_t code) {
        client.run([&] { socket->close(code); });
    }
    void destroy() {
        client.run([&] { socket.reset(); });
    }

    TcpListener listener;
    RecordingSocketHandler handler;
    TestClient client;
    std::unique_ptr<ClientSocket> socket;
    TcpSocket peer;
};

TEST(ClientSocket, AsksForTheUpgradeAsTheStandardWantsIt) {
    TcpListener listener;
    RecordingSocketHandler handler;
    TestClient client(listener.port());
    auto const socket = client.open(handler, kGenerous, "/connect?api_key=k");
    auto peer = listener.accept();
    auto const head = read_upgrade(peer).head;
    EXPECT_TRUE(head.starts_with("GET /connect?api_key=k HTTP/1.1\r\n"));
    for (auto const& line :
         {"Host: 127.0.0.1:" + std::to_string(listener.port()), std::string("Upgrade: websocket"),
          std::string("Connection: upgrade"), std::string("Sec-WebSocket-Version: 13")}) {
        EXPECT_TRUE(head.contains("\r\n" + line + "\r\n")) << line;
    }
    EXPECT_FALSE(head.contains("Sec-WebSocket-Extensions"));
    client.loop.stop();
}

TEST(ClientSocket, SendsTextsInOrderEachWithAMaskOfItsOwn) {
    OpenSocket open;
    open.client.run([&] {
        open.socket->send_text("one");
        open.socket->send_text(std::string(70'000, 'x'));
        open.socket->send_text("");
    });
    auto const first = read_client_frame(open.peer);
    auto const second = read_client_frame(open.peer);
    EXPECT_EQ(first.first_byte, 0x81);
    EXPECT_TRUE(first.masked);
    EXPECT_EQ(first.payload, "one");
    EXPECT_TRUE(second.payload == std::string(70'000, 'x'));
    EXPECT_NE(first.mask, second.mask);
    EXPECT_EQ(read_client_frame(open.peer).payload, "");
}

TEST(ClientSocket, TakesTextAndBinaryMessagesWholeOrInPieces) {
    OpenSocket open;
    open.peer.send(server_frame(0x81, "text") + server_frame(0x82, "binary") +
                   server_frame(0x01, "in ") + server_frame(0x89, "ping") +
                   server_frame(0x80, "pieces"));
    EXPECT_EQ(open.handler.next(), "message text");
    EXPECT_EQ(open.handler.next(), "message binary");
    EXPECT_EQ(open.handler.next(), "message in pieces");
    auto const pong = read_client_frame(open.peer);
    EXPECT_EQ(pong.first_byte, 0x8a);
    EXPECT_EQ(pong.payload, "ping");
}

TEST(ClientSocket, TakesAMessageThatComesWithTheUpgrade) {
    TcpListener listener;
    RecordingSocketHandler handler;
    TestClient client(listener.port());
    auto const socket = client.open(handler);
    auto peer = listener.accept();
    peer.send(read_upgrade(peer).accept + server_frame(0x81, "hello"));
    EXPECT_EQ(handler.next(), "open");
    EXPECT_EQ(handler.next(), "message hello");
    client.loop.stop();
}

TEST(ClientSocket, TellsTheCodeOfTheServersGoodbyeAndAnswersIt) {
    struct Row {
        std::string frame;
        std::string_view told;
        std::string_view answered;
    };
    for (auto const& [frame, told, answered] : {
             Row{server_close_frame(1000), "closed 1000", "\x03\xe8"},
             Row{server_close_frame(4001), "closed 4001", "\x0f\xa1"},
             Row{server_frame(0x88, ""), "closed 1005", "\x03\xe8"},
             Row{server_frame(0x88, "\x03\xe8why"), "closed 1000", "\x03\xe8"},
         }) {
        OpenSocket open;
        open.peer.send(frame);
        EXPECT_EQ(open.handler.next(), told);
        auto const answer = read_client_frame(open.peer);
        EXPECT_EQ(answer.first_byte, 0x88);
        EXPECT_EQ(answer.payload.substr(0, 2), answered);
        EXPECT_EQ(open.peer.read_until_closed(), "");
    }
}

TEST(ClientSocket, SaysGoodbyeBehindWhatWasSent) {
    OpenSocket open;
    open.client.run([&] {
        open.socket->send_text("last words");
        open.socket->close(1000);
        open.socket->send_text("too late");
        open.socket->close(1001);
    });
    EXPECT_EQ(read_client_frame(open.peer).payload, "last words");
    EXPECT_EQ(read_client_frame(open.peer).payload, "\x03\xe8");
    EXPECT_TRUE(open.handler.is_silent());
    open.peer.send(server_close_frame(1000));
    EXPECT_EQ(open.handler.next(), "closed 1000");
    EXPECT_EQ(open.peer.read_until_closed(), "");
}

TEST(ClientSocket, DoesNotWaitForeverForTheServersGoodbye) {
    OpenSocket open({.close_handshake = 20ms});
    open.close(1000);
    EXPECT_EQ(open.handler.next(), "failed timed out");
}

TEST(ClientSocket, EndsAtOnceWhereItIsClosedBeforeItIsOpen) {
    TcpListener listener;
    RecordingSocketHandler handler;
    TestClient client(listener.port());
    auto const socket = client.open(handler);
    auto peer = listener.accept();
    EXPECT_TRUE(read_upgrade(peer).head.ends_with("\r\n\r\n"));
    client.run([&] { socket->close(1000); });
    EXPECT_EQ(handler.next(), kBrokenOff);
    EXPECT_EQ(peer.read_until_closed(), "");
    client.loop.stop();
}

TEST(ClientSocket, TakesMessagesUpToItsLimitWholeOrInPieces) {
    for (bool const one_more : {false, true}) {
        std::string const last = one_more ? "56789" : "5678";
        for (auto const& frames : {server_frame(0x81, "1234" + last),
                                   server_frame(0x01, "1234") + server_frame(0x80, last)}) {
            OpenSocket open({.message_bytes_max = 8});
            open.peer.send(frames);
            EXPECT_EQ(open.handler.next(), one_more ? kNoWebSocket : "message 12345678");
        }
    }
}

TEST(ClientSocket, EndsWhereTheServerBreaksTheRules) {
    for (auto const& frame : {
             std::string("\x81\x81\x01\x02\x03\x04x"),           // masked
             server_frame(0xc1, "x"),                            // a reserved bit
             server_frame(0x83, "x"),                            // a reserved opcode
             server_frame(0x80, "x"),                            // continues nothing
             server_frame(0x01, "x") + server_frame(0x81, "x"),  // begins within another
             server_frame(0x09, "x"),                            // a ping in pieces
             server_frame(0x89, std::string(126, 'x')),          // too long for a ping
             server_frame(0x81, "\xff"),                         // not UTF-8
             server_frame(0x88, "\x03"),                         // half a code
             server_frame(0x88, "\x03\xe8\xff"),                 // a reason that is not UTF-8
             server_close_frame(999),
             server_close_frame(1005),
             server_close_frame(1006),
             server_close_frame(2999),
         }) {
        OpenSocket open;
        open.peer.send(frame);
        EXPECT_EQ(open.handler.next(), kNoWebSocket) << testing::PrintToString(frame);
    }
}

TEST(ClientSocket, SaysThatTheConnectionBroke) {
    for (bool const by_reset : {false, true}) {
        OpenSocket open;
        open.peer.send(server_frame(0x81, "half of it").substr(0, 5));
        by_reset ? open.peer.reset() : open.peer.close();
        EXPECT_EQ(open.handler.next(), kBrokenOff);
    }
}

TEST(ClientSocket, DoesNotOpenWhereTheAnswerIsNotTheRightOne) {
    struct Row {
        std::string_view answer;  // empty: none, and the connection ends
        std::string_view told;
    };
    for (auto const& [answer, told] : {
             Row{"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", kNoWebSocket},
             Row{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", kNoWebSocket},
             Row{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
                 kNoWebSocket},
             Row{"HTTP/1.1 101 Switching Protocols\r\n\r\n", kNoWebSocket},
             Row{"SSH-2.0-OpenSSH_9.2\r\n\r\n", kNoWebSocket},
             Row{"", kBrokenOff},
         }) {
        TcpListener listener;
        RecordingSocketHandler handler;
        TestClient client(listener.port());
        auto const socket = client.open(handler);
        auto peer = listener.accept();
        EXPECT_TRUE(read_upgrade(peer).head.ends_with("\r\n\r\n"));
        peer.send(answer);
        peer.shutdown_send();
        EXPECT_EQ(handler.next(), told) << answer;
        client.loop.stop();
    }
}

TEST(ClientSocket, SaysThatTheConnectionBrokeAtWhicheverByteOfTheUpgrade) {
    auto const length = [] {
        TcpListener listener;
        RecordingSocketHandler handler;
        TestClient client(listener.port());
        auto const socket = client.open(handler);
        auto peer = listener.accept();
        auto const size = read_upgrade(peer).accept.size();
        client.loop.stop();
        return size;
    }();
    for (std::size_t i = 0; i < length; ++i) {
        TcpListener listener;
        RecordingSocketHandler handler;
        TestClient client(listener.port());
        auto const socket = client.open(handler);
        auto peer = listener.accept();
        peer.send(read_upgrade(peer).accept.substr(0, i));
        i % 2 == 0 ? peer.reset() : peer.close();
        auto const told = handler.next();
        EXPECT_TRUE(told == kBrokenOff || told == kNoWebSocket) << i << told;
        client.loop.stop();
    }
}

TEST(ClientSocket, TimesOutWhereItDoesNotOpen) {
    TcpListener listener;
    RecordingSocketHandler handler;
    TestClient client(listener.port());
    auto const socket = client.open(handler, 20ms);
    EXPECT_EQ(handler.next(), "failed timed out");
    client.loop.stop();
}

TEST(ClientSocket, SaysThatNothingWasSentWhereItCannotConnect) {
    std::uint16_t port = 0;
    {
        TcpListener const listener;
        port = listener.port();
    }
    RecordingSocketHandler handler;
    TestClient client(port);
    auto const socket = client.open(handler);
    EXPECT_EQ(handler.next(), "failed cannot connect, not sent");
    auto const other = client.open(handler, kGenerous, "/\r\n");
    EXPECT_EQ(handler.next(), "failed the request cannot be sent, not sent");
    client.loop.stop();
}

TEST(ClientSocket, PingsAServerThatIsSilentAndGivesUpWhereThatDoesNotHelp) {
    OpenSocket open({.socket_silence = 100ms});
    auto const ping = read_client_frame(open.peer);
    EXPECT_EQ(ping.first_byte, 0x89);
    open.peer.send(server_frame(0x8a, ping.payload));
    EXPECT_EQ(read_client_frame(open.peer).first_byte, 0x89);
    EXPECT_EQ(open.handler.next(), "failed timed out");
}

TEST(ClientSocket, EndsWhereTheServerDoesNotRead) {
    OpenSocket open({.send_queue_bytes_max = 100});
    open.send_text(std::string(100, 'x'));
    EXPECT_EQ(read_client_frame(open.peer).payload.size(), 100U);
    open.client.run([&] {
        open.socket->send_text(std::string(100, 'x'));
        open.socket->send_text("y");
    });
    EXPECT_EQ(open.handler.next(), "failed too much waits to be sent");
}

TEST(ClientSocket, TellsNothingOnceItIsDestroyedWhereverItWas) {
    for (std::string const event : {"open", "message x", "closed 1000"}) {
        TcpListener listener;
        RecordingSocketHandler handler;
        TestClient client(listener.port());
        std::unique_ptr<ClientSocket> socket;
        handler.on_event = [&](std::string const& told) {
            if (told == event) {
                socket.reset();
            }
        };
        client.run([&] { socket = client.open_here(handler); });
        auto peer = listener.accept();
        peer.send(read_upgrade(peer).accept + server_frame(0x81, "x") + server_frame(0x81, "y") +
                  server_close_frame(1000));
        std::string told;
        do {
            told = handler.next();
        } while (told != event && told != "nothing");
        EXPECT_EQ(told, event);
        EXPECT_FALSE(peer.read_until_closed().contains("nothing"));
        client.run([] {});
        EXPECT_TRUE(handler.is_silent());
        client.loop.stop();
    }
}

TEST(ClientSocket, EndsTheConnectionWhenItIsDestroyed) {
    OpenSocket open;
    open.destroy();
    EXPECT_EQ(open.peer.read_until_closed(), "");
    EXPECT_TRUE(open.handler.is_silent());
}

TEST(ClientSocket, EndsWithTheLoopInTheMiddleOfTheUpgrade) {
    for (std::size_t const length : {std::size_t{0}, std::size_t{20}}) {
        TcpListener listener;
        RecordingSocketHandler handler;
        TestClient client(listener.port());
        auto const socket = client.open(handler);
        auto peer = listener.accept();
        peer.send(read_upgrade(peer).accept.substr(0, length));
        client.loop.stop();
        EXPECT_TRUE(handler.is_silent());
    }
}

}  // namespace
}  // namespace latchkey::net
