#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/auditing.hpp"
#include "api/operator_access.hpp"
#include "domain/apps.hpp"
#include "domain/figures.hpp"
#include "domain/secrets.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::api::admin {
namespace {

using boost::json::object;
using domain::SecretError;
using domain::SecretState;
using wire::ApiError;

ApiError no_such_secret() {
    return {.code = wire::ErrorCode::DoesNotExistError,
            .http_status = 404,
            .message = "the app has no secret with this number"};
}

ApiError to_api_error(SecretError error) {
    switch (error) {
        case SecretError::AppUnknown: return no_such_app();
        case SecretError::SecretUnknown: return no_such_secret();
        case SecretError::SecretFlawed:
            return wire::input_error("the api_secret cannot guard an app", "api_secret", "unfit");
        case SecretError::SecretTaken:
            return wire::input_error("the app has this api_secret already", "api_secret", "taken");
        case SecretError::TooManySecrets:
            return wire::input_error("an app has at most " + std::to_string(domain::kSecretsMax) +
                                     " live secrets: retire one");
        case SecretError::NoSecretStays:
            return wire::input_error(
                "this is the last secret without a date to retire at: add another one before");
        case SecretError::AlreadyRetired:
            return wire::input_error("the secret is retired: that is not taken back");
        case SecretError::RetirementInPast:
            return wire::input_error("at lies in the past: leave it out to retire the secret now",
                                     "at", "in the past");
    }
    std::unreachable();
}

/// The number that stands in the path. Empty: it is none.
std::optional<std::int64_t> secret_number(AdminCall const& call) {
    auto const& text = call.parameters[1];
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number > 0
               ? std::optional(number)
               : std::nullopt;
}

/// What came of an App's secrets on this node, by their numbers.
struct Uses {
    Instant since;  ///< the node's start
    struct One {
        std::uint64_t tokens_seen = 0;
        std::optional<Instant> last_used_at{};
    };
    std::map<std::int64_t, One> of{};
    std::map<std::int64_t, std::size_t> connections{};
};

/// On the loop, which reads node state. Nothing is counted without a server.
Uses read_uses(AdminCall const& call) {
    Uses uses{.since = call.world.node == nullptr ? call.now : call.world.node->facts->started_at};
    std::optional<AppId> id;
    {
        auto const state = call.world.tokens.read();
        auto const* app = state.find_app(call.key());
        for (std::size_t i = 0; app != nullptr && i < app->secret_figures.size(); ++i) {
            auto const& figures = *app->secret_figures[i];
            uses.of[app->app->secrets[i].id] = {.tokens_seen = figures.tokens_seen(),
                                                .last_used_at = figures.last_used_at()};
        }
        id = app == nullptr ? std::nullopt : std::optional(app->app->id);
    }
    if (auto const* presence = call.presence(); presence != nullptr && id) {
        uses.connections = presence->count_by_secret(*id);
    }
    return uses;
}

struct ShownSecret {
    std::int64_t id;
    Instant created_at;
    std::optional<Instant> retires_at;
    SecretState state;
    bool signs_new_tokens;
};

ShownSecret shown(domain::App const& app, domain::ApiSecret const& secret, Instant now) {
    return {.id = secret.id,
            .created_at = secret.created_at,
            .retires_at = secret.retires_at,
            .state = domain::state_of(secret, now),
            .signs_new_tokens = app.signing_secret().id == secret.id};
}

ShownSecret shown(domain::ForgottenSecret const& secret) {
    return {.id = secret.id,
            .created_at = secret.created_at,
            .retires_at = secret.retired_at,
            .state = SecretState::Retired,
            .signs_new_tokens = false};
}

/// Empty: the App has no such secret, and had none that is remembered.
std::optional<ShownSecret> find_shown(domain::App const& app, std::int64_t id, Instant now) {
    auto const kept = std::ranges::find(app.secrets, id, &domain::ApiSecret::id);
    if (kept != app.secrets.end()) {
        return shown(app, *kept, now);
    }
    auto const forgotten =
        std::ranges::find(app.forgotten_secrets, id, &domain::ForgottenSecret::id);
    return forgotten == app.forgotten_secrets.end() ? std::nullopt
                                                    : std::optional(shown(*forgotten));
}

void append_secret(std::string& out, ShownSecret const& secret, Uses const& uses,
                   Secret const* value = nullptr) {
    out += "{\"id\":";
    wire::append_json_number(out, secret.id);
    if (value != nullptr) {
        out += ",\"api_secret\":";
        wire::append_json_string(out, value->reveal());
    }
    out += ",\"created_at\":";
    wire::append_date(out, secret.created_at, wire::Style::Legacy);
    out += ",\"retires_at\":";
    append_nullable_date(out, secret.retires_at);
    out += ",\"state\":\"";
    out += domain::name_of(secret.state);
    out +=
        secret.signs_new_tokens ? R"(","signs_new_tokens":true)" : R"(","signs_new_tokens":false)";
    auto const use = uses.of.contains(secret.id) ? uses.of.at(secret.id) : Uses::One{};
    auto const open = uses.connections.find(secret.id);
    out += ",\"usage\":{\"since\":";
    wire::append_date(out, std::max(uses.since, secret.created_at), wire::Style::Legacy);
    out += ",\"tokens_seen\":";
    wire::append_json_number(out, static_cast<std::int64_t>(use.tokens_seen));
    out += ",\"connections\":";
    wire::append_json_number(
        out, open == uses.connections.end() ? 0 : static_cast<std::int64_t>(open->second));
    out += ",\"last_used_at\":";
    append_nullable_date(out, use.last_used_at);
    out += "}}";
}

/// What the audit log keeps of one: never the secret itself.
object audited(ShownSecret const& secret) {
    return {{"state", domain::name_of(secret.state)},
            {"retires_at", to_audit_value(secret.retires_at)}};
}

std::expected<std::optional<Secret>, ApiError> parse_given_secret(object const& body) {
    auto text = text_member(body, "api_secret");
    if (!text) {
        return std::unexpected(std::move(text).error());
    }
    if (!*text) {
        return std::nullopt;
    }
    std::optional<Secret> secret(std::in_place, **std::move(text));
    if (auto const flaw = domain::find_flaw(*secret)) {
        return std::unexpected(flawed_secret(*flaw));
    }
    return secret;
}

struct Retirement {
    std::optional<Instant> at;  ///< empty: now
    bool dry_run = false;
};

std::expected<Retirement, ApiError> parse_retirement(object const& body) {
    auto const dry_run = flag_member(body, "dry_run");
    if (!dry_run) {
        return std::unexpected(dry_run.error());
    }
    auto const at = date_or_now_member(body, "at");
    if (!at) {
        return std::unexpected(at.error());
    }
    return Retirement{.at = *at, .dry_run = dry_run->value_or(false)};
}

/// Of what is open now, what rests on a secret that is not retired yet.
Presence::Covered ends_of(domain::App const& app, std::int64_t id, Presence const* presence) {
    if (presence == nullptr) {
        return {};
    }
    // With auth checks off a signature counts for nothing; that of a server does, and of nobody.
    bool const any = !app.auth_checks_disabled();
    return presence->count(app.id, [id, any](domain::Grant const& grant) {
        return grant.secret_id == id && (any || grant.kind == domain::CallerKind::Anonymous);
    });
}

}  // namespace

AdminReply list_secrets(AdminCall const& call) {
    auto const app = find_known_app(call);
    if (!app) {
        return std::unexpected(app.error());
    }
    auto const uses = read_uses(call);
    Answer answer{.status = 200, .members = "\"secrets\":["};
    auto const append = [&](ShownSecret const& secret) {
        answer.members += answer.members.back() == '[' ? "" : ",";
        append_secret(answer.members, secret, uses);
    };
    // Newest first. A number that is forgotten may be higher than one that is not.
    std::map<std::int64_t, ShownSecret, std::greater<>> all;
    for (auto const& secret : (*app)->secrets) {
        all.emplace(secret.id, shown(**app, secret, call.now));
    }
    for (auto const& secret : (*app)->forgotten_secrets) {
        all.emplace(secret.id, shown(secret));
    }
    for (auto const& entry : all) {
        append(entry.second);
    }
    answer.members += ']';
    return answer;
}

AdminReply add_secret(AdminCall const& call) {
    auto given = parse_given_secret(call.body);
    if (!given) {
        return std::unexpected(std::move(given).error());
    }
    return StoreWork([key = call.key(), given = *std::move(given), uses = read_uses(call),
                      author = author_of(call.caller, call.now), now = call.now,
                      &random =
                          call.world.random](domain::Transaction& transaction) mutable -> Result {
        auto const found = find_app(transaction, key);
        if (!found) {
            return std::unexpected(found.error());
        }
        auto const app = domain::add_secret(transaction, found->id, std::move(given), now, random);
        if (!app) {
            return std::unexpected(to_api_error(app.error()));
        }
        for (auto const& had : found->secrets) {  // where one had to make room
            if (std::ranges::find(app->secrets, had.id, &domain::ApiSecret::id) ==
                app->secrets.end()) {
                audit_forgotten_secret(transaction, author, key, had.id);
            }
        }
        auto const& secret = app->secrets.front();
        auto const added = shown(*app, secret, now);
        audit(transaction, author,
              {.action = "secret.add",
               .app = key,
               .target = std::to_string(secret.id),
               .after = audited(added)});
        Answer answer{.status = 201, .members = "\"secret\":"};
        append_secret(answer.members, added, uses, &secret.secret);
        return answer;
    });
}

AdminReply reveal_secret(AdminCall const& call) {
    auto const number = secret_number(call);
    if (!number) {
        return std::unexpected(no_such_secret());
    }
    auto work = [key = call.key(), number = *number, author = author_of(call.caller, call.now)](
                    domain::Transaction& transaction) -> Result {
        auto const app = find_app(transaction, key);
        if (!app) {
            return std::unexpected(app.error());
        }
        auto const secret = std::ranges::find(app->secrets, number, &domain::ApiSecret::id);
        if (secret == app->secrets.end()) {
            return std::unexpected(no_such_secret());
        }
        audit(transaction, author,
              {.action = "secret.reveal", .app = key, .target = std::to_string(number)});
        Answer answer{.status = 200, .members = "\"api_secret\":"};
        wire::append_json_string(answer.members, secret->secret.reveal());
        return answer;
    };
    return confirm_caller(
        call, "RevealSecret", "password",
        [work = std::move(work)](GoOn go_on) mutable { go_on(StoreWork(std::move(work))); });
}

AdminReply retire_secret(AdminCall const& call) {
    auto const number = secret_number(call);
    if (!number) {
        return std::unexpected(no_such_secret());
    }
    auto const order = parse_retirement(call.body);
    if (!order) {
        return std::unexpected(order.error());
    }
    return StoreWork([key = call.key(), number = *number, order = *order, uses = read_uses(call),
                      author = author_of(call.caller, call.now), now = call.now,
                      presence = call.presence()](domain::Transaction& transaction) -> Result {
        auto const found = find_app(transaction, key);
        if (!found) {
            return std::unexpected(found.error());
        }
        auto const before = find_shown(*found, number, now);
        auto const app =
            domain::retire_secret(transaction, found->id, number, order.at, now,
                                  order.dry_run ? domain::DryRun::Yes : domain::DryRun::No);
        if (!app) {
            return std::unexpected(to_api_error(app.error()));
        }
        auto const after = find_shown(*app, number, now);
        if (!before || !after) {
            return std::unexpected(no_such_secret());
        }
        if (!order.dry_run && before->retires_at != after->retires_at) {
            audit(transaction, author,
                  {.action = "secret.retire",
                   .app = key,
                   .target = std::to_string(number),
                   .before = audited(*before),
                   .after = audited(*after)});
        }
        bool const ends_something = before->state != SecretState::Retired;
        Answer answer{.status = 200, .members = "\"secret\":"};
        append_secret(answer.members, *after, uses);
        answer.members += order.dry_run ? ",\"dry_run\":true" : ",\"dry_run\":false";
        append_ends(answer.members,
                    ends_something ? ends_of(*app, number, presence) : Presence::Covered{});
        return answer;
    });
}

AdminReply unretire_secret(AdminCall const& call) {
    auto const number = secret_number(call);
    if (!number) {
        return std::unexpected(no_such_secret());
    }
    return StoreWork([key = call.key(), number = *number, uses = read_uses(call),
                      author = author_of(call.caller, call.now),
                      now = call.now](domain::Transaction& transaction) -> Result {
        auto const found = find_app(transaction, key);
        if (!found) {
            return std::unexpected(found.error());
        }
        auto const before = find_shown(*found, number, now);
        auto const app = domain::unretire_secret(transaction, found->id, number, now);
        if (!app) {
            return std::unexpected(to_api_error(app.error()));
        }
        auto const after = find_shown(*app, number, now);
        if (!before || !after) {
            return std::unexpected(no_such_secret());
        }
        if (before->retires_at != after->retires_at) {
            audit(transaction, author,
                  {.action = "secret.unretire",
                   .app = key,
                   .target = std::to_string(number),
                   .before = audited(*before),
                   .after = audited(*after)});
        }
        Answer answer{.status = 200, .members = "\"secret\":"};
        append_secret(answer.members, *after, uses);
        return answer;
    });
}

}  // namespace latchkey::api::admin
