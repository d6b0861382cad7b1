#include "support/tcp_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace latchkey::test {
namespace {

void wait_for(int descriptor, short events) {
    pollfd entry{.fd = descriptor, .events = events, .revents = 0};
    auto const milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(kGenerous).count();
    int ready = 0;
    do {
        ready = poll(&entry, 1, static_cast<int>(milliseconds));
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) {
        throw std::runtime_error("nothing happened on a socket for as long as a test waits");
    }
}

}  // namespace

TcpSocket::TcpSocket(std::uint16_t port, int receive_buffer_bytes)
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    int const on = 1;
    setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_buffer_bytes > 0) {
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                   sizeof receive_buffer_bytes);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor_, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
        ::close(descriptor_);
        throw std::runtime_error(std::string("cannot connect: ") + std::strerror(errno));
    }
}

TcpSocket::TcpSocket(TcpSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), pending_(std::move(other.pending_)) {}

TcpSocket::~TcpSocket() { close(); }

bool TcpSocket::send(std::string_view bytes) {
    while (!bytes.empty()) {
        wait_for(descriptor_, POLLOUT);
        auto const sent =
            ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        }
        bytes.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    }
    return true;
}

std::string TcpSocket::read_some() {
    if (!pending_.empty()) {
        return std::exchange(pending_, {});
    }
    std::array<char, 65536> buffer{};
    wait_for(descriptor_, POLLIN);
    auto const size = recv(descriptor_, buffer.data(), buffer.size(), 0);
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

std::string TcpSocket::read_exactly(std::size_t size) {
    std::string out;
    while (out.size() < size) {
        auto const some = read_some();
        if (some.empty()) {
            return out;
        }
        out += some;
    }
    unread(std::string_view(out).substr(size));
    out.resize(size);
    return out;
}

std::string TcpSocket::read_until(std::string_view end) {
    std::string out;
    for (;;) {
        auto const some = read_some();
        out += some;
        auto const at = out.find(end);
        if (at != out.npos) {
            unread(std::string_view(out).substr(at + end.size()));
            out.resize(at + end.size());
            return out;
        }
        if (some.empty()) {
            return out;
        }
    }
}

std::string TcpSocket::read_until_closed() {
    std::string out;
    for (std::string some = read_some(); !some.empty(); some = read_some()) {
        out += some;
    }
    return out;
}

void TcpSocket::shutdown_send() { shutdown(descriptor_, SHUT_WR); }

void TcpSocket::reset() {
    linger const at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void TcpSocket::close() {
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1));
    }
}

TcpListener::TcpListener() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(descriptor_, generic, size) != 0 || listen(descriptor_, SOMAXCONN) != 0 ||
        getsockname(descriptor_, generic, &size) != 0) {
        ::close(descriptor_);
        throw std::runtime_error(std::string("cannot listen: ") + std::strerror(errno));
    }
    port_ = ntohs(address.sin_port);
}

TcpListener::~TcpListener() { ::close(descriptor_); }

TcpSocket TcpListener::accept() {
    wait_for(descriptor_, POLLIN);
    TcpSocket out;
    out.descriptor_ = accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    int const on = 1;
    setsockopt(out.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return out;
}

bool TcpListener::has_connection() const {
    pollfd entry{.fd = descriptor_, .events = POLLIN, .revents = 0};
    return poll(&entry, 1, 0) > 0;
}

RawAnswer read_answer(TcpSocket& socket, AnswerBody body) {
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    RawAnswer answer;
    answer.head = socket.read_until("\r\n\r\n");
    if (!answer.head.starts_with("HTTP/1.1 ")) {
        return answer;
    }
    answer.status = std::stoi(answer.head.substr(9, 3));
    auto const length = answer.head.find(kLength);
    if (length != answer.head.npos && body == AnswerBody::Present) {
        answer.body = socket.read_exactly(std::stoul(answer.head.substr(length + kLength.size())));
    }
    return answer;
}

}  // namespace latchkey::test
