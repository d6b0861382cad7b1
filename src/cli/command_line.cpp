#include "cli/command_line.hpp"

#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/auditing.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/token_batch.hpp"
#include "domain/user_listing.hpp"
#include "server/serve.hpp"
#include "server/settings.hpp"
#include "server/version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace latchkey::cli {
namespace {

std::optional<std::string> environment(std::string const& name) {
    // Read before any thread is started.
    auto const* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::nullopt : std::optional(std::string(value));
}

/// The settings that a command takes as flags, and where their values go.
class SettingFlags {
public:
    /// `names` empty: all.
    void add_to(CLI::App& command, std::vector<std::string_view> const& names = {}) {
        for (auto const& row : server::setting_rows()) {
            bool const wanted = names.empty() || std::ranges::find(names, row.name) != names.end();
            if (!wanted || row.kind == server::SettingKind::Secret) {
                continue;
            }
            auto* option = command.add_option_function<std::string>(
                "--" + std::string(row.name),
                [this, &row](std::string const& value) {  // the rows are constants
                    values_[std::string(row.name)] = value;
                },
                std::string(row.help));
            option->type_name(std::string(row.value_name));
            if (row.kind == server::SettingKind::Switch) {
                option->expected(0, 1)->default_str("true");
            }
        }
        command.add_option("--config", config_, "settings file [./latchkey.toml, where it exists]")
            ->type_name("FILE");
    }

    /// Runs a command with the settings, or says what is wrong with them.
    int with_settings(std::function<int(server::Settings)> const& command) const {
        auto settings = server::load_settings(
            {.flags = values_,
             .environment = environment,
             .config_file =
                 config_.empty() ? std::nullopt : std::optional<std::filesystem::path>(config_)});
        return settings ? command(*std::move(settings))
                        : fail_with(settings.error().message, kWrongUsage);
    }

private:
    std::map<std::string, std::string> values_;
    std::string config_;
};

/// The whole command line: CLI11's tree, what its options fill, and what each leaf does.
class CommandLine {
public:
    CommandLine() {
        root_.require_subcommand(1);
        root_.set_version_flag("--version", std::string(server::kVersion));
        add_serve();
        add_apps();
        add_users();
        add_tokens();
        add_connections();
        add_accounts();
        add_audit();
        add_doctor();
        add_version();
    }

    int run(std::span<char* const> arguments) {
        try {
            root_.parse(static_cast<int>(arguments.size()), arguments.data());
        } catch (CLI::CallForHelp const& help) {
            return root_.exit(help);
        } catch (CLI::CallForVersion const& version) {
            return root_.exit(version);
        } catch (CLI::ParseError const& error) {
            return fail_with(explain(error), kWrongUsage);
        }
        return chosen_();
    }

private:
    /// Registers a leaf; `action` runs where it is the one that was asked for.
    CLI::App& leaf(CLI::App& parent, std::string const& name, std::string const& help,
                   std::function<int()> action) {
        auto* const command = parent.add_subcommand(name, help);
        command->callback([this, action = std::move(action)] { chosen_ = action; });
        return *command;
    }

    void add_serve() {
        auto& command = leaf(root_, "serve", "run the server", [this] {
            return serve_flags_.with_settings(
                [](server::Settings settings) { return server::serve(std::move(settings)); });
        });
        serve_flags_.add_to(command);
        command.footer(
            "Each setting is also read from the environment (--log-format: "
            "LATCHKEY_LOG_FORMAT) and from the settings file (log_format), in that order "
            "of precedence. Secrets come from there only: LATCHKEY_API_SECRET, "
            "LATCHKEY_MASTER_KEY, or _FILE behind either for a file that holds it.");
    }

    /// What commands that ask or change state share.
    void add_access(CLI::App& command, bool& json) {
        access_flags_.add_to(command, {"data"});
        command.add_flag("--json", json, "print JSON");
    }
    int with_access(std::function<int(server::Settings)> const& command) const {
        return access_flags_.with_settings(command);
    }

    void add_apps() {
        auto& app = *root_.add_subcommand("app", "apps and their settings");
        app.require_subcommand(1);

        auto& create = leaf(app, "create", "make an app; prints its secret, once", [this] {
            return with_access([this](server::Settings settings) {
                return app_create(std::move(settings), app_create_);
            });
        });
        create.add_option("NAME", app_create_.name, "what people call it")->required();
        create.add_option("--mode", app_create_.mode, "development or production [development]");
        create.add_option("--api-key", app_create_.api_key, "made at random without it");
        create.add_option("--api-secret", app_create_.api_secret,
                          "32 bytes or more; made at random without it");
        add_access(create, app_create_.json);

        auto& list = leaf(app, "list", "the apps there are", [this] {
            return with_access(
                [this](server::Settings settings) { return app_list(std::move(settings), json_); });
        });
        add_access(list, json_);

        auto& show = leaf(app, "show", "one app and its settings", [this] {
            return with_access([this](server::Settings settings) {
                return app_show(std::move(settings), api_key_, json_);
            });
        });
        show.add_option("KEY", api_key_, "its API key")->required();
        add_access(show, json_);

        auto& update = leaf(app, "update", "change an app", [this] {
            return with_access([this](server::Settings settings) {
                return app_update(std::move(settings), app_update_);
            });
        });
        update.add_option("KEY", app_update_.api_key, "its API key")->required();
        update.add_option("--name", app_update_.name, "another name");
        update.add_option("--mode", app_update_.mode, "development or production");
        update.add_option("--set", app_update_.set, "a setting: NAME=VALUE")
            ->type_name("NAME=VALUE");
        add_access(update, app_update_.json);

        auto& remove = leaf(app, "delete", "delete an app and all its users", [this] {
            return with_access([this](server::Settings settings) {
                return app_delete(std::move(settings), app_delete_);
            });
        });
        remove.add_option("KEY", app_delete_.api_key, "its API key")->required();
        remove.add_option("--confirm", app_delete_.confirm, "its name: it is not taken back");
        remove.add_flag("--dry-run", app_delete_.dry_run, "say what would end; change nothing");
        add_access(remove, app_delete_.json);

        for (auto const action : {api::Revocation::Make, api::Revocation::Undo}) {
            auto& revoke = add_revocation(app, action, "the tokens of all its users", app_revoke);
            revoke.add_option("KEY", revoke_.app, "its API key, where there are several");
        }
        add_secrets(app);
    }

    void add_secrets(CLI::App& app) {
        auto& secret = *app.add_subcommand("secret", "the secrets of an app");
        secret.require_subcommand(1);
        auto& add = leaf(secret, "add", "add one; prints it, once", [this] {
            return with_access([this](server::Settings settings) {
                return secret_add(std::move(settings), secret_add_);
            });
        });
        add.add_option("KEY", secret_add_.app, "the app's API key, where there are several");
        add.add_option("--api-secret", secret_add_.api_secret,
                       "32 bytes or more; made at random without it");
        add_access(add, secret_add_.json);

        auto& list =
            leaf(secret, "list", "them, and what is used of them; never a secret itself", [this] {
                return with_access([this](server::Settings settings) {
                    return secret_list(std::move(settings), api_key_, json_);
                });
            });
        list.add_option("KEY", api_key_, "the app's API key, where there are several");
        add_access(list, json_);

        auto& retire = leaf(secret, "retire", "refuse what it signed, now or at a date", [this] {
            return with_access([this](server::Settings settings) {
                return secret_retire(std::move(settings), secret_retire_);
            });
        });
        retire.add_option("--in", secret_retire_.in, "so long from now: 30m, 24h, 7d [now]");
        retire.add_option("--at", secret_retire_.at, "a date, RFC 3339 [now]");
        retire.add_flag("--dry-run", secret_retire_.dry_run, "say what would end; change nothing");
        auto& unretire =
            leaf(secret, "unretire", "take a retirement back whose date has not come", [this] {
                return with_access([this](server::Settings settings) {
                    return secret_unretire(std::move(settings), secret_retire_);
                });
            });
        for (auto* command : {&retire, &unretire}) {
            command->add_option("ID", secret_retire_.id, "its number")->required();
            command->add_option("--app", secret_retire_.app,
                                "the app's key, where there are several");
            add_access(*command, secret_retire_.json);
        }

        auto& rotate =
            leaf(app, "rotate", "add a secret and lead through retiring the older ones", [this] {
                return with_access([this](server::Settings settings) {
                    // A person watches, and nothing else is done meanwhile; tests hand in another.
                    return app_rotate(std::move(settings), rotate_, [](std::chrono::seconds time) {
                        std::this_thread::sleep_for(time);
                    });
                });
            });
        rotate.add_option("KEY", rotate_.app, "the app's API key, where there are several");
        rotate.add_option("--api-secret", rotate_.api_secret,
                          "32 bytes or more; made at random without it");
        rotate.add_option("--retire-in", rotate_.retire_in,
                          "retire the older ones so long from now: 24h, 7d");
        rotate.add_option("--retire-at", rotate_.retire_at, "retire them at a date, RFC 3339");
        rotate.add_flag("--watch", rotate_.watch,
                        "go on to show what the older ones are used for, until they are retired");
        add_access(rotate, rotate_.json);
    }

    void add_users() {
        auto& user = *root_.add_subcommand("user", "users");
        user.require_subcommand(1);

        auto& list = leaf(user, "list", "an app's users, by id", [this] {
            return with_access([this](server::Settings settings) {
                return user_list(std::move(settings), user_list_);
            });
        });
        list.add_option("KEY", user_list_.app, "the app's API key, where there are several");
        list.add_option("--search", user_list_.search, "what an id or a name begins with");
        list.add_option("--role", user_list_.role, "only those who have it");
        list.add_option("--state", user_list_.state,
                        "active, revoked, deactivated, deleted, online or all [all]")
            ->check(
                CLI::IsMember({"all", "active", "revoked", "deactivated", "deleted", "online"}));
        list.add_option("--cursor", user_list_.cursor, "where the page before ended");
        add_limit(list, user_list_.limit, domain::kUserListLimitMax, "how many at most [50]");
        add_access(list, user_list_.json);

        auto& show = leaf(user, "show", "one user, and how they stand", [this] {
            return with_access([this](server::Settings settings) {
                return user_show(std::move(settings), user_);
            });
        });
        auto& create = leaf(user, "create", "make a user who is not there yet", [this] {
            return with_access([this](server::Settings settings) {
                return user_create(std::move(settings), user_);
            });
        });
        create.add_option("--name", user_.name, "what they are called");
        for (auto* command : {&show, &create}) {
            command->add_option("ID", user_.id, "who")->required();
            command->add_option("--app", user_.app, "the app's key, where there are several");
            add_access(*command, user_.json);
        }

        for (auto const action : {api::Revocation::Make, api::Revocation::Undo}) {
            add_user_ids(add_revocation(user, action, "users' tokens", user_revoke));
        }
        for (auto const action : {Activity::Deactivate, Activity::Reactivate}) {
            bool const ends = action == Activity::Deactivate;
            auto& command =
                leaf(user, ends ? "deactivate" : "reactivate",
                     ends ? "refuse users until they are reactivated" : "let them in again",
                     [this, action] {
                         return with_access([this, action](server::Settings settings) {
                             return user_set_activity(std::move(settings), action, revoke_);
                         });
                     });
            add_dry_run(command);
            add_user_ids(command);
            add_access(command, revoke_.json);
        }
    }

    void add_user_ids(CLI::App& command) {
        command.add_option("ID", revoke_.user_ids, "1 to 100 users: all, or none")
            ->required()
            ->expected(1, static_cast<int>(api::admin::kUserIdsMax));
        command.add_option("--app", revoke_.app, "the app's key, where there are several");
    }

    void add_dry_run(CLI::App& command) {
        command.add_flag("--dry-run", revoke_.dry_run, "say what would happen; change nothing");
    }

    /// A number that the admin API takes from 1 to `max`.
    static void add_number(CLI::App& command, std::string const& name, std::int64_t& number,
                           std::int64_t max, std::string const& help) {
        command.add_option(name, number, help)->check(CLI::Range(std::int64_t{1}, max, "NUMBER"));
    }

    static void add_limit(CLI::App& command, std::int64_t& limit, std::size_t max,
                          std::string const& help) {
        add_number(command, "--limit", limit, static_cast<std::int64_t>(max), help);
    }

    void add_connections() {
        auto& connection = *root_.add_subcommand("connection", "what is open now");
        connection.require_subcommand(1);
        auto& list = leaf(connection, "list", "an app's connections, newest first", [this] {
            return with_access([this](server::Settings settings) {
                return connection_list(std::move(settings), connection_list_);
            });
        });
        list.add_option("KEY", connection_list_.app, "the app's API key, where there are several");
        list.add_option("--user", connection_list_.user_id, "only those of this user");
        add_limit(list, connection_list_.limit, api::admin::kConnectionsShownMax,
                  "how many at most [100]");
        add_access(list, connection_list_.json);
    }

    void add_audit() {
        auto& audit = *root_.add_subcommand("audit", "who changed what");
        audit.require_subcommand(1);
        auto& list = leaf(audit, "list", "the audit log, newest first", [this] {
            return with_access([this](server::Settings settings) {
                return audit_list(std::move(settings), audit_list_);
            });
        });
        list.add_option("--app", audit_list_.app, "only what was done to this app");
        list.add_option("--actor", audit_list_.actor, "only what this account or backend did");
        list.add_option("--action", audit_list_.action, "only this, such as users.revoke");
        add_number(list, "--before", audit_list_.before, std::numeric_limits<std::int64_t>::max(),
                   "only entries before this number");
        add_limit(list, audit_list_.limit, api::kAuditPageMax, "how many at most [50]");
        add_access(list, audit_list_.json);

        auto& verify = leaf(audit, "verify", "whether the log is as it was written", [this] {
            return with_access([this](server::Settings settings) {
                return audit_verify(std::move(settings), json_);
            });
        });
        add_access(verify, json_);
    }

    using RevokeCommand = int(server::Settings settings, api::Revocation action,
                              Revoke const& arguments);

    /// `revoke` or `unrevoke`, of users or of an App.
    CLI::App& add_revocation(CLI::App& parent, api::Revocation action, std::string const& what,
                             RevokeCommand* command) {
        bool const undo = action == api::Revocation::Undo;
        auto& revoke =
            leaf(parent, undo ? "unrevoke" : "revoke",
                 (undo ? "take back the revocation of " : "end ") + what, [this, action, command] {
                     return with_access([&](server::Settings settings) {
                         return command(std::move(settings), action, revoke_);
                     });
                 });
        if (!undo) {
            revoke.add_option("--before", revoke_.before,
                              "tokens issued before this: RFC 3339, or 1h for an hour ago [now]");
        }
        add_dry_run(revoke);
        add_access(revoke, revoke_.json);
        return revoke;
    }

    void add_tokens() {
        auto& token = *root_.add_subcommand("token", "tokens");
        token.require_subcommand(1);

        auto& create = leaf(token, "create", "mint a user's token", [this] {
            return with_access([this](server::Settings settings) {
                return token_create(std::move(settings), token_create_);
            });
        });
        create.add_option("--user", token_create_.user_id, "whose token")->required();
        create.add_option("--app", token_create_.app, "the app's key, where there are several");
        auto* const end =
            create.add_option("--expires-in", token_create_.expires_in, "90s, 30m, 1h, 7d [1h]");
        create
            .add_flag("--never-expires", token_create_.never_expires,
                      "without an end: only revocation ends it")
            ->excludes(end);
        add_access(create, token_create_.json);
        create.footer("With LATCHKEY_API_SECRET set and no --app it needs no server and no store.");

        auto& check = leaf(token, "check", "ask for the decision about a token", [this] {
            if (batch_) {
                check_batch(std::cin, std::cout);
                return kDone;
            }
            if (token_check_.token.empty()) {
                return fail_with("give the token, or --batch", kWrongUsage);
            }
            return with_access([this](server::Settings settings) {
                return token_check(std::move(settings), token_check_);
            });
        });
        check.add_option("TOKEN", token_check_.token, "the token");
        check.add_option("--app", token_check_.app, "the app's key, where there are several");
        check.add_option("--auth-type", token_check_.auth_type, "jwt or anonymous [jwt]");
        check.add_flag("--batch", batch_, "read JSON lines from standard input, without any store");
        add_access(check, token_check_.json);

        auto& explain =
            leaf(token, "explain", "tell the decision about a token, step by step", [this] {
                return with_access([this](server::Settings settings) {
                    return token_explain(std::move(settings), token_check_);
                });
            });
        explain.add_option("TOKEN", token_check_.token, "the token")->required();
        explain.add_option("--app", token_check_.app, "the app's key, where there are several");
        explain.add_option("--auth-type", token_check_.auth_type, "jwt or anonymous [jwt]");
        add_access(explain, token_check_.json);
        explain.footer("It shows what the token says: keep it out of places that others read.");
    }

    using AccountAction = int(server::Settings settings, AccountCommand const& arguments);

    CLI::App& add_account_command(CLI::App& parent, std::string const& name,
                                  std::string const& help, AccountAction* action) {
        auto& command = leaf(parent, name, help, [this, action] {
            return with_access([this, action](server::Settings settings) {
                return action(std::move(settings), account_);
            });
        });
        command.add_option("NAME", account_.name, "what its owner signs in with")->required();
        add_access(command, account_.json);
        return command;
    }

    void add_accounts() {
        auto& admin = *root_.add_subcommand("admin", "who may sign in to the dashboard");
        admin.require_subcommand(1);

        auto& create = add_account_command(admin, "create", "make an account", account_create);
        create.add_option("--role", account_.role, "owner, operator or viewer [owner]");
        auto& reset = add_account_command(admin, "reset-password",
                                          "give an account another password; signs it out",
                                          account_reset_password);
        for (auto* command : {&create, &reset}) {
            command
                ->add_option("--password-file", account_.password_file,
                             "a file that holds the password")
                ->type_name("FILE");
            command->footer(
                "Without --password-file the password is asked for on the terminal, or read from "
                "standard input where that is none.");
        }

        auto& list = leaf(admin, "list", "the accounts there are", [this] {
            return with_access([this](server::Settings settings) {
                return account_list(std::move(settings), json_);
            });
        });
        add_access(list, json_);
        add_account_command(admin, "remove", "remove an account; signs it out", account_remove);
    }

    void add_doctor() {
        auto& command = leaf(root_, "doctor",
                             "whether the store, its files and its audit log are sound", [this] {
                                 return with_access([this](server::Settings settings) {
                                     return doctor(std::move(settings), json_);
                                 });
                             });
        add_access(command, json_);
    }

    void add_version() {
        auto& command = leaf(root_, "version", "the versions of this program and of its libraries",
                             [this] { return version(json_); });
        command.add_flag("--json", json_, "print JSON");
    }

    /// The innermost command that was named, whose flags and parts the user can have meant.
    CLI::App const* innermost() const {
        CLI::App const* at = &root_;
        for (auto named = at->get_subcommands(); !named.empty(); named = at->get_subcommands()) {
            at = named.front();
        }
        return at;
    }

    /// CLI11's sentence, and for a word it does not know the nearest that it does.
    std::string explain(CLI::ParseError const& error) const {
        auto const* const command = innermost();
        auto const rest =
            command->remaining(true).empty() ? root_.remaining(true) : command->remaining(true);
        if (rest.empty()) {
            return fmt::format("{}; `{} --help` tells more.", error.what(), full_name(*command));
        }
        std::vector<std::string> known;
        for (auto const* option : command->get_options()) {
            for (auto const& name : option->get_lnames()) {
                known.push_back("--" + name);
            }
        }
        for (auto const* sub : command->get_subcommands([](CLI::App const*) { return true; })) {
            known.push_back(sub->get_name());
        }
        auto const word = rest.front().substr(0, rest.front().find('='));
        auto const nearest = server::nearest_name(word, known);
        return fmt::format(
            "{} is not known here{}. `{} --help` lists what is.", word,
            nearest.empty() ? std::string() : fmt::format(": was {} meant?", nearest),
            full_name(*command));
    }

    static std::string full_name(CLI::App const& command) {
        auto const* const parent = command.get_parent();
        return parent == nullptr ? std::string("latchkey")
                                 : full_name(*parent) + " " + command.get_name();
    }

    CLI::App root_{"Latchkey: tokens, authentication and revocation, self-hosted", "latchkey"};
    std::function<int()> chosen_;
    SettingFlags serve_flags_;
    SettingFlags access_flags_;
    AppCreate app_create_;
    AppUpdate app_update_;
    AppDelete app_delete_;
    UserList user_list_;
    UserCommand user_;
    ConnectionList connection_list_;
    AuditList audit_list_;
    TokenCreate token_create_;
    AccountCommand account_;
    TokenCheck token_check_;
    Revoke revoke_;
    SecretAdd secret_add_;
    SecretRetire secret_retire_;
    Rotate rotate_;
    std::string api_key_;
    bool json_ = false;
    bool batch_ = false;
};

}  // namespace

int run(std::span<char* const> arguments) {
    try {
        return CommandLine().run(arguments);
    } catch (std::exception const& failure) {
        return fail_with(failure.what());
    }
}

}  // namespace latchkey::cli
