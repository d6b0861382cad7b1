#include "support/ws_server.hpp"

#include "http/handshake.hpp"

#include <cstddef>

namespace latchkey::test {

std::string server_frame(std::uint8_t first_byte, std::string_view payload) {
    std::string out;
    out += static_cast<char>(first_byte);
    std::size_t const wide = payload.size() < 126 ? 0 : payload.size() <= 0xffff ? 2 : 8;
    out += static_cast<char>(wide == 0 ? payload.size() : wide == 2 ? 126 : 127);
    for (std::size_t i = wide; i > 0; --i) {
        out += static_cast<char>(payload.size() >> (8 * (i - 1)));
    }
    return out.append(payload);
}

std::string server_close_frame(std::uint16_t code) {
    std::string const payload = {static_cast<char>(code >> 8), static_cast<char>(code)};
    return server_frame(0x88, payload);
}

ClientFrame read_client_frame(TcpSocket& socket) {
    auto const byte = [](char c) {
        return static_cast<std::size_t>(static_cast<unsigned char>(c));
    };
    ClientFrame frame;
    auto const head = socket.read_exactly(2);
    if (head.size() < 2) {
        return frame;
    }
    frame.first_byte = static_cast<std::uint8_t>(head[0]);
    frame.masked = (byte(head[1]) & 0x80) != 0;
    std::size_t size = byte(head[1]) & 0x7f;
    if (size >= 126) {
        auto const wide = socket.read_exactly(size == 126 ? 2 : 8);
        size = 0;
        for (char const c : wide) {
            size = size << 8 | byte(c);
        }
    }
    if (frame.masked) {
        socket.read_exactly(4).copy(frame.mask.data(), frame.mask.size());
    }
    frame.payload = socket.read_exactly(size);
    for (std::size_t i = 0; i < frame.payload.size(); ++i) {
        frame.payload[i] = static_cast<char>(frame.payload[i] ^ frame.mask[i % 4]);
    }
    return frame;
}

UpgradeRequest read_upgrade(TcpSocket& socket) {
    constexpr std::string_view kKey = "Sec-WebSocket-Key: ";
    UpgradeRequest request{.head = socket.read_until("\r\n\r\n"), .accept = {}};
    auto const at = request.head.find(kKey);
    auto const key =
        at == request.head.npos
            ? std::string()
            : request.head.substr(at + kKey.size(), request.head.find('\r', at) - at - kKey.size());
    request.accept =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        http::accept_key(key) + "\r\n\r\n";
    return request;
}

}  // namespace latchkey::test
