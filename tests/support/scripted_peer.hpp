#pragma once

#include "support/tcp_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace latchkey::test {

/// A server on a free port of 127.0.0.1 that answers as a test says, however wrong that is. Each
/// connection has a thread. Ended with this, which waits for its connections: clients go first.
class ScriptedPeer {
public:
    struct Request {
        std::string head;
        std::string body;
        std::size_t number;  ///< 1 for the first of all, upgrades not counted

        [[nodiscard]] std::string field(std::string_view name) const;
    };
    /// What follows on one request.
    struct Reply {
        enum class Then : std::uint8_t { Keep, Close, Reset, Silence };
        std::string bytes;
        Then then = Then::Keep;
    };
    using Answer = std::function<Reply(Request const&)>;
    /// Plays a WebSocket from behind its upgrade on; `number` is 1 for the first.
    using Play = std::function<void(TcpSocket& socket, std::size_t number)>;

    explicit ScriptedPeer(Answer answer, Play play = {});
    ~ScriptedPeer();
    ScriptedPeer(ScriptedPeer const&) = delete;
    ScriptedPeer& operator=(ScriptedPeer const&) = delete;

    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(listener_.port());
    }
    /// All so far that came whole.
    [[nodiscard]] std::vector<Request> requests() const;
    [[nodiscard]] std::size_t socket_count() const;

    /// A complete answer. `fields`: further header lines with CRLF.
    [[nodiscard]] static std::string format(int status, std::string_view body,
                                            std::string_view fields = {});

private:
    void accept();
    void serve(TcpSocket& socket);
    void upgrade(TcpSocket& socket, std::string_view head);
    [[nodiscard]] bool reply(TcpSocket& socket, Request request);

    Answer answer_;
    Play play_;
    TcpListener listener_;
    mutable std::mutex mutex_;
    std::vector<Request> requests_;
    std::size_t sockets_ = 0;
    bool stopping_ = false;
    std::list<std::jthread> connections_;
    std::thread acceptor_;
};

}  // namespace latchkey::test
