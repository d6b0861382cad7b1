#include "api/endpoint.hpp"
#include "api/errors.hpp"
#include "domain/users.hpp"
#include "wire/json.hpp"
#include "wire/user_requests.hpp"

#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/issue.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

using wire::ApiError;

ApiError guests_refused(std::string why) {
    return {
        .code = wire::ErrorCode::NotAllowedError, .http_status = 403, .message = std::move(why)};
}

/// `guest-` + UUID + `-` + the id that was asked for: a new guest each time, never somebody's id.
std::expected<UserId, ApiError> make_guest_id(UserId const& wanted, RandomSource& random) {
    auto id = UserId::parse("guest-" + make_uuid(random) + "-" + wanted.text());
    if (!id) {
        return std::unexpected(
            wire::input_error("the id is too long for a guest's", "user.id", "too long"));
    }
    return *std::move(id);
}

/// Without an end, but with `iat`, so that revocation can end it; and never void from the start
/// because of a revocation in force (protocol section 3.6): none is made where it would be.
std::expected<std::string, ApiError> issue_guest_token(domain::App const& app, UserId const& id,
                                                       Instant now) {
    auto const issued_at = token::choose_issued_at(now, app.revoke_tokens_issued_before);
    if (!issued_at) {
        return std::unexpected(guests_refused(
            "no guest can be made now: the app's tokens are revoked up to an instant that lies "
            "ahead"));
    }
    return token::issue_user_token(
        {.user_id = id, .issued_at = issued_at, .expires_at = std::nullopt},
        token::HmacKey(app.signing_secret().secret.reveal()));
}

void describe_guest(wire::UserRequest const& from, domain::User& user) {
    user.role = domain::kRoleGuest;
    user.name = from.name;
    user.image = from.image;
    user.language = from.language.value_or(std::string());
    user.invisible = from.invisible.value_or(false);
    user.custom = from.custom;
}

}  // namespace

Reply create_guest(Call const& call) {
    auto const& app = *call.caller.app;
    if (app.guest_user_creation_disabled) {
        return std::unexpected(guests_refused("guest user creation is disabled"));
    }
    if (app.multi_tenant_enabled) {
        return std::unexpected(guests_refused("there are no guests in an app with teams"));
    }
    auto const body = wire::parse_json_object(call.request.body);
    if (!body) {
        return std::unexpected(wire::input_error(std::string(wire::describe(body.error()))));
    }
    auto request = wire::parse_guest(*body, call.style);
    if (!request) {
        return std::unexpected(std::move(request).error());
    }
    auto id = make_guest_id(request->id, call.random);
    if (!id) {
        return std::unexpected(std::move(id).error());
    }
    return StoreWork([app = call.caller.app, request = *std::move(request), id = *std::move(id),
                      now = call.now,
                      style = call.style](domain::Transaction& transaction) -> Result {
        // As the App is by now: a secret retired since, or a revocation, must not void the token.
        auto const current = transaction.apps().find(app->id);
        auto const token = issue_guest_token(current ? *current : *app, id, now);
        if (!token) {
            return std::unexpected(token.error());
        }
        std::vector<domain::UserEdit> edits;
        edits.push_back(
            {.id = id, .apply = [&request](domain::User& user) -> std::expected<void, std::string> {
                 describe_guest(request, user);
                 return {};
             }});
        auto const users =
            domain::edit_users(transaction, *app, edits, domain::IfMissing::Create, now);
        if (!users) {
            return std::unexpected(to_api_error(users.error()));
        }
        Answer answer{.status = 201, .members = "\"user\":"};
        wire::append_user(answer.members, view_of(users->users.front(), false, false),
                          wire::UserShape::User, style);
        answer.members += ",\"access_token\":";
        wire::append_json_string(answer.members, *token);
        return answer;
    });
}

}  // namespace latchkey::api
