#include "wire/app_settings.hpp"
#include "wire/app_settings_table.hpp"
#include "wire/dates.hpp"
#include "wire/fields.hpp"
#include "wire/json.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <utility>

namespace latchkey::wire {
namespace {

using Kind = SettingKind;
using Access = SettingAccess;
using Source = SettingSource;

constexpr std::string_view kPushVersions = "v1|v2|v3";
constexpr TextLimits kEntry{.bytes_max = kSettingEntryBytesMax};
constexpr ListLimits kEntries{.entries_max = kSettingEntriesMax, .entry = kEntry};

using Checked = Read<boost::json::value>;

Checked check_integer(boost::json::value const& value, std::int64_t minimum, std::int64_t maximum) {
    auto const* number = value.if_int64();
    if (number == nullptr) {
        return std::unexpected("must be an integer");
    }
    if (*number < minimum || *number > maximum) {
        return std::unexpected("must be between " + std::to_string(minimum) + " and " +
                               std::to_string(maximum));
    }
    return value;
}

bool is_choice(std::string_view choices, std::string_view text) {
    for (std::size_t start = 0; start <= choices.size();) {
        auto const end = std::min(choices.find('|', start), choices.size());
        if (choices.substr(start, end - start) == text) {
            return true;
        }
        start = end + 1;
    }
    return false;
}

Checked check_choice(boost::json::value const& value, std::string_view choices) {
    if (!value.is_string() || !is_choice(choices, value.get_string())) {
        return std::unexpected("must be one of " + std::string(choices));
    }
    return value;
}

bool is_mask(boost::json::value const& value) {
    auto const* text = value.if_string();
    return text != nullptr && *text == kSecretMask;
}

/// A masked secret inside `value`: someone sends back what an answer showed.
bool has_mask(boost::json::value const& value) {
    if (auto const* object = value.if_object()) {
        return std::ranges::any_of(*object, [](auto const& member) {
            return (is_secret_name(member.key()) && is_mask(member.value())) ||
                   has_mask(member.value());
        });
    }
    auto const* array = value.if_array();
    return array != nullptr && std::ranges::any_of(*array, has_mask);
}

Checked check_object(boost::json::value const& value) {
    auto const* object = value.if_object();
    if (object == nullptr) {
        return std::unexpected("must be an object");
    }
    if (depth_of(*object, kSettingDepthMax) > kSettingDepthMax) {
        return std::unexpected("must be nested at most " + std::to_string(kSettingDepthMax) +
                               " levels deep");
    }
    if (has_mask(value)) {
        return std::unexpected("has a masked secret; send the secret itself");
    }
    return value;
}

Checked check_objects(boost::json::value const& value) {
    auto const* array = value.if_array();
    if (array == nullptr || array->size() > kSettingEntriesMax) {
        return std::unexpected("must be a list of at most " + std::to_string(kSettingEntriesMax) +
                               " objects");
    }
    for (auto const& element : *array) {
        if (auto const object = check_object(element); !object) {
            return std::unexpected("must be a list of objects; an entry " + object.error());
        }
    }
    return value;
}

Checked check_texts(boost::json::value const& value, std::size_t entries_max) {
    auto const texts = read_texts(value, {.entries_max = entries_max, .entry = kEntry});
    return texts ? Checked(value) : std::unexpected(texts.error());
}

/// An object of at most `kSettingEntriesMax` members that `check` takes.
template <typename Check>
Checked check_map(boost::json::value const& value, Check check) {
    auto const* object = value.if_object();
    if (object == nullptr || object->size() > kSettingEntriesMax) {
        return std::unexpected("must be an object of at most " +
                               std::to_string(kSettingEntriesMax) + " members");
    }
    for (auto const& member : *object) {
        if (Checked const checked = check(member.value()); !checked) {
            return std::unexpected("has a member that " + checked.error());
        }
    }
    return value;
}

Checked check_grants(boost::json::value const& value) {
    auto checked = check_map(value, [](boost::json::value const& member) {
        return member.is_null() ? Checked(member) : check_texts(member, kSettingEntriesMax);
    });
    if (checked && std::ranges::any_of(value.get_object(), [](auto const& member) {
            return member.key().size() > kSettingEntryBytesMax;
        })) {
        return std::unexpected("has a role of more than " + std::to_string(kSettingEntryBytesMax) +
                               " bytes");
    }
    return checked;
}

/// Keeps the known members: typed SDKs decode this object, so nothing else goes in.
Checked check_upload_config(boost::json::value const& value) {
    auto const* given = value.if_object();
    if (given == nullptr) {
        return std::unexpected("must be an object");
    }
    boost::json::object config;
    if (auto const* limit = find_value(*given, "size_limit")) {
        auto const checked = check_integer(*limit, 0, kUploadBytesMax);
        if (!checked) {
            return std::unexpected("has a size_limit that " + checked.error());
        }
        config.emplace("size_limit", *checked);
    }
    for (auto const name : kUploadLists) {
        auto const* list = find_value(*given, name);
        if (list == nullptr) {
            continue;
        }
        if (auto const texts = read_texts(*list, kEntries); !texts) {
            return std::unexpected("has a list " + std::string(name) + " that " + texts.error());
        }
        config.emplace(name, *list);
    }
    return config;
}

Checked check_push_config(boost::json::value const& value) {
    auto const* given = value.if_object();
    auto const* version = given == nullptr ? nullptr : find_value(*given, "version");
    if (version == nullptr || !check_choice(*version, kPushVersions)) {
        return std::unexpected("must be an object with a version, one of " +
                               std::string(kPushVersions));
    }
    boost::json::object config{{"version", *version}};
    if (auto const* offline_only = find_value(*given, "offline_only")) {
        if (!offline_only->is_bool()) {
            return std::unexpected("has an offline_only that must be a boolean");
        }
        config.emplace("offline_only", *offline_only);
    }
    return config;
}

/// The value as it is to be stored. Not of a date: that has a meaning of its own.
Checked check_value(Setting const& setting, boost::json::value const& value) {
    switch (setting.kind) {
        case Kind::Flag: {
            auto const flag = read_flag(value);
            return flag ? Checked(*flag) : std::unexpected(flag.error());
        }
        case Kind::Integer: return check_integer(value, setting.minimum, setting.maximum);
        case Kind::Text: {
            auto const text = read_text(value, {.bytes_max = kSettingTextBytesMax});
            return text ? Checked(value) : std::unexpected(text.error());
        }
        case Kind::Choice: return check_choice(value, setting.choices);
        case Kind::TextList: return check_texts(value, static_cast<std::size_t>(setting.maximum));
        case Kind::ObjectList: return check_objects(value);
        case Kind::Object: return check_object(value);
        case Kind::IntegerMap:
            return check_map(value, [](boost::json::value const& member) {
                return check_integer(member, -kIntegerMax, kIntegerMax);
            });
        case Kind::Grants: return check_grants(value);
        case Kind::UploadConfig: return check_upload_config(value);
        case Kind::PushConfig: return check_push_config(value);
        case Kind::Date: break;
    }
    std::unreachable();
}

std::vector<std::string> to_texts(boost::json::array const& array) {
    std::vector<std::string> texts;
    texts.reserve(array.size());
    for (auto const& text : array) {
        texts.emplace_back(text.get_string());
    }
    return texts;
}

/// Puts a checked value where it belongs.
void put_value(AppPatch& patch, Setting const& setting, boost::json::value const& value) {
    switch (setting.source) {
        case Source::Stored: patch.other.insert_or_assign(setting.name, value); return;
        case Source::DisableAuthChecks: patch.disable_auth_checks = value.get_bool(); return;
        case Source::DisablePermissionsChecks:
            patch.disable_permissions_checks = value.get_bool();
            return;
        case Source::GuestUserCreationDisabled:
            patch.guest_user_creation_disabled = value.get_bool();
            return;
        case Source::MultiTenantEnabled: patch.multi_tenant_enabled = value.get_bool(); return;
        case Source::EnforceUniqueUsernames:
            patch.enforce_unique_usernames = std::string(value.get_string());
            return;
        case Source::UserSearchDisallowedRoles:
            patch.user_search_disallowed_roles = to_texts(value.get_array());
            return;
        case Source::Grants: patch.grants = value.get_object(); return;
        case Source::Push:
        case Source::Id:
        case Source::Name:
        case Source::Suspended:
        case Source::SuspendedExplanation:
        case Source::Revocation: return;  // read-only, or a date
    }
}

std::expected<void, ApiError> read_revocation(AppPatch& patch, Setting const& setting,
                                              boost::json::value const& value) {
    if (value.is_null()) {
        patch.revoke_tokens_issued_before.emplace(std::nullopt);
        return {};
    }
    auto const instant = parse_request_date(value);
    if (!instant) {
        return refuse(std::string(setting.name), "must be a date or null");
    }
    patch.revoke_tokens_issued_before.emplace(instant);
    return {};
}

std::expected<void, ApiError> read_setting(AppPatch& patch, Setting const& setting,
                                           boost::json::value const& value) {
    if (setting.access == Access::ReadOnly) {
        return {};
    }
    if (setting.kind == Kind::Date) {
        return read_revocation(patch, setting, value);
    }
    // getstream-go sends null for every list and map that was not set.
    if (value.is_null() || (setting.secret && is_mask(value))) {
        return {};
    }
    auto const checked = check_value(setting, value);
    if (!checked) {
        return refuse(std::string(setting.name), checked.error());
    }
    put_value(patch, setting, *checked);
    return {};
}

/// `migrate_permissions_to_v2` is an order, not a state: nothing of it is stored.
void obey_migration(boost::json::object& other) {
    constexpr std::string_view kMigrate = "migrate_permissions_to_v2";
    auto const* migrate = other.if_contains(kMigrate);
    if (migrate == nullptr) {
        return;
    }
    bool const is_ordered = migrate->get_bool();
    other.erase(kMigrate);
    if (is_ordered) {
        other.insert_or_assign("permission_version", "v2");
    }
}

std::expected<void, ApiError> check_total(boost::json::object const& settings,
                                          std::string const& what, std::size_t bytes_max) {
    if (json_bytes(settings) > bytes_max) {
        return std::unexpected(input_error("the " + what + " of one app may have at most " +
                                           std::to_string(bytes_max) + " bytes as JSON"));
    }
    return {};
}

std::expected<void, ApiError> check_other(boost::json::object const& other) {
    return check_total(other, "settings", kOtherSettingsBytesMax);
}

std::expected<void, ApiError> check_grants_total(boost::json::object const& grants) {
    return check_total(grants, "grants", kGrantsBytesMax);
}

}  // namespace

std::expected<AppPatch, ApiError> parse_app_patch(boost::json::object const& body) {
    AppPatch patch;
    patch.empty = true;
    for (auto const& member : body) {
        patch.empty = patch.empty && member.value().is_null();
        auto const* setting = find_setting(member.key());
        if (setting == nullptr) {
            continue;
        }
        if (auto const read = read_setting(patch, *setting, member.value()); !read) {
            return std::unexpected(read.error());
        }
    }
    obey_migration(patch.other);
    for (auto const& checked : {check_other(patch.other), check_grants_total(patch.grants)}) {
        if (!checked) {
            return std::unexpected(checked.error());
        }
    }
    return patch;
}

std::expected<void, ApiError> merge_other_settings(boost::json::object& stored,
                                                   boost::json::object const& patch) {
    auto merged = stored;
    for (auto const& member : patch) {
        merged.insert_or_assign(member.key(), member.value());
    }
    if (auto const checked = check_other(merged); !checked) {
        return checked;
    }
    stored = std::move(merged);
    return {};
}

std::expected<void, ApiError> merge_grants(boost::json::object& stored,
                                           boost::json::object const& patch) {
    auto merged = stored;
    for (auto const& role : patch) {
        if (role.value().is_null()) {
            merged.stable_erase(role.key());
        } else {
            merged.insert_or_assign(role.key(), role.value());
        }
    }
    if (auto const checked = check_grants_total(merged); !checked) {
        return checked;
    }
    stored = std::move(merged);
    return {};
}

}  // namespace latchkey::wire
