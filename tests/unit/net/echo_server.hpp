#pragma once

#include "net/server.hpp"
#include "support/manual_clock.hpp"
#include "support/tcp_socket.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::test {

/// Keeps the names of events.
class RecordingLog final : public EventLog {
public:
    [[nodiscard]] bool enabled(LogLevel) const noexcept override { return true; }
    void write(LogLevel, std::string_view event,
               std::initializer_list<LogField>) noexcept override {
        std::scoped_lock const lock(mutex_);
        events_.emplace_back(event);
        changed_.notify_all();
    }
    [[nodiscard]] int count(std::string_view event) const {
        std::scoped_lock const lock(mutex_);
        return static_cast<int>(std::ranges::count(events_, event));
    }
    /// Whether it was written in time.
    [[nodiscard]] bool wait_for(std::string_view event) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(
            lock, kGenerous, [&] { return std::ranges::find(events_, event) != events_.end(); });
    }

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<std::string> events_;
};

/// A number that threads count up and others wait for.
class Counter {
public:
    void increment() {
        std::scoped_lock const lock(mutex_);
        ++value_;
        changed_.notify_all();
    }
    /// Whether it reached `value` in time.
    [[nodiscard]] bool wait_for(int value) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kGenerous, [&] { return value_ >= value; });
    }
    [[nodiscard]] int value() {
        std::scoped_lock const lock(mutex_);
        return value_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int value_ = 0;
};

/// What a test hands in and looks at.
struct EchoWorld {
    Counter handled, deferred, opened, messages, ended, stopped;
    /// Called on the loop's thread with what `/defer` got.
    std::function<void(http::Loop&, std::unique_ptr<http::DeferredAnswer>)> on_defer;
    /// What a conversation does when it opens, and with a text message; default: echo.
    std::function<void(http::WebSocket&)> on_open;
    std::function<void(http::WebSocket&, std::string_view)> on_text;
    std::function<void()> on_stop;
};

class EchoConversation final : public http::Conversation {
public:
    explicit EchoConversation(EchoWorld& world) : world_(world) {}

    void on_open(http::WebSocket& socket) override {
        socket_ = &socket;
        if (world_.on_open) {
            world_.on_open(socket);
        }
        world_.opened.increment();
    }
    void on_message(http::MessageKind kind, std::string_view payload) override {
        if (kind == http::MessageKind::Text && world_.on_text) {
            world_.on_text(*socket_, payload);
        } else {
            std::string const label = kind == http::MessageKind::Text     ? "text:"
                                      : kind == http::MessageKind::Binary ? "binary:"
                                                                          : "ping:";
            socket_->send_text(label + std::string(payload));
        }
        world_.messages.increment();
    }
    void on_end() override {
        socket_->send_text("to nobody");
        socket_->close(1000, "twice");
        world_.ended.increment();
    }

private:
    EchoWorld& world_;
    http::WebSocket* socket_ = nullptr;
};

/// `/echo`: method, path, query, peer and body. `/defer`: puts off. `/ws`: a WebSocket. `/close`:
/// ends the connection. `/throw`, `/silent`: bugs. Else 404.
class EchoService final : public http::Service {
public:
    EchoService(EchoWorld& world, http::Loop& loop) : world_(world), loop_(loop) {}

    void handle(http::Exchange& exchange) override {
        auto const& request = exchange.request();
        auto& response = exchange.response();
        if (exchange.is_upgrade()) {
            exchange.upgrade(std::make_unique<EchoConversation>(world_));
        } else if (request.path == "/defer") {
            world_.on_defer(loop_, exchange.defer());
            world_.deferred.increment();
        } else if (request.path == "/throw") {
            throw std::runtime_error("a bug");
        } else if (request.path != "/silent") {
            answer(request, response);
            exchange.answer();
        }
        world_.handled.increment();
    }
    void describe_error(int status, std::string_view why, http::Response& response) override {
        response.body = std::to_string(status) + " " + std::string(why);
    }
    void on_tick() override {}
    void on_stop() override {
        if (world_.on_stop) {
            world_.on_stop();
        }
        world_.stopped.increment();
    }

private:
    static void answer(http::Request const& request, http::Response& response) {
        if (request.method == http::Method::Other) {
            response.status = 501;
        } else if (request.path == "/echo") {
            response.body = std::string(request.target.substr(0, 40)) + "|" +
                            std::string(request.query) + "|" +
                            std::string(request.field("x-echo")) + "|" + std::string(request.body);
        } else if (request.path == "/large") {
            response.body.assign(4'000'000, 'x');
        } else if (request.path == "/close") {
            response.close = true;
            response.body = "bye";
        } else {
            response.status = 404;
        }
    }

    EchoWorld& world_;
    http::Loop& loop_;
};

inline constexpr Instant kNow{std::chrono::seconds{1'767'225'600}};

/// A server on a free port. The clock stands still, so the waits below count ticks only.
struct EchoServer {
    explicit EchoServer(net::Timeouts timeouts = {}, std::size_t loops = 1)
        : server(
              {.listen = {{.host = "127.0.0.1", .port = 0}}, .loops = loops, .timeouts = timeouts},
              log, clock, [this](http::Loop& loop, std::size_t) {
                  return std::make_unique<EchoService>(world, loop);
              }) {
        server.start();
    }
    [[nodiscard]] std::uint16_t port() const { return server.bound_port(); }
    [[nodiscard]] TcpSocket connect() const { return TcpSocket(port()); }

    EchoWorld world;
    RecordingLog log;
    ManualClock clock{kNow};
    net::Server server;
};

/// Ticks of 5 ms, so that a test that waits for a time-out is done soon.
inline net::Timeouts in_a_hurry() {
    net::Timeouts timeouts;
    timeouts.tick = std::chrono::milliseconds{5};
    return timeouts;
}

}  // namespace latchkey::test
