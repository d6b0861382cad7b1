#pragma once

#include "net/client_socket.hpp"
#include "net/http_pool.hpp"
#include "support/tcp_socket.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace latchkey::test {

using Outcome = std::expected<net::ClientResponse, net::ClientFailure>;

/// Waits for as long as a test waits.
template <class T>
T get(std::future<T> future) {
    if (future.wait_for(kGenerous) != std::future_status::ready) {
        throw std::runtime_error("nothing was told for as long as a test waits");
    }
    return future.get();
}

/// A loop with a pool to one origin, driven from the thread of the test.
class TestClient {
public:
    explicit TestClient(net::ClientOrigin origin, net::ClientLimits const& limits = {})
        : limits_(limits),
          dialer_(net::make_dialer(loop, std::move(origin)).value()),
          pool_(std::make_unique<net::HttpPool>(loop, dialer_, limits)) {}
    explicit TestClient(std::uint16_t port, net::ClientLimits const& limits = {})
        : TestClient({.host = "127.0.0.1", .port = port}, limits) {}
    TestClient(TestClient const&) = delete;
    TestClient& operator=(TestClient const&) = delete;
    ~TestClient() { loop.stop(); }

    [[nodiscard]] std::future<Outcome> send(net::ClientRequest request = {},
                                            std::chrono::milliseconds timeout = kGenerous) {
        auto promise = std::make_shared<std::promise<Outcome>>();
        auto future = promise->get_future();
        loop.post([this, promise, timeout, request = std::move(request)]() mutable {
            pool_->send(std::move(request), std::chrono::steady_clock::now() + timeout,
                        [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
        });
        return future;
    }
    /// Runs it on the loop, and waits for that.
    void run(std::move_only_function<void()> task) {
        std::promise<void> done;
        auto future = done.get_future();
        loop.post([&] {
            task();
            done.set_value();
        });
        get(std::move(future));
    }
    [[nodiscard]] std::unique_ptr<net::ClientSocket> open(
        net::ClientSocketHandler& handler, std::chrono::milliseconds timeout = kGenerous,
        std::string target = "/ws") {
        std::unique_ptr<net::ClientSocket> socket;
        run([&] { socket = open_here(handler, timeout, std::move(target)); });
        return socket;
    }
    /// On the loop's thread. So for the next.
    [[nodiscard]] std::unique_ptr<net::ClientSocket> open_here(
        net::ClientSocketHandler& handler, std::chrono::milliseconds timeout = kGenerous,
        std::string target = "/ws") {
        return std::make_unique<net::ClientSocket>(loop, dialer_, std::move(target),
                                                   std::chrono::steady_clock::now() + timeout,
                                                   limits_, handler);
    }
    void destroy_pool() { pool_.reset(); }

    net::ClientLoop loop;

private:
    net::ClientLimits limits_;
    std::shared_ptr<net::Dialer> dialer_;
    std::unique_ptr<net::HttpPool> pool_;
};

inline void expect_failure(Outcome const& outcome, net::ClientError error, bool sent) {
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().error, error) << outcome.error().message;
    EXPECT_EQ(outcome.error().sent, sent);
    EXPECT_FALSE(outcome.error().message.empty());
}

}  // namespace latchkey::test
