#include "wire/user_json.hpp"

#include "wire/dates.hpp"
#include "wire/json.hpp"
#include "wire/user_keys.hpp"

#include <latchkey/base/ids.hpp>

#include <utility>

namespace latchkey::wire {
namespace {

// `name` below is the member's name with what goes before its value: `,"id":`.

void append_text(std::string& out, std::string_view name, std::string_view text) {
    out += name;
    append_json_string(out, text);
}

void append_optional_text(std::string& out, std::string_view name,
                          std::optional<std::string_view> text) {
    if (text) {
        append_text(out, name, *text);
    }
}

void append_flag(std::string& out, std::string_view name, bool flag) {
    out += name;
    out += flag ? "true" : "false";
}

void append_optional_date(std::string& out, std::string_view name, std::optional<Instant> instant,
                          Style style) {
    if (instant) {
        out += name;
        append_date(out, *instant, style);
    }
}

void append_optional_object(std::string& out, std::string_view name,
                            boost::json::object const* object) {
    if (object != nullptr && !object->empty()) {
        out += name;
        append_json(out, *object);
    }
}

void append_teams(std::string& out, std::span<std::string const> teams) {
    out += R"(,"teams":[)";
    bool first = true;
    for (auto const& team : teams) {
        if (!std::exchange(first, false)) {
            out += ',';
        }
        append_json_string(out, team);
    }
    out += ']';
}

void append_dates(std::string& out, UserView const& user, Style style) {
    out += R"(,"created_at":)";
    append_date(out, user.created_at, style);
    out += R"(,"updated_at":)";
    append_date(out, user.updated_at, style);
    append_optional_date(out, R"(,"last_active":)", user.last_active, style);
    append_optional_date(out, R"(,"revoke_tokens_issued_before":)",
                         user.revoke_tokens_issued_before, style);
    append_optional_date(out, R"(,"deactivated_at":)", user.deactivated_at, style);
    append_optional_date(out, R"(,"deleted_at":)", user.deleted_at, style);
}

/// A custom key that is also the protocol's is left out: what the key says about the user counts,
/// not what somebody stored under the same name through the v2 style.
void append_flattened(std::string& out, boost::json::object const& custom) {
    for (auto const& member : custom) {
        if (is_reserved_user_key(member.key())) {
            continue;
        }
        out += ',';
        append_json_string(out, member.key());
        out += ':';
        append_json(out, member.value());
    }
}

void append_custom(std::string& out, boost::json::object const* custom, Style style) {
    if (style == Style::Legacy) {
        if (custom != nullptr) {
            append_flattened(out, *custom);
        }
        return;
    }
    out += R"(,"custom":)";
    if (custom == nullptr) {
        out += "{}";
    } else {
        append_json(out, *custom);
    }
}

constexpr std::string_view kNoDevicesNorCounts =
    R"(,"devices":[],"mutes":[],"channel_mutes":[],"total_unread_count":0,"unread_channels":0)"
    R"(,"unread_count":0,"unread_threads":0)";

}  // namespace

void append_user(std::string& out, UserView const& user, UserShape shape, Style style) {
    append_text(out, R"({"id":)", user.id);
    append_optional_text(out, R"(,"name":)", user.name);
    append_optional_text(out, R"(,"image":)", user.image);
    append_text(out, R"(,"role":)", user.role);
    append_text(out, R"(,"language":)", user.language);
    append_teams(out, user.teams);
    append_optional_object(out, R"(,"teams_role":)", user.teams_role);
    out += R"(,"banned":false)";
    append_flag(out, R"(,"online":)", user.online);
    append_flag(out, R"(,"invisible":)", user.invisible);
    if (shape != UserShape::Own) {
        out += R"(,"shadow_banned":false)";  // users are not told that about themselves
    }
    out += R"(,"blocked_user_ids":[])";
    append_dates(out, user, style);
    append_optional_object(out, R"(,"privacy_settings":)", user.privacy_settings);
    append_custom(out, user.custom, style);
    if (shape != UserShape::User) {
        out += kNoDevicesNorCounts;
    }
    out += '}';
}

void append_anonymous_me(std::string& out, Style style) {
    if (style == Style::V2) {
        // Nobody has stored this user, so there is no date; the year 1 of the legacy form cannot be
        // counted in nanoseconds (protocol section 3.5), 1970 can.
        append_user(out,
                    {.id = kAnonymousUserId,
                     .role = "anonymous",
                     .online = true,
                     .created_at = kInstantMin,
                     .updated_at = kInstantMin},
                    UserShape::Own, style);
        return;
    }
    out += R"({"id":"!anon","role":"anonymous","roles":[])"
           R"(,"created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z")"
           R"(,"online":true,"banned":false,"invisible":false)"
           R"(,"devices":[],"mutes":[],"channel_mutes":[])"
           R"(,"unread_count":0,"total_unread_count":0,"unread_channels":0,"unread_threads":0)"
           R"(,"language":"","teams":[]})";
}

bool is_reserved_user_key(std::string_view key) noexcept {
    return find_user_key(key) != UserKey::None;
}

}  // namespace latchkey::wire
