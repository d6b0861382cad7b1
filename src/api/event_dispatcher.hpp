#pragma once

#include "api/connection_registry.hpp"
#include "api/event_feed.hpp"
#include "api/events.hpp"
#include "api/watches.hpp"
#include "http/service.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::api {

/// Hands what happened to users to the connections of one loop: to a user's own, and to those that
/// watch it. Belongs to the loop.
///
/// An event is formatted once for each style that somebody here speaks, however many get it.
class EventDispatcher {
public:
    /// How many watchers are told in one go before the loop serves others.
    static constexpr std::size_t kBatch = 512;
    /// Events that wait for their turn. With more, watchers are told without a pause.
    static constexpr std::size_t kWaitingMax = 10'000;

    /// All arguments outlive this object; `slot` is the loop's.
    EventDispatcher(EventFeed& feed, Presence& presence, ConnectionRegistry& registry,
                    http::Loop& loop, std::size_t slot);
    ~EventDispatcher();
    EventDispatcher(EventDispatcher const&) = delete;
    EventDispatcher& operator=(EventDispatcher const&) = delete;

    void deliver(std::shared_ptr<std::vector<UserEvent> const> const& events);

    /// Lets the connection watch users who are counted in `Presence` as watched already; where it
    /// is gone they are counted out again.
    void watch(ConnectionId const& id, AppId app, std::vector<std::string> const& user_ids);

    /// The connection has ended.
    void forget(Member& member) { watches_.remove_all(member); }

private:
    void start();
    void run();
    void send(Member& member);

    EventFeed& feed_;
    Presence& presence_;
    ConnectionRegistry& registry_;
    http::Loop& loop_;
    std::size_t slot_;
    Watches watches_;
    std::deque<std::shared_ptr<UserEvent const>> waiting_;  ///< the first is being delivered
    std::array<std::string, 2> frames_;  ///< of the first, by style; empty: not formatted yet
    bool paused_ = false;                ///< the rest follows in a task of its own
};

}  // namespace latchkey::api
