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
    fmt::print("{:<28} {}\n", "name", text(app, "name"));
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

/// Prints what a call came to that answers with one App.
int show(std::expected<object, CommandError> const& answer, bool json) {
    if (!answer) {
        return fail_with(answer.error().message);
    }
    auto const& app = answer->at("app");
    if (json) {
        print_json(app);
    } else {
        print_app(app.as_object());
    }
    return kDone;
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
    auto const answer =
        call_admin(std::move(settings), {.method = "GET", .path = "/admin/v1/apps", .body = {}});
    if (!answer) {
        return fail_with(answer.error().message);
    }
    auto const& apps = answer->at("apps");
    if (json) {
        print_json(apps);
        return kDone;
    }
    for (auto const& entry : apps.as_array()) {
        auto const& app = entry.as_object();
        fmt::print("{:<24} {:<12} {}\n", text(app, "api_key"), text(app, "mode"),
                   text(app, "name"));
    }
    return kDone;
}

int app_show(server::Settings settings, std::string const& api_key, bool json) {
    return show(call_admin(std::move(settings),
                           {.method = "GET", .path = "/admin/v1/apps/" + api_key, .body = {}}),
                json);
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
                                                 .path = "/admin/v1/apps/" + arguments.api_key,
                                                 .body = boost::json::serialize(body)}),
                arguments.json);
}

int fail_with(std::string_view message, int status) {
    fmt::print(stderr, "latchkey: {}\n", message);
    return status;
}

void print_json(boost::json::value const& value) {
    fmt::print("{}\n", boost::json::serialize(value));
}

std::string text(object const& from, std::string_view name) {
    auto const* found = from.if_contains(name);
    if (found == nullptr) {
        return {};
    }
    return found->is_string() ? std::string(found->get_string()) : boost::json::serialize(*found);
}

std::expected<std::string, CommandError> named_or_only_app(server::Settings const& settings,
                                                           std::string const& named) {
    if (!named.empty()) {
        return named;
    }
    auto const answer =
        call_admin(copy_of(settings), {.method = "GET", .path = "/admin/v1/apps", .body = {}});
    if (!answer) {
        return std::unexpected(answer.error());
    }
    auto const& apps = answer->at("apps").as_array();
    if (apps.size() != 1) {
        return std::unexpected(
            CommandError{fmt::format("there are {} apps: name one by its key", apps.size())});
    }
    return text(apps.front().as_object(), "api_key");
}

server::Settings copy_of(server::Settings const& settings) {
    server::Settings copy;
    copy.data = settings.data;
    if (settings.master_key) {
        copy.master_key.emplace(settings.master_key->clone());
    }
    return copy;
}

}  // namespace latchkey::cli
