#pragma once

#include "sdk/network.hpp"
#include "support/manual_clock.hpp"
#include "support/tcp_socket.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::test {

/// A network without a network: it keeps what a client asks of it, and the test plays the server
/// and the passing of time. The thread of the test is the network's thread; only what is posted may
/// come from others.
///
///     ManualClock clock(kNow);
///     FakeNetwork network(clock);
///     Core core(network.port(), clock);
///     auto call = core.get_app();
///     network.run();
///     network.request(0).answer(200, "{}");
///     EXPECT_TRUE(std::move(call).get());
///
/// Outlives the ports that it hands out, and so the client.
class FakeNetwork {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// One request, from the moment it was sent.
    class SentRequest {
    public:
        SentRequest(sdk::Request request, TimePoint deadline, sdk::Responded done)
            : request_(std::move(request)), deadline_(deadline), done_(std::move(done)) {}

        [[nodiscard]] std::string const& method() const noexcept { return request_.method; }
        [[nodiscard]] std::string const& target() const noexcept { return request_.target; }
        [[nodiscard]] std::string const& body() const noexcept { return request_.body; }
        [[nodiscard]] bool repeatable() const noexcept { return request_.repeatable; }
        [[nodiscard]] TimePoint deadline() const noexcept { return deadline_; }
        /// Of the first field of exactly that name; empty where there is none.
        [[nodiscard]] std::string field(std::string_view name) const {
            auto const found = std::ranges::find_if(
                request_.fields, [name](auto const& field) { return field.first == name; });
            return found == request_.fields.end() ? std::string() : found->second;
        }
        /// Neither answered nor dropped by `stop`.
        [[nodiscard]] bool is_waiting() const noexcept { return done_ != nullptr; }

        /// False: it did not wait any more. So for those below.
        bool answer(sdk::Response response) { return finish(std::move(response)); }
        bool answer(int status, std::string body) {
            return finish(sdk::Response{.status = status, .body = std::move(body)});
        }
        bool fail(sdk::Error::Kind kind, bool sent) {
            return finish(std::unexpected(
                sdk::Failure{.kind = kind, .message = "the test says so", .sent = sent}));
        }

    private:
        friend class FakeNetwork;
        bool finish(std::expected<sdk::Response, sdk::Failure> result) {
            if (!is_waiting()) {
                return false;
            }
            std::exchange(done_, nullptr)(std::move(result));
            return true;
        }

        sdk::Request request_;
        TimePoint deadline_;
        sdk::Responded done_;
    };

    /// One socket, from the moment it was asked for.
    class OpenedSocket {
    public:
        OpenedSocket(std::string target, TimePoint deadline, sdk::SocketHandler& handler)
            : target_(std::move(target)), deadline_(deadline), handler_(&handler) {}

        [[nodiscard]] std::string const& target() const noexcept { return target_; }
        [[nodiscard]] TimePoint deadline() const noexcept { return deadline_; }
        /// What the client sent, in order.
        [[nodiscard]] std::vector<std::string> const& sent() const noexcept { return sent_; }
        /// What the client said goodbye with.
        [[nodiscard]] std::optional<std::uint16_t> goodbye() const noexcept { return goodbye_; }
        /// Neither over nor destroyed by the client nor dropped by `stop`.
        [[nodiscard]] bool is_alive() const noexcept { return handler_ != nullptr; }
        [[nodiscard]] bool is_open() const noexcept { return is_alive() && open_; }

        /// False: the client does not listen any more. So for those below.
        bool open() {
            open_ = true;
            return tell([](sdk::SocketHandler& handler) { handler.on_open(); });
        }
        bool text(std::string_view text) {
            return tell([text](sdk::SocketHandler& handler) { handler.on_text(text); });
        }
        /// A close frame of the server.
        bool close(std::uint16_t code) {
            return end(code, {.kind = sdk::Error::Kind::Disconnected,
                              .message = "the server closed the connection",
                              .sent = open_});
        }
        /// The end without a close frame.
        bool fail(sdk::Error::Kind kind) {
            return end(std::nullopt, {.kind = kind, .message = "the test says so", .sent = open_});
        }

    private:
        friend class FakeNetwork;
        template <class Tell>
        bool tell(Tell tell) {
            if (!is_alive()) {
                return false;
            }
            tell(*handler_);
            return true;
        }
        bool end(std::optional<std::uint16_t> code, sdk::Failure const& failure) {
            auto* const handler = std::exchange(handler_, nullptr);
            if (handler != nullptr) {
                handler->on_closed(code, failure);
            }
            return handler != nullptr;
        }

        std::string target_;
        TimePoint deadline_;
        sdk::SocketHandler* handler_;
        std::vector<std::string> sent_;
        std::optional<std::uint16_t> goodbye_;
        bool open_ = false;
    };

    /// `clock` outlives this object.
    explicit FakeNetwork(ManualClock& clock) : clock_(clock) {}
    FakeNetwork(FakeNetwork const&) = delete;
    FakeNetwork& operator=(FakeNetwork const&) = delete;

    /// What the client is given.
    [[nodiscard]] std::unique_ptr<sdk::Network> port() { return std::make_unique<Port>(*this); }

    /// Runs what was posted, and what that posts, until nothing is left.
    void run() {
        for (auto task = take_task(); task; task = take_task()) {
            task();
        }
    }
    /// The same until `condition` holds, waiting for what other threads post. False: it did not in
    /// as long as a test waits.
    template <class Condition>
    [[nodiscard]] bool run_until(Condition condition) {
        for (;;) {
            run();
            if (condition()) {
                return true;
            }
            std::unique_lock lock(mutex_);
            if (!posted_.wait_for(lock, kGenerous, [this] { return !tasks_.empty(); })) {
                return false;
            }
        }
    }

    /// Moves the clock, and calls what is due on the way in the order in which it is: waits,
    /// requests and sockets whose deadline has come. Runs what is posted before and between.
    void advance(std::chrono::microseconds by) {
        run();
        auto const end = clock_.monotonic() + by;
        for (auto due = next_due(); due && *due <= end; due = next_due()) {
            move_to(*due);
            fire(*due);
            run();
        }
        move_to(end);
    }

    /// All there were, in the order in which they were asked for.
    [[nodiscard]] std::size_t request_count() const noexcept { return requests_.size(); }
    [[nodiscard]] SentRequest& request(std::size_t index) { return *requests_.at(index); }
    [[nodiscard]] SentRequest& last_request() { return request(request_count() - 1); }
    [[nodiscard]] std::size_t waiting_request_count() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            requests_, [](auto const& request) { return request->is_waiting(); }));
    }
    [[nodiscard]] std::size_t socket_count() const noexcept { return sockets_.size(); }
    [[nodiscard]] OpenedSocket& socket(std::size_t index) { return *sockets_.at(index); }
    [[nodiscard]] OpenedSocket& last_socket() { return socket(socket_count() - 1); }
    /// When the waits under way are due, in the order in which they were asked for.
    [[nodiscard]] std::vector<TimePoint> waits() const {
        std::vector<TimePoint> due;
        for (auto const& wait : waits_) {
            if (wait->task) {
                due.push_back(wait->at);
            }
        }
        return due;
    }
    [[nodiscard]] bool is_stopped() const noexcept { return stopped_; }

private:
    struct PendingWait {
        TimePoint at;
        std::move_only_function<void()> task;
    };

    class HeldSocket final : public sdk::Socket {
    public:
        explicit HeldSocket(std::shared_ptr<OpenedSocket> socket) : socket_(std::move(socket)) {}
        ~HeldSocket() override { socket_->handler_ = nullptr; }
        HeldSocket(HeldSocket const&) = delete;
        HeldSocket& operator=(HeldSocket const&) = delete;
        void send_text(std::string text) override { socket_->sent_.push_back(std::move(text)); }
        void close(std::uint16_t code) override { socket_->goodbye_ = code; }

    private:
        std::shared_ptr<OpenedSocket> socket_;
    };

    class HeldWait final : public sdk::Wait {
    public:
        explicit HeldWait(std::shared_ptr<PendingWait> wait) : wait_(std::move(wait)) {}
        ~HeldWait() override { wait_->task = nullptr; }
        HeldWait(HeldWait const&) = delete;
        HeldWait& operator=(HeldWait const&) = delete;

    private:
        std::shared_ptr<PendingWait> wait_;
    };

    class Port final : public sdk::Network {
    public:
        explicit Port(FakeNetwork& fake) : fake_(fake) {}
        ~Port() override { stop(); }
        Port(Port const&) = delete;
        Port& operator=(Port const&) = delete;

        void post(std::move_only_function<void()> task) override { fake_.post(std::move(task)); }
        void stop() noexcept override { fake_.stop(); }
        void send(sdk::Request request, TimePoint deadline, sdk::Responded done) override {
            fake_.requests_.push_back(
                std::make_unique<SentRequest>(std::move(request), deadline, std::move(done)));
        }
        [[nodiscard]] std::unique_ptr<sdk::Socket> open_socket(
            std::string target, TimePoint deadline, sdk::SocketHandler& handler) override {
            fake_.sockets_.push_back(
                std::make_shared<OpenedSocket>(std::move(target), deadline, handler));
            return std::make_unique<HeldSocket>(fake_.sockets_.back());
        }
        [[nodiscard]] std::unique_ptr<sdk::Wait> wait_until(
            TimePoint at, std::move_only_function<void()> task) override {
            fake_.waits_.push_back(
                std::make_shared<PendingWait>(PendingWait{.at = at, .task = std::move(task)}));
            return std::make_unique<HeldWait>(fake_.waits_.back());
        }

    private:
        FakeNetwork& fake_;
    };

    void post(std::move_only_function<void()> task) {
        std::scoped_lock const lock(mutex_);
        if (!stopped_) {
            tasks_.push_back(std::move(task));
            posted_.notify_all();
        }
    }

    void stop() noexcept {
        std::deque<std::move_only_function<void()>> dropped;
        {
            std::scoped_lock const lock(mutex_);
            stopped_ = true;
            dropped.swap(tasks_);
        }
        for (auto const& request : requests_) {
            request->done_ = nullptr;
        }
        for (auto const& socket : sockets_) {
            socket->handler_ = nullptr;
        }
        for (auto const& wait : waits_) {
            wait->task = nullptr;
        }
    }

    [[nodiscard]] std::move_only_function<void()> take_task() {
        std::scoped_lock const lock(mutex_);
        if (tasks_.empty()) {
            return nullptr;
        }
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        return task;
    }

    void move_to(TimePoint at) {
        auto const now = clock_.monotonic();
        if (at > now) {
            clock_.advance(std::chrono::ceil<std::chrono::microseconds>(at - now));
        }
    }

    [[nodiscard]] std::optional<TimePoint> next_due() const {
        std::optional<TimePoint> earliest;
        auto const consider = [&earliest](TimePoint at) {
            earliest = earliest ? std::min(*earliest, at) : at;
        };
        for (auto const& wait : waits_) {
            if (wait->task) {
                consider(wait->at);
            }
        }
        for (auto const& request : requests_) {
            if (request->is_waiting()) {
                consider(request->deadline_);
            }
        }
        for (auto const& socket : sockets_) {
            if (socket->is_alive() && !socket->is_open()) {
                consider(socket->deadline_);
            }
        }
        return earliest;
    }

    /// One of those that are due. By index: what is called may ask for more.
    void fire(TimePoint now) {
        for (std::size_t i = 0; i < waits_.size(); ++i) {
            if (waits_[i]->task && waits_[i]->at <= now) {
                return std::exchange(waits_[i]->task, nullptr)();
            }
        }
        for (std::size_t i = 0; i < requests_.size(); ++i) {
            if (requests_[i]->is_waiting() && requests_[i]->deadline_ <= now) {
                requests_[i]->fail(sdk::Error::Kind::TimedOut, true);
                return;
            }
        }
        for (std::size_t i = 0; i < sockets_.size(); ++i) {
            if (sockets_[i]->is_alive() && !sockets_[i]->is_open() &&
                sockets_[i]->deadline_ <= now) {
                sockets_[i]->fail(sdk::Error::Kind::TimedOut);
                return;
            }
        }
    }

    ManualClock& clock_;
    std::mutex mutex_;  // guards tasks_ and stopped_
    std::condition_variable posted_;
    std::deque<std::move_only_function<void()>> tasks_;
    bool stopped_ = false;
    std::vector<std::unique_ptr<SentRequest>> requests_;
    std::vector<std::shared_ptr<OpenedSocket>> sockets_;
    std::vector<std::shared_ptr<PendingWait>> waits_;
};

}  // namespace latchkey::test
