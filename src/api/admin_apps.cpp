#include "api/admin.hpp"
#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/app_view.hpp"
#include "api/auditing.hpp"
#include "domain/apps.hpp"
#include "domain/secrets.hpp"
#include "wire/app_settings.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace latchkey::api::admin {
namespace {

using boost::json::object;
using wire::ApiError;

std::expected<domain::Mode, ApiError> parse_mode(std::string_view text) {
    if (text == "development") {
        return domain::Mode::Development;
    }
    if (text == "production") {
        return domain::Mode::Production;
    }
    return std::unexpected(
        wire::input_error("mode is development or production", "mode", "no such mode"));
}

void append_admin_app(std::string& out, domain::App const& app, Instant now, bool with_secret) {
    out += "{\"id\":";
    wire::append_json_number(out, std::to_underlying(app.id));
    out += ",\"name\":";
    wire::append_json_string(out, app.name);
    out += ",\"api_key\":";
    wire::append_json_string(out, app.api_key.text());
    if (with_secret) {
        out += ",\"api_secret\":";
        wire::append_json_string(out, app.signing_secret().secret.reveal());
    }
    out += ",\"mode\":\"";
    out += mode_name(app.mode);
    out += "\",\"live_secrets\":";
    wire::append_json_number(out, static_cast<std::int64_t>(domain::count_live_secrets(app, now)));
    out += ",\"created_at\":";
    wire::append_date(out, app.created_at, wire::Style::Legacy);
    out += ",\"updated_at\":";
    wire::append_date(out, app.updated_at, wire::Style::Legacy);
    out += ",\"settings\":";
    wire::append_app(out, view_of(app), wire::Style::Legacy);
    out += '}';
}

Answer app_answer(int status, domain::App const& app, Instant now, bool with_secret = false) {
    Answer answer{.status = status, .members = "\"app\":"};
    append_admin_app(answer.members, app, now, with_secret);
    return answer;
}

ApiError to_api_error(domain::AppError error) {
    switch (error) {
        case domain::AppError::KeyTaken:
            return wire::input_error("an app with this api_key exists already", "api_key", "taken");
        case domain::AppError::NameInvalid:
            return wire::input_error("name wants 1 to 255 printable bytes", "name", "not a name");
        case domain::AppError::SecretFlawed: break;
    }
    return wire::input_error("the api_secret cannot guard an app", "api_secret", "unfit");
}

std::expected<domain::NewApp, ApiError> parse_new_app(object const& body) {
    auto const name = text_member(body, "name");
    auto const mode = text_member(body, "mode");
    auto const key = text_member(body, "api_key");
    auto secret = text_member(body, "api_secret");
    for (auto const* member : {&name, &mode, &key, &std::as_const(secret)}) {
        if (!*member) {
            return std::unexpected(member->error());
        }
    }
    domain::NewApp app{.name = name->value_or(std::string())};
    if (auto const& text = *mode) {
        auto const parsed = parse_mode(*text);
        if (!parsed) {
            return std::unexpected(parsed.error());
        }
        app.mode = *parsed;
    }
    if (auto const& text = *key) {
        app.api_key = ApiKey::parse(*text);
        if (!app.api_key) {
            return std::unexpected(wire::input_error(
                "api_key wants 1 to 64 of the characters A-Z a-z 0-9 _ -", "api_key", "not a key"));
        }
    }
    if (auto& text = *secret) {
        app.api_secret.emplace(*std::move(text));
        if (auto const flaw = domain::find_flaw(*app.api_secret)) {
            return std::unexpected(flawed_secret(*flaw));
        }
    }
    return app;
}

/// What an operator may change beside the settings that a server token may.
struct OperatorPatch {
    std::optional<domain::Mode> mode;
    std::optional<std::string> name;
    std::optional<bool> suspended;
    std::optional<std::string> suspended_explanation;
};

std::expected<OperatorPatch, ApiError> parse_operator_patch(object const& body) {
    auto const mode = text_member(body, "mode");
    auto const name = text_member(body, "name");
    auto const explanation = text_member(body, "suspended_explanation");
    for (auto const* member : {&mode, &name, &explanation}) {
        if (!*member) {
            return std::unexpected(member->error());
        }
    }
    OperatorPatch patch{.mode = std::nullopt,
                        .name = *name,
                        .suspended = std::nullopt,
                        .suspended_explanation = *explanation};
    if (auto const& text = *mode) {
        auto const parsed = parse_mode(*text);
        if (!parsed) {
            return std::unexpected(parsed.error());
        }
        patch.mode = *parsed;
    }
    auto const suspended = flag_member(body, "suspended");
    if (!suspended) {
        return std::unexpected(suspended.error());
    }
    patch.suspended = *suspended;
    return patch;
}

void apply(OperatorPatch const& patch, domain::App& app) {
    app.mode = patch.mode.value_or(app.mode);
    app.name = patch.name.value_or(app.name);
    app.suspended = patch.suspended.value_or(app.suspended);
    app.suspended_explanation = patch.suspended_explanation.value_or(app.suspended_explanation);
}

}  // namespace

AdminReply list_apps(AdminCall const& call) {
    return StoreWork([now = call.now](domain::Transaction& transaction) -> Result {
        Answer answer{.members = "\"apps\":["};
        for (auto const& app : transaction.apps().all()) {
            if (answer.members.back() == '}') {
                answer.members += ',';
            }
            append_admin_app(answer.members, app, now, false);
        }
        answer.members += ']';
        return answer;
    });
}

AdminReply create_app(AdminCall const& call) {
    auto content = parse_new_app(call.body);
    if (!content) {
        return std::unexpected(std::move(content).error());
    }
    return StoreWork(
        [content = *std::move(content), author = author_of(call.caller, call.now),
         &random = call.world.random](domain::Transaction& transaction) mutable -> Result {
            auto const app = domain::create_app(transaction, std::move(content), author.at, random);
            if (!app) {
                return std::unexpected(to_api_error(app.error()));
            }
            audit(transaction, author,
                  {.action = "app.create",
                   .app = app->api_key.text(),
                   .after = {{"name", app->name}, {"mode", mode_name(app->mode)}}});
            return app_answer(201, *app, author.at, true);
        });
}

AdminReply show_app(AdminCall const& call) {
    return StoreWork(
        [key = call.key(), now = call.now](domain::Transaction& transaction) -> Result {
            auto const app = find_app(transaction, key);
            if (!app) {
                return std::unexpected(app.error());
            }
            return app_answer(200, *app, now);
        });
}

AdminReply update_app(AdminCall const& call) {
    auto operator_patch = parse_operator_patch(call.body);
    if (!operator_patch) {
        return std::unexpected(std::move(operator_patch).error());
    }
    if (operator_patch->mode) {
        if (auto allowed = check_role(call.caller, domain::OperatorRole::Owner, "UpdateApp: mode");
            !allowed) {
            return std::unexpected(std::move(allowed).error());
        }
    }
    auto patch = wire::parse_app_patch(call.body);
    if (!patch) {
        return std::unexpected(std::move(patch).error());
    }
    return StoreWork(
        [key = call.key(), operator_patch = *std::move(operator_patch), patch = *std::move(patch),
         author = author_of(call.caller, call.now)](domain::Transaction& transaction) -> Result {
            auto const found = find_app(transaction, key);
            if (!found) {
                return std::unexpected(found.error());
            }
            std::expected<void, ApiError> applied;
            auto const app =
                update_app_audited(transaction, author, found->id, [&](domain::App& changed) {
                    applied = api::apply(patch, changed);
                    apply(operator_patch, changed);
                });
            if (!applied) {
                return std::unexpected(std::move(applied).error());
            }
            if (!app) {
                return std::unexpected(api::to_api_error(app.error()));
            }
            return app_answer(200, *app, author.at);
        });
}

AdminReply delete_app(AdminCall const& call) {
    auto const dry_run = flag_member(call.body, "dry_run");
    auto const confirm = text_member(call.body, "confirm");
    if (!dry_run || !confirm) {
        return std::unexpected(!dry_run ? dry_run.error() : confirm.error());
    }
    return StoreWork([key = call.key(), dry_run = dry_run->value_or(false), confirm = *confirm,
                      author = author_of(call.caller, call.now),
                      presence = call.presence()](domain::Transaction& transaction) -> Result {
        auto const app = find_app(transaction, key);
        if (!app) {
            return std::unexpected(app.error());
        }
        if (!dry_run && confirm != app->name) {
            return std::unexpected(wire::input_error("to delete an app, confirm wants its name",
                                                     "confirm", "not the name"));
        }
        Presence::Covered ends;
        if (presence != nullptr) {
            ends = presence->count_open(app->id, [](std::string_view) { return true; });
        }
        Answer answer{.members = dry_run ? "\"dry_run\":true" : "\"dry_run\":false"};
        answer.members += ",\"users\":";
        wire::append_json_number(answer.members,
                                 static_cast<std::int64_t>(transaction.users().count(app->id)));
        append_ends(answer.members, ends);
        if (!dry_run) {
            transaction.apps().remove(app->id);
            audit(transaction, author,
                  {.action = "app.delete",
                   .app = app->api_key.text(),
                   .before = {{"name", app->name}, {"mode", mode_name(app->mode)}}});
        }
        return answer;
    });
}

}  // namespace latchkey::api::admin
