#include "wire/user_requests.hpp"

#include "wire/dates.hpp"
#include "wire/fields.hpp"
#include "wire/json.hpp"
#include "wire/user_keys.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace latchkey::wire {
namespace {

constexpr TextLimits kName{.bytes_max = kUserNameBytesMax};
constexpr TextLimits kImage{.bytes_max = kUserImageBytesMax};
constexpr TextLimits kLanguage{.bytes_max = kTextBytesMax};
constexpr TextLimits kRole{.bytes_max = kTextBytesMax, .empty = Empty::Refused};
constexpr ListLimits kTeams{
    .entries_max = kUserTeamsMax,
    .entry = {.bytes_max = kTextBytesMax, .empty = Empty::Refused},
};

constexpr std::string_view kReservedReason = "is a reserved field";
constexpr std::string_view kUserIdReason =
    "must be a user id: 1 to 255 of the characters a-z, A-Z, 0-9, @, _ and -";
constexpr std::string_view kDateReason =
    "must be a date: RFC 3339 text, or a number of seconds, milliseconds, microseconds or "
    "nanoseconds since 1970";
constexpr std::string_view kCustomPrefix = "custom.";

/// `users[john].name`, as the documentation writes it.
std::string user_field(std::string_view id) { return "users[" + shown(id) + ']'; }
std::string member_field(std::string_view user, std::string_view name) {
    return std::string(user) + '.' + shown(name);
}

/// Only what `PrivacySettingsResponse` has, since this is sent to typed SDKs as it is stored.
Read<boost::json::object> read_privacy_settings(boost::json::value const& value) {
    constexpr std::array<std::string_view, 3> kNames{"typing_indicators", "read_receipts",
                                                     "delivery_receipts"};
    auto const* given = value.if_object();
    if (given == nullptr) {
        return std::unexpected("must be an object");
    }
    boost::json::object settings;
    for (auto const name : kNames) {
        auto const* setting = given->if_contains(name);
        if (setting == nullptr || setting->is_null()) {
            continue;
        }
        auto const* object = setting->if_object();
        auto const* enabled = object == nullptr ? nullptr : object->if_contains("enabled");
        if (enabled == nullptr || !enabled->is_bool()) {
            return std::unexpected("must have {\"enabled\": boolean} for each of its members");
        }
        settings.emplace(name, boost::json::object{{"enabled", *enabled}});
    }
    return settings;
}

Read<Instant> read_date(boost::json::value const& value) {
    if (auto const instant = parse_request_date(value)) {
        return *instant;
    }
    return std::unexpected(std::string(kDateReason));
}

template <typename Member, typename Value>
Read<void> put(Member& member, Read<Value> read) {
    if (!read) {
        return std::unexpected(read.error());
    }
    member = std::move(*read);
    return {};
}

/// What a user may write about itself; every kind of request has these members.
template <typename Request>
Read<void> put_profile(Request& request, UserKey key, boost::json::value const& value) {
    switch (key) {
        case UserKey::Name: return put(request.name, read_text(value, kName));
        case UserKey::Image: return put(request.image, read_text(value, kImage));
        case UserKey::Language: return put(request.language, read_text(value, kLanguage));
        case UserKey::Invisible: return put(request.invisible, read_flag(value));
        case UserKey::PrivacySettings:
            return put(request.privacy_settings, read_privacy_settings(value));
        case UserKey::None:
        case UserKey::Id:
        case UserKey::Role:
        case UserKey::Teams:
        case UserKey::TeamsRole:
        case UserKey::Revocation:
        case UserKey::ReadOnly: break;
    }
    return {};
}

/// What only a server may write, and what a user may.
template <typename Request>
Read<void> put_known(Request& request, UserKey key, boost::json::value const& value) {
    switch (key) {
        case UserKey::Role: return put(request.role, read_text(value, kRole));
        case UserKey::Teams: return put(request.teams, read_texts(value, kTeams));
        case UserKey::TeamsRole: return put(request.teams_role, read_text_map(value, kTeams));
        case UserKey::Revocation: return put(request.revoke_tokens_issued_before, read_date(value));
        case UserKey::Name:
        case UserKey::Image:
        case UserKey::Language:
        case UserKey::Invisible:
        case UserKey::PrivacySettings: return put_profile(request, key, value);
        case UserKey::None:
        case UserKey::Id:
        case UserKey::ReadOnly: break;
    }
    return {};
}

Read<void> check_custom(boost::json::object const& custom) {
    if (depth_of(custom, kCustomDepthMax) > kCustomDepthMax) {
        return std::unexpected("must be nested at most " + std::to_string(kCustomDepthMax) +
                               " levels deep");
    }
    if (json_bytes(custom) > kCustomDataBytesMax) {
        return std::unexpected("must have at most " + std::to_string(kCustomDataBytesMax) +
                               " bytes as JSON");
    }
    return {};
}

/// A key that is not the protocol's: custom data in the legacy style; in the v2 style `custom`
/// holds that, and other keys are ignored (protocol section 2.3).
template <typename Request>
Read<void> put_custom(Request& request, boost::json::key_value_pair const& member, Style style) {
    if (style == Style::Legacy) {
        request.custom.emplace(member.key(), member.value());
        return {};
    }
    return member.key() == "custom" ? put(request.custom, read_object(member.value()))
                                    : Read<void>{};
}

enum class Purpose { Upsert, Guest };

bool is_for_guests(UserKey key) {
    return key != UserKey::ReadOnly && key != UserKey::Role && key != UserKey::Teams &&
           key != UserKey::TeamsRole && key != UserKey::Revocation;
}

Read<void> put_member(UserRequest& user, boost::json::key_value_pair const& member, Style style,
                      Purpose purpose) {
    auto const key = find_user_key(member.key());
    if (member.value().is_null() || (purpose == Purpose::Guest && !is_for_guests(key))) {
        return {};
    }
    if (key == UserKey::None) {
        return put_custom(user, member, style);
    }
    if (key == UserKey::ReadOnly) {
        return std::unexpected(std::string(kReservedReason));
    }
    // It is not part of the v2 `UserRequest`, so there it is one more unknown key.
    if (key == UserKey::Revocation && style == Style::V2) {
        return {};
    }
    return put_known(user, key, member.value());
}

/// `field` names the object in error texts.
std::expected<UserRequest, ApiError> read_user_request(boost::json::object const& object,
                                                       std::string const& field, Style style,
                                                       Purpose purpose) {
    auto const* id = object.if_contains("id");
    auto user_id =
        id != nullptr && id->is_string() ? UserId::parse(id->get_string()) : std::nullopt;
    if (!user_id) {
        return refuse(member_field(field, "id"), kUserIdReason);
    }
    UserRequest user{.id = std::move(*user_id)};
    for (auto const& member : object) {
        if (auto const done = put_member(user, member, style, purpose); !done) {
            return refuse(member_field(field, member.key()), done.error());
        }
    }
    if (auto const checked = check_custom(user.custom); !checked) {
        return refuse(member_field(field, "custom"), checked.error());
    }
    return user;
}

std::string users_reason(std::string_view container) {
    return "must be " + std::string(container) + " of 1 to " + std::to_string(kUsersPerRequestMax) +
           " users";
}

bool is_batch_size(std::size_t size) { return size >= 1 && size <= kUsersPerRequestMax; }

/// A key of `set` or `unset`, as what it means.
struct PatchKey {
    UserKey key = UserKey::None;
    /// Of `None` only. Empty: the whole of `custom`.
    std::vector<std::string> path{};
    /// The same for every spelling of one field.
    std::string identity;
};

Read<std::vector<std::string>> split_path(std::string_view text) {
    std::vector<std::string> path;
    for (std::size_t start = 0; start <= text.size();) {
        auto const end = std::min(text.find('.', start), text.size());
        if (end == start) {
            return std::unexpected("has an empty part");
        }
        if (path.size() == kPatchPathDepthMax) {
            return std::unexpected("has more than " + std::to_string(kPatchPathDepthMax) +
                                   " parts");
        }
        path.emplace_back(text.substr(start, end - start));
        start = end + 1;
    }
    return path;
}

Read<PatchKey> read_patch_key(std::string_view text, Style style) {
    auto const known = find_user_key(text.substr(0, text.find('.')));
    if (known == UserKey::Id || known == UserKey::ReadOnly) {
        return std::unexpected(std::string(kReservedReason));
    }
    if (known != UserKey::None) {
        if (text.contains('.')) {
            return std::unexpected("cannot be changed in part; set it as a whole");
        }
        return PatchKey{.key = known, .identity = std::string(text)};
    }
    if (style == Style::V2 && text == "custom") {
        return PatchKey{.identity = std::string(text)};
    }
    if (style == Style::V2 && text.starts_with(kCustomPrefix)) {
        text.remove_prefix(kCustomPrefix.size());
    }
    auto path = split_path(text);
    if (!path) {
        return std::unexpected(path.error());
    }
    return PatchKey{.path = std::move(*path),
                    .identity = std::string(kCustomPrefix) + std::string(text)};
}

void unset_custom(UserPatch& patch, PatchKey& key) {
    if (key.path.empty()) {
        patch.replace_custom.emplace();
    } else {
        patch.custom.push_back({.path = std::move(key.path), .value = std::nullopt});
    }
}

void unset(UserPatch& patch, PatchKey& key) {
    switch (key.key) {
        case UserKey::None: unset_custom(patch, key); return;
        case UserKey::Name: patch.name.emplace(std::nullopt); return;
        case UserKey::Image: patch.image.emplace(std::nullopt); return;
        case UserKey::Role: patch.role = "user"; return;
        case UserKey::Teams: patch.teams.emplace(); return;
        case UserKey::TeamsRole: patch.teams_role.emplace(); return;
        case UserKey::Language: patch.language.emplace(); return;
        case UserKey::Invisible: patch.invisible = false; return;
        case UserKey::PrivacySettings: patch.privacy_settings.emplace(); return;
        case UserKey::Revocation: patch.revoke_tokens_issued_before.emplace(std::nullopt); return;
        case UserKey::Id:
        case UserKey::ReadOnly: return;  // `read_patch_key` yields neither
    }
}

Read<void> set(UserPatch& patch, PatchKey& key, boost::json::value const& value) {
    if (value.is_null()) {
        unset(patch, key);
        return {};
    }
    if (key.key != UserKey::None) {
        return put_known(patch, key.key, value);
    }
    if (key.path.empty()) {
        return put(patch.replace_custom, read_object(value));
    }
    patch.custom.push_back({.path = std::move(key.path), .value = value});
    return {};
}

/// Reads one entry of a partial update; the fields that it names are counted and told apart here.
class PatchReader {
public:
    PatchReader(UserPatch& patch, std::string const& field, Style style)
        : patch_(patch), field_(field), style_(style) {}

    std::expected<void, ApiError> read_set(boost::json::object const& entry) {
        auto const* given = entry.if_contains("set");
        if (given == nullptr || given->is_null()) {
            return {};
        }
        auto const* members = given->if_object();
        if (members == nullptr) {
            return refuse(member_field(field_, "set"), "must be an object");
        }
        for (auto const& member : *members) {
            auto key = name_field(member.key(), set_);
            auto const done =
                key ? set(patch_, *key, member.value()) : Read<void>(std::unexpected(key.error()));
            if (!done) {
                return refuse(member_field(field_, member.key()), done.error());
            }
        }
        return {};
    }

    std::expected<void, ApiError> read_unset(boost::json::object const& entry) {
        auto const* given = entry.if_contains("unset");
        if (given == nullptr || given->is_null()) {
            return {};
        }
        auto const* names = given->if_array();
        if (names == nullptr) {
            return refuse(member_field(field_, "unset"), "must be a list of strings");
        }
        std::set<std::string> unset_names;
        for (auto const& name : *names) {
            if (!name.is_string()) {
                return refuse(member_field(field_, "unset"), "must be a list of strings");
            }
            auto key = name_field(name.get_string(), unset_names);
            if (!key) {
                return refuse(member_field(field_, name.get_string()), key.error());
            }
            unset(patch_, *key);
        }
        return {};
    }

private:
    /// Adds one more field to `names`, those of `set` or of `unset`.
    Read<PatchKey> name_field(std::string_view text, std::set<std::string>& names) {
        if (++count_ > kPatchKeysMax) {
            return std::unexpected("is one key too many; one user may have " +
                                   std::to_string(kPatchKeysMax));
        }
        auto key = read_patch_key(text, style_);
        if (!key) {
            return key;
        }
        bool const is_new = names.insert(key->identity).second;
        if (&names == &set_ ? !is_new : set_.contains(key->identity)) {
            return std::unexpected("is named twice; what is to become of it?");
        }
        return key;
    }

    UserPatch& patch_;
    std::string const& field_;
    Style style_;
    std::set<std::string> set_{};
    std::size_t count_ = 0;
};

std::expected<UserPatch, ApiError> read_patch(boost::json::value const& value,
                                              std::string const& position, Style style) {
    auto const* entry = value.if_object();
    if (entry == nullptr) {
        return refuse(position, "must be an object");
    }
    auto const* id = entry->if_contains("id");
    auto user_id =
        id != nullptr && id->is_string() ? UserId::parse(id->get_string()) : std::nullopt;
    if (!user_id) {
        return refuse(member_field(position, "id"), kUserIdReason);
    }
    auto const field = user_field(user_id->text());
    UserPatch patch{.id = std::move(*user_id)};
    PatchReader reader(patch, field, style);
    if (auto const done = reader.read_set(*entry); !done) {
        return std::unexpected(done.error());
    }
    if (auto const done = reader.read_unset(*entry); !done) {
        return std::unexpected(done.error());
    }
    return patch;
}

/// Applies one change below `custom`. Fails where a part of the path but the last is no object.
Read<void> apply_change(FieldChange const& change, boost::json::object& custom) {
    auto* holder = &custom;
    for (std::size_t i = 0; i + 1 < change.path.size(); ++i) {
        auto found = holder->find(change.path[i]);
        if (found == holder->end()) {
            if (!change.value) {
                return {};  // what is not there need not be removed
            }
            found = holder->emplace(change.path[i], boost::json::object()).first;
        }
        holder = found->value().if_object();
        if (holder == nullptr) {
            return std::unexpected("runs through something that is not an object");
        }
    }
    if (change.value) {
        holder->insert_or_assign(change.path.back(), *change.value);
    } else {
        holder->erase(change.path.back());
    }
    return {};
}

std::string join(std::vector<std::string> const& path) {
    std::string joined;
    for (auto const& part : path) {
        joined += joined.empty() ? part : '.' + part;
    }
    return joined;
}

std::optional<std::string> find_text(boost::json::object const& object, std::string_view name) {
    auto const* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) {
        return std::nullopt;
    }
    return std::string(value->get_string());
}

/// Whether the legacy style has this key of `user_details` as custom data. stream-chat JS says
/// `anon` beside the fields of a user.
bool is_custom_of_connect(boost::json::key_value_pair const& member) {
    return member.key() != "anon" && !member.value().is_null();
}

/// Whatever cannot be read is passed over: SDKs send back whole users, of every age, and a
/// connection must not fail for what it was not to change anyway.
void pass_over(Read<void> const&) {}

void read_details(ConnectRequest& request, boost::json::object const& details, Style style) {
    for (auto const& member : details) {
        auto const key = find_user_key(member.key());
        if (key != UserKey::None) {
            pass_over(put_profile(request, key, member.value()));
        } else if (is_custom_of_connect(member)) {
            pass_over(put_custom(request, member, style));
        }
    }
}

}  // namespace

std::expected<std::vector<UserRequest>, ApiError> parse_upsert_users(
    boost::json::object const& body, Style style) {
    auto const* given = body.if_contains("users");
    auto const* entries = given == nullptr ? nullptr : given->if_object();
    if (entries == nullptr || !is_batch_size(entries->size())) {
        return refuse("users", users_reason("an object"));
    }
    std::vector<UserRequest> users;
    users.reserve(entries->size());
    for (auto const& entry : *entries) {
        auto const field = user_field(entry.key());
        auto const* object = entry.value().if_object();
        if (object == nullptr) {
            return refuse(field, "must be an object");
        }
        auto user = read_user_request(*object, field, style, Purpose::Upsert);
        if (!user) {
            return std::unexpected(std::move(user.error()));
        }
        if (user->id.text() != entry.key()) {
            return refuse(member_field(field, "id"), "must be the key of its entry");
        }
        users.push_back(std::move(*user));
    }
    return users;
}

std::expected<UserRequest, ApiError> parse_guest(boost::json::object const& body, Style style) {
    auto const* given = body.if_contains("user");
    auto const* object = given == nullptr ? nullptr : given->if_object();
    if (object == nullptr) {
        return refuse("user", "must be an object");
    }
    return read_user_request(*object, "user", style, Purpose::Guest);
}

bool UserPatch::changes_nothing() const {
    return !name && !image && !language && !invisible && !privacy_settings && !replace_custom &&
           custom.empty() && !needs_server();
}

bool UserPatch::needs_server() const {
    return role || teams || teams_role || revoke_tokens_issued_before;
}

std::expected<std::vector<UserPatch>, ApiError> parse_patch_users(boost::json::object const& body,
                                                                  Style style) {
    auto const* given = body.if_contains("users");
    auto const* entries = given == nullptr ? nullptr : given->if_array();
    if (entries == nullptr || !is_batch_size(entries->size())) {
        return refuse("users", users_reason("a list"));
    }
    std::vector<UserPatch> patches;
    patches.reserve(entries->size());
    std::set<std::string> ids;
    for (auto const& entry : *entries) {
        auto patch = read_patch(entry, user_field(std::to_string(patches.size())), style);
        if (!patch) {
            return std::unexpected(std::move(patch.error()));
        }
        if (!ids.insert(patch->id.text()).second) {
            return refuse(user_field(patch->id.text()), "stands twice in the list");
        }
        patches.push_back(std::move(*patch));
    }
    return patches;
}

std::expected<void, ApiError> apply_custom(UserPatch const& patch, boost::json::object& custom) {
    auto const field = user_field(patch.id.text());
    if (patch.replace_custom) {
        custom = *patch.replace_custom;
    }
    for (auto const& change : patch.custom) {
        if (auto const done = apply_change(change, custom); !done) {
            return refuse(member_field(field, join(change.path)), done.error());
        }
    }
    if (auto const checked = check_custom(custom); !checked) {
        return refuse(member_field(field, "custom"), checked.error());
    }
    return {};
}

std::expected<ConnectRequest, ApiError> parse_connect(std::string_view json, Style style) {
    auto const body = parse_json_object(json);
    if (!body) {
        return std::unexpected(input_error(std::string(describe(body.error()))));
    }
    ConnectRequest request{
        .user_id = find_text(*body, "user_id"),
        .token = find_text(*body, style == Style::V2 ? "token" : "user_token"),
    };
    auto const* given = body->if_contains("user_details");
    if (given == nullptr || given->is_null()) {
        return request;
    }
    auto const* details = given->if_object();
    if (details == nullptr) {
        return refuse("user_details", "must be an object");
    }
    request.has_user_details = true;
    if (auto id = find_text(*details, "id")) {
        request.user_id = std::move(id);
    }
    read_details(request, *details, style);
    if (auto const checked = check_custom(request.custom); !checked) {
        return refuse(member_field("user_details", "custom"), checked.error());
    }
    return request;
}

}  // namespace latchkey::wire
