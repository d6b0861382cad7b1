#include "support/scripted_peer.hpp"

#include "support/ws_server.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace latchkey::test {
namespace {

/// Waits without a limit: a client may let a kept connection rest for as long as it lives.
void wait_for_bytes(TcpSocket const& socket) {
    pollfd entry{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
    while (poll(&entry, 1, -1) < 0) {
    }
}

std::string field_of(std::string_view head, std::string_view name) {
    auto const line = "\r\n" + std::string(name) + ": ";
    auto const at = std::ranges::search(head, line, [](char left, char right) {
        auto const lower = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        };
        return lower(left) == lower(right);
    });
    std::string_view const rest(at.end(), head.end());
    return std::string(rest.substr(0, rest.find('\r')));
}

}  // namespace

std::string ScriptedPeer::Request::field(std::string_view name) const {
    return field_of(head, name);
}

ScriptedPeer::ScriptedPeer(Answer answer, Play play)
    : answer_(std::move(answer)), play_(std::move(play)), acceptor_([this] { accept(); }) {}

ScriptedPeer::~ScriptedPeer() {
    {
        std::scoped_lock const lock(mutex_);
        stopping_ = true;
    }
    TcpSocket const wake(listener_.port());
    acceptor_.join();
}

std::vector<ScriptedPeer::Request> ScriptedPeer::requests() const {
    std::scoped_lock const lock(mutex_);
    return requests_;
}

std::size_t ScriptedPeer::socket_count() const {
    std::scoped_lock const lock(mutex_);
    return sockets_;
}

std::string ScriptedPeer::format(int status, std::string_view body, std::string_view fields) {
    return "HTTP/1.1 " + std::to_string(status) +
           " Whatever\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(fields) + "\r\n" + std::string(body);
}

void ScriptedPeer::accept() {
    for (;;) {
        pollfd entry{.fd = listener_.descriptor(), .events = POLLIN, .revents = 0};
        poll(&entry, 1, -1);
        auto socket = listener_.accept();
        std::scoped_lock const lock(mutex_);
        if (stopping_) {
            return;
        }
        connections_.emplace_back([this, socket = std::move(socket)]() mutable {
            try {
                serve(socket);
            } catch (std::runtime_error const& error) {
                ADD_FAILURE() << "a peer's connection: " << error.what();
            }
        });
    }
}

void ScriptedPeer::serve(TcpSocket& socket) {
    for (;;) {
        wait_for_bytes(socket);
        auto head = socket.read_until("\r\n\r\n");
        if (!head.ends_with("\r\n\r\n")) {
            return;
        }
        if (!field_of(head, "Upgrade").empty()) {
            return upgrade(socket, head);
        }
        auto const length = field_of(head, "Content-Length");
        auto body = length.empty() ? std::string() : socket.read_exactly(std::stoul(length));
        if (!reply(socket, {.head = std::move(head), .body = std::move(body), .number = 0})) {
            return;
        }
    }
}

void ScriptedPeer::upgrade(TcpSocket& socket, std::string_view head) {
    std::size_t number = 0;
    {
        std::scoped_lock const lock(mutex_);
        number = ++sockets_;
    }
    if (play_ && socket.send(answer_upgrade(head))) {
        play_(socket, number);
    }
}

/// False: the connection is over.
bool ScriptedPeer::reply(TcpSocket& socket, Request request) {
    {
        std::scoped_lock const lock(mutex_);
        request.number = requests_.size() + 1;
        requests_.push_back(request);
    }
    auto const [bytes, then] = answer_(request);
    if (!socket.send(bytes)) {
        return false;
    }
    switch (then) {
        case Reply::Then::Keep: return true;
        case Reply::Then::Close: return false;
        case Reply::Then::Reset: socket.reset(); return false;
        case Reply::Then::Silence: wait_for_bytes(socket); return false;
    }
    std::unreachable();
}

}  // namespace latchkey::test
