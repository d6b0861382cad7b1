#include "wire/event_json.hpp"

#include "wire/dates.hpp"

#include <utility>

namespace latchkey::wire {
namespace {

std::string_view name_of(UserEventType type) {
    switch (type) {
        case UserEventType::Updated: return "user.updated";
        case UserEventType::PresenceChanged: return "user.presence.changed";
        case UserEventType::Deactivated: return "user.deactivated";
        case UserEventType::Reactivated: return "user.reactivated";
        case UserEventType::Deleted: return "user.deleted";
    }
    std::unreachable();
}

/// Everything but the brace at the end. A legacy event has no `cid`: it belongs to no channel, and
/// strict SDKs read one as the name of a channel.
void append_head(std::string& out, std::string_view type, Instant created_at, Style style) {
    out += R"({"type":")";
    out += type;
    out += R"(","created_at":)";
    append_date(out, created_at, style);
    if (style == Style::V2) {
        out += R"(,"custom":{})";
    }
}

}  // namespace

void append_user_event(std::string& out, UserEventType type, Instant created_at,
                       UserView const& user, Style style) {
    append_head(out, name_of(type), created_at, style);
    out += R"(,"user":)";
    append_user(out, user, UserShape::User, style);
    out += '}';
}

void append_app_updated(std::string& out, Instant created_at, std::string_view reduced_app,
                        Style style) {
    append_head(out, "app.updated", created_at, style);
    out += R"(,"app":)";
    out += reduced_app;
    out += '}';
}

}  // namespace latchkey::wire
