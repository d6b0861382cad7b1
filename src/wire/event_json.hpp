#pragma once

#include "wire/style.hpp"
#include "wire/user_json.hpp"

#include <latchkey/base/instant.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// What connections are told unasked (protocol section 4.8).
namespace latchkey::wire {

enum class UserEventType : std::uint8_t {
    Updated,
    PresenceChanged,
    Deactivated,
    Reactivated,
    Deleted,
};

/// Appends `user.updated` and the like, with the user as `UserShape::User`.
void append_user_event(std::string& out, UserEventType type, Instant created_at,
                       UserView const& user, Style style);

/// Appends `app.updated`. `reduced_app` is what `append_reduced_app` writes: every client gets
/// this.
void append_app_updated(std::string& out, Instant created_at, std::string_view reduced_app,
                        Style style);

}  // namespace latchkey::wire
