#include "api/revocation_admin.hpp"

#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/app_view.hpp"
#include "api/auditing.hpp"
#include "api/errors.hpp"
#include "domain/apps.hpp"
#include "domain/revocation_origin.hpp"
#include "wire/json.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::api::admin {
namespace {

using boost::json::object;
using wire::ApiError;

/// What both scopes are asked for.
struct Order {
    Revocation action;
    std::optional<Instant> before;  ///< what shall be in force; empty: nothing
    bool dry_run = false;
};

/// What a revocation ends, or would. Tokens are counted where they opened a connection alone, for
/// nobody keeps a list of them.
using Ends = Presence::Covered;

std::expected<Order, ApiError> parse_order(object const& body, Revocation action, Instant now) {
    Order order{.action = action, .before = std::nullopt};
    auto const dry_run = flag_member(body, "dry_run");
    if (!dry_run) {
        return std::unexpected(dry_run.error());
    }
    order.dry_run = dry_run->value_or(false);
    bool const is_make = action == Revocation::Make;
    auto const before = is_make ? date_or_now_member(body, "before") : date_member(body, "before");
    if (!before) {
        return std::unexpected(before.error());
    }
    order.before = is_make ? before->value_or(now) : *before;
    return order;
}

/// Whether what is in force does already what is asked for.
bool is_so(std::optional<Instant> in_force, Order const& order) {
    return order.action == Revocation::Make ? in_force >= order.before : in_force <= order.before;
}

void append_order(std::string& out, Order const& order) {
    out += "\"before\":";
    append_nullable_date(out, order.before);
    out += ",\"dry_run\":";
    out += order.dry_run ? "true" : "false";
}

/// Of all `ids`, connected or not.
Ends ends_of_users(domain::App const& app, std::vector<std::string> const& ids, Order const& order,
                   Presence const* presence) {
    if (order.action == Revocation::Undo) {
        return {};
    }
    Ends ends;
    if (presence != nullptr) {
        ends = presence->count_covered(app.id, *order.before, [&ids](std::string_view id) {
            return std::ranges::find(ids, id) != ids.end();
        });
    }
    ends.users = ids.size();
    return ends;
}

/// Puts the users who are not so yet, past `domain::edit_users`: a rule about names that came after
/// the names must not keep anybody from revoking.
Answer revoke_found(domain::Transaction& transaction, domain::App const& app,
                    std::vector<domain::User> users, Order const& order, Author const& author,
                    Presence const* presence) {
    std::vector<std::string> changed;
    std::vector<std::string> already;
    std::vector<domain::UserWrite> writes;
    std::vector<domain::DateChange> dates;
    for (auto& user : users) {
        if (is_so(user.revoke_tokens_issued_before, order)) {
            already.push_back(user.id.text());
            continue;
        }
        changed.push_back(user.id.text());
        dates.push_back(
            {.id = user.id, .before = user.revoke_tokens_issued_before, .after = order.before});
        user.revoke_tokens_issued_before = order.before;
        user.updated_at = author.at;
        writes.push_back({.user = std::move(user), .standing_changed = true});
    }
    auto const ends = ends_of_users(app, changed, order, presence);
    if (!order.dry_run && !writes.empty()) {
        transaction.users().put(app.id, writes);
        for (auto const& write : writes) {
            domain::keep_origin(transaction, app.id, write.user.id, order.before, author.at,
                                author.description);
        }
        audit_revocations(transaction, author, app, dates);
    }
    Answer answer;
    append_order(answer.members, order);
    append_ids(answer.members, "changed", changed);
    append_ids(answer.members, "already", already);
    append_ends(answer.members, ends);
    if (!order.dry_run) {
        for (auto& write : writes) {
            answer.events.push_back({.type = wire::UserEventType::Updated,
                                     .app = app.id,
                                     .user = std::move(write.user),
                                     .created_at = author.at});
        }
    }
    return answer;
}

/// Of users who are connected: nobody knows who else holds a token.
Ends ends_of_app(domain::App const& app, Order const& order, Presence const* presence) {
    if (presence == nullptr || order.action == Revocation::Undo) {
        return {};
    }
    return presence->count_covered(app.id, *order.before, [](std::string_view) { return true; });
}

/// All or none of the users that the body names.
AdminReply change_users(Revocation action, AdminCall const& call) {
    auto const order = parse_order(call.body, action, call.now);
    if (!order) {
        return std::unexpected(order.error());
    }
    auto ids = parse_user_ids(call.body);
    if (!ids) {
        return std::unexpected(std::move(ids).error());
    }
    return StoreWork([key = call.key(), order = *order, ids = *std::move(ids),
                      author = author_of(call.caller, call.now),
                      presence = call.presence()](domain::Transaction& transaction) -> Result {
        auto const app = find_app(transaction, key);
        if (!app) {
            return std::unexpected(app.error());
        }
        auto users = find_users(transaction, *app, ids);
        if (!users) {
            return std::unexpected(std::move(users).error());
        }
        return revoke_found(transaction, *app, *std::move(users), order, author, presence);
    });
}

AdminReply change_app(Revocation action, AdminCall const& call) {
    auto const order = parse_order(call.body, action, call.now);
    if (!order) {
        return std::unexpected(order.error());
    }
    return StoreWork([key = call.key(), order = *order, author = author_of(call.caller, call.now),
                      presence = call.presence()](domain::Transaction& transaction) -> Result {
        auto const app = find_app(transaction, key);
        if (!app) {
            return std::unexpected(app.error());
        }
        bool const changes = !is_so(app->revoke_tokens_issued_before, order);
        auto const ends = changes ? ends_of_app(*app, order, presence) : Ends{};
        if (changes && !order.dry_run) {
            auto const stored = update_app_audited(
                transaction, author, app->id,
                [&](domain::App& edited) { edited.revoke_tokens_issued_before = order.before; });
            if (!stored) {
                return std::unexpected(to_api_error(stored.error()));
            }
        }
        Answer answer;
        append_order(answer.members, order);
        answer.members += changes ? ",\"changed\":true" : ",\"changed\":false";
        append_ends(answer.members, ends);
        return answer;
    });
}

}  // namespace

AdminReply revoke_users(AdminCall const& call) { return change_users(Revocation::Make, call); }

AdminReply unrevoke_users(AdminCall const& call) { return change_users(Revocation::Undo, call); }

AdminReply revoke_app(AdminCall const& call) { return change_app(Revocation::Make, call); }

AdminReply unrevoke_app(AdminCall const& call) { return change_app(Revocation::Undo, call); }

}  // namespace latchkey::api::admin
