#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "server/durations.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/rfc3339.hpp>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::cli {
namespace {

using api::Revocation;
using boost::json::array;
using boost::json::object;

/// The members of a body that both scopes have; empty where `--before` is no date.
std::optional<object> common_body(Revoke const& arguments) {
    object body;
    if (arguments.dry_run) {
        body["dry_run"] = true;
    }
    if (!arguments.before.empty()) {
        auto const before = server::parse_past(arguments.before, SystemClock().now());
        if (!before) {
            return std::nullopt;
        }
        body["before"] = format_rfc3339(*before);
    }
    return body;
}

int complain_of_before() {
    return fail_with(
        "--before wants a date, as 2026-01-31T23:59:59Z, or a length of time ago, as 30m or 1h",
        kWrongUsage);
}

/// What a call does to users or to an App, in words, and where it does it.
struct Act {
    std::string_view path;     ///< behind `/users`, or behind the App
    std::string_view done;     ///< `revoked`
    std::string_view would;    ///< in a dry run
    std::string_view already;  ///< whom nothing happens to
    bool voids_tokens = false;
    bool ends_connections = false;
};

Act const& words_of(Revocation action) {
    static constexpr Act kMake = {.path = "/revoke",
                                  .done = "revoked",
                                  .would = "would revoke",
                                  .already = "already revoked up to then or later",
                                  .voids_tokens = true,
                                  .ends_connections = true};
    static constexpr Act kUndo = {.path = "/unrevoke",
                                  .done = "took back the revocation of",
                                  .would = "would take back the revocation of",
                                  .already = "not revoked"};
    return action == Revocation::Make ? kMake : kUndo;
}

Act const& words_of(Activity action) {
    static constexpr Act kDeactivate = {.path = "/deactivate",
                                        .done = "deactivated",
                                        .would = "would deactivate",
                                        .already = "already deactivated",
                                        .ends_connections = true};
    static constexpr Act kReactivate = {.path = "/reactivate",
                                        .done = "reactivated",
                                        .would = "would reactivate",
                                        .already = "not deactivated"};
    return action == Activity::Deactivate ? kDeactivate : kReactivate;
}

void print_tail(object const& answer, Act const& act, bool changed, bool dry_run) {
    if (changed && act.voids_tokens) {
        fmt::print("tokens issued before {} {}\n", text(answer, "before"),
                   dry_run ? "would be void" : "are void");
    }
    if (changed && act.ends_connections) {
        print_ends(answer.at("ends").as_object(), dry_run);
    }
    if (dry_run) {
        fmt::print("nothing was changed: this was a dry run\n");
    }
}

void print_users(object const& answer, Act const& act, bool dry_run) {
    auto const& changed = answer.at("changed").as_array();
    auto const& already = answer.at("already").as_array();
    if (!changed.empty()) {
        fmt::print("{} {}: {}\n", dry_run ? act.would : act.done, plural(changed.size(), "user"),
                   list_of(changed));
    }
    if (!already.empty()) {
        fmt::print("{} {}: {}\n", plural(already.size(), "user"), act.already, list_of(already));
    }
    print_tail(answer, act, !changed.empty(), dry_run);
}

void print_app(object const& answer, std::string const& app, Act const& act, bool dry_run) {
    bool const changed = answer.at("changed").as_bool();
    if (changed) {
        fmt::print("{} the app {}\n", dry_run ? act.would : act.done, app);
    } else {
        fmt::print("the app {} is {}\n", app, act.already);
    }
    print_tail(answer, act, changed, dry_run);
}

array ids_of(Revoke const& arguments) {
    return array(arguments.user_ids.begin(), arguments.user_ids.end());
}

/// Asks for an act on the users that `body` names, and tells what came of it.
int act_on_users(server::Settings const& settings, Act const& act, Revoke const& arguments,
                 object const& body) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    return tell(post_admin(settings, app_path(*app, fmt::format("/users{}", act.path)), body),
                arguments.json,
                [&](object const& answer) { print_users(answer, act, arguments.dry_run); });
}

}  // namespace

int user_revoke(server::Settings settings, Revocation action, Revoke const& arguments) {
    auto body = common_body(arguments);
    if (!body) {
        return complain_of_before();
    }
    (*body)["user_ids"] = ids_of(arguments);
    return act_on_users(settings, words_of(action), arguments, *body);
}

int user_set_activity(server::Settings settings, Activity action, Revoke const& arguments) {
    object const body = {{"user_ids", ids_of(arguments)}, {"dry_run", arguments.dry_run}};
    return act_on_users(settings, words_of(action), arguments, body);
}

int app_revoke(server::Settings settings, Revocation action, Revoke const& arguments) {
    auto const body = common_body(arguments);
    if (!body) {
        return complain_of_before();
    }
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    auto const& act = words_of(action);
    return tell(post_admin(settings, app_path(*app, act.path), *body), arguments.json,
                [&](object const& answer) { print_app(answer, *app, act, arguments.dry_run); });
}

}  // namespace latchkey::cli
