#pragma once

#include "support/tcp_socket.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace latchkey::test {

/// A client's frame: masked, as RFC 6455 section 5.1 wants it. `first_byte` has FIN and opcode.
[[nodiscard]] std::string client_frame(std::uint8_t first_byte, std::string_view payload);
/// A complete close frame of a client.
[[nodiscard]] std::string client_close_frame(std::uint16_t code, std::string_view reason = {});

struct WsFrame {
    enum class Kind : std::uint8_t { Text, Binary, Close, Ping, Pong, Disconnected };
    Kind kind = Kind::Disconnected;
    std::string payload;           ///< of a close frame: the reason
    std::uint16_t close_code = 0;  ///< 1005: a close frame without a code
};

/// A blocking WebSocket to 127.0.0.1, for tests. Answers nothing by itself.
class WsClient {
public:
    /// Sends the upgrade request and reads the answer. `fields`: further header lines with CRLF.
    /// `early` is sent in one piece with the request.
    WsClient(std::uint16_t port, std::string_view target, std::string_view fields = {},
             std::string_view early = {});
    /// The same on a connection that is open already.
    WsClient(TcpSocket socket, std::string_view target, std::string_view fields = {},
             std::string_view early = {});

    /// 101 where it is open.
    [[nodiscard]] int status() const noexcept { return answer_.status; }
    [[nodiscard]] bool is_open() const noexcept { return status() == 101; }
    [[nodiscard]] RawAnswer const& answer() const noexcept { return answer_; }

    /// Waits for the next frame; `Disconnected` where the connection ends.
    [[nodiscard]] WsFrame read_frame();

    bool send_text(std::string_view text) { return send_raw(client_frame(0x81, text)); }
    bool send_binary(std::string_view bytes) { return send_raw(client_frame(0x82, bytes)); }
    bool send_ping(std::string_view payload) { return send_raw(client_frame(0x89, payload)); }
    bool send_close(std::uint16_t code) { return send_raw(client_close_frame(code)); }
    bool send_raw(std::string_view bytes) { return socket_.send(bytes); }

    [[nodiscard]] TcpSocket& socket() noexcept { return socket_; }

private:
    TcpSocket socket_;
    RawAnswer answer_;
};

}  // namespace latchkey::test
