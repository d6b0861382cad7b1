#include "plain_http.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace example {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kBacklog = 16;
constexpr std::size_t kChunk = 1024;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::system_error failure(char const* what) { return {errno, std::system_category(), what}; }

/// Reads until `end` has come, or where it is empty until the peer has no more to say. Empty where
/// that takes more than `kMessageMax` bytes or `kExchangeMax`.
std::optional<std::string> receive(Socket const& socket, std::string_view end) {
    auto const deadline = SteadyClock::now() + kExchangeMax;
    std::string text;
    while (end.empty() || !text.contains(end)) {
        auto const left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
        pollfd readable{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) {
            return std::nullopt;
        }
        std::array<char, kChunk> chunk{};
        auto const room = std::min(chunk.size(), kMessageMax + 1 - text.size());
        auto const count = ::recv(socket.descriptor(), chunk.data(), room, 0);
        if (count < 0 || (count == 0 && !end.empty())) {
            return std::nullopt;
        }
        if (count == 0) {
            return text;
        }
        text.append(chunk.data(), static_cast<std::size_t>(count));
        if (text.size() > kMessageMax) {
            return std::nullopt;
        }
    }
    return text;
}

/// Whether all of it went; the peer may have gone meanwhile.
bool send_all(Socket const& socket, std::string_view text) {
    while (!text.empty()) {
        auto const count = ::send(socket.descriptor(), text.data(), text.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

/// Sending, and connecting, give up after `kExchangeMax`.
void limit_sending(Socket const& socket) {
    timeval const limit{.tv_sec = kExchangeMax.count(), .tv_usec = 0};
    ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

std::string_view reason_of(int status) {
    switch (status) {
        case 200: return "OK";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        default: return "Internal Server Error";
    }
}

/// What stands before `separator`, which goes with it.
std::string_view take_until(std::string_view& text, std::string_view separator) {
    auto const end = text.find(separator);
    auto const taken = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + separator.size());
    return taken;
}

/// Without regard to upper and lower case, which field names and schemes do not have.
bool takes_prefix(std::string_view& text, std::string_view lower_case_prefix) {
    auto const same = [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
    };
    if (text.size() < lower_case_prefix.size() ||
        !std::ranges::equal(text.substr(0, lower_case_prefix.size()), lower_case_prefix, same)) {
        return false;
    }
    text.remove_prefix(lower_case_prefix.size());
    return true;
}

std::optional<Request> parse_request(std::string_view head) {
    auto line = take_until(head, "\r\n");
    Request request{.method = std::string(take_until(line, " ")),
                    .path = std::string(take_until(line, " ")),
                    .bearer = {}};
    if (line != "HTTP/1.1" && line != "HTTP/1.0") {
        return std::nullopt;
    }
    while (!head.empty()) {
        auto field = take_until(head, "\r\n");
        if (takes_prefix(field, "authorization: bearer ")) {
            request.bearer = field;
        }
    }
    return request;
}

std::expected<Socket, std::string> connect_to(std::string const& host, std::string const& port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0) {
        return std::unexpected("there is no such host");
    }
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const addresses(found, &::freeaddrinfo);
    Socket socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    limit_sending(socket);
    if (socket.descriptor() < 0 ||
        ::connect(socket.descriptor(), found->ai_addr, found->ai_addrlen) != 0) {
        return std::unexpected("the token endpoint cannot be reached");
    }
    return socket;
}

}  // namespace

Socket::~Socket() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Endpoint::Endpoint(std::uint16_t port)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    // Whoever can reach it can ask it, so nobody else's machine can.
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int const reuse = 1;
    ::setsockopt(listener_.descriptor(), SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
    if (listener_.descriptor() < 0 ||
        ::bind(listener_.descriptor(), reinterpret_cast<sockaddr*>(&address), sizeof address) !=
            0 ||
        ::listen(listener_.descriptor(), kBacklog) != 0) {
        throw failure("cannot listen");
    }
}

std::uint16_t Endpoint::port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(listener_.descriptor(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

void Endpoint::serve_one(std::function<Response(Request const&)> const& answer) {
    Socket const peer(::accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    if (peer.descriptor() < 0) {
        if (errno == ECONNABORTED || errno == EINTR) {
            return;
        }
        throw failure("cannot accept");
    }
    limit_sending(peer);
    auto const head = receive(peer, kHeadEnd);
    auto const request = head ? parse_request(*head) : std::nullopt;
    auto const response =
        request ? answer(*request) : Response{.status = 400, .json = R"({"error":"no request"})"};
    send_all(peer, "HTTP/1.1 " + std::to_string(response.status) + ' ' +
                       std::string(reason_of(response.status)) +
                       "\r\nContent-Type: application/json\r\nCache-Control: no-store"
                       "\r\nConnection: close\r\nContent-Length: " +
                       std::to_string(response.json.size()) + "\r\n\r\n" + response.json);
}

std::expected<std::string, std::string> post(std::string_view url, std::string_view bearer) {
    if (!takes_prefix(url, "http://")) {
        return std::unexpected("the token endpoint is no http:// address");
    }
    auto authority = take_until(url, "/");
    std::string const authority_text(authority);
    std::string const host(take_until(authority, ":"));
    auto const socket = connect_to(host, authority.empty() ? "80" : std::string(authority));
    if (!socket) {
        return std::unexpected(socket.error());
    }
    send_all(*socket, "POST /" + std::string(url) + " HTTP/1.1\r\nHost: " + authority_text +
                          "\r\nAuthorization: Bearer " + std::string(bearer) +
                          "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    auto const answer = receive(*socket, "");
    std::string_view body = answer ? *answer : std::string_view();
    auto head = take_until(body, kHeadEnd);
    take_until(head, " ");
    auto const status = take_until(head, " ");
    if (status != "200") {
        return std::unexpected(status.empty()
                                   ? "the token endpoint did not answer"
                                   : "the token endpoint answered " + std::string(status));
    }
    return std::string(body);
}

}  // namespace example
