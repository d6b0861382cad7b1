#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::net {

inline constexpr std::size_t kClientHeaderBytesMax = std::size_t{64} * 1024;
inline constexpr std::size_t kClientBodyBytesMax = std::size_t{64} * 1024 * 1024;
/// Answers of 1xx before the real one (RFC 9110 section 15.2).
inline constexpr int kClientInterimAnswersMax = 8;

enum class ClientError : std::uint8_t {
    BadRequest,  ///< nothing was sent: the request cannot be written as HTTP
    Overloaded,  ///< nothing was sent: too many requests, or too much text, wait already
    UnknownHost,
    CannotConnect,  ///< nobody listens, or what listens does not speak TLS
    TlsRefused,     ///< its certificate is not one to trust for its name
    TimedOut,
    Disconnected,  ///< the connection broke before the answer was complete
    NotHttp,       ///< the answer is not HTTP/1.x (or WebSocket), or larger than is read
};

/// "cannot connect": for a line that also names the address.
[[nodiscard]] std::string_view describe(ClientError error) noexcept;

struct ClientFailure {
    ClientError error;
    std::string message{};  ///< more of the same, for people
    bool sent = false;      ///< some of the request may have reached the server
};

/// Where a server is, and whom to trust there.
struct ClientOrigin {
    std::string host;  ///< a name or an address; of IPv6 without brackets
    std::uint16_t port = 0;
    bool tls = false;
    std::string ca_file{};  ///< PEM; empty: the system's certificates
};

/// What a client takes and waits for; the defaults are what docs/reference/limits.md lists.
struct ClientLimits {
    std::size_t connections_max = 8;            ///< to one origin, kept ones included
    std::size_t requests_waiting_max = 16'384;  ///< for a connection -> Overloaded
    std::size_t body_bytes_max = kClientBodyBytesMax;
    /// A kept connection is not used after this: below the 75 s after which Latchkey drops it, and
    /// the 60 s that are usual of proxies.
    std::chrono::milliseconds keep_alive_idle{45'000};

    std::size_t message_bytes_max = std::size_t{4} * 1024 * 1024;  ///< one of a WebSocket's, in
    std::size_t send_queue_bytes_max = std::size_t{1024} * 1024;   ///< of a WebSocket -> Overloaded
    /// No byte came, not even the answer to a ping after half of it: the server is gone.
    std::chrono::milliseconds socket_silence{90'000};
    std::chrono::milliseconds close_handshake{5'000};
};

struct ClientField {
    std::string name;
    std::string value;
};

struct ClientRequest {
    std::string method = "GET";
    std::string target = "/";
    std::vector<ClientField> fields{};  ///< beside Host, Content-Length and Connection
    std::string body{};
    /// A repeat leaves the same behind. Where a kept connection turns out to be closed before any
    /// byte of an answer, the request is sent again on a fresh one.
    bool repeatable = false;
};

struct ClientResponse {
    int status = 0;
    std::vector<ClientField> fields;
    std::string body;

    /// Of the first field of that name (ASCII case ignored); empty where there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
};

}  // namespace latchkey::net
