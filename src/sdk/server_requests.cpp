#include "sdk/server_requests.hpp"

#include "http/uri.hpp"
#include "sdk/json_text.hpp"
#include "sdk/user_json.hpp"
#include "wire/json.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/rfc3339.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace latchkey::sdk::requests {
namespace {

constexpr std::size_t kTaskIdBytesMax = 128;
constexpr std::string_view kRevocation = "revoke_tokens_issued_before";
constexpr std::string_view kUsersPath = "/api/v2/users";

using Checked = std::expected<void, Error>;

std::unexpected<Error> refuse(std::string message) {
    return std::unexpected(
        Error{.kind = Error::Kind::InvalidArgument, .message = std::move(message)});
}

Checked check_user_id(std::string_view id) {
    return is_user_id(id) ? Checked()
                          : refuse("a user id has 1 to 255 of the letters, digits, @, _ and -");
}

/// 1 to `ServerClient::kUsersMax` different user ids.
template <class Range, class ToId>
Checked check_users(Range const& range, ToId to_id) {
    if (range.empty() || range.size() > ServerClient::kUsersMax) {
        return refuse("a list of users holds 1 to 100");
    }
    std::set<std::string_view> seen;
    for (auto const& entry : range) {
        std::string_view const id = to_id(entry);
        if (auto const checked = check_user_id(id); !checked) {
            return checked;
        }
        if (!seen.insert(id).second) {
            return refuse("a list of users names one twice");
        }
    }
    return {};
}

Checked check_user_ids(std::span<std::string const> ids) {
    return check_users(ids, [](std::string const& id) -> std::string_view { return id; });
}

/// `[a,b,…]`, each appended by `append`.
template <class Range, class Append>
void append_list(std::string& out, Range const& range, Append append) {
    out += '[';
    bool first = true;
    for (auto const& entry : range) {
        if (!std::exchange(first, false)) {
            out += ',';
        }
        append(entry);
    }
    out += ']';
}

void append_texts(std::string& out, std::span<std::string const> texts) {
    append_list(out, texts,
                [&out](std::string const& text) { wire::append_json_string(out, text); });
}

std::string format_revocation(std::optional<Instant> before) {
    auto out = '"' + std::string(kRevocation) + "\":";
    return out + (before ? '"' + format_rfc3339(*before) + '"' : std::string("null"));
}

Checked check_revocation(std::optional<Instant> before) {
    return !before || is_in_range(*before) ? Checked()
                                           : refuse("before must lie between 1970 and 9999");
}

/// `{"name":value,…}`
Result<std::string> format_set(std::map<std::string, std::string> const& set) {
    std::string out = "{";
    for (auto const& [name, text] : set) {
        auto const value = parse_json_value(text);
        if (!value) {
            return refuse("a value to set is not the text of a JSON value");
        }
        if (out.size() > 1) {
            out += ',';
        }
        wire::append_json_string(out, name);
        out += ':';
        wire::append_json(out, *value);
    }
    return out + '}';
}

Result<std::string> format_patch(UserPatch const& patch) {
    auto const in_both = std::ranges::any_of(
        patch.unset, [&patch](std::string const& name) { return patch.set.contains(name); });
    if (in_both) {
        return refuse("a field cannot be set and unset at once");
    }
    auto set = format_set(patch.set);
    if (!set) {
        return set;
    }
    auto out = "{\"id\":\"" + patch.id + "\",\"set\":" + *set + ",\"unset\":";
    append_texts(out, patch.unset);
    return out + '}';
}

ApiCall patch_users(std::string entries) {
    return {.method = "PATCH",
            .path = std::string(kUsersPath),
            .body = "{\"users\":[" + std::move(entries) + "]}"};
}

Formatted on_one_user(std::string_view method, std::string_view user_id, std::string_view act,
                      std::string body) {
    if (auto const checked = check_user_id(user_id); !checked) {
        return std::unexpected(checked.error());
    }
    return ApiCall{.method = std::string(method),
                   .path = std::string(kUsersPath) + '/' + std::string(user_id) + std::string(act),
                   .body = std::move(body)};
}

Formatted on_users(std::span<std::string const> user_ids, std::string_view act,
                   std::string_view further_members, Repeat repeat) {
    if (auto const checked = check_user_ids(user_ids); !checked) {
        return std::unexpected(checked.error());
    }
    std::string body = "{\"user_ids\":";
    append_texts(body, user_ids);
    return ApiCall{.method = "POST",
                   .path = std::string(kUsersPath) + std::string(act),
                   .body = body + std::string(further_members) + '}',
                   .repeat = repeat};
}

/// The name of a deletion on the wire, with the member around it.
std::string_view format_deletion(Deletion deletion) {
    switch (deletion) {
        case Deletion::Soft: return ",\"user\":\"soft\"";
        case Deletion::Pruning: return ",\"user\":\"pruning\"";
        case Deletion::Hard: return ",\"user\":\"hard\"";
    }
    std::unreachable();
}

/// A task id goes into the path as it is, so it must be no path of its own.
bool is_task_id(std::string_view text) {
    return !text.empty() && text.size() <= kTaskIdBytesMax && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

ApiCall patch_app(std::string body) {
    return {.method = "PATCH", .path = "/api/v2/app", .body = std::move(body)};
}

}  // namespace

Formatted upsert_users(std::span<UserRequest const> users) {
    auto const checked =
        check_users(users, [](UserRequest const& user) -> std::string_view { return user.id; });
    if (!checked) {
        return std::unexpected(checked.error());
    }
    std::string members;
    for (auto const& user : users) {
        auto const object = format_user_request(user, UserFields::OfABackend);
        if (!object) {
            return std::unexpected(object.error());
        }
        members += (members.empty() ? "\"" : ",\"") + user.id + "\":" + *object;
    }
    return ApiCall{
        .method = "POST", .path = std::string(kUsersPath), .body = "{\"users\":{" + members + "}}"};
}

Formatted update_users_partial(std::span<UserPatch const> patches) {
    auto const checked =
        check_users(patches, [](UserPatch const& patch) -> std::string_view { return patch.id; });
    if (!checked) {
        return std::unexpected(checked.error());
    }
    std::string entries;
    for (auto const& patch : patches) {
        auto const entry = format_patch(patch);
        if (!entry) {
            return std::unexpected(entry.error());
        }
        entries += (entries.empty() ? "" : ",") + *entry;
    }
    return patch_users(std::move(entries));
}

Formatted query_users(UserQuery const& query) {
    auto const filter = wire::parse_json_object(query.filter_json);
    if (!filter) {
        return refuse("filter_json is not the text of a JSON object");
    }
    auto const sort = query.sort_json.empty() ? boost::json::value(boost::json::array())
                                              : parse_json_value(query.sort_json);
    if (!sort || !sort->is_array()) {
        return refuse("sort_json is not the text of a JSON array");
    }
    if (query.limit == 0 || query.limit > ServerClient::kUsersMax) {
        return refuse("limit is 1 to 100");
    }
    if (query.offset > ServerClient::kQueryOffsetMax) {
        return refuse("offset is 0 to 1000");
    }
    std::string payload = "{\"filter_conditions\":";
    wire::append_json(payload, *filter);
    payload += ",\"sort\":";
    wire::append_json(payload, *sort);
    payload += ",\"limit\":" + std::to_string(query.limit);
    payload += ",\"offset\":" + std::to_string(query.offset);
    payload += query.include_deactivated ? ",\"include_deactivated_users\":true}" : "}";
    return ApiCall{.method = "GET",
                   .path = std::string(kUsersPath) + "?payload=" + http::percent_encode(payload)};
}

Formatted revoke_users_token(std::span<std::string const> user_ids, std::optional<Instant> before) {
    auto checked = check_user_ids(user_ids);
    if (checked) {
        checked = check_revocation(before);
    }
    if (!checked) {
        return std::unexpected(std::move(checked).error());
    }
    std::string entries;
    for (auto const& id : user_ids) {
        entries += (entries.empty() ? "{\"id\":\"" : ",{\"id\":\"") + id + "\",\"set\":{" +
                   format_revocation(before) + "}}";
    }
    return patch_users(std::move(entries));
}

Formatted deactivate_user(std::string_view user_id) {
    return on_one_user("POST", user_id, "/deactivate", "{}");
}

Formatted reactivate_user(std::string_view user_id) {
    return on_one_user("POST", user_id, "/reactivate", "{}");
}

Formatted deactivate_users(std::span<std::string const> user_ids) {
    return on_users(user_ids, "/deactivate", "", Repeat::Harmless);
}

Formatted reactivate_users(std::span<std::string const> user_ids) {
    return on_users(user_ids, "/reactivate", "", Repeat::Harmless);
}

Formatted delete_users(std::span<std::string const> user_ids, Deletion deletion) {
    // Users who are deleted for good are unknown the second time: the answer would be that the call
    // failed, though the first one had done it.
    auto const repeat = deletion == Deletion::Hard ? Repeat::OnlyIfUnsent : Repeat::Harmless;
    return on_users(user_ids, "/delete", format_deletion(deletion), repeat);
}

Formatted restore_users(std::span<std::string const> user_ids) {
    return on_users(user_ids, "/restore", "", Repeat::Harmless);
}

Formatted export_user(std::string_view user_id) {
    return on_one_user("GET", user_id, "/export", "");
}

Formatted create_guest(UserRequest const& user) {
    auto const object = format_user_request(user, UserFields::OfADevice);
    if (!object) {
        return std::unexpected(object.error());
    }
    // Each call makes a guest of its own (protocol section 3.10).
    return ApiCall{.method = "POST",
                   .path = "/api/v2/guest",
                   .body = "{\"user\":" + *object + '}',
                   .repeat = Repeat::OnlyIfUnsent};
}

Formatted get_task(std::string_view task_id) {
    if (!is_task_id(task_id)) {
        return refuse("a task id has 1 to 128 letters, digits, - and _");
    }
    return ApiCall{.method = "GET", .path = "/api/v2/tasks/" + std::string(task_id)};
}

Formatted revoke_tokens(std::optional<Instant> before) {
    if (auto const checked = check_revocation(before); !checked) {
        return std::unexpected(checked.error());
    }
    return patch_app('{' + format_revocation(before) + '}');
}

Formatted get_app() { return ApiCall{.method = "GET", .path = "/api/v2/app"}; }

Formatted update_app(std::string_view settings_json) {
    auto const settings = wire::parse_json_object(settings_json);
    if (!settings) {
        return refuse("the settings are not the text of a JSON object");
    }
    // A body that sets nothing is how some SDKs undo a revocation of the App (protocol section
    // 3.4). Here that is asked for by name.
    auto const sets_something =
        settings->contains(kRevocation) || std::ranges::any_of(*settings, [](auto const& member) {
            return !member.value().is_null();
        });
    if (!sets_something) {
        return refuse("the settings set nothing; a revocation is undone by name");
    }
    std::string body;
    wire::append_json(body, *settings);
    return patch_app(std::move(body));
}

}  // namespace latchkey::sdk::requests
