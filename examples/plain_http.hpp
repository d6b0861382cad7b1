#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

/// Just enough of HTTP/1.1 for the examples to need no library for it: one request a connection,
/// without a body, in the clear. Your application has its own, and speaks TLS.
namespace example {

inline constexpr std::size_t kMessageMax = 8192;  ///< bytes of a request, or of an answer
inline constexpr std::chrono::seconds kExchangeMax{5};

/// An open socket.
class Socket {
public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    ~Socket();
    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

struct Request {
    std::string method;
    std::string path;
    std::string bearer;  ///< of `Authorization: Bearer …`; empty: none
};

struct Response {
    int status;
    std::string json;
};

/// Answers requests from this machine, one after the other.
class Endpoint {
public:
    /// 0: any free port. @throws std::system_error where the port cannot be had
    explicit Endpoint(std::uint16_t port);

    [[nodiscard]] std::uint16_t port() const;

    /// Waits for a connection and serves it, for `kExchangeMax` at most. What is no request, or a
    /// longer one than `kMessageMax`, is answered 400. @throws std::system_error where nothing can
    /// be accepted any more
    void serve_one(std::function<Response(Request const&)> const& answer);

private:
    Socket listener_;
};

/// Sends a POST without a body to `http://host:port/path`, and yields the JSON of an answer 200, or
/// a text that says what came instead.
[[nodiscard]] std::expected<std::string, std::string> post(std::string_view url,
                                                           std::string_view bearer);

}  // namespace example
