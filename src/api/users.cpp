#include "domain/users.hpp"

#include "api/auditing.hpp"
#include "api/endpoint.hpp"
#include "api/errors.hpp"
#include "api/user_filter.hpp"
#include "http/uri.hpp"
#include "wire/json.hpp"
#include "wire/user_requests.hpp"

#include <algorithm>
#include <array>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

using boost::json::object;
using domain::CallerKind;
using domain::Permission;
using wire::ApiError;

/// Fields that a client may not touch, not even its own (protocol section 7).
constexpr std::array<std::string_view, 4> kServerFields = {"role", "teams", "teams_role",
                                                           "revoke_tokens_issued_before"};

bool is_server_field(std::string_view key) {
    // `teams_role.red` and the like name a server's field too.
    return std::ranges::find(kServerFields, key.substr(0, key.find('.'))) != kServerFields.end();
}

bool names_server_field(boost::json::value const* keys) {
    if (keys == nullptr) {
        return false;
    }
    if (auto const* map = keys->if_object()) {
        return std::ranges::any_of(*map,
                                   [](auto const& entry) { return is_server_field(entry.key()); });
    }
    auto const* list = keys->if_array();
    return list != nullptr && std::ranges::any_of(*list, [](auto const& entry) {
               return entry.is_string() && is_server_field(entry.get_string());
           });
}

std::string_view text_member(object const& from, std::string_view name) {
    auto const* found = from.if_contains(name);
    return found != nullptr && found->is_string() ? std::string_view(found->get_string())
                                                  : std::string_view();
}

/// What a client would do that it may not; empty: nothing. Looks at the body's shape only, so that
/// a forbidden request is refused as that, however its values are.
std::string_view forbidden_action(Call const& call, object const& body) {
    auto const& caller = call.caller;
    if (caller.kind == CallerKind::Server) {
        return {};
    }
    auto const* users = body.if_contains("users");
    auto const judge = [&](std::string_view id,
                           boost::json::value const& entry) -> std::string_view {
        auto const* fields = entry.if_object();
        if (!caller.permissions.contains(id == caller.user_id ? Permission::UpdateUserOwner
                                                              : Permission::UpdateUser)) {
            return "UpdateUser";
        }
        if (fields != nullptr &&
            (names_server_field(&entry) || names_server_field(fields->if_contains("set")) ||
             names_server_field(fields->if_contains("unset")))) {
            return "UpdateUserRole";
        }
        return {};
    };
    if (users == nullptr) {
        return {};
    }
    if (auto const* map = users->if_object()) {
        for (auto const& entry : *map) {
            if (auto const action = judge(entry.key(), entry.value()); !action.empty()) {
                return action;
            }
        }
    } else if (auto const* list = users->if_array()) {
        for (auto const& entry : *list) {
            auto const id = entry.is_object() ? text_member(entry.get_object(), "id") : "";
            if (auto const action = judge(id, entry); !action.empty()) {
                return action;
            }
        }
    }
    return {};
}

std::expected<object, ApiError> read_body(Call const& call) {
    auto body = wire::parse_json_object(call.request.body);
    if (!body) {
        return std::unexpected(wire::input_error(std::string(wire::describe(body.error()))));
    }
    if (auto const action = forbidden_action(call, *body); !action.empty()) {
        return std::unexpected(
            not_allowed(call.caller.kind, call.caller.user_id, call.caller.role, action));
    }
    return *std::move(body);
}

template <class Value>
void assign(Value& to, std::optional<Value> const& from) {
    if (from) {
        to = *from;
    }
}

/// POST users: what the request leaves out is removed, but for role, teams and language
/// (section 3.7); a revocation is never undone by it.
void replace(wire::UserRequest const& from, domain::User& user) {
    user.name = from.name;
    user.image = from.image;
    assign(user.role, from.role);
    assign(user.teams, from.teams);
    assign(user.teams_role, from.teams_role);
    assign(user.language, from.language);
    user.invisible = from.invisible.value_or(false);
    user.privacy_settings = from.privacy_settings.value_or(object());
    user.custom = from.custom;
    if (from.revoke_tokens_issued_before) {
        user.revoke_tokens_issued_before = from.revoke_tokens_issued_before;
    }
}

std::expected<void, std::string> patch_user(wire::UserPatch const& patch, domain::User& user) {
    assign(user.name, patch.name);
    assign(user.image, patch.image);
    assign(user.role, patch.role);
    assign(user.teams, patch.teams);
    assign(user.teams_role, patch.teams_role);
    assign(user.language, patch.language);
    assign(user.invisible, patch.invisible);
    assign(user.privacy_settings, patch.privacy_settings);
    assign(user.revoke_tokens_issued_before, patch.revoke_tokens_issued_before);
    if (auto applied = wire::apply_custom(patch, user.custom); !applied) {
        return std::unexpected(std::move(applied).error().message);
    }
    return {};
}

/// Whose revocations a caller may see.
struct Viewer {
    bool server;
    wire::Style style;
    AppId app;
    Presence const& presence;

    [[nodiscard]] wire::UserView view(domain::User const& user) const {
        return view_of(user, presence.is_online(app, user.id.text()), server);
    }
};

Viewer viewer_of(Call const& call) {
    return {.server = call.caller.kind == CallerKind::Server,
            .style = call.style,
            .app = call.caller.app->id,
            .presence = call.presence};
}

std::string format_user_map(std::vector<domain::User> const& users, Viewer const& viewer) {
    std::string members = "\"users\":{";
    for (auto const& user : users) {
        if (members.back() == '}') {
            members += ',';
        }
        wire::append_json_string(members, user.id.text());
        members += ':';
        wire::append_user(members, viewer.view(user), wire::UserShape::Full, viewer.style);
    }
    members += "},\"membership_deletion_task_id\":\"\"";
    return members;
}

/// The common end of POST and PATCH users: edit, and answer with the users as they are.
Result edit_and_answer(domain::Transaction& transaction, domain::App const& app,
                       std::vector<domain::UserEdit>& edits, domain::IfMissing if_missing,
                       int status, Viewer const& viewer, Author const& author) {
    auto edited =
        domain::edit_users(transaction, app, edits, if_missing, author.at, author.description);
    if (!edited) {
        return std::unexpected(to_api_error(edited.error()));
    }
    audit_revocations(transaction, author, app, edited->dates);
    auto members = format_user_map(edited->users, viewer);
    return Answer{.status = status,
                  .members = std::move(members),
                  .events = events_about(std::move(edited->users), edited->changed,
                                         wire::UserEventType::Updated, app.id, author.at)};
}

/// The connection that asks to watch the users of the answer; empty where none does. A client may
/// name its own only, and learns of others not even that they are.
std::expected<std::optional<ConnectionPlace>, ApiError> find_watcher(Call const& call,
                                                                     object const& payload) {
    auto const* presence = payload.if_contains("presence");
    if (presence == nullptr || !presence->is_bool() || !presence->get_bool()) {
        return std::nullopt;
    }
    auto const& caller = call.caller;
    auto const connection_id = http::find_query_parameter(call.request.query, "connection_id");
    if (!connection_id || connection_id->empty()) {
        return std::unexpected(wire::input_error("presence needs the connection_id of a socket",
                                                 "connection_id", "missing"));
    }
    auto place = call.presence.find_connection(caller.app->id, *connection_id);
    if (!place || (caller.kind != CallerKind::Server && place->user_id != caller.user_id)) {
        return std::unexpected(
            ApiError{.code = wire::ErrorCode::ConnectionIdNotFoundError,
                     .http_status = 404,
                     .message = "connection_id is not that of an open connection"});
    }
    return place;
}

}  // namespace

wire::UserView view_of(domain::User const& user, bool online, bool show_revocation) {
    return {.id = user.id.text(),
            .role = user.role,
            .name = user.name,
            .image = user.image,
            .language = user.language,
            .teams = user.teams,
            .teams_role = &user.teams_role,
            .privacy_settings = &user.privacy_settings,
            .custom = &user.custom,
            .invisible = user.invisible,
            .online = online && !user.invisible,
            .created_at = user.created_at,
            .updated_at = user.updated_at,
            .last_active = user.last_active,
            .revoke_tokens_issued_before =
                show_revocation ? user.revoke_tokens_issued_before : std::nullopt,
            .deactivated_at = user.deactivated_at,
            .deleted_at = user.deleted_at};
}

Reply update_users(Call const& call) {
    auto const body = read_body(call);
    if (!body) {
        return std::unexpected(body.error());
    }
    auto requests = wire::parse_upsert_users(*body, call.style);
    if (!requests) {
        return std::unexpected(std::move(requests).error());
    }
    return StoreWork(
        [app = call.caller.app, requests = *std::move(requests), viewer = viewer_of(call),
         author = author_of(call)](domain::Transaction& transaction) mutable -> Result {
            std::vector<domain::UserEdit> edits;
            edits.reserve(requests.size());
            for (auto const& request : requests) {
                edits.push_back(
                    {.id = request.id,
                     .apply = [&request](domain::User& user) -> std::expected<void, std::string> {
                         replace(request, user);
                         return {};
                     }});
            }
            return edit_and_answer(transaction, *app, edits, domain::IfMissing::Create, 201, viewer,
                                   author);
        });
}

Reply update_users_partial(Call const& call) {
    auto const body = read_body(call);
    if (!body) {
        return std::unexpected(body.error());
    }
    auto patches = wire::parse_patch_users(*body, call.style);
    if (!patches) {
        return std::unexpected(std::move(patches).error());
    }
    return StoreWork([app = call.caller.app, patches = *std::move(patches),
                      viewer = viewer_of(call),
                      author = author_of(call)](domain::Transaction& transaction) -> Result {
        std::vector<domain::UserEdit> edits;
        edits.reserve(patches.size());
        for (auto const& patch : patches) {
            edits.push_back({.id = patch.id, .apply = [&patch](domain::User& user) {
                                 return patch_user(patch, user);
                             }});
        }
        return edit_and_answer(transaction, *app, edits, domain::IfMissing::Refuse, 200, viewer,
                               author);
    });
}

Reply query_users(Call const& call) {
    auto const raw = http::find_query_parameter(call.request.query, "payload");
    auto const text = raw ? http::decode_query_value(*raw) : std::nullopt;
    auto const payload =
        text ? wire::parse_json_object(*text) : std::unexpected(wire::JsonError::Malformed);
    if (!payload) {
        return std::unexpected(wire::input_error("invalid json data"));
    }
    auto watcher = find_watcher(call, *payload);
    if (!watcher) {
        return std::unexpected(std::move(watcher).error());
    }
    auto query = parse_user_query(*payload);
    if (!query) {
        return std::unexpected(std::move(query).error());
    }
    return StoreWork([query = *std::move(query), viewer = viewer_of(call),
                      watcher = *std::move(watcher),
                      &events = call.events](domain::Transaction& transaction) -> Result {
        std::string members = "\"users\":[";
        auto const users = transaction.users().query(viewer.app, query);
        if (watcher) {
            events.watch(*watcher, viewer.app, users);
        }
        for (auto const& user : users) {
            if (members.back() == '}') {
                members += ',';
            }
            wire::append_user(members, viewer.view(user), wire::UserShape::Full, viewer.style);
        }
        members += ']';
        return Answer{.members = std::move(members)};
    });
}

}  // namespace latchkey::api
