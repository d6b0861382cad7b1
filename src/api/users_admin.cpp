#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/auditing.hpp"
#include "api/credentials.hpp"
#include "api/errors.hpp"
#include "api/events.hpp"
#include "domain/user_lifecycle.hpp"
#include "domain/user_listing.hpp"
#include "domain/users.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <latchkey/base/base64url.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::api::admin {
namespace {

using boost::json::object;
using domain::UserListing;
using domain::UserListPlace;
using domain::UserState;
using wire::ApiError;
using Order = domain::UserWalk::Order;

/// Online users whom one page may look at for those who fit; behind them it ends, full or not.
constexpr std::size_t kOnlineLookedAtMax = 1000;
static_assert(kOnlineLookedAtMax >= domain::kUserListLimitMax);

constexpr std::size_t kNewUserNameBytesMax = 255;

/// A list as it is asked for: online users are known to the node and not to the store.
struct Wanted {
    UserListing listing;
    bool online = false;
};

std::string format_cursor(UserListPlace const& place) {
    std::string text(1, place.order == Order::Id ? 'i' : 'n');
    text += place.id;
    text += '\0';
    text += place.name;
    return base64url::encode(text);
}

std::expected<UserListPlace, ApiError> parse_cursor(std::string_view text) {
    auto const decoded = decode_cursor(text);
    auto const end = decoded ? decoded->find('\0') : std::string::npos;
    bool const is_known =
        end != std::string::npos && (decoded->front() == 'i' || decoded->front() == 'n');
    if (!is_known) {
        return std::unexpected(no_such_cursor());
    }
    return UserListPlace{.order = decoded->front() == 'i' ? Order::Id : Order::Name,
                         .name = decoded->substr(end + 1),
                         .id = decoded->substr(1, end - 1)};
}

std::expected<void, ApiError> read_state(std::string_view name, Wanted& to) {
    struct Row {
        std::string_view name;
        UserState state;
        bool online = false;
    };
    constexpr std::array kStates = {Row{"", UserState::Any},
                                    Row{"all", UserState::Any},
                                    Row{"active", UserState::Active},
                                    Row{"revoked", UserState::Revoked},
                                    Row{"deactivated", UserState::Deactivated},
                                    Row{"deleted", UserState::Deleted},
                                    Row{"online", UserState::Any, true}};
    auto const found = std::ranges::find(kStates, name, &Row::name);
    if (found == kStates.end()) {
        return std::unexpected(
            wire::input_error("state is all, active, revoked, deactivated, deleted or online",
                              "state", "no such state"));
    }
    to.listing.state = found->state;
    to.online = found->online;
    return {};
}

std::expected<Wanted, ApiError> read_wanted(std::string_view query) {
    Wanted wanted;
    std::string storage;
    wanted.listing.search = query_parameter(query, "search", storage);
    if (wanted.listing.search.size() > domain::kUserSearchBytesMax) {
        return std::unexpected(
            wire::input_error("a search has at most 255 bytes", "search", "too long"));
    }
    if (auto read = read_state(query_parameter(query, "state", storage), wanted); !read) {
        return std::unexpected(std::move(read).error());
    }
    if (auto const role = query_parameter(query, "role", storage); !role.empty()) {
        wanted.listing.role = role;
    }
    auto const limit = read_limit(query, domain::kUserListLimitDefault, domain::kUserListLimitMax);
    if (!limit) {
        return std::unexpected(limit.error());
    }
    wanted.listing.limit = *limit;
    if (auto const cursor = query_parameter(query, "cursor", storage); !cursor.empty()) {
        auto place = parse_cursor(cursor);
        if (!place) {
            return std::unexpected(std::move(place).error());
        }
        wanted.listing.after = *std::move(place);
    }
    return wanted;
}

void append_text_or_null(std::string& out, std::optional<std::string> const& text) {
    if (text) {
        wire::append_json_string(out, *text);
    } else {
        out += "null";
    }
}

/// The members of a user as operators see it, without the brace at the end.
void append_user_members(std::string& out, domain::User const& user, AppId app,
                         Presence const* presence) {
    auto const connections =
        presence == nullptr ? 0 : presence->count_connections(app, user.id.text());
    out += "{\"id\":";
    wire::append_json_string(out, user.id.text());
    out += ",\"name\":";
    append_text_or_null(out, user.name);
    out += ",\"image\":";
    append_text_or_null(out, user.image);
    out += ",\"role\":";
    wire::append_json_string(out, user.role);
    out += ",\"created_at\":";
    append_nullable_date(out, user.created_at);
    out += ",\"updated_at\":";
    append_nullable_date(out, user.updated_at);
    out += ",\"last_active\":";
    append_nullable_date(out, user.last_active);
    out += connections > 0 ? ",\"online\":true" : ",\"online\":false";
    out += ",\"connections\":";
    wire::append_json_number(out, static_cast<std::int64_t>(connections));
    out += ",\"revoke_tokens_issued_before\":";
    append_nullable_date(out, user.revoke_tokens_issued_before);
    out += ",\"deactivated_at\":";
    append_nullable_date(out, user.deactivated_at);
    out += ",\"deleted_at\":";
    append_nullable_date(out, user.deleted_at);
    out += ",\"custom\":";
    wire::append_json(out, user.custom);
}

/// `before` and its origin: null where it was set by a version that did not keep it.
void append_revocation_members(std::string& out, domain::Transaction& transaction, AppId app,
                               std::optional<UserId> const& user, Instant before) {
    auto const origin = transaction.revocation_origins().find(app, user);
    out += "\"before\":";
    append_nullable_date(out, before);
    out += ",\"set_at\":";
    append_nullable_date(out, origin ? std::optional(origin->set_at) : std::nullopt);
    out += ",\"set_by\":";
    append_text_or_null(out, origin ? std::optional(origin->set_by) : std::nullopt);
}

/// Of the App itself where `user` is empty; null where none is in force.
void append_revocation(std::string& out, domain::Transaction& transaction, AppId app,
                       std::optional<UserId> const& user, std::optional<Instant> before) {
    if (!before) {
        out += "null";
        return;
    }
    out += '{';
    append_revocation_members(out, transaction, app, user, *before);
    out += '}';
}

Answer page_answer(domain::UserPage const& page, AppId app, Presence const* presence) {
    Answer answer{.members = "\"users\":["};
    for (auto const& user : page.users) {
        answer.members += &user == &page.users.front() ? "" : ",";
        append_user_members(answer.members, user, app, presence);
        answer.members += '}';
    }
    answer.members += "],\"next\":";
    append_text_or_null(answer.members,
                        page.next ? std::optional(format_cursor(*page.next)) : std::nullopt);
    return answer;
}

bool fits(domain::User const& user, UserListing const& listing) {
    return (!listing.role || user.role == *listing.role) &&
           (domain::begins_with(user.id.text(), listing.search) ||
            (user.name && domain::begins_with(*user.name, listing.search)));
}

/// Users who have a connection now, by id.
domain::UserPage list_online(domain::UserStore& store, AppId app, UserListing const& listing,
                             Presence const* presence) {
    domain::UserPage page;
    if (presence == nullptr) {
        return page;
    }
    auto const online = presence->online_after(
        app, listing.after ? listing.after->id : std::string(), kOnlineLookedAtMax + 1);
    for (std::size_t i = 0; i < online.size(); ++i) {
        if (page.users.size() == listing.limit || i == kOnlineLookedAtMax) {
            page.next = {.id = online[i - 1]};
            break;
        }
        auto const id = UserId::parse(online[i]);
        for (auto& user : id ? store.find(app, {&*id, 1}) : std::vector<domain::User>()) {
            if (fits(user, listing)) {
                page.users.push_back(std::move(user));
            }
        }
    }
    return page;
}

enum class Act : std::uint8_t { Deactivate, Reactivate };

Answer act_answer(domain::App const& app, std::vector<std::string> const& changed,
                  std::vector<std::string> const& already, Act act, bool dry_run,
                  Presence const* presence) {
    Presence::Covered ends;
    if (act == Act::Deactivate) {
        if (presence != nullptr) {
            ends = presence->count_open(app.id, [&](std::string_view id) {
                return std::ranges::find(changed, id) != changed.end();
            });
        }
        ends.users = changed.size();
    }
    Answer answer{.members = dry_run ? R"("before":null,"dry_run":true)"
                                     : R"("before":null,"dry_run":false)"};
    append_ids(answer.members, "changed", changed);
    append_ids(answer.members, "already", already);
    append_ends(answer.members, ends);
    return answer;
}

/// All or none of the users that the body names.
AdminReply act_on_users(Act act, AdminCall const& call) {
    auto const dry_run = flag_member(call.body, "dry_run");
    if (!dry_run) {
        return std::unexpected(dry_run.error());
    }
    auto ids = parse_user_ids(call.body);
    if (!ids) {
        return std::unexpected(std::move(ids).error());
    }
    return StoreWork([act, key = call.key(), dry_run = dry_run->value_or(false),
                      ids = *std::move(ids), author = author_of(call.caller, call.now),
                      presence = call.presence()](domain::Transaction& transaction) -> Result {
        auto const app = find_app(transaction, key);
        if (!app) {
            return std::unexpected(app.error());
        }
        auto const before = find_users(transaction, *app, ids);
        if (!before) {
            return std::unexpected(before.error());
        }
        std::vector<std::string> changed;
        std::vector<std::string> already;
        for (auto const& user : *before) {
            bool const is_so = user.deactivated_at.has_value() == (act == Act::Deactivate);
            (is_so ? already : changed).push_back(user.id.text());
        }
        auto answer = act_answer(*app, changed, already, act, dry_run, presence);
        if (dry_run) {
            return answer;
        }
        auto edited =
            act == Act::Deactivate
                ? domain::deactivate_users(transaction, *app, ids, author.at)
                : domain::reactivate_users(transaction, *app, ids, std::nullopt, author.at);
        if (!edited) {
            return std::unexpected(to_api_error(edited.error()));
        }
        audit_users(transaction, author,
                    act == Act::Deactivate ? "users.deactivate" : "users.reactivate", *app,
                    edited->dates, "deactivated_at");
        answer.events = events_about(std::move(edited->users), edited->changed,
                                     act == Act::Deactivate ? wire::UserEventType::Deactivated
                                                            : wire::UserEventType::Reactivated,
                                     app->id, author.at);
        return answer;
    });
}

}  // namespace

AdminReply list_users(AdminCall const& call) {
    auto wanted = read_wanted(call.request.query);
    if (!wanted) {
        return std::unexpected(std::move(wanted).error());
    }
    return StoreWork([key = call.key(), wanted = *std::move(wanted),
                      presence = call.presence()](domain::Transaction& transaction) -> Result {
        auto const app = find_app(transaction, key);
        if (!app) {
            return std::unexpected(app.error());
        }
        auto& store = transaction.users();
        auto const page = wanted.online ? list_online(store, app->id, wanted.listing, presence)
                                        : domain::list_users(store, app->id, wanted.listing);
        return page_answer(page, app->id, presence);
    });
}

AdminReply create_user(AdminCall const& call) {
    auto const id_text = text_member(call.body, "id");
    auto name = text_member(call.body, "name");
    for (auto const* member : {&id_text, &std::as_const(name)}) {
        if (!*member) {
            return std::unexpected(member->error());
        }
    }
    auto const id = UserId::parse(id_text->value_or(std::string()));
    if (!id) {
        return std::unexpected(wire::input_error(
            "id wants 1 to 255 of the characters A-Z a-z 0-9 @ _ -", "id", "no user id"));
    }
    if (*name && (*name)->size() > kNewUserNameBytesMax) {
        return std::unexpected(
            wire::input_error("a name has at most 255 bytes here", "name", "too long"));
    }
    return StoreWork([key = call.key(), id = *id, name = *std::move(name),
                      author = author_of(call.caller, call.now),
                      presence = call.presence()](domain::Transaction& transaction) -> Result {
        auto const app = find_app(transaction, key);
        if (!app) {
            return std::unexpected(app.error());
        }
        if (!transaction.users().find(app->id, {&id, 1}).empty()) {
            return std::unexpected(
                wire::input_error("a user with this id exists already", "id", "taken"));
        }
        domain::UserEdit edit = {
            .id = id, .apply = [&name](domain::User& user) -> std::expected<void, std::string> {
                user.name = name;
                return {};
            }};
        auto edited =
            domain::edit_users(transaction, *app, {&edit, 1}, domain::IfMissing::Create, author.at);
        if (!edited) {
            return std::unexpected(to_api_error(edited.error()));
        }
        audit(transaction, author,
              {.action = "users.create",
               .app = app->api_key.text(),
               .target = id.text(),
               .after = {{"created_at", to_audit_value(author.at)}}});
        Answer answer{.status = 201, .members = "\"user\":"};
        append_user_members(answer.members, edited->users.front(), app->id, presence);
        answer.members += '}';
        answer.events = events_about(std::move(edited->users), edited->changed,
                                     wire::UserEventType::Updated, app->id, author.at);
        return answer;
    });
}

AdminReply deactivate_users(AdminCall const& call) { return act_on_users(Act::Deactivate, call); }

AdminReply reactivate_users(AdminCall const& call) { return act_on_users(Act::Reactivate, call); }

AdminReply show_user(AdminCall const& call) {
    return StoreWork([key = call.key(), id = UserId::parse(call.parameters[1]),
                      presence = call.presence()](domain::Transaction& transaction) -> Result {
        auto const app = find_app(transaction, key);
        if (!app) {
            return std::unexpected(app.error());
        }
        auto const users =
            id ? transaction.users().find(app->id, {&*id, 1}) : std::vector<domain::User>();
        if (users.empty()) {
            return std::unexpected(ApiError{.code = wire::ErrorCode::DoesNotExistError,
                                            .http_status = 404,
                                            .message = "there is no user with this id"});
        }
        auto const& user = users.front();
        Answer answer{.members = "\"user\":"};
        append_user_members(answer.members, user, app->id, presence);
        answer.members += ",\"revocation\":";
        append_revocation(answer.members, transaction, app->id, user.id,
                          user.revoke_tokens_issued_before);
        answer.members += '}';
        return answer;
    });
}

AdminReply list_revocations(AdminCall const& call) {
    auto const limit =
        read_limit(call.request.query, domain::kUserListLimitDefault, domain::kUserListLimitMax);
    if (!limit) {
        return std::unexpected(limit.error());
    }
    std::string storage;
    auto const cursor = query_parameter(call.request.query, "cursor", storage);
    auto after = cursor.empty() ? std::string() : decode_cursor(cursor);
    if (!after) {
        return std::unexpected(no_such_cursor());
    }
    return StoreWork([key = call.key(), limit = *limit,
                      after = *std::move(after)](domain::Transaction& transaction) -> Result {
        auto const app = find_app(transaction, key);
        if (!app) {
            return std::unexpected(app.error());
        }
        auto revocations = transaction.users().revocations(app->id, after, limit + 1);
        bool const has_more = revocations.size() > limit;
        if (has_more) {
            revocations.pop_back();
        }
        Answer answer{.members = "\"app\":"};
        append_revocation(answer.members, transaction, app->id, std::nullopt,
                          app->revoke_tokens_issued_before);
        answer.members += ",\"users\":[";
        for (auto const& revocation : revocations) {
            answer.members +=
                &revocation == &revocations.front() ? "{\"user_id\":" : ",{\"user_id\":";
            wire::append_json_string(answer.members, revocation.id.text());
            answer.members += ',';
            append_revocation_members(answer.members, transaction, app->id, revocation.id,
                                      revocation.before);
            answer.members += '}';
        }
        answer.members += "],\"next\":";
        append_text_or_null(
            answer.members,
            has_more
                ? std::optional(base64url::encode(std::string_view(revocations.back().id.text())))
                : std::nullopt);
        return answer;
    });
}

}  // namespace latchkey::api::admin
