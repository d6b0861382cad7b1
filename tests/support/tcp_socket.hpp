#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace latchkey::test {

/// How long a test waits for what is to happen: only a failure takes that long.
inline constexpr std::chrono::seconds kGenerous{20};

/// A blocking connection to 127.0.0.1, for tests that decide about each byte. Throws
/// `std::runtime_error` where a deadline passes.
class TcpSocket {
public:
    /// `receive_buffer_bytes`: 0 is the system's choice; small, for a reader that falls behind.
    explicit TcpSocket(std::uint16_t port, int receive_buffer_bytes = 0);
    TcpSocket(TcpSocket const&) = delete;
    TcpSocket& operator=(TcpSocket const&) = delete;
    TcpSocket(TcpSocket&& other) noexcept;
    ~TcpSocket();

    /// Sends all of it. False: the peer has closed.
    bool send(std::string_view bytes);

    /// Waits for bytes and returns them; empty: the peer has closed.
    [[nodiscard]] std::string read_some();
    /// Exactly so many, or fewer where the peer closes before.
    [[nodiscard]] std::string read_exactly(std::size_t size);
    /// Up to and with `end`, or what came where the peer closes before.
    [[nodiscard]] std::string read_until(std::string_view end);
    [[nodiscard]] std::string read_until_closed();
    /// Gives bytes back, to be read again.
    void unread(std::string_view bytes) { pending_.insert(0, bytes); }

    /// Says that nothing more will be sent.
    void shutdown_send();
    /// Ends the connection with a reset.
    void reset();
    void close();
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    friend class TcpListener;
    TcpSocket() = default;

    int descriptor_ = -1;
    std::string pending_;
};

/// Listens on a free port of 127.0.0.1, so that a test can be the server.
class TcpListener {
public:
    TcpListener();
    ~TcpListener();
    TcpListener(TcpListener const&) = delete;
    TcpListener& operator=(TcpListener const&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Waits for the next connection.
    [[nodiscard]] TcpSocket accept();
    /// Whether a connection waits to be accepted.
    [[nodiscard]] bool has_connection() const;
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_ = -1;
    std::uint16_t port_ = 0;
};

/// One HTTP answer, taken apart just so far.
struct RawAnswer {
    int status = 0;
    std::string head;
    std::string body;
    [[nodiscard]] bool says(std::string_view header_line) const {
        return head.find("\r\n" + std::string(header_line) + "\r\n") != head.npos;
    }
};

enum class AnswerBody : bool { Absent, Present };

/// Reads one answer with a Content-Length; status 0: the peer has closed.
[[nodiscard]] RawAnswer read_answer(TcpSocket& socket, AnswerBody body = AnswerBody::Present);

}  // namespace latchkey::test
