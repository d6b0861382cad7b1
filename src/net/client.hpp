#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::net {

inline constexpr std::size_t kClientHeaderBytesMax = std::size_t{64} * 1024;
inline constexpr std::size_t kClientBodyBytesMax = std::size_t{64} * 1024 * 1024;

enum class ClientError : std::uint8_t {
    UnknownHost,
    CannotConnect,
    TimedOut,
    Disconnected,  ///< the connection broke before the answer was complete
    NotHttp,       ///< the answer is not HTTP/1.x, or larger than is read
};

/// "cannot connect": for a line that also names the address.
[[nodiscard]] std::string_view describe(ClientError error) noexcept;

struct ClientField {
    std::string name;
    std::string value;
};

struct ClientRequest {
    std::string host;
    std::uint16_t port = 0;
    std::string method = "GET";
    std::string target = "/";
    std::vector<ClientField> fields;  ///< beside Host, Content-Length and Connection
    std::string body;
};

struct ClientResponse {
    int status = 0;
    std::vector<ClientField> fields;
    std::string body;

    /// Of the first field of that name (ASCII case ignored); empty where there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
};

/// Makes one HTTP/1.1 request on a connection of its own and blocks until the answer is complete,
/// for `timeout` at most. Follows no redirects and reads no environment.
[[nodiscard]] std::expected<ClientResponse, ClientError> fetch(ClientRequest const& request,
                                                               std::chrono::milliseconds timeout);

}  // namespace latchkey::net
