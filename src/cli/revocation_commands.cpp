#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "server/durations.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/rfc3339.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <string>
#include <utility>

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

std::string path_of(std::string const& app, std::string_view users, Revocation action) {
    return fmt::format("/admin/v1/apps/{}{}/{}", app, users,
                       action == Revocation::Make ? "revoke" : "unrevoke");
}

std::string plural(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string list_of(array const& ids) {
    std::string text;
    for (auto const& id : ids) {
        text += text.empty() ? "" : ", ";
        text += std::string_view(id.as_string());
    }
    return text;
}

/// `revoked`, `would revoke`, …
std::string_view verb(Revocation action, bool dry_run) {
    if (action == Revocation::Make) {
        return dry_run ? "would revoke" : "revoked";
    }
    return dry_run ? "would take back the revocation of" : "took back the revocation of";
}

/// What a revocation reaches that is open now; whoever has a newer token stays.
void print_ends(object const& answer, bool dry_run) {
    auto const& ends = answer.at("ends").as_object();
    auto const connections = ends.at("connections").to_number<std::size_t>();
    fmt::print("{} {} of {}, opened with {}\n", dry_run ? "would end" : "ends",
               plural(connections, "open connection"),
               plural(ends.at("users").to_number<std::size_t>(), "user"),
               plural(ends.at("tokens").to_number<std::size_t>(), "token"));
}

void print_tail(object const& answer, Revocation action, bool changed, bool dry_run) {
    if (changed && action == Revocation::Make) {
        fmt::print("tokens issued before {} {}\n", text(answer, "before"),
                   dry_run ? "would be void" : "are void");
        print_ends(answer, dry_run);
    }
    if (dry_run) {
        fmt::print("nothing was changed: this was a dry run\n");
    }
}

std::string_view already_words(Revocation action) {
    return action == Revocation::Make ? "already revoked up to then or later" : "not revoked";
}

void print_users(object const& answer, Revocation action, bool dry_run) {
    auto const& changed = answer.at("changed").as_array();
    auto const& already = answer.at("already").as_array();
    if (!changed.empty()) {
        fmt::print("{} {}: {}\n", verb(action, dry_run), plural(changed.size(), "user"),
                   list_of(changed));
    }
    if (!already.empty()) {
        fmt::print("{} {}: {}\n", plural(already.size(), "user"), already_words(action),
                   list_of(already));
    }
    print_tail(answer, action, !changed.empty(), dry_run);
}

void print_app(object const& answer, std::string const& app, Revocation action, bool dry_run) {
    bool const changed = answer.at("changed").as_bool();
    if (changed) {
        fmt::print("{} the app {}\n", verb(action, dry_run), app);
    } else {
        fmt::print("the app {} is {}\n", app, already_words(action));
    }
    print_tail(answer, action, changed, dry_run);
}

/// Asks for it and tells what came of it. `whom` stands behind the App in the path, `body` is empty
/// where `--before` is no date; `print` shows the answer about the App.
template <class Print>
int ask(server::Settings settings, Revocation action, Revoke const& arguments,
        std::string_view whom, std::optional<object> const& body, Print print) {
    if (!body) {
        return complain_of_before();
    }
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    auto answer = call_admin(std::move(settings), {.method = "POST",
                                                   .path = path_of(*app, whom, action),
                                                   .body = boost::json::serialize(*body)});
    if (!answer) {
        return fail_with(answer.error().message);
    }
    answer->erase("duration");
    if (arguments.json) {
        print_json(*answer);
    } else {
        print(*answer, *app);
    }
    return kDone;
}

}  // namespace

int user_revoke(server::Settings settings, Revocation action, Revoke const& arguments) {
    auto body = common_body(arguments);
    if (body) {
        (*body)["user_ids"] = array(arguments.user_ids.begin(), arguments.user_ids.end());
    }
    return ask(std::move(settings), action, arguments, "/users", body,
               [&](object const& answer, std::string const&) {
                   print_users(answer, action, arguments.dry_run);
               });
}

int app_revoke(server::Settings settings, Revocation action, Revoke const& arguments) {
    return ask(std::move(settings), action, arguments, "", common_body(arguments),
               [&](object const& answer, std::string const& app) {
                   print_app(answer, app, action, arguments.dry_run);
               });
}

}  // namespace latchkey::cli
