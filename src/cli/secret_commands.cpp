#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "server/durations.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/rfc3339.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::chrono::seconds kWatchEvery{2};

std::string secrets_path(std::string const& app) { return app_path(app, "/secrets"); }

std::string act_path(std::string const& app, std::int64_t id, std::string_view act) {
    return app_path(app, fmt::format("/secrets/{}/{}", id, act));
}

/// Of the App, in the order that they were made in, newest first.
std::expected<array, CommandError> list_secrets(server::Settings const& settings,
                                                std::string const& app) {
    auto answer = get_admin(settings, secrets_path(app));
    if (!answer) {
        return std::unexpected(answer.error());
    }
    return answer->at("secrets").as_array();
}

/// Adds a secret to the App and returns it, to be shown this once.
std::expected<object, CommandError> add_secret(server::Settings const& settings,
                                               std::string const& app,
                                               std::string const& api_secret) {
    object body;
    if (!api_secret.empty()) {
        body["api_secret"] = api_secret;
    }
    auto answer = post_admin(settings, secrets_path(app), body);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    return answer->at("secret").as_object();
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
    auto const& usage = secret.at("usage").as_object();
    fmt::print("{:<4} {:<9} {:<28} {:>12} {:>12}  {}{}\n", text(secret, "id"),
               text(secret, "state"), shown(secret, "retires_at"), text(usage, "tokens_seen"),
               text(usage, "connections"), shown(usage, "last_used_at"),
               secret.at("signs_new_tokens").as_bool() ? "  (signs new tokens)" : "");
}

void print_lines(array const& secrets) {
    for (auto const& secret : secrets) {
        print_line(secret.as_object());
    }
}

void print_secrets(array const& secrets) {
    print_heading();
    print_lines(secrets);
}

/// What is not to be kept in a terminal's history is printed once, here.
void print_added(object const& secret) {
    fmt::print("secret      {}\napi_secret  {}\n", text(secret, "id"), text(secret, "api_secret"));
}

void print_retired(object const& answer) {
    auto const& secret = answer.at("secret").as_object();
    bool const dry_run = answer.at("dry_run").as_bool();
    fmt::print("secret {} {} {}\n", text(secret, "id"),
               dry_run                              ? "would be retired at"
               : text(secret, "state") == "retired" ? "is retired since"
                                                    : "retires at",
               text(secret, "retires_at"));
    auto const& ends = answer.at("ends").as_object();
    fmt::print("{} open connections of {} users rest on it\n", text(ends, "connections"),
               text(ends, "users"));
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

/// Those of `secrets` that are `older`.
array pick(array const& secrets, std::vector<std::int64_t> const& older) {
    array picked;
    for (auto const& secret : secrets) {
        if (std::ranges::find(older, number_of(secret.as_object())) != older.end()) {
            picked.push_back(secret);
        }
    }
    return picked;
}

bool are_retired(array const& secrets) {
    return std::ranges::all_of(secrets, [](value const& secret) {
        return text(secret.as_object(), "state") == "retired";
    });
}

/// Shows what the older ones are used for, until all of them are retired.
int watch(server::Settings const& settings, std::string const& app,
          std::vector<std::int64_t> const& older, bool json, Pause const& pause) {
    if (!json) {
        print_heading();
    }
    for (;;) {
        auto const secrets = list_secrets(settings, app);
        if (!secrets) {
            return fail_with(secrets.error().message);
        }
        auto const watched = pick(*secrets, older);
        if (json) {
            print_json(object{{"older", watched}});
        } else {
            print_lines(watched);
        }
        std::fflush(stdout);
        if (are_retired(watched)) {
            return kDone;
        }
        pause(kWatchEvery);
    }
}

/// What came of planning the end of the older ones, the trouble with any of them included.
struct Planned {
    array retiring;
    std::string trouble;
};

Planned plan_retirements(server::Settings const& settings, std::string const& app,
                         std::vector<std::int64_t> const& older, std::string const& date) {
    Planned planned;
    for (auto const id : older) {
        auto const retired = post_admin(settings, act_path(app, id, "retire"), {{"at", date}});
        if (retired) {
            planned.retiring.push_back(retired->at("secret"));
        } else {
            planned.trouble = retired.error().message;
        }
    }
    return planned;
}

}  // namespace

int secret_add(server::Settings settings, SecretAdd const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    auto const added = add_secret(settings, *app, arguments.api_secret);
    if (!added) {
        return fail_with(added.error().message);
    }
    if (arguments.json) {
        print_json(*added);
    } else {
        print_added(*added);
    }
    return kDone;
}

int secret_list(server::Settings settings, std::string const& named, bool json) {
    auto const app = named_or_only_app(settings, named);
    if (!app) {
        return fail_with(app.error().message);
    }
    return tell_member(get_admin(settings, secrets_path(*app)), "secrets", json,
                       [](value const& secrets) { print_secrets(secrets.as_array()); });
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
    return tell(post_admin(settings, act_path(*app, arguments.id, "retire"), body), arguments.json,
                print_retired);
}

int secret_unretire(server::Settings settings, SecretRetire const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    return tell_member(post_admin(settings, act_path(*app, arguments.id, "unretire"), {}), "secret",
                       arguments.json, [&arguments](value const&) {
                           fmt::print("secret {} stays\n", arguments.id);
                       });
}

int app_rotate(server::Settings settings, Rotate const& arguments, Pause const& pause) {
    auto const date = date_of(arguments.retire_in, arguments.retire_at, "--retire-");
    if (!date) {
        return fail_with(date.error(), kWrongUsage);
    }
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    auto const added = add_secret(settings, *app, arguments.api_secret);
    if (!added) {
        return fail_with(added.error().message);
    }
    if (!arguments.json) {
        print_added(*added);  // before anything else can fail: nobody is shown it again
        std::fflush(stdout);
    }
    auto const secrets = list_secrets(settings, *app);
    auto const older =
        secrets ? older_ones(*secrets, number_of(*added)) : std::vector<std::int64_t>();
    Planned planned{.retiring = {}, .trouble = secrets ? std::string() : secrets.error().message};
    if (secrets && *date) {
        planned = plan_retirements(settings, *app, older, **date);
    }
    if (arguments.json) {
        print_json(object{{"secret", *added}, {"retiring", planned.retiring}});
        std::fflush(stdout);
    }
    if (!planned.trouble.empty()) {
        return fail_with(planned.trouble);
    }
    if (!arguments.json) {
        explain_deployment(*app, older, *date);
        print_secrets(*secrets);
    }
    return arguments.watch ? watch(settings, *app, older, arguments.json, pause) : kDone;
}

}  // namespace latchkey::cli
