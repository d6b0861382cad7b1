#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "server/durations.hpp"
#include "server/library_versions.hpp"
#include "server/version.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/ids.hpp>
#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/issue.hpp>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

namespace latchkey::cli {
namespace {

using boost::json::object;

/// Mints with the secret at hand, without any store: nothing is known of revocations then.
int mint_here(Secret const& secret, UserId const& user_id,
              std::optional<std::chrono::seconds> validity, bool json) {
    auto const now = SystemClock().now();
    auto const text = token::issue_user_token(
        {.user_id = user_id,
         .issued_at = now,
         .expires_at = validity ? std::optional<Instant>(now + *validity) : std::nullopt},
        token::HmacKey(secret.reveal()));
    if (json) {
        print_json(object{{"token", text}, {"user_id", user_id.text()}});
    } else {
        fmt::print("{}\n", text);
    }
    return kDone;
}

}  // namespace

int token_create(server::Settings settings, TokenCreate const& arguments) {
    auto const user_id = UserId::parse(arguments.user_id);
    if (!user_id) {
        return fail_with("--user wants 1 to 255 of the characters A-Z a-z 0-9 @ _ -", kWrongUsage);
    }
    std::optional<std::chrono::seconds> validity = token::kDefaultValidity;
    if (!arguments.expires_in.empty()) {
        validity = server::parse_duration(arguments.expires_in);
        if (!validity || validity->count() == 0) {
            return fail_with("--expires-in wants a length of time, as 90s, 30m, 1h or 7d",
                             kWrongUsage);
        }
    }
    if (arguments.never_expires) {
        validity.reset();
    }
    if (settings.api_secret && arguments.app.empty()) {
        return mint_here(*settings.api_secret, *user_id, validity, arguments.json);
    }
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    object const body = {{"user_id", arguments.user_id},
                         {"expires_in_s", validity ? validity->count() : 0}};
    auto const answer =
        call_admin(std::move(settings), {.method = "POST",
                                         .path = "/admin/v1/apps/" + *app + "/tokens",
                                         .body = boost::json::serialize(body)});
    if (!answer) {
        return fail_with(answer.error().message);
    }
    if (arguments.json) {
        print_json(object{{"token", answer->at("token")}, {"user_id", answer->at("user_id")}});
    } else {
        fmt::print("{}\n", std::string(answer->at("token").as_string()));
    }
    return kDone;
}

int token_check(server::Settings settings, TokenCheck const& arguments) {
    auto const app = named_or_only_app(settings, arguments.app);
    if (!app) {
        return fail_with(app.error().message);
    }
    object body = {{"api_key", *app}, {"token", arguments.token}};
    if (!arguments.auth_type.empty()) {
        body["auth_type"] = arguments.auth_type;
    }
    auto answer = call_admin(
        std::move(settings),
        {.method = "POST", .path = "/admin/v1/tokens/check", .body = boost::json::serialize(body)});
    if (!answer) {
        return fail_with(answer.error().message);
    }
    answer->erase("duration");
    bool const accepted = answer->at("verdict").as_string() == "accept";
    if (arguments.json) {
        print_json(*answer);
    } else if (accepted) {
        auto const* user_id = answer->if_contains("user_id");
        fmt::print("accepted: {}{}{}\n", std::string(answer->at("kind").as_string()),
                   user_id == nullptr ? "" : " ",
                   user_id == nullptr ? std::string() : std::string(user_id->as_string()));
    } else {
        fmt::print("refused: code {}, {}: {}\n", answer->at("code").as_int64(),
                   std::string(answer->at("rule").as_string()),
                   std::string(answer->at("message").as_string()));
    }
    return accepted ? kDone : kFailed;
}

int version(bool json) {
    if (json) {
        object libraries;
        for (auto const& library : server::kLibraryVersions) {
            libraries[library.name] = library.version;
        }
        print_json(object{{"latchkey", server::kVersion}, {"libraries", libraries}});
        return kDone;
    }
    fmt::print("latchkey {}\n", server::kVersion);
    for (auto const& library : server::kLibraryVersions) {
        fmt::print("  {:<10} {}\n", library.name, library.version);
    }
    return kDone;
}

}  // namespace latchkey::cli
