#pragma once

#include "domain/user.hpp"
#include "wire/event_json.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace latchkey::api {

/// Something that happened to a user and is durable, for those who may hear of it: the user itself
/// of `Updated`, and of everything those who watch it.
struct UserEvent {
    wire::UserEventType type;
    AppId app;
    domain::User user;
    Instant created_at;
    bool online = false;  ///< as it was when the event was published
};

/// The same event about some of `users`, by their places.
[[nodiscard]] inline std::vector<UserEvent> events_about(std::vector<domain::User>&& users,
                                                         std::span<std::size_t const> places,
                                                         wire::UserEventType type, AppId app,
                                                         Instant now) {
    std::vector<UserEvent> events;
    events.reserve(places.size());
    for (auto const place : places) {
        events.push_back(
            {.type = type, .app = app, .user = std::move(users[place]), .created_at = now});
    }
    return events;
}

}  // namespace latchkey::api
