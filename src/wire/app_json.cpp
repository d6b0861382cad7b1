#include "wire/app_settings.hpp"
#include "wire/app_settings_table.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <boost/json/array.hpp>

#include <array>
#include <utility>

namespace latchkey::wire {
namespace {

using Kind = SettingKind;
using Access = SettingAccess;
using Source = SettingSource;

void append_name(std::string& out, std::string_view name) {
    if (out.back() != '{') {
        out += ',';
    }
    append_json_string(out, name);
    out += ':';
}

void append_flag(std::string& out, bool flag) { out += flag ? "true" : "false"; }

void append_texts(std::string& out, std::span<std::string const> texts) {
    out += '[';
    for (auto const& text : texts) {
        if (out.back() != '[') {
            out += ',';
        }
        append_json_string(out, text);
    }
    out += ']';
}

bool is_empty(boost::json::value const& value) {
    return value.is_null() || (value.is_string() && value.get_string().empty());
}

enum class Secrecy { Open, Secret };

/// As `append_json`, but with `kSecretMask` for what is secret and not empty.
void append_masked(std::string& out, boost::json::value const& value, Secrecy secrecy) {
    if (secrecy == Secrecy::Secret && !is_empty(value)) {
        append_json_string(out, kSecretMask);
    } else if (auto const* object = value.if_object()) {
        out += '{';
        for (auto const& member : *object) {
            append_name(out, member.key());
            append_masked(out, member.value(),
                          is_secret_name(member.key()) ? Secrecy::Secret : Secrecy::Open);
        }
        out += '}';
    } else if (auto const* array = value.if_array()) {
        out += '[';
        for (auto const& element : *array) {
            if (out.back() != '[') {
                out += ',';
            }
            append_masked(out, element, Secrecy::Open);
        }
        out += ']';
    } else {
        append_json(out, value);
    }
}

/// All of its members, whatever is stored: Chat Swift cannot do without one of the lists.
void append_upload_config(std::string& out, boost::json::object const& stored) {
    out += '{';
    append_name(out, "size_limit");
    auto const* limit = stored.if_contains("size_limit");
    append_json(out, limit == nullptr ? boost::json::value(kUploadBytesMax) : *limit);
    for (auto const name : kUploadLists) {
        append_name(out, name);
        auto const* list = stored.if_contains(name);
        append_json(out, list == nullptr ? boost::json::value(boost::json::array()) : *list);
    }
    out += '}';
}

struct PushProvider {
    std::string_view name;
    std::string_view setting;
};
constexpr std::array<PushProvider, 4> kPushProviders{{{"apn", "apn_config"},
                                                      {"firebase", "firebase_config"},
                                                      {"huawei", "huawei_config"},
                                                      {"xiaomi", "xiaomi_config"}}};

bool is_true(boost::json::object const& object, std::string_view name) {
    auto const* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

boost::json::object const& find_object(boost::json::object const& object, std::string_view name) {
    static boost::json::object const none;
    auto const* value = object.if_contains(name);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

void append_push_provider(std::string& out, PushProvider const& provider,
                          boost::json::object const& other) {
    auto const& config = find_object(other, provider.setting);
    append_name(out, provider.name);
    out += '{';
    append_name(out, "enabled");
    append_flag(out, !config.empty() && !is_true(config, "disabled") &&
                         !is_true(config, "Disabled"));  // the older SDKs' spelling
    if (provider.name == "apn") {
        append_name(out, "development");
        append_flag(out, is_true(config, "development"));
    }
    // Texts only: that is what typed SDKs expect of all the others.
    for (auto const& member : config) {
        if (member.value().is_string() && member.key() != "enabled" &&
            member.key() != "development") {
            append_name(out, member.key());
            append_masked(out, member.value(),
                          is_secret_name(member.key()) ? Secrecy::Secret : Secrecy::Open);
        }
    }
    out += '}';
}

void append_push_notifications(std::string& out, boost::json::object const& other) {
    auto const& config = find_object(other, "push_config");
    auto const* version = config.if_contains("version");
    out += '{';
    append_name(out, "version");
    append_json(out, version == nullptr ? boost::json::value("v2") : *version);
    append_name(out, "offline_only");
    append_flag(out, is_true(config, "offline_only"));
    for (auto const& provider : kPushProviders) {
        append_push_provider(out, provider, other);
    }
    out += '}';
}

boost::json::object const& settings_of(AppView const& app) {
    static boost::json::object const none;
    return app.other == nullptr ? none : *app.other;
}

void append_stored(std::string& out, Setting const& setting, AppView const& app) {
    auto const& other = settings_of(app);
    if (setting.kind == Kind::UploadConfig) {
        append_name(out, setting.name);
        append_upload_config(out, find_object(other, setting.name));
        return;
    }
    auto const* value = find_value(other, setting.name);
    if (value == nullptr && setting.initial.empty()) {
        return;
    }
    append_name(out, setting.name);
    if (value == nullptr) {
        out += setting.initial;
    } else {
        append_masked(out, *value, setting.secret ? Secrecy::Secret : Secrecy::Open);
    }
}

/// A setting that is a member of `AppView`.
void append_member(std::string& out, Setting const& setting, AppView const& app, Style style) {
    if (setting.source == Source::Revocation && !app.revoke_tokens_issued_before) {
        return;
    }
    append_name(out, setting.name);
    switch (setting.source) {
        case Source::Push: append_push_notifications(out, settings_of(app)); return;
        case Source::Id: append_json_number(out, std::to_underlying(app.id)); return;
        case Source::Name: append_json_string(out, app.name); return;
        case Source::DisableAuthChecks: append_flag(out, app.disable_auth_checks); return;
        case Source::DisablePermissionsChecks:
            append_flag(out, app.disable_permissions_checks);
            return;
        case Source::GuestUserCreationDisabled:
            append_flag(out, app.guest_user_creation_disabled);
            return;
        case Source::MultiTenantEnabled: append_flag(out, app.multi_tenant_enabled); return;
        case Source::Suspended: append_flag(out, app.suspended); return;
        case Source::SuspendedExplanation:
            append_json_string(out, app.suspended_explanation);
            return;
        case Source::EnforceUniqueUsernames:
            append_json_string(out, app.enforce_unique_usernames);
            return;
        case Source::UserSearchDisallowedRoles:
            append_texts(out, app.user_search_disallowed_roles);
            return;
        case Source::Grants:
            if (app.grants == nullptr) {
                out += "{}";
            } else {
                append_json(out, *app.grants);
            }
            return;
        case Source::Revocation: append_date(out, *app.revoke_tokens_issued_before, style); return;
        case Source::Stored: break;
    }
    std::unreachable();
}

void append_setting(std::string& out, Setting const& setting, AppView const& app, Style style) {
    if (setting.access == Access::WriteOnly) {
        return;
    }
    if (setting.source == Source::Stored) {
        append_stored(out, setting, app);
    } else {
        append_member(out, setting, app, style);
    }
}

}  // namespace

void append_app(std::string& out, AppView const& app, Style style) {
    out += '{';
    for (auto const& setting : app_settings()) {
        append_setting(out, setting, app, style);
    }
    out += '}';
}

void append_reduced_app(std::string& out, AppView const& app) {
    out += '{';
    for (auto const& setting : app_settings()) {
        if (setting.for_clients) {
            append_setting(out, setting, app, Style::V2);
        }
    }
    out += '}';
}

}  // namespace latchkey::wire
