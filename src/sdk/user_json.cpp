#include "sdk/user_json.hpp"

#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <latchkey/base/ids.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::sdk {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out += ",\"";
    out += name;
    out += "\":";
    wire::append_json_string(out, text);
}

void append_teams(std::string& out, std::vector<std::string> const& teams) {
    out += ",\"teams\":[";
    for (auto const& team : teams) {
        if (&team != &teams.front()) {
            out += ',';
        }
        wire::append_json_string(out, team);
    }
    out += ']';
}

std::unexpected<Error> refuse(std::string message) {
    return std::unexpected(
        Error{.kind = Error::Kind::InvalidArgument, .message = std::move(message)});
}

std::string read_text(boost::json::object const& object, std::string_view name) {
    auto const* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

std::optional<Instant> read_date(boost::json::object const& object, std::string_view name) {
    auto const* const value = object.if_contains(name);
    return value != nullptr ? wire::parse_request_date(*value) : std::nullopt;
}

std::vector<std::string> read_teams(boost::json::object const& object) {
    std::vector<std::string> teams;
    auto const* const value = object.if_contains("teams");
    if (value != nullptr && value->is_array()) {
        for (auto const& team : value->get_array()) {
            if (team.is_string()) {
                teams.emplace_back(team.get_string());
            }
        }
    }
    return teams;
}

std::string read_custom(boost::json::object const& object) {
    auto const* const value = object.if_contains("custom");
    std::string text;
    wire::append_json(
        text, value != nullptr && value->is_object() ? value->get_object() : boost::json::object());
    return text;
}

}  // namespace

std::expected<std::string, Error> format_user_request(UserRequest const& user, UserFields fields) {
    if (!is_user_id(user.id)) {
        return refuse("a user id has 1 to 255 of the letters, digits, @, _ and -");
    }
    auto custom = user.custom_json.empty() ? boost::json::object()
                                           : wire::parse_json_object(user.custom_json);
    if (!custom) {
        return refuse("custom_json is not the text of a JSON object");
    }
    std::string out = "{\"id\":";
    wire::append_json_string(out, user.id);
    if (user.name) {
        append_member(out, "name", *user.name);
    }
    if (user.image) {
        append_member(out, "image", *user.image);
    }
    if (user.invisible) {
        out += *user.invisible ? ",\"invisible\":true" : ",\"invisible\":false";
    }
    if (fields == UserFields::OfABackend && user.role) {
        append_member(out, "role", *user.role);
    }
    if (fields == UserFields::OfABackend && !user.teams.empty()) {
        append_teams(out, user.teams);
    }
    if (!user.custom_json.empty()) {
        out += ",\"custom\":";
        wire::append_json(out, *custom);
    }
    return out + '}';
}

std::optional<User> read_user(boost::json::object const& object) {
    auto id = read_text(object, "id");
    if (id.empty()) {
        return std::nullopt;
    }
    auto const* const online = object.if_contains("online");
    return User{.id = std::move(id),
                .role = read_text(object, "role"),
                .name = read_text(object, "name"),
                .image = read_text(object, "image"),
                .teams = read_teams(object),
                .online = online != nullptr && online->is_bool() && online->get_bool(),
                .created_at = read_date(object, "created_at").value_or(Instant()),
                .updated_at = read_date(object, "updated_at").value_or(Instant()),
                .last_active = read_date(object, "last_active"),
                .deactivated_at = read_date(object, "deactivated_at"),
                .deleted_at = read_date(object, "deleted_at"),
                .revoke_tokens_issued_before = read_date(object, "revoke_tokens_issued_before"),
                .custom_json = read_custom(object)};
}

}  // namespace latchkey::sdk
