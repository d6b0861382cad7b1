#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/new_password.hpp"
#include "cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <string>
#include <utility>

namespace latchkey::cli {
namespace {

using boost::json::object;

constexpr std::string_view kPath = "/admin/v1/accounts";

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The path of the account with this name, ASCII case ignored.
std::expected<std::string, CommandError> path_of(server::Settings const& settings,
                                                 std::string const& name) {
    auto const answer = get_admin(settings, std::string(kPath));
    if (!answer) {
        return std::unexpected(answer.error());
    }
    for (auto const& account : answer->at("accounts").as_array()) {
        if (std::ranges::equal(text(account.as_object(), "name"), name, {}, to_lower, to_lower)) {
            return fmt::format("{}/{}", kPath, text(account.as_object(), "id"));
        }
    }
    return std::unexpected(CommandError{fmt::format("there is no account {}", name)});
}

void print_account(object const& account) {
    for (auto const* name : {"name", "role", "sign_in", "disabled", "last_signed_in_at"}) {
        fmt::print("{:<18} {}\n", name, text(account, name));
    }
}

int show(std::expected<object, CommandError> const& answer, bool json) {
    return tell_member(answer, "account", json, [](boost::json::value const& account) {
        print_account(account.as_object());
    });
}

}  // namespace

int account_create(server::Settings settings, AccountCommand const& arguments) {
    auto const password = read_new_password(arguments.password_file);
    if (!password) {
        return fail_with(password.error().message);
    }
    object const body = {
        {"name", arguments.name}, {"role", arguments.role}, {"password", password->reveal()}};
    return show(call_admin(std::move(settings), {.method = "POST",
                                                 .path = std::string(kPath),
                                                 .body = boost::json::serialize(body),
                                                 .may_create_store = true}),
                arguments.json);
}

int account_reset_password(server::Settings settings, AccountCommand const& arguments) {
    auto const path = path_of(settings, arguments.name);
    if (!path) {
        return fail_with(path.error().message);
    }
    auto const password = read_new_password(arguments.password_file);
    if (!password) {
        return fail_with(password.error().message);
    }
    object const body = {{"password", password->reveal()}};
    return show(
        call_admin(std::move(settings),
                   {.method = "PATCH", .path = *path, .body = boost::json::serialize(body)}),
        arguments.json);
}

int account_list(server::Settings settings, bool json) {
    auto const answer = get_admin(settings, std::string(kPath));
    return tell_member(answer, "accounts", json, [](boost::json::value const& accounts) {
        if (accounts.as_array().empty()) {
            fmt::print(stderr, "nobody: `latchkey admin create NAME` makes an account\n");
        }
        for (auto const& entry : accounts.as_array()) {
            auto const& account = entry.as_object();
            fmt::print("{:<24} {:<10} {:<10} {}\n", text(account, "name"), text(account, "role"),
                       text(account, "sign_in"),
                       account.at("disabled").as_bool() ? "disabled" : "enabled");
        }
    });
}

int account_remove(server::Settings settings, AccountCommand const& arguments) {
    auto const path = path_of(settings, arguments.name);
    if (!path) {
        return fail_with(path.error().message);
    }
    auto const answer =
        call_admin(std::move(settings), {.method = "DELETE", .path = *path, .body = {}});
    if (!answer) {
        return fail_with(answer.error().message);
    }
    if (arguments.json) {
        print_json(object());
    } else {
        fmt::print("removed {}\n", arguments.name);
    }
    return kDone;
}

}  // namespace latchkey::cli
