#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "server/durations.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/rfc3339.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace latchkey::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::chrono::seconds kWatchEvery{2};

std::string secrets_path(std::string const& app) { return "/admin/v1/apps/" + app + "/secrets"; }

using Answer = std::expected<object, CommandError>;

Answer post(server::Settings const& settings, std::string const& path, object const& body) {
    return call_admin(copy_of(settings),
                      {.method = "POST", .path = path, .body = boost::json::serialize(body)});
}

std::expected<array, CommandError> list_secrets(server::Settings const& settings,
                                                std::string const& app) {
    auto answer =
        call_admin(copy_of(settings), {.method = "GET", .path = secrets_path(app), .body = {}});
    if (!answer) {
        return std::unexpected(answer.error());
    }
    return answer->at("secrets").as_array();
}

/// `--in 24h` or `--at DATE`, as the date that they mean; empty where neither is given.
std::expected<std::optional<std::string>, std::string> date_of(std::string const& in,
                                                               std::string const& at,
                                                               std::string_view prefix) {
    if (!in.empty() && !at.empty()) {
        return std::unexpected(fmt::format("give one of {0}in and {0}at", prefix));
    }
    if (!in.empty()) {
        auto const length = server::parse_duration(in);
        if (!length) {
            return std::unexpected(
                fmt::format("{}in wants a length of time, as 30m, 24h or 7d", prefix));
        }
        return format_rfc3339(SystemClock().now() + *length);
    }
    if (at.empty()) {
        return std::nullopt;
    }
    auto const date = parse_rfc3339(at);
    if (!date) {
        return std::unexpected(fmt::format("{}at wants a date, as 2026-01-31T23:59:59Z", prefix));
    }
    return format_rfc3339(*date);
}

std::int64_t number_of(object const& secret) { return secret.at("id").to_number<std::int64_t>(); }

void print_heading() {
    fmt::print("{:<4} {:<9} {:<28} {:>12} {:>12}  {}\n", "id", "state", "retires at", "tokens seen",
               "connections", "last used");
}

void print_line(object const& secret) {
    auto const or_dash = [](std::string const& date) { return date == "null" ? "-" : date; };
    auto const& usage = secret.at("usage").as_object();
    fmt::print("{:<4} {:<9} {:<28} {:>12} {:>12}  {}{}\n", text(secret, "id"),
               text(secret, "state"), or_dash(text(secret, "retires_at")),
               text(usage, "tokens_seen"), text(usage, "connections"),
               or_dash(text(usage, "last_used_at")),
               secret.at("signs_new_tokens").as_bool() ? "  (signs new tokens)" : "");
}

void print_secrets(array const& secrets) {
    print_heading();
    for (auto const& secret : secrets) {
        print_line(secret.as_object());
    }
}

/// What is not to be kept in a terminal's history is printed once, here.
void print_added(object const& secret) {
    fmt::print("secret      {}\napi_secret  {}\n", text(secret, "id"), text(secret, "api_secret"));
}

int print_retired(Answer const& answer, bool json) {
    if (!answer) {
        return fail_with(answer.error().message);
    }
    if (json) {
        print_json(*answer);
        return kDone;
    }
    auto const& secret = answer->at("secret").as_object();
    bool const dry_run = answer->at("dry_run").as_bool();
    auto const& ends = answer->at("ends").as_object();
    fmt::print("secret {} {} {}\n", text(secret, "id"),
               dry_run                              ? "would be retired at"
               : text(secret, "state") == "retired" ? "is retired since"
                                                    : "retires at",
               text(secret, "retires_at"));
    fmt::print("{} open connections of {} users rest on it\n", text(ends, "connections"),
               text(ends, "users"));
    return kDone;
}

/// Those that still verify and are not the one just made.
std::vector<std::int64_t> older_ones(array const& secrets, std::int64_t added) {
    std::vector<std::int64_t> older;
    for (auto const& entry : secrets) {
        auto const& secret = entry.as_object();
        if (number_of(secret) != added && text(secret, "state") != "retired") {
            older.push_back(number_of(secret));
        }
    }
    return older;
}

void explain_deployment(std::string const& app, std::vector<std::int64_t> const& older,
                        std::optional<std::string> const& date) {
    fmt::print(
        "\nThis is shown once. Give it to every backend that signs tokens for this app, in place "
        "of the old one.\nBoth verify until the old one retires, so nothing fails meanwhile.\n");
    for (auto const id : older) {
        if (date) {
            fmt::print(
                "Secret {} retires at {}; to take that back: latchkey app secret unretire {} "
                "--app {}\n",
                id, *date, id, app);
        } else {
            fmt::print(
                "When nothing uses secret {} any more: latchkey app secret retire {} --app "
                "{}\n",
                id, id, app);
        }
    }
    fmt::print("To see what is used: latchkey app secret list {}\n\n", app);
}

/// Shows what the older ones are used for, until all of them are retired.
int watch(server::Settings const& settings, std::string const& app,
          std::vector<std::int64_t> const& older, bool json) {
    if (!json) {
        print_heading();
    }
    for (;;) {
        auto const secrets = list_secrets(settings, app);
        if (!secrets) {
            return fail_with(secrets.error().message);
        }
        array shown;
        bool all_retired = true;
        for (auto const& entry : *secrets) {
            auto const& secret = entry.as_object();
            if (std::ranges::find(older, number_of(secret)) != older.end()) {
                all_retired = all_retired && text(secret, "state") == "retired";
                shown.push_back(secret);
            }
        }
        if (json) {
            print_json(object{{"older", shown}});
        } else {
            for (auto const& secret : shown) {
                print_line(secret.as_object());
            }
        }
        std::fflush(stdout);
        if (all_retired) {
            return kDone;
        }
        std::this_thread::sleep_for(kWatchEvery);
    }
}

}  // namespace

int secret_add(server::Settings settings, SecretAdd const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    object body;
    if (!arguments.api_secret.empty()) {
        body["api_secret"] = arguments.api_secret;
    }
    auto const answer = post(settings, secrets_path(*app), body);
    if (!answer) {
        return fail_with(answer.error().message);
    }
    if (arguments.json) {
        print_json(answer->at("secret"));
    } else {
        print_added(answer->at("secret").as_object());
    }
    return kDone;
}

int secret_list(server::Settings settings, std::string const& named, bool json) {
    auto const app = named_or_only_app(settings, named);
    if (!app) {
        return fail_with(app.error().message);
    }
    auto const secrets = list_secrets(settings, *app);
    if (!secrets) {
        return fail_with(secrets.error().message);
    }
    if (json) {
        print_json(*secrets);
    } else {
        print_secrets(*secrets);
    }
    return kDone;
}

int secret_retire(server::Settings settings, SecretRetire const& arguments) {
    auto const date = date_of(arguments.in, arguments.at, "--");
    if (!date) {
        return fail_with(date.error(), kWrongUsage);
    }
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    object body;
    if (*date) {
        body["at"] = **date;
    }
    if (arguments.dry_run) {
        body["dry_run"] = true;
    }
    return print_retired(
        post(settings, fmt::format("{}/{}/retire", secrets_path(*app), arguments.id), body),
        arguments.json);
}

int secret_unretire(server::Settings settings, SecretRetire const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    auto const answer =
        post(settings, fmt::format("{}/{}/unretire", secrets_path(*app), arguments.id), {});
    if (!answer) {
        return fail_with(answer.error().message);
    }
    if (arguments.json) {
        print_json(answer->at("secret"));
    } else {
        fmt::print("secret {} stays\n", arguments.id);
    }
    return kDone;
}

int app_rotate(server::Settings settings, Rotate const& arguments) {
    auto const date = date_of(arguments.retire_in, arguments.retire_at, "--retire-");
    if (!date) {
        return fail_with(date.error(), kWrongUsage);
    }
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    object body;
    if (!arguments.api_secret.empty()) {
        body["api_secret"] = arguments.api_secret;
    }
    auto const answer = post(settings, secrets_path(*app), body);
    if (!answer) {
        return fail_with(answer.error().message);
    }
    auto const& added = answer->at("secret").as_object();
    if (!arguments.json) {
        print_added(added);  // before anything else can fail: nobody is shown it again
        std::fflush(stdout);
    }
    auto const secrets = list_secrets(settings, *app);
    auto const older =
        secrets ? older_ones(*secrets, number_of(added)) : std::vector<std::int64_t>();
    array retiring;
    std::string trouble = secrets ? std::string() : secrets.error().message;
    for (auto const id : older) {
        if (!*date) {
            break;
        }
        auto const retired =
            post(settings, fmt::format("{}/{}/retire", secrets_path(*app), id), {{"at", **date}});
        if (retired) {
            retiring.push_back(retired->at("secret"));
        } else {
            trouble = retired.error().message;
        }
    }
    if (arguments.json) {
        print_json(object{{"secret", added}, {"retiring", retiring}});
        std::fflush(stdout);
    }
    if (!trouble.empty()) {
        return fail_with(trouble);
    }
    if (!arguments.json) {
        explain_deployment(*app, older, *date);
        print_secrets(*secrets);
    }
    return arguments.watch ? watch(settings, *app, older, arguments.json) : kDone;
}

}  // namespace latchkey::cli
