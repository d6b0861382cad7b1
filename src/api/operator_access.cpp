#include "api/operator_access.hpp"

#include "api/account_json.hpp"
#include "api/browser_call.hpp"
#include "api/errors.hpp"
#include "api/replies.hpp"

#include <utility>

namespace latchkey::api {
namespace {

using wire::ApiError;

ApiError password_wrong() {
    return {.code = wire::ErrorCode::AuthenticationError,
            .http_status = 401,
            .message = "the password is wrong"};
}

ApiError sign_in_too_old() {
    return {.code = wire::ErrorCode::AuthenticationError,
            .http_status = 401,
            .message = "this wants a sign-in of the last five minutes: sign in again"};
}

}  // namespace

SignInPlace place_of(AdminCall const& call) {
    return {.address = call.caller.address,
            .session_before = call.caller.session,
            .over_tls = came_over_tls(call.request, call.world.node->proxies)};
}

Operator account_as_operator(domain::Account const& account, std::string address) {
    return {.kind = Operator::Kind::Account,
            .account_id = account.id,
            .name = account.name,
            .role = account.role,
            .address = std::move(address)};
}

void write_sign_in(domain::Transaction& transaction, domain::Account& account, Instant now,
                   std::string address) {
    account.last_signed_in_at = now;
    transaction.accounts().update(account);
    audit(transaction, author_of(account_as_operator(account, std::move(address)), now),
          {.action = "account.sign_in", .target = account.name});
}

bool FailureAudit::take(std::chrono::steady_clock::time_point now) {
    auto const hour = std::chrono::floor<std::chrono::hours>(now.time_since_epoch());
    if (hour != hour_) {
        hour_ = hour;
        written_ = 0;
    }
    return written_++ < kPerHour;
}

OperatorAccess::OperatorAccess(Node const& node, http::Loop& loop, domain::PasswordQueue& passwords,
                               SetupCode const* setup_code)
    : node_(node),
      loop_(loop),
      passwords_(passwords),
      setup_code_(setup_code),
      sessions_(node.random) {}

ApiError OperatorAccess::unavailable() { return store_unavailable(); }

std::string OperatorAccess::open_session(domain::Account const& account, SignInBy by,
                                         SignInPlace const& place) {
    sessions_.end(place.session_before);
    return set_session_cookie(sessions_.open(account, by, node_.clock.monotonic()), place.over_tls);
}

bool OperatorAccess::is_open(std::uint64_t session) const {
    return sessions_.find(session, node_.clock.monotonic()) != nullptr;
}

void OperatorAccess::audit(Author author, AuditedAct act) {
    node_.store.submit(
        [author = std::move(author), act = std::move(act)](domain::Transaction& transaction) {
            api::audit(transaction, author, act);
            return domain::Outcome::Commit;
        },
        [](domain::WorkResult) {});  // a store that fails says so in the log
}

void OperatorAccess::audit_failed_sign_in(std::string address, std::string account) {
    if (failure_audit_.take(node_.clock.monotonic())) {
        audit(author_of({.kind = Operator::Kind::Nobody, .address = std::move(address)},
                        node_.clock.now()),
              {.action = "account.sign_in_failed", .target = std::move(account)});
    }
}

void OperatorAccess::check_password(FindAccount find, Secret password, ThenChecked then) {
    auto check = [this, password = std::move(password), then = std::move(then)](
                     std::expected<std::optional<domain::Account>, ApiError> found) mutable {
        if (!found) {
            then(std::unexpected(std::move(found).error()));
            return;
        }
        auto hash = *found && !(*found)->disabled ? (*found)->password_hash : std::nullopt;
        auto done = [account = *std::move(found), &loop = loop_,
                     then = std::move(then)](domain::PasswordCheck result) mutable {
            loop.post([account = std::move(account), result, then = std::move(then)]() mutable {
                if (result == domain::PasswordCheck::Unavailable) {
                    then(std::unexpected(unavailable()));
                } else {
                    then(Checked{.account = std::move(account),
                                 .matches = result == domain::PasswordCheck::Matches});
                }
            });
        };
        passwords_.check(std::move(hash), std::move(password), std::move(done));
    };
    ask_store<std::optional<domain::Account>>(std::move(find), std::move(check));
}

void OperatorAccess::hash_password(Secret password, ThenHashed then) {
    passwords_.hash(std::move(password), [&loop = loop_, then = std::move(then)](
                                             std::optional<std::string> hash) mutable {
        loop.post([hash = std::move(hash), then = std::move(then)]() mutable {
            if (hash) {
                then(*std::move(hash));
            } else {
                then(std::unexpected(unavailable()));
            }
        });
    });
}

http::Response tell_to_wait(std::string_view operation, std::chrono::seconds wait) {
    http::Response response;
    fill_response(
        response, operation,
        std::unexpected(ApiError{.code = wire::ErrorCode::RateLimitError,
                                 .http_status = 429,
                                 .message = "too many failed tries: wait " +
                                            std::to_string(wait.count()) + " s before the next"}),
        {});
    response.fields = kAdminAnswerFields;
    response.add_field("Retry-After", std::to_string(wait.count()));
    return response;
}

ApiError signed_out_meanwhile() {
    return {.code = wire::ErrorCode::AuthenticationError,
            .http_status = 401,
            .message = "the session has ended: sign in again"};
}

AdminReply confirm_caller(AdminCall const& call, std::string_view operation,
                          std::string_view member, Detour then) {
    auto const& caller = call.caller;
    if (caller.kind != Operator::Kind::Account || call.world.access == nullptr) {
        return then;
    }
    auto& access = *call.world.access;
    auto const now = call.world.node->clock.monotonic();
    auto const* session = access.sessions().find(caller.session, now);
    if (session != nullptr && session->by == SignInBy::Oidc) {
        if (now - session->signed_in_at >= kFreshSignIn) {
            return std::unexpected(sign_in_too_old());
        }
        return then;
    }
    auto password = admin::password_member(call.body, member);
    if (!password) {
        return std::unexpected(std::move(password).error());
    }
    if (auto const wait = access.throttle().begin(caller.name, caller.address, now)) {
        return tell_to_wait(operation, *wait);
    }
    return Detour([&access, id = caller.account_id, name = caller.name, address = caller.address,
                   session = caller.session, password = *std::move(password),
                   then = std::move(then)](GoOn go_on) mutable {
        auto checked = [&access, session, name = std::move(name), address = std::move(address),
                        then = std::move(then), go_on = std::move(go_on)](
                           std::expected<OperatorAccess::Checked, ApiError> result) mutable {
            if (!result) {
                access.throttle().withdraw(name, address);
                go_on(std::unexpected(std::move(result).error()));
            } else if (!result->matches) {
                access.audit_failed_sign_in(std::move(address), std::move(name));
                go_on(std::unexpected(password_wrong()));
            } else if (!access.is_open(session)) {
                go_on(std::unexpected(signed_out_meanwhile()));
            } else {
                access.throttle().succeed(name, address);
                then(std::move(go_on));
            }
        };
        access.check_password(
            [id](domain::Transaction& transaction) { return transaction.accounts().find(id); },
            std::move(password), std::move(checked));
    });
}

}  // namespace latchkey::api
