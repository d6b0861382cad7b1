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

bool is_enabled_owner(Account const& account) {
    return account.role == OperatorRole::Owner && !account.disabled;
}

/// Whether nobody is left to keep the accounts without this one.
bool is_last_owner(domain::Transaction& transaction, Account const& account) {
    return is_enabled_owner(account) &&
           std::ranges::none_of(transaction.accounts().all(), [&account](Account const& other) {
               return other.id != account.id && is_enabled_owner(other);
           });
}

ApiError last_owner() {
    return wire::input_error("this is the last owner: make another one first");
}

// Each change is work on the store. Where a server runs, something follows from it on the loop,
// before the answer goes out: sessions end.

struct Done {
    Answer answer;
    Account account;  ///< as it is now, or was
};
using Work = std::move_only_function<std::expected<Done, ApiError>(domain::Transaction&)>;
using Consequence = std::move_only_function<void(OperatorAccess&, Account const&)>;
using GoOn = std::move_only_function<void(LateAdminReply)>;

Done done_with(int status, Account account) {
    Answer answer{.status = status, .members = "\"account\":"};
    append_account(answer.members, account);
    return {.answer = std::move(answer), .account = std::move(account)};
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

void run_on_loop(OperatorAccess& access, Work work, Consequence then, GoOn go_on) {
    access.ask_store<Done>(std::move(work),
                           [&access, then = std::move(then),
                            go_on = std::move(go_on)](std::expected<Done, ApiError> done) mutable {
                               if (!done) {
                                   go_on(std::unexpected(std::move(done).error()));
                                   return;
                               }
                               then(access, done->account);
                               go_on(std::move(done->answer));
                           });
}

AdminReply run(AdminWorld const& world, Work work, Consequence then) {
    if (world.access == nullptr) {
        return without_consequence(std::move(work));
    }
    return Detour([&access = *world.access, work = std::move(work),
                   then = std::move(then)](GoOn go_on) mutable {
        run_on_loop(access, std::move(work), std::move(then), std::move(go_on));
    });
}

/// The same for work that wants the hash of a password.
AdminReply run_with_hash(AdminWorld const& world, Secret password,
                         std::move_only_function<Work(std::string hash)> work, Consequence then) {
    if (world.access == nullptr) {
        return Detour([&passwords = world.passwords, password = std::move(password),
                       work = std::move(work)](GoOn go_on) mutable {
            passwords.hash(std::move(password), [&](std::optional<std::string> hash) {
                go_on(without_consequence(work(std::move(hash).value())));
            });
        });
    }
    return Detour([&access = *world.access, password = std::move(password), work = std::move(work),
                   then = std::move(then)](GoOn go_on) mutable {
        auto hashed = [&access, work = std::move(work), then = std::move(then),
                       go_on =
                           std::move(go_on)](std::expected<std::string, ApiError> hash) mutable {
            if (!hash) {
                go_on(std::unexpected(std::move(hash).error()));
                return;
            }
            run_on_loop(access, work(*std::move(hash)), std::move(then), std::move(go_on));
        };
        access.hash_password(std::move(password), std::move(hashed));
    });
}

Work insert_account(Account account, Author author) {
    return [account = std::move(account), author = std::move(author)](
               domain::Transaction& transaction) mutable -> std::expected<Done, ApiError> {
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
        account.password_hash = patch.password_hash;
    }
    return account;
}

Work change_account(std::int64_t id, AccountPatch patch, Author author) {
    return [id, patch = std::move(patch), author = std::move(author)](
               domain::Transaction& transaction) -> std::expected<Done, ApiError> {
        auto const found = transaction.accounts().find(id);
        if (!found) {
            return std::unexpected(no_such_account());
        }
        AuditedAct act{.action = "account.update", .target = found->name};
        auto account = apply(patch, *found, act);
        if (!account) {
            return std::unexpected(std::move(account).error());
        }
        if (is_last_owner(transaction, *found) && !is_enabled_owner(*account)) {
            return std::unexpected(last_owner());
        }
        if (*account == *found) {
            return done_with(200, *found);
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
    if (!*password) {
        return run(call.world, insert_account(std::move(account), std::move(author)), then);
    }
    return run_with_hash(
        call.world, **std::move(password),
        [account = std::move(account), author = std::move(author)](std::string hash) mutable {
            account.password_hash = std::move(hash);
            return insert_account(std::move(account), std::move(author));
        },
        then);
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
    auto author = author_of(call.caller, call.now);
    AccountPatch patch{.role = *role, .disabled = *disabled, .password = std::nullopt};
    if (!*password) {
        return run(call.world, change_account(*id, std::move(patch), std::move(author)),
                   std::move(then));
    }
    patch.password = (*password)->clone();
    return run_with_hash(
        call.world, **std::move(password),
        [id = *id, patch = std::move(patch), author = std::move(author)](std::string hash) mutable {
            patch.password_hash = std::move(hash);
            return change_account(id, std::move(patch), std::move(author));
        },
        std::move(then));
}

AdminReply remove_account(AdminCall const& call) {
    auto const id = parse_id(call.parameters[0]);
    if (!id) {
        return std::unexpected(id.error());
    }
    auto work = [id = *id, author = author_of(call.caller, call.now)](
                    domain::Transaction& transaction) -> std::expected<Done, ApiError> {
        auto const found = transaction.accounts().find(id);
        if (!found) {
            return std::unexpected(no_such_account());
        }
        if (is_last_owner(transaction, *found)) {
            return std::unexpected(last_owner());
        }
        transaction.accounts().remove(id);
        audit(transaction, author,
              {.action = "account.delete",
               .target = found->name,
               .before = {{"role", domain::role_name(found->role)}}});
        return Done{.answer = {}, .account = *found};
    };
    return run(call.world, std::move(work), [](OperatorAccess& access, Account const& account) {
        access.sessions().end_all_of(account.id);
    });
}

}  // namespace latchkey::api::admin
