#pragma once

#include "support/tcp_socket.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace latchkey::test {

/// A server's frame: not masked. `first_byte` has FIN and opcode.
[[nodiscard]] std::string server_frame(std::uint8_t first_byte, std::string_view payload);
/// A server's close frame.
[[nodiscard]] std::string server_close_frame(std::uint16_t code);

/// A frame of a client as a server reads it.
struct ClientFrame {
    std::uint8_t first_byte = 0;  ///< FIN and opcode; 0: the connection ended
    bool masked = false;
    std::array<char, 4> mask{};
    std::string payload;  ///< unmasked
};

[[nodiscard]] ClientFrame read_client_frame(TcpSocket& socket);

/// Reads an upgrade request and returns it; `accept` is the right answer to it.
struct UpgradeRequest {
    std::string head;
    std::string accept;  ///< a complete 101
};

[[nodiscard]] UpgradeRequest read_upgrade(TcpSocket& socket);

}  // namespace latchkey::test
