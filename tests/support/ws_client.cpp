#include "support/ws_client.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace latchkey::test {

std::string client_frame(std::uint8_t first_byte, std::string_view payload) {
    constexpr std::array<char, 4> kMask{0x11, 0x22, 0x33, 0x44};
    std::string out;
    out += static_cast<char>(first_byte);
    std::size_t const wide = payload.size() < 126 ? 0 : payload.size() <= 0xffff ? 2 : 8;
    out += static_cast<char>(0x80 | (wide == 0 ? payload.size() : wide == 2 ? 126 : 127));
    for (std::size_t i = wide; i > 0; --i) {
        out += static_cast<char>(payload.size() >> (8 * (i - 1)));
    }
    out.append(kMask.data(), kMask.size());
    for (std::size_t i = 0; i < payload.size(); ++i) {
        out += static_cast<char>(payload[i] ^ kMask[i % kMask.size()]);
    }
    return out;
}

std::string client_close_frame(std::uint16_t code, std::string_view reason) {
    std::string payload;
    payload += static_cast<char>(code >> 8);
    payload += static_cast<char>(code);
    return client_frame(0x88, payload.append(reason));
}

WsClient::WsClient(std::uint16_t port, std::string_view target, std::string_view fields,
                   std::string_view early)
    : WsClient(TcpSocket(port), target, fields, early) {}

WsClient::WsClient(TcpSocket socket, std::string_view target, std::string_view fields,
                   std::string_view early)
    : socket_(std::move(socket)) {
    std::string request = "GET ";
    request.append(target)
        .append(
            " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
        .append(fields)
        .append("\r\n")
        .append(early);
    socket_.send(request);
    answer_ = read_answer(socket_);
}

WsFrame WsClient::read_frame() {
    auto const head = socket_.read_exactly(2);
    if (head.size() < 2) {
        return {};
    }
    auto const byte = [](char c) {
        return static_cast<std::size_t>(static_cast<unsigned char>(c));
    };
    std::size_t size = byte(head[1]);
    if (size >= 126) {
        auto const wide = socket_.read_exactly(size == 126 ? 2 : 8);
        size = 0;
        for (char const c : wide) {
            size = size << 8 | byte(c);
        }
    }
    WsFrame frame{.kind = WsFrame::Kind::Disconnected,
                  .payload = socket_.read_exactly(size),
                  .close_code = 0};
    switch (byte(head[0]) & 0x0f) {
        case 0x1: frame.kind = WsFrame::Kind::Text; break;
        case 0x2: frame.kind = WsFrame::Kind::Binary; break;
        case 0x9: frame.kind = WsFrame::Kind::Ping; break;
        case 0xa: frame.kind = WsFrame::Kind::Pong; break;
        case 0x8:
            frame.kind = WsFrame::Kind::Close;
            frame.close_code = 1005;
            if (frame.payload.size() >= 2) {
                frame.close_code = static_cast<std::uint16_t>(byte(frame.payload[0]) << 8 |
                                                              byte(frame.payload[1]));
                frame.payload.erase(0, 2);
            }
            break;
        default: break;
    }
    return frame;
}

}  // namespace latchkey::test
