#include "wire/app_settings.hpp"

#include "support/response_shapes.hpp"
#include "wire/json.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace latchkey::wire {
namespace {

using std::chrono::microseconds;
using test::missing_fields;
using test::Shape;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;

boost::json::object json(std::string const& text) {
    auto const object = parse_json_object(text);
    EXPECT_TRUE(object) << text;
    return object.value_or(boost::json::object());
}

auto patch(std::string const& text) { return parse_app_patch(json(text)); }

auto patch_of(std::string const& name, std::string const& value) {
    return patch("{\"" + name + "\":" + value + '}');
}

boost::json::object written(AppView const& app, Style style = Style::V2) {
    std::string out;
    append_app(out, app, style);
    return json(out);
}

/// What a server is shown after this PATCH of a new App.
boost::json::object shown_after(std::string const& text) {
    auto const parsed = patch(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? written({.other = &parsed->other}) : boost::json::object();
}

std::string quoted(std::size_t bytes) { return '"' + std::string(bytes, 'x') + '"'; }

std::string list_of(std::size_t entries, std::string const& entry) {
    std::string list = "[";
    for (std::size_t i = 0; i < entries; ++i) {
        list += (i == 0 ? "" : ",") + entry;
    }
    return list + ']';
}

std::string nested_object(std::size_t depth) {
    std::string text;
    for (std::size_t i = 1; i < depth; ++i) {
        text += R"({"a":)";
    }
    return text + "{}" + std::string(depth - 1, '}');
}

// ---- PATCH
// ----------------------------------------------------------------------------------------

struct ValueCase {
    std::string name;
    std::string good;
    std::string bad;
    std::string reason;
};

std::vector<ValueCase> value_cases() {
    return {
        {"disable_auth_checks", "true", R"("true")", "must be a boolean"},
        {"disable_permissions_checks", "false", "0", "must be a boolean"},
        {"guest_user_creation_disabled", "true", "1", "must be a boolean"},
        {"multi_tenant_enabled", "true", "[]", "must be a boolean"},
        {"migrate_permissions_to_v2", "true", R"("v2")", "must be a boolean"},
        {"user_response_time_enabled", "true", "{}", "must be a boolean"},
        {"enforce_unique_usernames", R"("team")", R"("teams")", "no|app|team"},
        {"enforce_unique_usernames", R"("no")", "false", "no|app|team"},
        {"enforce_unique_usernames", R"("app")", R"("no|app")", "no|app|team"},
        {"enforce_unique_usernames", R"("app")", R"("")", "no|app|team"},
        {"permission_version", R"("v1")", R"("v3")", "v1|v2"},
        {"user_search_disallowed_roles", list_of(10, R"("r")"), list_of(11, R"("r")"), "10"},
        {"user_search_disallowed_roles", "[]", "[1]", "must be a string"},
        {"cdn_expiration_seconds", "14400", "14399", "between 14400 and 1209600"},
        {"cdn_expiration_seconds", "1209600", "1209601", "between 14400 and 1209600"},
        {"reminders_interval", "60", "59", "between 60 and 86400"},
        {"reminders_interval", "86400", "86401", "between 60 and 86400"},
        {"reminders_max_members", "2", "1", "between 2 and"},
        {"reminders_max_per_user", "1", "0", "between 1 and 100000"},
        {"reminders_max_per_user", "100000", "100001", "between 1 and 100000"},
        {"max_aggregated_activities_length", "2147483647", "2147483648", "between 0 and"},
        {"max_aggregated_activities_length", "0", "1.5", "must be an integer"},
        {"max_aggregated_activities_length", "1", R"("1")", "must be an integer"},
        {"webhook_url", quoted(kSettingTextBytesMax), quoted(kSettingTextBytesMax + 1), "4096"},
        {"sqs_secret", R"("s")", "7", "must be a string"},
        {"webhook_events", list_of(1000, R"("e")"), list_of(1001, R"("e")"), "1000"},
        {"webhook_events", '[' + quoted(255) + ']', '[' + quoted(256) + ']', "255"},
        {"event_hooks", "[{}]", "[1]", "must be an object"},
        {"event_hooks", list_of(1000, "{}"), list_of(1001, "{}"), "1000"},
        {"grants", R"({"user":["a"]})", R"({"user":"a"})", "list of strings"},
        {"grants", "{}", "[]", "must be an object"},
        {"activity_metrics_config", R"({"a":-1})", R"({"a":"1"})", "must be an integer"},
        {"datadog_info", nested_object(16), nested_object(17), "16 levels"},
        {"datadog_info", "{}", R"("x")", "must be an object"},
        {"async_moderation_config", R"({"timeout_ms":1})", "true", "must be an object"},
        {"apn_config", R"({"auth_key":"k"})", R"({"auth_key":"********"})", "masked secret"},
        {"event_hooks", R"([{"sqs_secret":"k"}])", R"([{"sqs_secret":"********"}])",
         "masked secret"},
        {"file_upload_config", R"({"size_limit":0})", R"({"size_limit":-1})", "size_limit"},
        {"image_upload_config", R"({"size_limit":104857600})", R"({"size_limit":104857601})",
         "size_limit"},
        {"file_upload_config", R"({"allowed_mime_types":null})", R"({"allowed_mime_types":"a"})",
         "allowed_mime_types"},
        {"file_upload_config", "{}", "[]", "must be an object"},
        {"push_config", R"({"version":"v3"})", R"({"version":"v4"})", "v1|v2|v3"},
        {"push_config", R"({"version":"v1","offline_only":null})", "{}", "v1|v2|v3"},
        {"push_config", R"({"version":"v1","offline_only":true})",
         R"({"version":"v1","offline_only":1})", "offline_only"},
        {"revoke_tokens_issued_before", "1767225600", R"("1767225600")", "must be a date"},
        {"revoke_tokens_issued_before", R"("2023-11-14 22:13:20 UTC")", R"("")", "must be a date"},
        {"revoke_tokens_issued_before", "0", "-1", "must be a date"},
        {"revoke_tokens_issued_before", "null", "false", "must be a date"},
    };
}

TEST(ParseAppPatch, TakesEachSettingAtItsLimitAndNotOnePastIt) {
    for (auto const& [name, good, bad, reason] : value_cases()) {
        EXPECT_TRUE(patch_of(name, good)) << name << ' ' << good.substr(0, 50);
        auto const refused = patch_of(name, bad);
        ASSERT_FALSE(refused) << name << ' ' << bad.substr(0, 50);
        EXPECT_EQ(refused.error().code, ErrorCode::InputError);
        EXPECT_EQ(refused.error().http_status, 400);
        EXPECT_THAT(refused.error().message, HasSubstr(name + ' '));
        EXPECT_THAT(refused.error().message, HasSubstr(reason));
        EXPECT_THAT(refused.error().exception_fields, ElementsAre(Key(name)));
    }
}

TEST(ParseAppPatch, ReadsWhatTheServerActsOn) {
    auto const parsed = patch(
        R"({"revoke_tokens_issued_before":"2023-11-14T22:13:20.123456789Z","disable_auth_checks":true,)"
        R"("disable_permissions_checks":true,"guest_user_creation_disabled":true,)"
        R"("multi_tenant_enabled":true,"enforce_unique_usernames":"app",)"
        R"("user_search_disallowed_roles":["guest"]})");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->revoke_tokens_issued_before,
              std::optional(Instant(microseconds(1'700'000'000'123'457))));
    EXPECT_EQ(parsed->disable_auth_checks, true);
    EXPECT_EQ(parsed->disable_permissions_checks, true);
    EXPECT_EQ(parsed->guest_user_creation_disabled, true);
    EXPECT_EQ(parsed->multi_tenant_enabled, true);
    EXPECT_EQ(parsed->enforce_unique_usernames, "app");
    EXPECT_EQ(parsed->user_search_disallowed_roles, std::vector<std::string>{"guest"});
    EXPECT_THAT(parsed->other, IsEmpty());
    EXPECT_FALSE(parsed->empty);
}

TEST(ParseAppPatch, LeavesEverythingAloneForTheNullsThatGetstreamGoSends) {
    auto const parsed = patch(
        R"({"revoke_tokens_issued_before":"2023-11-14T22:13:20.123456789Z","allowed_flag_reasons":null,)"
        R"("event_hooks":null,"image_moderation_block_labels":null,"image_moderation_labels":null,)"
        R"("user_search_disallowed_roles":null,"webhook_events":null,"activity_metrics_config":null,)"
        R"("grants":null})");
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->revoke_tokens_issued_before);
    EXPECT_FALSE(parsed->user_search_disallowed_roles);
    EXPECT_THAT(parsed->other, IsEmpty());
    EXPECT_FALSE(parsed->empty);
}

TEST(ParseAppPatch, TakesNullForEverySettingAndClearsOnlyTheRevocation) {
    for (auto const& setting : app_settings()) {
        auto const parsed = patch("{\"" + std::string(setting.name) + "\":null}");
        ASSERT_TRUE(parsed) << setting.name;
        EXPECT_THAT(parsed->other, IsEmpty()) << setting.name;
        EXPECT_EQ(parsed->revoke_tokens_issued_before.has_value(),
                  setting.name == "revoke_tokens_issued_before");
        EXPECT_TRUE(parsed->empty) << setting.name;
    }
    std::optional<std::optional<Instant>> const undone{std::in_place, std::nullopt};
    EXPECT_TRUE(patch(R"({"revoke_tokens_issued_before":null})")->revoke_tokens_issued_before ==
                undone);
}

TEST(ParseAppPatch, TellsAnEmptyBodyFromOneThatSaysSomething) {
    EXPECT_TRUE(patch("{}")->empty);
    EXPECT_TRUE(patch(R"({"grants":null,"unknown":null})")->empty);
    EXPECT_FALSE(patch(R"({"unknown":1})")->empty);
    EXPECT_FALSE(patch(R"({"webhook_url":""})")->empty);
    EXPECT_FALSE(patch(R"({"grants":null,"disable_auth_checks":false})")->empty);
    EXPECT_FALSE(patch("{}")->revoke_tokens_issued_before);
}

TEST(ParseAppPatch, PassesOverUnknownKeysAndWhatOnlyTheOperatorSets) {
    auto const parsed = patch(
        R"({"suspended":true,"suspended_explanation":"x","name":"x","id":7,"organization":1,)"
        R"("placement":[],"push_notifications":{},"call_types":1,"policies":1,"unknown":[1]})");
    ASSERT_TRUE(parsed);
    EXPECT_THAT(parsed->other, IsEmpty());
}

TEST(ParseAppPatch, TakesTheOrderToMigratePermissionsAsANewVersion) {
    EXPECT_EQ(patch(R"({"migrate_permissions_to_v2":true})")->other,
              (boost::json::object{{"permission_version", "v2"}}));
    EXPECT_THAT(patch(R"({"migrate_permissions_to_v2":false})")->other, IsEmpty());
}

TEST(ParseAppPatch, TakesAMaskThatIsSentBackForNoChange) {
    EXPECT_EQ(patch(R"({"sqs_secret":"********","sns_secret":"new"})")->other,
              (boost::json::object{{"sns_secret", "new"}}));
}

TEST(MergeOtherSettings, HoldsAllSettingsOfAnAppToOneLimit) {
    auto const fill = [](std::size_t total) {
        boost::json::object settings{{"webhook_url", ""}};
        settings["webhook_url"] = std::string(total - json_bytes(settings), 'x');
        return settings;
    };
    boost::json::object stored{{"sqs_key", "k"}};
    auto const addition = fill(kOtherSettingsBytesMax - json_bytes(stored) + 1);
    EXPECT_TRUE(merge_other_settings(stored, addition));
    EXPECT_EQ(json_bytes(stored), kOtherSettingsBytesMax);

    boost::json::object other{{"sqs_key", "kk"}};
    auto const before = other;
    auto const refused = merge_other_settings(other, addition);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::InputError);
    EXPECT_THAT(refused.error().message, HasSubstr("65536"));
    EXPECT_EQ(other, before);
}

TEST(MergeOtherSettings, ReplacesKeyByKey) {
    boost::json::object stored{{"a", {{"x", 1}}}, {"b", 1}};
    ASSERT_TRUE(merge_other_settings(stored, {{"a", {{"y", 2}}}, {"c", 3}}));
    EXPECT_EQ(stored, (boost::json::object{{"a", {{"y", 2}}}, {"b", 1}, {"c", 3}}));
}

TEST(ParseAppPatch, RefusesABodyThatNoAppCouldStore) {
    EXPECT_TRUE(patch(R"({"grants":{"r":)" + list_of(250, quoted(255)) + "}}"));
    auto const refused = patch(R"({"grants":{"r":)" + list_of(260, quoted(255)) + "}}");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("65536"));
}

// ---- GET
// ------------------------------------------------------------------------------------------

TEST(AppendApp, HasAllRequiredFieldsOfANewAppInBothStyles) {
    for (auto const style : {Style::Legacy, Style::V2}) {
        auto const app = written({.id = AppId{7}, .name = "Demo"}, style);
        EXPECT_THAT(missing_fields(app, Shape::App), IsEmpty());
        EXPECT_EQ(app.at("id"), boost::json::value(7));
        EXPECT_EQ(app.at("name"), boost::json::value("Demo"));
        EXPECT_FALSE(app.contains("revoke_tokens_issued_before"));
    }
    auto const& schemas = test::openapi().at("components").at("schemas");
    // 48 that the typed SDKs list, and `reminders_interval`, which older ones do.
    EXPECT_EQ(schemas.at("AppSettings").at("required").as_array().size(), 49U);
}

TEST(AppendApp, StartsFromTheDocumentedDefaults) {
    auto const app = written({});
    struct Case {
        std::string_view name;
        std::string text;
    };
    for (
        auto const& [name, text] : {
            Case{"placement", R"("us-east.c1")"},
            Case{"cdn_expiration_seconds", "1209600"},
            Case{"enforce_unique_usernames", R"("no")"},
            Case{"permission_version", R"("v2")"},
            Case{"disable_auth_checks", "false"},
            Case{"suspended", "false"},
            Case{"suspended_explanation", R"("")"},
            Case{"user_search_disallowed_roles", "[]"},
            Case{"reminders_interval", "60"},
            Case{"grants", "{}"},
            Case{
                "push_notifications",
                R"({"version":"v2","offline_only":false,"apn":{"enabled":false,"development":false},)"
                R"("firebase":{"enabled":false},"huawei":{"enabled":false},"xiaomi":{"enabled":false}})"},
            Case{
                "file_upload_config",
                R"({"size_limit":104857600,"allowed_file_extensions":[],"blocked_file_extensions":[],)"
                R"("allowed_mime_types":[],"blocked_mime_types":[]})"},
        }) {
        EXPECT_EQ(boost::json::value(app.at(name)), boost::json::parse(text)) << name;
    }
}

TEST(AppendApp, NeverWritesNull) {
    boost::json::object other;
    for (auto const& setting : app_settings()) {
        other.emplace(setting.name, nullptr);
    }
    auto const app = written({.other = &other});
    EXPECT_THAT(missing_fields(app, Shape::App), IsEmpty());
    for (auto const& member : app) {
        EXPECT_FALSE(member.value().is_null()) << std::string_view(member.key());
    }
}

TEST(AppendApp, ShowsTheRevocationByStyleAndOnlyWhileItStands) {
    AppView const app{.revoke_tokens_issued_before = Instant(microseconds(1'700'000'000'123'000))};
    EXPECT_EQ(written(app, Style::V2).at("revoke_tokens_issued_before"),
              boost::json::value(1'700'000'000'123'000'000));
    EXPECT_EQ(written(app, Style::Legacy).at("revoke_tokens_issued_before"),
              boost::json::value("2023-11-14T22:13:20.123000Z"));
    AppView const epoch{.revoke_tokens_issued_before = kInstantMin};
    EXPECT_EQ(written(epoch).at("revoke_tokens_issued_before"), boost::json::value(0));
}

TEST(AppendApp, ShowsWhatTheServerActsOn) {
    std::array<std::string, 2> const roles{"guest", "a\"b"};
    auto const app = written({.disable_auth_checks = true,
                              .disable_permissions_checks = true,
                              .guest_user_creation_disabled = true,
                              .multi_tenant_enabled = true,
                              .suspended = true,
                              .suspended_explanation = "unpaid",
                              .enforce_unique_usernames = "team",
                              .user_search_disallowed_roles = roles});
    for (auto const* name : {"disable_auth_checks", "disable_permissions_checks",
                             "guest_user_creation_disabled", "multi_tenant_enabled", "suspended"}) {
        EXPECT_EQ(app.at(name), boost::json::value(true)) << name;
    }
    EXPECT_EQ(app.at("suspended_explanation"), boost::json::value("unpaid"));
    EXPECT_EQ(app.at("enforce_unique_usernames"), boost::json::value("team"));
    EXPECT_EQ(app.at("user_search_disallowed_roles"), (boost::json::value{"guest", "a\"b"}));
}

TEST(AppendApp, EchoesEachSettingThatWasSet) {
    for (auto const& [name, good, bad, reason] : value_cases()) {
        auto const parsed = patch_of(name, good);
        ASSERT_TRUE(parsed);
        if (name.ends_with("_secret") || !parsed->other.contains(name) ||
            name.ends_with("_upload_config") || name == "push_config" || name == "apn_config" ||
            name == "event_hooks") {
            continue;  // shown otherwise, in the tests below
        }
        auto const app = written({.other = &parsed->other});
        EXPECT_EQ(app.at(name), boost::json::parse(good)) << name;
        EXPECT_THAT(missing_fields(app, Shape::App), IsEmpty());
    }
}

TEST(AppendApp, FillsUpAnUploadConfigurationThatWasSetInPart) {
    auto const app = shown_after(
        R"({"file_upload_config":{"size_limit":5,"allowed_mime_types":["a/b"],"other":1}})");
    EXPECT_EQ(boost::json::value(app.at("file_upload_config")),
              boost::json::parse(
                  R"({"size_limit":5,"allowed_file_extensions":[],"blocked_file_extensions":[],)"
                  R"("allowed_mime_types":["a/b"],"blocked_mime_types":[]})"));
    EXPECT_EQ(app.at("image_upload_config").at("size_limit"), boost::json::value(104'857'600));
}

TEST(AppendApp, ShowsPushSettingsAsPushNotificationsWithoutTheirSecrets) {
    auto const app = shown_after(
        R"({"push_config":{"version":"v3","offline_only":true},)"
        R"("apn_config":{"auth_key":"hidden","p12_cert":"hidden","team_id":"T","development":true,"n":1},)"
        R"("firebase_config":{"credentials_json":"hidden","server_key":"","disabled":true},)"
        R"("huawei_config":{"id":"1","secret":"hidden"},)"
        R"("xiaomi_config":{"package_name":"p","secret":"hidden","Disabled":true}})");
    EXPECT_EQ(
        boost::json::value(app.at("push_notifications")),
        boost::json::parse(
            R"({"version":"v3","offline_only":true,)"
            R"("apn":{"enabled":true,"development":true,"auth_key":"********","p12_cert":"********","team_id":"T"},)"
            R"("firebase":{"enabled":false,"credentials_json":"********","server_key":""},)"
            R"("huawei":{"enabled":true,"id":"1","secret":"********"},)"
            R"("xiaomi":{"enabled":false,"package_name":"p","secret":"********"}})"));
    for (auto const* name :
         {"push_config", "apn_config", "firebase_config", "huawei_config", "xiaomi_config"}) {
        EXPECT_FALSE(app.contains(name)) << name;
    }
}

TEST(AppendApp, MasksEverySecretAmongTheSettings) {
    auto const app = shown_after(
        R"({"sqs_secret":"hidden","sns_secret":"hidden","sqs_key":"shown",)"
        R"("event_hooks":[{"hook_type":"sqs","sqs_secret":"hidden"},{"sns_secret":{"a":"hidden"}}],)"
        R"("datadog_info":{"api_key":"hidden","site":"eu"}})");
    std::string text;
    append_json(text, app);
    EXPECT_THAT(text, testing::Not(HasSubstr("hidden")));
    EXPECT_EQ(app.at("sqs_secret"), boost::json::value("********"));
    EXPECT_EQ(app.at("sqs_key"), boost::json::value("shown"));
    EXPECT_EQ(app.at("event_hooks").at(0).at("hook_type"), boost::json::value("sqs"));
    EXPECT_EQ(app.at("datadog_info").at("site"), boost::json::value("eu"));
    EXPECT_EQ(written({}).at("sqs_secret"), boost::json::value(""));
}

TEST(AppendReducedApp, HasWhatClientsNeedAndNothingElse) {
    auto const parsed = patch(R"({"sqs_url":"u","file_upload_config":{"size_limit":9}})");
    ASSERT_TRUE(parsed);
    std::string out;
    append_reduced_app(out, {.id = AppId{1},
                             .name = "Demo",
                             .revoke_tokens_issued_before = kInstantMin,
                             .other = &parsed->other});
    auto const app = json(out);
    EXPECT_THAT(missing_fields(app, Shape::ReducedApp), IsEmpty());
    EXPECT_EQ(app.size(), 7U);
    EXPECT_EQ(app.at("file_upload_config").at("size_limit"), boost::json::value(9));
}

TEST(AppSettings, NamesEachSettingOnceAndGivesEachADefaultThatItWouldTake) {
    std::set<std::string_view> names;
    for (auto const& setting : app_settings()) {
        EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
        if (setting.access == SettingAccess::Always && !setting.initial.empty()) {
            EXPECT_TRUE(patch("{\"" + std::string(setting.name) +
                              "\":" + std::string(setting.initial) + '}'))
                << setting.name;
        }
    }
}

}  // namespace
}  // namespace latchkey::wire
