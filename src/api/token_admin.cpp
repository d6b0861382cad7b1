#include "api/token_admin.hpp"

#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/auditing.hpp"
#include "api/errors.hpp"
#include "api/token_explain.hpp"
#include "wire/json.hpp"

#include <latchkey/base/rfc3339.hpp>
#include <latchkey/token/hmac_key.hpp>
#include <latchkey/token/issue.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace latchkey::api {
namespace {

constexpr std::chrono::seconds kValidityMax = std::chrono::hours{24 * 365 * 100};

std::expected<std::optional<std::chrono::seconds>, wire::ApiError> read_validity(
    boost::json::object const& body) {
    auto const* found = body.if_contains("expires_in_s");
    if (found == nullptr || found->is_null()) {
        return token::kDefaultValidity;
    }
    if (!found->is_int64() || found->get_int64() < 0 || found->get_int64() > kValidityMax.count()) {
        return std::unexpected(wire::input_error(
            "expires_in_s wants whole seconds, at most a hundred years; 0: never expires",
            "expires_in_s", "out of range"));
    }
    if (found->get_int64() == 0) {
        return std::nullopt;
    }
    return std::chrono::seconds(found->get_int64());
}

std::string_view text_of(boost::json::object const& body, std::string_view name) {
    auto const* found = body.if_contains(name);
    return found != nullptr && found->is_string() ? std::string_view(found->get_string())
                                                  : std::string_view();
}

/// Whose token is wanted, and until when; absent: without an end.
struct Mint {
    UserId user_id;
    std::optional<Instant> expires_at;
};

wire::ApiError covered_ahead(domain::App const& app, std::optional<Instant> user_revoked,
                             UserId const& user_id) {
    bool const by_user = user_revoked >= app.revoke_tokens_issued_before;
    auto const until = std::max(app.revoke_tokens_issued_before, user_revoked).value();
    return wire::input_error((by_user ? "the tokens of user " + user_id.text()
                                      : std::string("the tokens of all the app's users")) +
                                 " are revoked up to " + format_rfc3339(until) +
                                 ", which lies ahead: a token made now would be of no use; undo "
                                 "that revocation, or mint after it",
                             "user_id", "revoked");
}

/// Refuses to make what would be refused: a token that is void already, or whose user is.
std::expected<std::string, wire::ApiError> mint(domain::Transaction& transaction,
                                                domain::App const& app, Mint const& wanted,
                                                Instant now) {
    auto const& id = wanted.user_id;
    auto const found = transaction.users().find(app.id, {&id, 1});
    auto const* const user = found.empty() ? nullptr : &found.front();
    if (user != nullptr && user->deleted_at) {
        auto error = to_api_error(
            domain::EditFailure{.cause = domain::EditFailure::Cause::UserDeleted, .user_id = id});
        error.message += ": restore them first";
        return std::unexpected(std::move(error));
    }
    if (user != nullptr && user->deactivated_at) {
        return std::unexpected(
            wire::input_error("user " + id.text() +
                                  " is deactivated, and refused with any token: reactivate them "
                                  "first",
                              "user_id", "deactivated"));
    }
    auto const revoked = user != nullptr ? user->revoke_tokens_issued_before
                                         : transaction.users().find_erased_revocation(app.id, id);
    auto const issued_at =
        token::choose_issued_at(now, std::max(app.revoke_tokens_issued_before, revoked));
    if (!issued_at || (wanted.expires_at && *wanted.expires_at < *issued_at)) {
        return std::unexpected(covered_ahead(app, revoked, id));
    }
    return token::issue_user_token(
        {.user_id = id, .issued_at = issued_at, .expires_at = wanted.expires_at},
        token::HmacKey(app.signing_secret().secret.reveal()));
}

AdminReply ask_about_token(TokenQuestion* question, AdminCall const& call) {
    auto& tokens = call.world.tokens;
    auto reply = question(tokens.read(), call.body, call.now, tokens.verifier());
    if (!reply) {
        return std::unexpected(std::move(reply).error());
    }
    return std::visit([](auto&& value) -> AdminReply { return std::move(value); },
                      *std::move(reply));
}

}  // namespace

AdminReply admin::mint_token(AdminCall const& call) {
    auto user_id = UserId::parse(text_of(call.body, "user_id"));
    if (!user_id) {
        return std::unexpected(wire::input_error(
            "user_id wants 1 to 255 of the characters A-Z a-z 0-9 @ _ -", "user_id", "no user id"));
    }
    auto const validity = read_validity(call.body);
    if (!validity) {
        return std::unexpected(validity.error());
    }
    auto const expires_at =
        *validity ? std::optional<Instant>(call.now + **validity) : std::optional<Instant>();
    return StoreWork(
        [key = call.key(), wanted = Mint{.user_id = *std::move(user_id), .expires_at = expires_at},
         author = author_of(call.caller, call.now)](domain::Transaction& transaction) -> Result {
            auto const app = admin::find_app(transaction, key);
            if (!app) {
                return std::unexpected(app.error());
            }
            auto const token = mint(transaction, *app, wanted, author.at);
            if (!token) {
                return std::unexpected(token.error());
            }
            Answer answer{.status = 201, .members = "\"token\":"};
            wire::append_json_string(answer.members, *token);
            answer.members += ",\"user_id\":";
            wire::append_json_string(answer.members, wanted.user_id.text());
            audit(transaction, author,
                  {.action = "token.mint",
                   .app = app->api_key.text(),
                   .target = wanted.user_id.text(),
                   .after = {{"expires_at", to_audit_value(wanted.expires_at)}}});
            return answer;
        });
}

void append_verdict(std::string& out,
                    std::expected<domain::Identity, domain::Refusal> const& decision,
                    std::string_view api_key) {
    if (decision) {
        out += R"("verdict":"accept","kind":")";
        out += domain::kind_name(decision->kind);
        out += '"';
        if (decision->kind != domain::CallerKind::Server) {
            out += ",\"user_id\":";
            wire::append_json_string(out, decision->user_id);
        }
        return;
    }
    auto const error = to_api_error(decision.error(), api_key);
    out += R"("verdict":"reject","code":)";
    wire::append_json_number(out, static_cast<int>(error.code));
    out += ",\"rule\":";
    wire::append_json_string(out, domain::rule_name(decision.error()));
    out += ",\"message\":";
    wire::append_json_string(out, error.message);
}

Reply check_token(domain::NodeState::Reader const& state, boost::json::object const& body,
                  Instant now, token::Verifier& verifier) {
    auto const auth_type = text_of(body, "auth_type");
    domain::Credentials const credentials = {
        .api_key = text_of(body, "api_key"),
        .auth_type = auth_type.empty() ? std::string_view("jwt") : auth_type,
        .token = text_of(body, "token")};
    Answer answer;
    append_verdict(answer.members, domain::authenticate(state, credentials, now, verifier),
                   credentials.api_key);
    return answer;
}

AdminReply admin::check_token(AdminCall const& call) {
    return ask_about_token(api::check_token, call);
}

AdminReply admin::explain_token(AdminCall const& call) {
    return ask_about_token(api::explain_token, call);
}

}  // namespace latchkey::api
