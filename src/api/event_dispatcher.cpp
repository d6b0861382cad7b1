#include "api/event_dispatcher.hpp"

#include "api/endpoint.hpp"
#include "wire/event_json.hpp"

#include <utility>

namespace latchkey::api {

EventDispatcher::EventDispatcher(EventFeed& feed, Presence& presence, ConnectionRegistry& registry,
                                 http::Loop& loop, std::size_t slot)
    : feed_(feed),
      presence_(presence),
      registry_(registry),
      loop_(loop),
      slot_(slot),
      watches_(presence) {
    feed_.open(slot_, loop_, *this);
}

EventDispatcher::~EventDispatcher() { feed_.close(slot_); }

void EventDispatcher::deliver(std::shared_ptr<std::vector<UserEvent> const> const& events) {
    for (auto const& event : *events) {
        waiting_.emplace_back(events, &event);
        if (waiting_.size() == 1) {
            start();
        }
    }
    if (!paused_ || waiting_.size() > kWaitingMax) {
        run();
    }
}

/// Begins with the first that waits. A user's own connections are few.
void EventDispatcher::start() {
    auto const& event = *waiting_.front();
    for (auto& frame : frames_) {
        frame.clear();
    }
    if (event.type == wire::UserEventType::Updated) {
        registry_.for_each_of(event.app, event.user.id.text(),
                              [this](Member& member) { send(member); });
    }
    watches_.start_walk(event.app, event.user.id.text());
}

void EventDispatcher::run() {
    std::size_t told = 0;
    while (!waiting_.empty()) {
        while (auto* const member = watches_.next()) {
            send(*member);
            if (++told >= kBatch && waiting_.size() <= kWaitingMax) {
                if (!std::exchange(paused_, true)) {
                    loop_.post([this] {
                        paused_ = false;
                        run();
                    });
                }
                return;
            }
        }
        waiting_.pop_front();
        if (!waiting_.empty()) {
            start();
        }
    }
}

void EventDispatcher::send(Member& member) {
    auto const style = member.style();
    auto& frame = frames_.at(static_cast<std::size_t>(style));
    if (frame.empty()) {
        auto const& event = *waiting_.front();
        // Who was revoked is for servers to know, and nobody can be shown more than the others:
        // the text is shared.
        auto const view = view_of(event.user, event.online, false);
        wire::append_user_event(frame, event.type, event.created_at, view, style);
    }
    member.send_event(frame);
}

void EventDispatcher::watch(ConnectionId const& id, AppId app,
                            std::vector<std::string> const& user_ids) {
    auto* const member = presence_.find_member(id);
    for (auto const& user_id : user_ids) {
        if (member != nullptr) {
            watches_.add(*member, app, user_id);
        } else {
            presence_.unwatch(app, user_id);
        }
    }
}

}  // namespace latchkey::api
