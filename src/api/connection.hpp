#pragma once

#include "api/authenticator.hpp"
#include "api/connection_registry.hpp"
#include "api/event_dispatcher.hpp"
#include "api/node.hpp"
#include "api/rate_limits.hpp"
#include "http/service.hpp"
#include "wire/style.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

namespace latchkey::api {

class Connection;

/// What the connections of one loop share. Belongs to the loop.
struct ConnectionContext {
    ConnectionContext(Node const& node, http::Loop& loop, std::size_t slot);

    Node const& node;
    http::Loop& loop;
    std::size_t slot;
    Authenticator authenticator;
    ConnectionRegistry registry;
    EventDispatcher events;
    RateLimits rates;

    /// Connections before their first good frame, by ticket. What they wait for (their token, their
    /// user from the store) comes back with the ticket, and finds nobody where they ended
    /// meanwhile.
    std::unordered_map<std::uint64_t, Connection*> handshakes;
    std::uint64_t next_ticket = 1;
    /// Until when a token must have come, earliest first.
    std::deque<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>> token_deadlines;

    void on_tick();
    void on_stop();
};

/// Opens the conversation of `GET /connect` (protocol sections 4.2, 4.3): decides about the
/// credentials in the request at once and says so in the first frame, never in the status of the
/// upgrade.
[[nodiscard]] std::unique_ptr<http::Conversation> open_connection(ConnectionContext& context,
                                                                  http::Request const& request,
                                                                  wire::Style style);

}  // namespace latchkey::api
