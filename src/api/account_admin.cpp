#include "api/account_json.hpp"
#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/auditing.hpp"
#include "api/operator_access.hpp"
#include "domain/passwords.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

/// Keeping the accounts, for owners and the command line.
namespace latchkey::api::admin {
namespace {

using boost::json::object;
using domain::Account;
using domain::OperatorRole;
using wire::ApiError;

constexpr std::size_t kOidcSubjectBytesMax = 255;  // OpenID Connect Core 1.0 section 2: `sub`

ApiError no_such_account() {
    return {.code = wire::ErrorCode::DoesNotExistError,
            .http_status = 404,
            .message = "there is no account with this id"};
}

std::expected<std::optional<OperatorRole>, ApiError> role_member(object const& body) {
    auto const text = text_member(body, "role");
    if (!text) {
        return std::unexpected(text.error());
    }
    if (!*text) {
        return std::nullopt;
    }
    auto const role = domain::parse_operator_role(**text);
    if (!role) {
        return std::unexpected(
            wire::input_error("role is viewer, operator or owner", "role", "no such role"));
    }
    return role;
}

std::expected<std::int64_t, ApiError> parse_id(std::string const& text) {
    std::int64_t id = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, id);
    if (error != std::errc() || stop != end) {
        return std::unexpected(no_such_account());
    }
    return id;
}

/// Whether an owner's account can be signed in to. Nobody signs in by OIDC where no identity
/// provider is set; on a store without a server nobody knows, and the command line is there anyway.
bool is_usable_owner(Account const& account, bool has_provider) {
    return account.role == OperatorRole::Owner && !account.disabled &&
           (account.password_hash || has_provider);
}

/// Whether nobody is left to keep the accounts without this one.
bool is_last_owner(domain::Transaction& transaction, Account const& account, bool has_provider) {
    return is_usable_owner(account, has_provider) &&
           std::ranges::none_of(transaction.accounts().all(), [&](Account const& other) {
               return other.id != account.id && is_usable_owner(other, has_provider);
           });
}

bool has_provider(AdminWorld const& world) {
    return world.node == nullptr || world.oidc != nullptr;
}

ApiError last_owner() {
    return wire::input_error("this is the last owner: make another one first");
}

// Each change is work on the store. Where a server runs, something follows from it on the loop,
// before the answer goes out: sessions end.

struct Done {
    Answer answer;
    Account account;  ///< as it is now, or was
    bool changed = true;
};
using Work = std::move_only_function<std::expected<Done, ApiError>(domain::Transaction&)>;
using Consequence = std::move_only_function<void(OperatorAccess&, Account const&)>;

Done done_with(int status, Account account, bool changed = true) {
    Answer answer{.status = status, .members = "\"account\":"};
    append_account(answer.members, account);
    return {.answer = std::move(answer), .account = std::move(account), .changed = changed};
}

StoreWork without_consequence(Work work) {
    return [work = std::move(work)](domain::Transaction& transaction) mutable -> Result {
        auto done = work(transaction);
        if (!done) {
            return std::unexpected(std::move(done).error());
        }
        return std::move(done->answer);
    };
}

/// The same work, by one who is an owner still when it is done: hashing a password takes its time.
Work done_by_owner(std::int64_t caller, Work work) {
    return [caller, work = std::move(work)](
               domain::Transaction& transaction) mutable -> std::expected<Done, ApiError> {
        auto const account = transaction.accounts().find(caller);
        if (!account || account->disabled || account->role != OperatorRole::Owner) {
            return std::unexpected(signed_out_meanwhile());
        }
        return work(transaction);
    };
}

struct Change {
    OperatorAccess& access;
    Operator caller;
    Consequence then;
    GoOn go_on;
};

void run_on_loop(Change change, Work work) {
    if (change.caller.kind == Operator::Kind::Account) {
        if (!change.access.is_open(change.caller.session)) {
            change.go_on(std::unexpected(signed_out_meanwhile()));
            return;
        }
        work = done_by_owner(change.caller.account_id, std::move(work));
    }
    auto& access = change.access;
    access.ask_store<Done>(
        std::move(work), [change = std::move(change)](std::expected<Done, ApiError> done) mutable {
            if (!done) {
                change.go_on(std::unexpected(std::move(done).error()));
                return;
            }
            if (done->changed) {
                change.then(change.access, done->account);
            }
            change.go_on(std::move(done->answer));
        });
}

AdminReply run(AdminCall const& call, Work work, Consequence then) {
    if (call.world.access == nullptr) {
        return without_consequence(std::move(work));
    }
    return Detour([&access = *call.world.access, caller = call.caller, work = std::move(work),
                   then = std::move(then)](GoOn go_on) mutable {
        run_on_loop({.access = access,
                     .caller = std::move(caller),
                     .then = std::move(then),
                     .go_on = std::move(go_on)},
                    std::move(work));
    });
}

/// The same for work that wants the hash of a password.
AdminReply run_with_hash(AdminCall const& call, Secret password,
                         std::move_only_function<Work(std::string hash)> work, Consequence then) {
    if (call.world.access == nullptr) {
        return Detour([&passwords = call.world.passwords, password = std::move(password),
                       work = std::move(work)](GoOn go_on) mutable {
            passwords.hash(std::move(password), [&](std::optional<std::string> hash) {
                go_on(without_consequence(work(std::move(hash).value())));
            });
        });
    }
    return Detour([&access = *call.world.access, caller = call.caller,
                   password = std::move(password), work = std::move(work),
                   then = std::move(then)](GoOn go_on) mutable {
        auto hashed = [change = Change{.access = access,
                                       .caller = std::move(caller),
                                       .then = std::move(then),
                                       .go_on = std::move(go_on)},
                       work = std::move(work)](std::expected<std::string, ApiError> hash) mutable {
            if (!hash) {
                change.go_on(std::unexpected(std::move(hash).error()));
                return;
            }
            run_on_loop(std::move(change), work(*std::move(hash)));
        };
        access.hash_password(std::move(password), std::move(hashed));
    });
}

/// What gives anybody more than they had is not for whoever finds a session open: it would be a
/// way around everything else that wants the password.
AdminReply run_confirmed(AdminCall const& call, std::string_view operation, AdminReply change) {
    if (auto* const detour = change ? std::get_if<Detour>(&*change) : nullptr) {
        return confirm_caller(call, operation, "your_password", std::move(*detour));
    }
    return change;
}

Work insert_account(Account account, Author author) {
    return [account = std::move(account), author = std::move(author)](
               domain::Transaction& transaction) mutable -> std::expected<Done, ApiError> {
        if (account.role != OperatorRole::Owner && transaction.accounts().all().empty()) {
            return std::unexpected(wire::input_error(
                "the first account is an owner's: nobody else could make more", "role", "unfit"));
        }
        auto const id = transaction.accounts().insert(account);
        if (!id) {
            return std::unexpected(wire::input_error(
                "another account has this name, or signs in as this subject", "name", "taken"));
        }
        account.id = *id;
        audit(transaction, author,
              {.action = "account.create",
               .target = account.name,
               .after = {{"role", domain::role_name(account.role)},
                         {"sign_in", sign_in_name(sign_in_of(account))}}});
        return done_with(201, std::move(account));
    };
}

/// What an owner may change of an account.
struct AccountPatch {
    std::optional<OperatorRole> role;
    std::optional<bool> disabled;
    std::optional<Secret> password;
    std::string password_hash{};  ///< of `password`
};

/// The account with the patch applied; and in `act`, what that changed of it.
std::expected<Account, ApiError> apply(AccountPatch const& patch, Account account,
                                       AuditedAct& act) {
    if (patch.role && *patch.role != account.role) {
        act.before["role"] = domain::role_name(account.role);
        act.after["role"] = domain::role_name(*patch.role);
        account.role = *patch.role;
    }
    if (patch.disabled && *patch.disabled != account.disabled) {
        act.before["disabled"] = account.disabled;
        act.after["disabled"] = *patch.disabled;
        account.disabled = *patch.disabled;
    }
    if (patch.password) {
        if (auto const flaw = domain::find_password_flaw(*patch.password, account.name)) {
            return std::unexpected(password_error(*flaw, "password"));
        }
        if (account.oidc_subject) {  // one way in: what is shown is all there is
            act.before["sign_in"] = sign_in_name(SignInBy::Oidc);
            act.after["sign_in"] = sign_in_name(SignInBy::Password);
            account.oidc_subject.reset();
        }
        account.password_hash = patch.password_hash;
    }
    return account;
}

Work change_account(std::int64_t id, AccountPatch patch, Author author, bool has_provider) {
    return [id, patch = std::move(patch), author = std::move(author),
            has_provider](domain::Transaction& transaction) -> std::expected<Done, ApiError> {
        auto const found = transaction.accounts().find(id);
        if (!found) {
            return std::unexpected(no_such_account());
        }
        AuditedAct act{.action = "account.update", .target = found->name};
        auto account = apply(patch, *found, act);
        if (!account) {
            return std::unexpected(std::move(account).error());
        }
        if (is_last_owner(transaction, *found, has_provider) &&
            !is_usable_owner(*account, has_provider)) {
            return std::unexpected(last_owner());
        }
        if (*account == *found) {
            return done_with(200, *found, false);
        }
        account->updated_at = author.at;
        transaction.accounts().update(*account);
        if (!act.after.empty()) {
            audit(transaction, author, std::move(act));
        }
        if (patch.password) {
            audit(transaction, author, {.action = "account.password", .target = found->name});
        }
        return done_with(200, *std::move(account));
    };
}

/// A new password, where the body has one.
std::expected<std::optional<Secret>, ApiError> optional_password(object const& body,
                                                                 std::string_view account_name) {
    if (find_member(body, "password") == nullptr) {
        return std::nullopt;
    }
    auto password = new_password_member(body, "password", account_name);
    if (!password) {
        return std::unexpected(std::move(password).error());
    }
    return *std::move(password);
}

std::expected<std::optional<std::string>, ApiError> subject_member(object const& body) {
    auto subject = text_member(body, "oidc_subject");
    if (subject && *subject && ((*subject)->empty() || (*subject)->size() > kOidcSubjectBytesMax)) {
        return std::unexpected(wire::input_error("oidc_subject wants 1 to 255 bytes",
                                                 "oidc_subject", "not a subject"));
    }
    return subject;
}

}  // namespace

AdminReply list_accounts(AdminCall const&) {
    return StoreWork([](domain::Transaction& transaction) -> Result {
        Answer answer{.members = "\"accounts\":["};
        for (auto const& account : transaction.accounts().all()) {
            if (answer.members.back() == '}') {
                answer.members += ',';
            }
            append_account(answer.members, account);
        }
        answer.members += ']';
        return answer;
    });
}

AdminReply create_account(AdminCall const& call) {
    auto name = name_member(call.body);
    if (!name) {
        return std::unexpected(std::move(name).error());
    }
    auto const role = role_member(call.body);
    if (!role) {
        return std::unexpected(role.error());
    }
    if (!*role) {
        return std::unexpected(
            wire::input_error("role is viewer, operator or owner", "role", "missing"));
    }
    auto password = optional_password(call.body, *name);
    if (!password) {
        return std::unexpected(std::move(password).error());
    }
    auto subject = subject_member(call.body);
    if (!subject) {
        return std::unexpected(std::move(subject).error());
    }
    if (password->has_value() == subject->has_value()) {
        return std::unexpected(
            wire::input_error("give a password, or an oidc_subject", "password", "one of the two"));
    }
    Account account{.name = *std::move(name),
                    .role = **role,
                    .oidc_subject = *std::move(subject),
                    .created_at = call.now,
                    .updated_at = call.now};
    auto author = author_of(call.caller, call.now);
    auto then = [](OperatorAccess& access, Account const&) { access.end_setup(); };
    auto change = *password ? run_with_hash(
                                  call, **std::move(password),
                                  [account, author](std::string hash) mutable {
                                      account.password_hash = std::move(hash);
                                      return insert_account(std::move(account), std::move(author));
                                  },
                                  then)
                            : run(call, insert_account(account, author), then);
    return run_confirmed(call, "CreateAccount", std::move(change));
}

AdminReply update_account(AdminCall const& call) {
    auto const id = parse_id(call.parameters[0]);
    if (!id) {
        return std::unexpected(id.error());
    }
    auto const role = role_member(call.body);
    if (!role) {
        return std::unexpected(role.error());
    }
    auto const disabled = flag_member(call.body, "disabled");
    if (!disabled) {
        return std::unexpected(disabled.error());
    }
    auto password = optional_password(call.body, {});
    if (!password) {
        return std::unexpected(std::move(password).error());
    }
    auto then = [forgives = password->has_value()](OperatorAccess& access, Account const& account) {
        access.sessions().end_all_of(account.id);
        if (forgives) {
            access.throttle().forget(account.name);
        }
    };
    if (*password && call.caller.kind == Operator::Kind::Account && call.caller.account_id == *id) {
        return std::unexpected(
            wire::input_error("change your own password by POST session/password, which asks for "
                              "the one you have",
                              "password", "your own"));
    }
    auto author = author_of(call.caller, call.now);
    AccountPatch patch{.role = *role, .disabled = *disabled, .password = std::nullopt};
    bool const provider = has_provider(call.world);
    if (!*password) {
        auto change = run(call, change_account(*id, std::move(patch), std::move(author), provider),
                          std::move(then));
        return *role ? run_confirmed(call, "UpdateAccount", std::move(change)) : std::move(change);
    }
    patch.password = (*password)->clone();
    auto change = run_with_hash(
        call, **std::move(password),
        [id = *id, patch = std::move(patch), author = std::move(author),
         provider](std::string hash) mutable {
            patch.password_hash = std::move(hash);
            return change_account(id, std::move(patch), std::move(author), provider);
        },
        std::move(then));
    return run_confirmed(call, "UpdateAccount", std::move(change));
}

AdminReply remove_account(AdminCall const& call) {
    auto const id = parse_id(call.parameters[0]);
    if (!id) {
        return std::unexpected(id.error());
    }
    auto work = [id = *id, author = author_of(call.caller, call.now),
                 provider = has_provider(call.world)](
                    domain::Transaction& transaction) -> std::expected<Done, ApiError> {
        auto const found = transaction.accounts().find(id);
        if (!found) {
            return std::unexpected(no_such_account());
        }
        if (is_last_owner(transaction, *found, provider)) {
            return std::unexpected(last_owner());
        }
        transaction.accounts().remove(id);
        audit(transaction, author,
              {.action = "account.delete",
               .target = found->name,
               .before = {{"role", domain::role_name(found->role)}}});
        return Done{.answer = {}, .account = *found};
    };
    return run(call, std::move(work), [](OperatorAccess& access, Account const& account) {
        access.sessions().end_all_of(account.id);
    });
}

}  // namespace latchkey::api::admin
