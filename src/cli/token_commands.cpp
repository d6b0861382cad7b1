#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "server/durations.hpp"
#include "server/library_versions.hpp"
#include "server/version.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/ids.hpp>
#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/issue.hpp>

#include <fmt/format.h>

#include <optional>
#include <string>

namespace latchkey::cli {
namespace {

using boost::json::object;

void print_token(std::string const& token, UserId const& user_id, bool json) {
    if (json) {
        print_json(object{{"token", token}, {"user_id", user_id.text()}});
    } else {
        fmt::print("{}\n", token);
    }
}

/// Mints with the secret at hand, without any store: nothing is known of revocations then.
int mint_here(Secret const& secret, UserId const& user_id,
              std::optional<std::chrono::seconds> validity, bool json) {
    auto const now = SystemClock().now();
    auto const minted = token::issue_user_token(
        {.user_id = user_id,
         .issued_at = now,
         .expires_at = validity ? std::optional<Instant>(now + *validity) : std::nullopt},
        token::HmacKey(secret.reveal()));
    print_token(minted, user_id, json);
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
    auto const answer = post_admin(settings, app_path(*app, "/tokens"), body);
    if (!answer) {
        return fail_with(answer.error().message);
    }
    print_token(text(*answer, "token"), *user_id, arguments.json);
    return kDone;
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
