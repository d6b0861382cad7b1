#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the typed SDKs need in an answer. They fail on the whole answer where one field is missing
/// or of another type, so every test that looks at an answer asks here first.
namespace latchkey::test {

enum class Shape {
    Error,
    App,
    ReducedApp,
    UserLegacy,
    UserV2,
    FullUserLegacy,
    FullUserV2,
    OwnUserLegacy,
    OwnUserV2,
};

namespace shapes {

enum class Type { Flag, Integer, Text, List, Object, TextDate, IntegerDate };

struct Field {
    std::string_view name;
    Type type;
};

inline bool has_type(boost::json::value const& value, Type type) {
    switch (type) {
        case Type::Flag: return value.is_bool();
        case Type::Integer: return value.is_int64();
        case Type::Text: return value.is_string();
        case Type::List: return value.is_array();
        case Type::Object: return value.is_object();
        case Type::TextDate: return value.is_string() && value.get_string().ends_with('Z');
        case Type::IntegerDate: return value.is_int64() || value.is_uint64();
    }
    return false;
}

using Fields = std::vector<Field>;

inline Fields all(Type type, std::initializer_list<std::string_view> names) {
    Fields fields;
    for (auto const name : names) {
        fields.push_back({name, type});
    }
    return fields;
}

inline Fields operator+(Fields left, Fields const& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

inline Fields error_fields() {
    return all(Type::Integer, {"code", "StatusCode"}) +
           all(Type::Text, {"message", "duration", "more_info"}) + all(Type::List, {"details"});
}

inline Fields reduced_app_fields() {
    return all(Type::Integer, {"id"}) + all(Type::Text, {"name", "placement"}) +
           all(Type::Flag, {"async_url_enrich_enabled", "auto_translation_enabled"}) +
           all(Type::Object, {"file_upload_config", "image_upload_config"});
}

/// 48 with `reminders_interval`, which older typed clients list.
inline Fields app_fields() {
    return reduced_app_fields() +
           all(Type::Text, {"organization", "custom_action_handler_url", "moderation_webhook_url",
                            "webhook_url", "enforce_unique_usernames", "permission_version",
                            "suspended_explanation", "sns_key", "sns_secret", "sns_topic_arn",
                            "sqs_key", "sqs_secret", "sqs_url"}) +
           all(Type::Flag, {"allow_multi_user_devices", "campaign_enabled", "disable_auth_checks",
                            "disable_permissions_checks", "guest_user_creation_disabled",
                            "multi_tenant_enabled", "suspended", "feed_audit_logs_enabled",
                            "image_moderation_enabled", "member_custom_on_messages_enabled",
                            "moderation_enabled", "moderation_audio_call_moderation_enabled",
                            "moderation_video_call_moderation_enabled",
                            "moderation_llm_configurability_enabled",
                            "moderation_multitenant_blocklist_enabled", "use_hook_v2",
                            "user_response_time_enabled"}) +
           all(Type::Object,
               {"call_types", "channel_configs", "grants", "policies", "push_notifications"}) +
           all(Type::List, {"user_search_disallowed_roles", "event_hooks", "webhook_events"}) +
           all(Type::Integer, {"cdn_expiration_seconds", "max_aggregated_activities_length",
                               "reminders_interval"});
}

inline Fields base_user_fields(Type date) {
    return all(Type::Text, {"id", "role", "language"}) +
           all(Type::List, {"teams", "blocked_user_ids"}) +
           all(Type::Flag, {"banned", "online", "invisible"}) +
           all(date, {"created_at", "updated_at"}) +
           (date == Type::IntegerDate ? all(Type::Object, {"custom"}) : Fields{});
}

inline Fields user_fields(Type date) {
    return base_user_fields(date) + all(Type::Flag, {"shadow_banned"});
}

inline Fields counts() {
    return all(Type::List, {"channel_mutes", "devices", "mutes"}) +
           all(Type::Integer,
               {"total_unread_count", "unread_channels", "unread_count", "unread_threads"});
}

inline Fields fields_of(Shape shape) {
    switch (shape) {
        case Shape::Error: return error_fields();
        case Shape::App: return app_fields();
        case Shape::ReducedApp: return reduced_app_fields();
        case Shape::UserLegacy: return user_fields(Type::TextDate);
        case Shape::UserV2: return user_fields(Type::IntegerDate);
        case Shape::FullUserLegacy: return user_fields(Type::TextDate) + counts();
        case Shape::FullUserV2: return user_fields(Type::IntegerDate) + counts();
        case Shape::OwnUserLegacy: return base_user_fields(Type::TextDate) + counts();
        case Shape::OwnUserV2: return base_user_fields(Type::IntegerDate) + counts();
    }
    return {};
}

inline Fields upload_config_fields() {
    return all(Type::Integer, {"size_limit"}) +
           all(Type::List, {"allowed_file_extensions", "blocked_file_extensions",
                            "allowed_mime_types", "blocked_mime_types"});
}

inline Fields push_fields() {
    return all(Type::Text, {"version"}) + all(Type::Flag, {"offline_only"}) +
           all(Type::Object, {"apn", "firebase", "huawei", "xiaomi"});
}

inline void find_missing(boost::json::object const& json, Fields const& fields,
                         std::string const& prefix, std::vector<std::string>& missing) {
    for (auto const& [name, type] : fields) {
        auto const* value = json.if_contains(name);
        if (value == nullptr || !has_type(*value, type)) {
            missing.push_back(prefix + std::string(name));
        }
    }
}

inline void find_missing_below(boost::json::object const& json, std::string_view name,
                               Fields const& fields, std::vector<std::string>& missing) {
    auto const* value = json.if_contains(name);
    if (value != nullptr && value->is_object()) {
        find_missing(value->get_object(), fields, std::string(name) + '.', missing);
    }
}

}  // namespace shapes

/// The required fields of `shape` (and of the objects inside it) that `json` does not have, or has
/// with another type. Empty: every typed SDK can decode it.
inline std::vector<std::string> missing_fields(boost::json::object const& json, Shape shape) {
    std::vector<std::string> missing;
    shapes::find_missing(json, shapes::fields_of(shape), "", missing);
    if (shape == Shape::App || shape == Shape::ReducedApp) {
        shapes::find_missing_below(json, "file_upload_config", shapes::upload_config_fields(),
                                   missing);
        shapes::find_missing_below(json, "image_upload_config", shapes::upload_config_fields(),
                                   missing);
        shapes::find_missing_below(json, "push_notifications", shapes::push_fields(), missing);
    }
    return missing;
}

inline std::vector<std::string> missing_fields(boost::json::value const& json, Shape shape) {
    auto const* object = json.if_object();
    return object == nullptr ? std::vector<std::string>{"(not an object)"}
                             : missing_fields(*object, shape);
}

}  // namespace latchkey::test
