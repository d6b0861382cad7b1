#include "net/event_loop.hpp"

#include "http/response_format.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace latchkey::net {

EventLoop::EventLoop(Timeouts const& timeouts, EventLog& log, Clock const& clock)
    : timeouts_(timeouts), log_(log), clock_(clock) {
    auto const set = [this](Wait wait, std::chrono::milliseconds timeout) {
        list(wait).set_timeout(timeout, timeouts_.tick);
    };
    set(Wait::KeepAlive, timeouts.keep_alive_idle);
    set(Wait::HeaderRead, timeouts.header_read);
    set(Wait::BodyRead, timeouts.body_read);
    set(Wait::AnswerWrite, timeouts.answer_write);
    set(Wait::DeferredAnswer, timeouts.deferred_answer);
    set(Wait::Drain, timeouts.drain);
    set(Wait::WebSocketSilence, timeouts.websocket_silence);
    set(Wait::CloseHandshake, timeouts.close_handshake);
    update_date();
    schedule_tick();
}

EventLoop::~EventLoop() = default;

void EventLoop::post(std::move_only_function<void()> task) {
    asio::post(io_, [this, task = std::move(task)]() mutable {
        guard("a posted task", [&task] { task(); });
    });
}

void EventLoop::run() {
    while (!guard("the event loop", [this] { io_.run(); })) {
    }
}

void EventLoop::schedule_tick() {
    timer_.expires_after(timeouts_.tick);
    timer_.async_wait([this](ErrorCode error) {
        if (!error) {
            on_tick();
        }
    });
}

void EventLoop::on_tick() {
    ++tick_;
    update_date();
    for (auto& waiting : lists_) {
        waiting.sweep(tick_);
    }
    guard("Service::on_tick", [this] { service_->on_tick(); });
    // Unsigned difference, read as signed: how many ticks are left.
    if (stopping_ && static_cast<std::int32_t>(stop_deadline_tick_ - tick_) <= 0) {
        abort_all();
    }
    if (!stopping_ || connections_ != 0) {
        schedule_tick();
    }
}

void EventLoop::update_date() {
    auto const seconds =
        std::chrono::floor<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
    if (seconds != date_seconds_) {
        date_seconds_ = seconds;
        date_ = http::format_http_date(seconds);
    }
}

void EventLoop::begin_stop() {
    if (std::exchange(stopping_, true)) {
        return;
    }
    stop_deadline_tick_ =
        tick_ + 1 + static_cast<std::uint32_t>(timeouts_.stop_grace / timeouts_.tick);
    stop_hook_();
    // The service first: what it closes with a code of its own is not closed with ours.
    guard("Service::on_stop", [this] { service_->on_stop(); });
    list(Wait::KeepAlive).stop_all();
    list(Wait::WebSocketSilence).stop_all();
    if (connections_ == 0) {
        finish_stop();
    }
}

void EventLoop::abort_all() {
    for (auto& waiting : lists_) {
        waiting.abort_all();
    }
}

void EventLoop::leave() noexcept {
    if (--connections_ == 0 && stopping_) {
        finish_stop();
    }
}

void EventLoop::finish_stop() {
    // With the timer goes the last thing that `run` waits for.
    timer_.cancel();
}

}  // namespace latchkey::net
