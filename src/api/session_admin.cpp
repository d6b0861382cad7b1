#include "api/account_json.hpp"
#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/auditing.hpp"
#include "api/browser_call.hpp"
#include "api/operator_access.hpp"
#include "api/operator_oidc.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Signing in, and what is known of who has.
namespace latchkey::api::admin {
namespace {

using domain::Account;
using wire::ApiError;

ApiError not_allowed(std::string message) {
    return {.code = wire::ErrorCode::NotAllowedError,
            .http_status = 403,
            .message = std::move(message)};
}

ApiError not_authenticated(std::string message) {
    return {.code = wire::ErrorCode::AuthenticationError,
            .http_status = 401,
            .message = std::move(message)};
}

/// One text for every cause: who tries must not learn which it was.
ApiError cannot_sign_in() { return not_authenticated("the name or the password is wrong"); }

ApiError set_up_already() { return not_allowed("this server is set up already: sign in"); }

ApiError needs_server() { return wire::input_error("this wants a running server"); }

Answer answer_signed_in(OperatorAccess& access, Account const& account, SignInPlace const& place) {
    Answer answer{.status = 201,
                  .members = "\"account\":",
                  .fields = access.open_session(account, SignInBy::Password, place)};
    append_account_summary(answer.members, account.id, account.name, account.role,
                           SignInBy::Password);
    return answer;
}

// POST session, in three steps: the account is read and its password checked; the sign-in is
// written down, if the account is still as it was; a session is opened.

struct SignIn {
    OperatorAccess& access;
    Node const& node;
    std::string name;
    SignInPlace place;
    std::move_only_function<void(LateAdminReply)> go_on;
};

void refuse_sign_in(SignIn& sign_in, std::optional<Account> const& account) {
    sign_in.access.audit_failed_sign_in(sign_in.place.address,
                                        account ? account->name : std::string());
    sign_in.go_on(std::unexpected(cannot_sign_in()));
}

void finish_sign_in(SignIn sign_in, std::expected<Account, ApiError> account) {
    if (!account) {
        if (account.error().code == wire::ErrorCode::InternalSystemError) {
            sign_in.access.throttle().withdraw(sign_in.name, sign_in.place.address);
        }
        sign_in.go_on(std::unexpected(std::move(account).error()));
        return;
    }
    sign_in.access.throttle().succeed(sign_in.name, sign_in.place.address);
    sign_in.go_on(answer_signed_in(sign_in.access, *account, sign_in.place));
}

/// The account may have changed while its password was being checked; then that counts for nothing.
std::expected<Account, ApiError> write_if_unchanged(domain::Transaction& transaction,
                                                    Account const& checked, Instant now,
                                                    std::string const& address) {
    auto account = transaction.accounts().find(checked.id);
    if (!account || account->disabled || account->password_hash != checked.password_hash) {
        return std::unexpected(cannot_sign_in());
    }
    write_sign_in(transaction, *account, now, address);
    return *std::move(account);
}

void go_on_signing_in(SignIn sign_in, std::expected<OperatorAccess::Checked, ApiError> checked) {
    if (!checked) {
        sign_in.access.throttle().withdraw(sign_in.name, sign_in.place.address);
        sign_in.go_on(std::unexpected(std::move(checked).error()));
        return;
    }
    if (!checked->matches) {
        refuse_sign_in(sign_in, checked->account);
        return;
    }
    auto& access = sign_in.access;
    auto write = [account = *std::move(checked->account), now = sign_in.node.clock.now(),
                  address = sign_in.place.address](domain::Transaction& transaction) {
        return write_if_unchanged(transaction, account, now, address);
    };
    access.ask_store<Account>(
        std::move(write),
        [sign_in = std::move(sign_in)](std::expected<Account, ApiError> account) mutable {
            finish_sign_in(std::move(sign_in), std::move(account));
        });
}

// POST setup: the password is hashed; the account is made, if it is the first; a session is opened.

std::expected<Account, ApiError> write_first_account(domain::Transaction& transaction,
                                                     Account account, std::string const& address) {
    if (!transaction.accounts().all().empty()) {
        return std::unexpected(set_up_already());
    }
    auto const id = transaction.accounts().insert(account);
    if (!id) {
        return std::unexpected(set_up_already());
    }
    account.id = *id;
    audit(transaction, author_of(account_as_operator(account, address), account.created_at),
          {.action = "setup.done",
           .target = account.name,
           .after = {{"role", domain::role_name(account.role)}}});
    return account;
}

Detour make_first_account(OperatorAccess& access, std::string name, Secret password, Instant now,
                          SignInPlace place) {
    return [&access, name = std::move(name), password = std::move(password), now,
            place = std::move(place)](auto go_on) mutable {
        auto finish = [&access, place,
                       go_on = std::move(go_on)](std::expected<Account, ApiError> account) mutable {
            if (!account) {
                go_on(std::unexpected(std::move(account).error()));
                return;
            }
            access.end_setup();
            go_on(answer_signed_in(access, *account, place));
        };
        auto write = [&access, name = std::move(name), now, address = place.address,
                      finish =
                          std::move(finish)](std::expected<std::string, ApiError> hash) mutable {
            if (!hash) {
                finish(std::unexpected(std::move(hash).error()));
                return;
            }
            Account account{.name = std::move(name),
                            .role = domain::OperatorRole::Owner,
                            .password_hash = *std::move(hash),
                            .created_at = now,
                            .updated_at = now,
                            .last_signed_in_at = now};
            access.ask_store<Account>(
                [account = std::move(account),
                 address = std::move(address)](domain::Transaction& transaction) mutable {
                    return write_first_account(transaction, std::move(account), address);
                },
                std::move(finish));
        };
        access.hash_password(std::move(password), std::move(write));
    };
}

// POST session/password: the current one is checked, the new one hashed and written, if the
// account is still as it was; its other sessions end.

struct PasswordChange {
    OperatorAccess& access;
    Node const& node;
    Operator caller;
    Secret wanted;
    std::move_only_function<void(LateAdminReply)> go_on;
};

std::expected<bool, ApiError> write_password(domain::Transaction& transaction,
                                             Account const& checked, std::string hash,
                                             Operator const& caller, Instant now) {
    auto account = transaction.accounts().find(checked.id);
    if (!account || account->disabled || account->password_hash != checked.password_hash) {
        return std::unexpected(not_authenticated("the account was changed meanwhile"));
    }
    account->password_hash = std::move(hash);
    account->updated_at = now;
    transaction.accounts().update(*account);
    audit(transaction, author_of(caller, now),
          {.action = "account.password", .target = account->name});
    return true;
}

void finish_password_change(PasswordChange change, std::expected<bool, ApiError> written) {
    if (!written) {
        change.go_on(std::unexpected(std::move(written).error()));
        return;
    }
    change.access.sessions().end_all_of(change.caller.account_id, change.caller.session);
    change.go_on(Answer{});
}

void go_on_changing_password(PasswordChange change,
                             std::expected<OperatorAccess::Checked, ApiError> checked) {
    auto& access = change.access;
    if (!checked) {
        access.throttle().withdraw(change.caller.name, change.caller.address);
        change.go_on(std::unexpected(std::move(checked).error()));
        return;
    }
    if (!checked->matches) {
        access.audit_failed_sign_in(change.caller.address, change.caller.name);
        change.go_on(std::unexpected(not_authenticated("the current password is wrong")));
        return;
    }
    access.throttle().succeed(change.caller.name, change.caller.address);
    auto wanted = std::move(change.wanted);
    access.hash_password(std::move(wanted), [change = std::move(change),
                                             account = *std::move(checked->account)](
                                                std::expected<std::string, ApiError> hash) mutable {
        if (!hash) {
            change.go_on(std::unexpected(std::move(hash).error()));
            return;
        }
        auto write = [account = std::move(account), hash = *std::move(hash), caller = change.caller,
                      now = change.node.clock.now()](domain::Transaction& transaction) mutable {
            return write_password(transaction, account, std::move(hash), caller, now);
        };
        change.access.ask_store<bool>(
            std::move(write),
            [change = std::move(change)](std::expected<bool, ApiError> written) mutable {
                finish_password_change(std::move(change), std::move(written));
            });
    });
}

}  // namespace

AdminReply show_session(AdminCall const& call) {
    if (call.world.access == nullptr) {
        return std::unexpected(needs_server());
    }
    auto& access = *call.world.access;
    auto const& clock = call.world.node->clock;
    auto const now = clock.monotonic();
    auto const* session = access.sessions().find(call.caller.session, now);
    bool const signed_in = call.caller.kind != Operator::Kind::Nobody;
    Answer answer{.members = "\"state\":\""};
    if (signed_in) {
        answer.members += "signed_in";
    } else {
        answer.members += access.setup_code() == nullptr ? "signed_out" : "setup";
    }
    answer.members += "\",\"account\":";
    if (session == nullptr) {
        answer.members += "null";
    } else {
        append_account_summary(answer.members, session->account_id, session->name, session->role,
                               session->by);
    }
    answer.members += ",\"oidc\":";
    if (call.world.oidc == nullptr) {
        answer.members += "null";
    } else {
        answer.members += "{\"name\":";
        wire::append_json_string(answer.members, call.world.oidc->name());
        answer.members += '}';
    }
    answer.members += ",\"version\":";
    wire::append_json_string(answer.members, call.world.node->facts->version);
    answer.members += ",\"expires_at\":";
    append_nullable_date(
        answer.members,
        session == nullptr
            ? std::nullopt
            : std::optional<Instant>(call.now +
                                     std::chrono::floor<std::chrono::microseconds>(
                                         session->signed_in_at + OperatorSessions::kAgeMax - now)));
    answer.members += ",\"idle_timeout_s\":";
    wire::append_json_number(answer.members,
                             std::chrono::seconds(OperatorSessions::kIdleMax).count());
    return answer;
}

AdminReply set_up(AdminCall const& call) {
    if (call.world.access == nullptr) {
        return std::unexpected(needs_server());
    }
    auto& access = *call.world.access;
    auto& throttle = access.throttle();
    auto const code = text_member(call.body, "code");
    if (!code) {
        return std::unexpected(code.error());
    }
    if (access.setup_code() == nullptr) {
        return std::unexpected(set_up_already());
    }
    // The empty name is nobody's: it stands for the code.
    auto const& address = call.caller.address;
    if (auto const wait = throttle.begin({}, address, call.world.node->clock.monotonic())) {
        return tell_to_wait("SetUp", *wait);
    }
    if (!access.setup_code()->matches(code->value_or(std::string()))) {
        return std::unexpected(
            not_authenticated("the set-up code is wrong: the server printed it when it started"));
    }
    throttle.withdraw({}, address);
    auto name = name_member(call.body);
    if (!name) {
        return std::unexpected(std::move(name).error());
    }
    auto password = new_password_member(call.body, "password", *name);
    if (!password) {
        return std::unexpected(std::move(password).error());
    }
    return make_first_account(access, *std::move(name), *std::move(password), call.now,
                              place_of(call));
}

AdminReply sign_in(AdminCall const& call) {
    if (call.world.access == nullptr) {
        return std::unexpected(needs_server());
    }
    auto name = text_member(call.body, "name");
    if (!name) {
        return std::unexpected(std::move(name).error());
    }
    auto password = password_member(call.body, "password");
    if (!password) {
        return std::unexpected(std::move(password).error());
    }
    if (!*name || (*name)->size() > domain::kAccountNameBytesMax) {
        return std::unexpected(account_name_error());
    }
    auto& access = *call.world.access;
    auto const& node = *call.world.node;
    if (auto const wait =
            access.throttle().begin(**name, call.caller.address, node.clock.monotonic())) {
        return tell_to_wait("SignIn", *wait);
    }
    return Detour([&access, &node, name = **std::move(name), password = *std::move(password),
                   place = place_of(call)](auto go_on) mutable {
        SignIn sign_in{.access = access,
                       .node = node,
                       .name = name,
                       .place = std::move(place),
                       .go_on = std::move(go_on)};
        access.check_password(
            [name = std::move(name)](domain::Transaction& transaction) {
                return transaction.accounts().find_by_name(name);
            },
            std::move(password),
            [sign_in = std::move(sign_in)](
                std::expected<OperatorAccess::Checked, ApiError> checked) mutable {
                go_on_signing_in(std::move(sign_in), std::move(checked));
            });
    });
}

AdminReply sign_out(AdminCall const& call) {
    if (call.world.access == nullptr) {
        return std::unexpected(needs_server());
    }
    auto& access = *call.world.access;
    if (call.caller.kind == Operator::Kind::Account) {
        access.sessions().end(call.caller.session);
        access.audit(author_of(call.caller, call.now),
                     {.action = "account.sign_out", .target = call.caller.name});
    }
    return Answer{
        .members = {},
        .fields = clear_session_cookie(came_over_tls(call.request, call.world.node->proxies))};
}

AdminReply change_own_password(AdminCall const& call) {
    if (call.caller.kind != Operator::Kind::Account) {
        return std::unexpected(
            wire::input_error("the local credential has no password: change an account's"));
    }
    auto current = password_member(call.body, "current");
    if (!current) {
        return std::unexpected(std::move(current).error());
    }
    auto wanted = new_password_member(call.body, "new", call.caller.name);
    if (!wanted) {
        return std::unexpected(std::move(wanted).error());
    }
    auto& access = *call.world.access;
    auto const& node = *call.world.node;
    if (auto const wait = access.throttle().begin(call.caller.name, call.caller.address,
                                                  node.clock.monotonic())) {
        return tell_to_wait("ChangeOwnPassword", *wait);
    }
    return Detour([&access, &node, caller = call.caller, current = *std::move(current),
                   wanted = *std::move(wanted)](auto go_on) mutable {
        auto const id = caller.account_id;
        PasswordChange change{.access = access,
                              .node = node,
                              .caller = std::move(caller),
                              .wanted = std::move(wanted),
                              .go_on = std::move(go_on)};
        access.check_password(
            [id](domain::Transaction& transaction) { return transaction.accounts().find(id); },
            std::move(current),
            [change = std::move(change)](
                std::expected<OperatorAccess::Checked, ApiError> checked) mutable {
                go_on_changing_password(std::move(change), std::move(checked));
            });
    });
}

}  // namespace latchkey::api::admin
