#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "http/uri.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace latchkey::cli {
namespace {

using boost::json::object;
using boost::json::value;

/// What matters most about whether the user gets in.
std::string_view standing_of(object const& user) {
    if (!user.at("deleted_at").is_null()) {
        return "deleted";
    }
    if (!user.at("deactivated_at").is_null()) {
        return "deactivated";
    }
    if (!user.at("revoke_tokens_issued_before").is_null()) {
        return "revoked";
    }
    return user.at("online").as_bool() ? "online" : "active";
}

void print_page(object const& page) {
    for (auto const& entry : page.at("users").as_array()) {
        auto const& user = entry.as_object();
        fmt::print("{:<24} {:<12} {:<12} {}\n", text(user, "id"), shown(user, "role"),
                   standing_of(user), shown(user, "name"));
    }
    if (!page.at("next").is_null()) {
        fmt::print(stderr, "there are more: --cursor {}\n", text(page, "next"));
    }
}

void print_user(object const& user) {
    for (auto const& [name, member] : user) {
        if (name != "revocation") {
            fmt::print("{:<28} {}\n", std::string(name), shown(user, name));
        }
    }
    auto const* revocation = user.if_contains("revocation");
    if (revocation != nullptr && revocation->is_object()) {
        fmt::print("{:<28} at {} by {}\n", "revoked", shown(revocation->get_object(), "set_at"),
                   shown(revocation->get_object(), "set_by"));
    }
}

}  // namespace

int user_list(server::Settings settings, UserList const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    auto path = with_query(app_path(*app, "/users"), {{"search", arguments.search},
                                                      {"role", arguments.role},
                                                      {"state", arguments.state},
                                                      {"limit", number_text(arguments.limit)},
                                                      {"cursor", arguments.cursor}});
    return tell(get_admin(settings, std::move(path)), arguments.json, print_page);
}

int user_show(server::Settings settings, UserCommand const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    auto path = app_path(*app, "/users/" + http::percent_encode(arguments.id));
    return tell_member(get_admin(settings, std::move(path)), "user", arguments.json,
                       [](value const& user) { print_user(user.as_object()); });
}

int user_create(server::Settings settings, UserCommand const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    object body = {{"id", arguments.id}};
    if (!arguments.name.empty()) {
        body["name"] = arguments.name;
    }
    return tell_member(post_admin(settings, app_path(*app, "/users"), body), "user", arguments.json,
                       [](value const& user) {
                           fmt::print("created the user {}\n", text(user.as_object(), "id"));
                       });
}

int connection_list(server::Settings settings, ConnectionList const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    auto path =
        with_query(app_path(*app, "/connections"),
                   {{"user_id", arguments.user_id}, {"limit", number_text(arguments.limit)}});
    return tell(get_admin(settings, std::move(path)), arguments.json, [](object const& answer) {
        auto const& connections = answer.at("connections").as_array();
        for (auto const& entry : connections) {
            auto const& connection = entry.as_object();
            fmt::print("{}  {:<24} {:<10} {:<28} {:<16} {}\n", text(connection, "id"),
                       text(connection, "user_id"), text(connection, "kind"),
                       text(connection, "opened_at"), shown(connection, "address"),
                       shown(connection, "client"));
        }
        auto const total = answer.at("total").to_number<std::size_t>();
        if (total > connections.size()) {
            fmt::print(stderr, "these are {} of {}: --limit shows more\n", connections.size(),
                       total);
        }
    });
}

}  // namespace latchkey::cli
