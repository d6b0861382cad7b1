#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "server/settings.hpp"

#include <latchkey/base/ids.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::cli {
namespace {

using boost::json::object;
using boost::json::value;

void print_app(object const& app) {
    fmt::print("{:<28} {}\n", "name", shown(app, "name"));
    fmt::print("{:<28} {}\n", "api_key", text(app, "api_key"));
    if (app.contains("api_secret")) {
        fmt::print("{:<28} {}\n", "api_secret", text(app, "api_secret"));
    }
    fmt::print("{:<28} {}\n", "mode", text(app, "mode"));
    fmt::print("{:<28} {}\n", "live_secrets", text(app, "live_secrets"));
    fmt::print("{:<28} {}\n", "created_at", text(app, "created_at"));
    fmt::print("{:<28} {}\n", "updated_at", text(app, "updated_at"));
    if (auto const* settings = app.if_contains("settings");
        settings != nullptr && settings->is_object()) {
        for (auto const& [name, setting] : settings->get_object()) {
            fmt::print("  {:<26} {}\n", std::string(name), boost::json::serialize(setting));
        }
    }
}

/// Tells what came of a call that answers with one App.
int show(std::expected<object, CommandError> const& answer, bool json) {
    return tell_member(answer, "app", json, [](value const& app) { print_app(app.as_object()); });
}

/// Says so where `mode` is given and is none.
bool is_mode_or_complain(std::string const& mode) {
    std::vector<std::string> const modes = {"development", "production"};
    if (mode.empty() || std::ranges::find(modes, mode) != modes.end()) {
        return true;
    }
    auto const nearest = server::nearest_name(mode, modes);
    fail_with(
        fmt::format("--mode is development or production{}",
                    nearest.empty() ? std::string() : fmt::format(": was {} meant?", nearest)));
    return false;
}

void put_where_given(object& body, std::string_view name, std::string const& given) {
    if (!given.empty()) {
        body[name] = given;
    }
}

/// `NAME=VALUE`: the value is JSON where it reads as that, else the text itself.
bool put_setting(object& body, std::string const& assignment) {
    auto const equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
        return false;
    }
    auto const given = assignment.substr(equals + 1);
    boost::json::error_code error;
    auto parsed = boost::json::parse(given, error);
    body[assignment.substr(0, equals)] = error ? value(given) : std::move(parsed);
    return true;
}

}  // namespace

int app_create(server::Settings settings, AppCreate const& arguments) {
    if (!is_mode_or_complain(arguments.mode)) {
        return kWrongUsage;
    }
    if (!arguments.api_key.empty() && !ApiKey::parse(arguments.api_key)) {
        return fail_with("--api-key wants 1 to 64 of the characters A-Z a-z 0-9 _ -", kWrongUsage);
    }
    object body;
    body["name"] = arguments.name;
    put_where_given(body, "mode", arguments.mode);
    put_where_given(body, "api_key", arguments.api_key);
    put_where_given(body, "api_secret", arguments.api_secret);
    auto answer = call_admin(std::move(settings), {.method = "POST",
                                                   .path = "/admin/v1/apps",
                                                   .body = boost::json::serialize(body),
                                                   .may_create_store = true});
    if (answer && !arguments.json) {
        auto const& app = answer->at("app").as_object();
        fmt::print("api_key     {}\napi_secret  {}\nmode        {}\n", text(app, "api_key"),
                   text(app, "api_secret"), text(app, "mode"));
        return kDone;
    }
    return show(answer, arguments.json);
}

int app_list(server::Settings settings, bool json) {
    auto const answer = get_admin(settings, "/admin/v1/apps");
    return tell_member(answer, "apps", json, [](value const& apps) {
        for (auto const& entry : apps.as_array()) {
            auto const& app = entry.as_object();
            fmt::print("{:<24} {:<12} {}\n", text(app, "api_key"), text(app, "mode"),
                       shown(app, "name"));
        }
    });
}

int app_show(server::Settings settings, std::string const& api_key, bool json) {
    return show(get_admin(settings, app_path(api_key)), json);
}

int app_update(server::Settings settings, AppUpdate const& arguments) {
    if (!is_mode_or_complain(arguments.mode)) {
        return kWrongUsage;
    }
    object body;
    put_where_given(body, "name", arguments.name);
    put_where_given(body, "mode", arguments.mode);
    for (auto const& assignment : arguments.set) {
        if (!put_setting(body, assignment)) {
            return fail_with("--set wants NAME=VALUE, as --set disable_auth_checks=true",
                             kWrongUsage);
        }
    }
    if (body.empty()) {
        return fail_with("nothing to change: give --name, --mode or --set", kWrongUsage);
    }
    return show(call_admin(std::move(settings), {.method = "PATCH",
                                                 .path = app_path(arguments.api_key),
                                                 .body = boost::json::serialize(body)}),
                arguments.json);
}

int app_delete(server::Settings settings, AppDelete const& arguments) {
    if (arguments.confirm.empty() && !arguments.dry_run) {
        return fail_with("--confirm wants the app's name; --dry-run says first what would end",
                         kWrongUsage);
    }
    object body;
    put_where_given(body, "confirm", arguments.confirm);
    if (arguments.dry_run) {
        body["dry_run"] = true;
    }
    auto answer = call_admin(std::move(settings), {.method = "DELETE",
                                                   .path = app_path(arguments.api_key),
                                                   .body = boost::json::serialize(body)});
    return tell(std::move(answer), arguments.json, [&arguments](object const& told) {
        fmt::print("{} the app {} and its {}\n", arguments.dry_run ? "would delete" : "deleted",
                   arguments.api_key, plural(told.at("users").to_number<std::size_t>(), "user"));
        print_ends(told.at("ends").as_object(), arguments.dry_run);
        if (arguments.dry_run) {
            fmt::print("nothing was changed: this was a dry run\n");
        }
    });
}

}  // namespace latchkey::cli
