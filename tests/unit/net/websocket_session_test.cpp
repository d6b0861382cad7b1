#include "echo_server.hpp"
#include "http/limits.hpp"
#include "support/ws_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

namespace latchkey::net {
namespace {

using namespace latchkey::test;
using namespace std::chrono_literals;
using Kind = WsFrame::Kind;

void expect_close(WsClient& client, std::uint16_t code) {
    auto const frame = client.read_frame();
    EXPECT_EQ(frame.kind, Kind::Close);
    EXPECT_EQ(frame.close_code, code);
}

void expect_text(WsClient& client, std::string_view text) {
    auto const frame = client.read_frame();
    EXPECT_EQ(frame.kind, Kind::Text);
    EXPECT_EQ(frame.payload, text);
}

TEST(WebSocketSession, OpensWithTheAcceptKeyOfTheSpecification) {
    EchoServer server;
    WsClient client(
        server.port(), "/ws",
        "Sec-WebSocket-Protocol: wss\r\nSec-WebSocket-Extensions: permessage-deflate\r\n");
    ASSERT_TRUE(client.is_open());
    EXPECT_TRUE(client.answer().says("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    EXPECT_TRUE(client.answer().says("Sec-WebSocket-Protocol: wss"));
    EXPECT_EQ(client.answer().head.find("Extensions"), std::string::npos);
}

TEST(WebSocketSession, CarriesMessagesBothWays) {
    EchoServer server;
    WsClient client(server.port(), "/ws");
    client.send_text("hello");
    expect_text(client, "text:hello");
    client.send_binary({"\0\xff", 2});
    expect_text(client, std::string_view("binary:\0\xff", 9));
    client.send_text("");
    expect_text(client, "text:");
}

TEST(WebSocketSession, AnswersAPingWithAPongAndTellsTheConversation) {
    EchoServer server;
    WsClient client(server.port(), "/ws");
    client.send_ping("abc");
    auto const pong = client.read_frame();
    EXPECT_EQ(pong.kind, Kind::Pong);
    EXPECT_EQ(pong.payload, "abc");
    expect_text(client, "ping:abc");
}

TEST(WebSocketSession, KeepsFramesThatCameWithTheUpgradeRequest) {
    EchoServer server;
    WsClient client(server.port(), "/ws", {}, client_frame(0x81, "early"));
    ASSERT_TRUE(client.is_open());
    expect_text(client, "text:early");
}

TEST(WebSocketSession, ReadsFramesThatComeByteByByte) {
    EchoServer server;
    WsClient client(server.port(), "/ws");
    auto const bytes = client_frame(0x01, "in ") + client_frame(0x89, "!") +
                       client_frame(0x00, "three ") + client_frame(0x80, "parts");
    for (char const c : bytes) {
        client.send_raw({&c, 1});
    }
    EXPECT_EQ(client.read_frame().kind, Kind::Pong);
    expect_text(client, "ping:!");
    expect_text(client, "text:in three parts");
}

TEST(WebSocketSession, TakesMessagesUpToTheLimitAndNotOneByteMore) {
    EchoServer server;
    server.world.on_text = [](http::WebSocket& socket, std::string_view text) {
        socket.send_text(std::to_string(text.size()));
    };
    WsClient client(server.port(), "/ws");
    client.send_text(std::string(http::kMessageBytesMax, 'm'));
    expect_text(client, std::to_string(http::kMessageBytesMax));
    client.send_text(std::string(http::kMessageBytesMax + 1, 'm'));
    expect_close(client, 1009);
    client.socket().close();
    EXPECT_TRUE(server.world.ended.wait_for(1));
}

TEST(WebSocketSession, EchoesACloseFrameAndEndsTheConnection) {
    EchoServer server;
    WsClient client(server.port(), "/ws");
    client.send_close(4321);
    expect_close(client, 4321);
    EXPECT_EQ(client.read_frame().kind, Kind::Disconnected);
    EXPECT_TRUE(server.world.ended.wait_for(1));
}

TEST(WebSocketSession, EndsOnceWhateverThePeerDoes) {
    EchoServer server;
    int sessions = 0;
    for (auto const* const bytes : {"", "\x81", "\x83\x80zzzz", "\xc1\x80zzzz"}) {
        WsClient client(server.port(), "/ws");
        client.send_raw(bytes);
        client.socket().reset();
        EXPECT_TRUE(server.world.ended.wait_for(++sessions));
    }
    server.server.stop();
    server.server.join();
    EXPECT_EQ(server.world.ended.value(), sessions);
}

TEST(WebSocketSession, ClosesWithTheCodeOfTheViolation) {
    struct Row {
        std::string bytes;
        std::uint16_t code;
    };
    EchoServer server;
    std::string const long_payload(126, 'x');
    for (auto const& [bytes, code] :
         {Row{client_frame(0x83, "zzz"), 1002}, Row{client_frame(0x80, "z"), 1002},
          Row{client_frame(0x09, "z"), 1002}, Row{client_frame(0x89, long_payload), 1002},
          Row{client_close_frame(999), 1002}, Row{client_close_frame(1006), 1002},
          Row{client_frame(0x81, "\xfe"), 1007}, Row{"\x81\x05hello", 1002},
          Row{std::string("\x81\xff\0\0\0\0\x40\0\0\0zzzz", 14), 1009}}) {
        WsClient client(server.port(), "/ws");
        // More behind it: the close frame must not be lost to a reset.
        client.send_raw(bytes + std::string(100'000, 'z'));
        expect_close(client, code);
        EXPECT_EQ(client.read_frame().kind, Kind::Disconnected);
    }
    EXPECT_TRUE(server.world.ended.wait_for(9));
    EXPECT_EQ(server.world.messages.value(), 0);
}

TEST(WebSocketSession, ClosesAtTheServersWishAndWaitsForThePeer) {
    EchoServer server;
    server.world.on_text = [](http::WebSocket& socket, std::string_view) {
        socket.send_text("last words");
        socket.close(4001, "revoked");
        socket.send_text("never sent");
        socket.close(1000, "nor this");
    };
    WsClient client(server.port(), "/ws");
    client.send_text("end");
    client.send_text("not delivered any more");
    expect_text(client, "last words");
    auto const close = client.read_frame();
    EXPECT_EQ(close.close_code, 4001);
    EXPECT_EQ(close.payload, "revoked");
    EXPECT_EQ(server.world.ended.value(), 0);
    client.send_close(4001);
    EXPECT_EQ(client.read_frame().kind, Kind::Disconnected);
    EXPECT_TRUE(server.world.ended.wait_for(1));
    EXPECT_EQ(server.world.messages.value(), 1);
}

TEST(WebSocketSession, EndsAPeerThatDoesNotAnswerACloseFrame) {
    auto timeouts = in_a_hurry();
    timeouts.close_handshake = 20ms;
    EchoServer server(timeouts);
    server.world.on_open = [](http::WebSocket& socket) { socket.close(1000, "at once"); };
    WsClient client(server.port(), "/ws");
    expect_close(client, 1000);
    EXPECT_EQ(client.read_frame().kind, Kind::Disconnected);
    EXPECT_TRUE(server.world.ended.wait_for(1));
}

TEST(WebSocketSession, EndsASilentPeer) {
    auto timeouts = in_a_hurry();
    timeouts.websocket_silence = 20ms;
    EchoServer server(timeouts);
    WsClient client(server.port(), "/ws");
    EXPECT_EQ(client.read_frame().kind, Kind::Disconnected);
    EXPECT_TRUE(server.world.ended.wait_for(1));
}

TEST(WebSocketSession, CutsAPeerThatDoesNotRead) {
    EchoServer server;
    server.world.on_text = [](http::WebSocket& socket, std::string_view) {
        // More than the kernel takes: it ends the connection from inside this very call.
        std::string const text(64 * 1024, 't');
        for (int i = 0; i < 1000; ++i) {
            socket.send_text(text);
        }
    };
    WsClient client(TcpSocket(server.port(), 4096), "/ws");
    client.send_text("flood");
    EXPECT_TRUE(server.world.ended.wait_for(1));
    EXPECT_TRUE(server.log.wait_for("websocket.cut_slow_reader"));
}

TEST(WebSocketSession, DeliversWhatWasQueuedForASlowReaderInOrder) {
    EchoServer server;
    Counter sent;
    server.world.on_text = [&sent](http::WebSocket& socket, std::string_view) {
        for (int i = 0; i < 2000; ++i) {
            socket.send_text(std::to_string(i) + std::string(100, '.'));
        }
        socket.close(1000, "done");
        sent.increment();
    };
    WsClient client(TcpSocket(server.port(), 4096), "/ws");
    client.send_text("go");
    ASSERT_TRUE(sent.wait_for(1));
    for (int i = 0; i < 2000; ++i) {
        expect_text(client, std::to_string(i) + std::string(100, '.'));
    }
    expect_close(client, 1000);
}

TEST(WebSocketSession, MayBeSentToFromPostedTasksAndOtherConversations) {
    EchoServer server;
    std::vector<http::WebSocket*> sockets;
    server.world.on_open = [&sockets](http::WebSocket& socket) { sockets.push_back(&socket); };
    server.world.on_text = [&sockets](http::WebSocket&, std::string_view text) {
        for (auto* const socket : sockets) {
            socket->send_text(text);
        }
        sockets.front()->close(4000, "not you");
    };
    WsClient first(server.port(), "/ws");
    ASSERT_TRUE(server.world.opened.wait_for(1));
    WsClient second(server.port(), "/ws");
    ASSERT_TRUE(server.world.opened.wait_for(2));
    second.send_text("to all");
    expect_text(first, "to all");
    expect_close(first, 4000);
    expect_text(second, "to all");
}

TEST(WebSocketSession, RefusesHandshakesThatAreNotInOrder) {
    EchoServer server;
    struct Row {
        std::string replace, with;
        int status;
    };
    std::string const good =
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\n"
        "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    for (auto const& [replace, with, status] :
         {Row{"", "", 101}, Row{"Version: 13", "Version: 8", 426},
          Row{"Sec-WebSocket-Version: 13\r\n", "", 426},
          Row{"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", 400},
          Row{"dGhlIHNhbXBsZSBub25jZQ==", "!!!!", 400}, Row{"GET", "POST", 400},
          Row{"Host: localhost\r\n", "", 400}, Row{"Connection: keep-alive, Upgrade\r\n", "", 404},
          Row{"Upgrade: WebSocket", "Upgrade: h2c", 404}}) {
        auto request = good;
        request.replace(request.find(replace), replace.size(), with);
        auto socket = server.connect();
        socket.send(request);
        auto const answer = read_answer(socket);
        EXPECT_EQ(answer.status, status) << request;
        EXPECT_EQ(answer.says("Sec-WebSocket-Version: 13"), status == 426);
    }
}

TEST(WebSocketSession, OpensAndEndsAThousandTimesOverWithoutALeak) {
    EchoServer server(Timeouts{}, 2);
    constexpr int kConnections = 1000;
    {
        std::vector<WsClient> clients;
        clients.reserve(kConnections);
        for (int i = 0; i < kConnections; ++i) {
            clients.emplace_back(server.port(), "/ws");
        }
        ASSERT_TRUE(server.world.opened.wait_for(kConnections));
        for (int i = 0; i < kConnections; i += 2) {
            clients[static_cast<std::size_t>(i)].send_close(1000);
            clients[static_cast<std::size_t>(i) + 1].socket().close();
        }
        EXPECT_TRUE(server.world.ended.wait_for(kConnections));
    }
    server.server.stop();
    server.server.join();
    EXPECT_EQ(server.world.ended.value(), kConnections);
}

}  // namespace
}  // namespace latchkey::net
