#pragma once

#include "http/service.hpp"
#include "net/asio_types.hpp"
#include "net/idle_list.hpp"
#include "net/server.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/event_log.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace latchkey::net {

/// What a connection waits for; each kind has one time-out, and so one list.
enum class Wait : std::uint8_t {
    KeepAlive,
    HeaderRead,
    BodyRead,
    AnswerWrite,
    DeferredAnswer,
    Drain,
    WebSocketSilence,
    CloseHandshake,
};
inline constexpr std::size_t kWaitKinds = 8;

/// Bytes read at once from a WebSocket, into the buffer that all of a loop's share.
inline constexpr std::size_t kSharedReadBytes = std::size_t{64} * 1024;

/// One thread's world: an `io_context`, the service, and the connections that live here. Everything
/// but `post` belongs to the loop's thread, once `run` was called.
class EventLoop final : public http::Loop {
public:
    /// `log` and `clock` outlive this object.
    EventLoop(Timeouts const& timeouts, EventLog& log, Clock const& clock);
    EventLoop(EventLoop const&) = delete;
    EventLoop& operator=(EventLoop const&) = delete;
    ~EventLoop() override;

    void post(std::move_only_function<void()> task) override;

    /// Before `run`.
    void set_service(std::unique_ptr<http::Service> service) { service_ = std::move(service); }
    /// Called, on the loop, when it is to stop: ends what accepts connections. Before `run`.
    void on_stop(std::function<void()> hook) { stop_hook_ = std::move(hook); }

    /// Runs until a stop is complete.
    void run();
    /// See `Server::stop`. On the loop's thread.
    void begin_stop();

    [[nodiscard]] asio::io_context& io() noexcept { return io_; }
    [[nodiscard]] http::Service& service() noexcept { return *service_; }
    [[nodiscard]] EventLog& log() noexcept { return log_; }
    [[nodiscard]] Clock const& clock() const noexcept { return clock_; }
    [[nodiscard]] bool is_stopping() const noexcept { return stopping_; }
    /// For the Date field; a tick old at most.
    [[nodiscard]] std::string_view date() const noexcept { return date_; }
    [[nodiscard]] std::span<char> shared_read_buffer() noexcept { return shared_read_buffer_; }
    /// For formatting what is written before control is given up. Empty, with its memory kept.
    [[nodiscard]] std::string& scratch() noexcept {
        scratch_.clear();
        return scratch_;
    }

    /// From now on `member` waits for this and for nothing else.
    void watch(Watched& member, Wait wait) { list(wait).touch(member, tick_); }

    /// Each connection is counted from birth to death; a stop waits for the count to be 0.
    void enter() noexcept { ++connections_; }
    void leave() noexcept;

    /// Runs `task`; an exception, which only a bug throws, is logged. False: there was one.
    template <class Function>
    bool guard(std::string_view what, Function&& function) noexcept {
        try {
            std::forward<Function>(function)();
            return true;
        } catch (std::exception const& error) {
            log_.write(LogLevel::Error, "net.exception", {{"in", what}, {"error", error.what()}});
        } catch (...) {
            log_.write(LogLevel::Error, "net.exception", {{"in", what}});
        }
        return false;
    }

private:
    IdleList& list(Wait wait) { return lists_[static_cast<std::size_t>(wait)]; }
    void schedule_tick();
    void on_tick();
    void update_date();
    void abort_all();
    void finish_stop();

    Timeouts timeouts_;
    EventLog& log_;
    Clock const& clock_;
    std::unique_ptr<http::Service> service_;
    std::function<void()> stop_hook_;

    std::uint32_t tick_ = 0;
    std::array<IdleList, kWaitKinds> lists_;
    std::size_t connections_ = 0;
    bool stopping_ = false;
    std::uint32_t stop_deadline_tick_ = 0;

    std::int64_t date_seconds_ = -1;
    std::string date_;
    std::string scratch_;
    std::array<char, kSharedReadBytes> shared_read_buffer_{};

    asio::io_context io_{1};  // last: what waits in it refers to the members above
    Timer timer_{io_};
};

}  // namespace latchkey::net
