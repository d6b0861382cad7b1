#include "domain/user_lifecycle.hpp"

#include "api/auditing.hpp"
#include "api/endpoint.hpp"
#include "api/errors.hpp"
#include "api/task_ids.hpp"
#include "http/uri.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"
#include "wire/user_requests.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

using boost::json::object;
using domain::Deletion;
using wire::ApiError;
using wire::UserEventType;

ApiError not_found(std::string message) {
    return {.code = wire::ErrorCode::DoesNotExistError,
            .http_status = 404,
            .message = std::move(message)};
}

/// The body of a call whose fields are all optional: nothing and `null` say as much as `{}`.
std::expected<object, ApiError> read_optional_body(Call const& call) {
    auto const text = call.request.body;
    if (text.empty() || text == "null") {
        return object();
    }
    auto body = wire::parse_json_object(text);
    if (!body) {
        return std::unexpected(wire::input_error(std::string(wire::describe(body.error()))));
    }
    return *std::move(body);
}

/// The id in the path. One that is no user id is nobody's.
std::expected<UserId, ApiError> read_path_id(Call const& call) {
    auto const text = http::decode_path_segment(call.id);
    auto id = text ? UserId::parse(*text) : std::nullopt;
    if (!id) {
        return std::unexpected(not_found("there is no user with this id"));
    }
    return *std::move(id);
}

std::expected<std::vector<UserId>, ApiError> read_user_ids(object const& body) {
    auto const* list = body.if_contains("user_ids");
    if (list == nullptr || !list->is_array() || list->get_array().empty() ||
        list->get_array().size() > wire::kUsersPerRequestMax) {
        return std::unexpected(wire::input_error("user_ids wants a list of 1 to 100 ids",
                                                 "user_ids", "not such a list"));
    }
    std::vector<UserId> ids;
    for (auto const& entry : list->get_array()) {
        auto id =
            entry.is_string() ? UserId::parse(std::string_view(entry.get_string())) : std::nullopt;
        if (!id || std::ranges::find(ids, *id) != ids.end()) {
            return std::unexpected(wire::input_error(
                id ? "user_ids names a user twice" : "user_ids has no user id in it", "user_ids",
                id ? "twice" : "not a user id"));
        }
        ids.push_back(*std::move(id));
    }
    return ids;
}

std::expected<std::optional<std::string>, ApiError> read_name(object const& body) {
    auto const* name = body.if_contains("name");
    if (name == nullptr || name->is_null()) {
        return std::nullopt;
    }
    if (!name->is_string() || name->get_string().size() > wire::kUserNameBytesMax) {
        return std::unexpected(
            wire::input_error("name wants a text of at most 255 bytes", "name", "not such a text"));
    }
    return std::string(name->get_string());
}

/// `soft` where it is not given. The same words serve messages and conversations, of which there
/// are none here.
std::expected<Deletion, ApiError> read_deletion(object const& body) {
    auto const* kind = body.if_contains("user");
    if (kind == nullptr || kind->is_null()) {
        return Deletion::Soft;
    }
    auto const text = kind->is_string() ? std::string_view(kind->get_string()) : std::string_view();
    if (text == "soft") {
        return Deletion::Soft;
    }
    if (text == "pruning") {
        return Deletion::Pruning;
    }
    if (text == "hard") {
        return Deletion::Hard;
    }
    return std::unexpected(
        wire::input_error("user is soft, pruning or hard", "user", "no such deletion"));
}

std::string_view name_of(Deletion deletion) {
    switch (deletion) {
        case Deletion::Soft: return "soft";
        case Deletion::Pruning: return "pruning";
        case Deletion::Hard: return "hard";
    }
    std::unreachable();
}

using Act = std::move_only_function<domain::UsersOrFailure(domain::Transaction&)>;

/// How others are told of an act, and how the audit log has it.
struct Telling {
    UserEventType event;
    std::string_view action;
    std::string_view date;  ///< the member that the act is about
    object more{};          ///< as `audit_users` has it
};

constexpr std::string_view kDeactivatedAt = "deactivated_at";
constexpr std::string_view kDeletedAt = "deleted_at";

Telling deactivation() { return {UserEventType::Deactivated, "users.deactivate", kDeactivatedAt}; }
Telling reactivation() { return {UserEventType::Reactivated, "users.reactivate", kDeactivatedAt}; }
Telling telling_of(Deletion deletion) {
    return {UserEventType::Deleted, "users.delete", kDeletedAt,
            object{{"deletion", name_of(deletion)}}};
}
// SDKs know no event of its own for who is back.
Telling restoration() { return {UserEventType::Updated, "users.restore", kDeletedAt}; }

/// Acts, and keeps it in the audit log.
domain::UsersOrFailure act_audited(domain::Transaction& transaction, domain::App const& app,
                                   Act& act, Telling const& telling, Author const& author) {
    auto edited = act(transaction);
    if (edited) {
        audit_users(transaction, author, telling.action, app, edited->dates, telling.date,
                    telling.more);
    }
    return edited;
}

/// Work on one user, answered with it.
Reply on_one_user(Call const& call, int status, Telling telling, Act act) {
    return StoreWork([act = std::move(act), status, telling = std::move(telling),
                      app = call.caller.app, author = author_of(call),
                      style = call.style](domain::Transaction& transaction) mutable -> Result {
        auto edited = act_audited(transaction, *app, act, telling, author);
        if (!edited) {
            return std::unexpected(to_api_error(edited.error()));
        }
        Answer answer{.status = status, .members = "\"user\":"};
        wire::append_user(answer.members, view_of(edited->users.front(), false, true),
                          wire::UserShape::User, style);
        answer.events = events_about(std::move(edited->users), edited->changed, telling.event,
                                     app->id, author.at);
        return answer;
    });
}

/// Work on a list of users, answered with the task that it was.
Reply on_many_users(Call const& call, Telling telling, Act act) {
    return StoreWork(
        [act = std::move(act), telling = std::move(telling), app = call.caller.app,
         author = author_of(call)](domain::Transaction& transaction) mutable -> Result {
            auto edited = act_audited(transaction, *app, act, telling, author);
            if (!edited) {
                return std::unexpected(to_api_error(edited.error()));
            }
            return Answer{.status = 201,
                          .members = "\"task_id\":\"" + make_task_id(*app, author.at) + '"',
                          .events = events_about(std::move(edited->users), edited->changed,
                                                 telling.event, app->id, author.at)};
        });
}

/// Everything that comes before the work: the body, the ids.
struct Batch {
    object body;
    std::vector<UserId> ids;
};
std::expected<Batch, ApiError> read_batch(Call const& call) {
    auto body = wire::parse_json_object(call.request.body);
    if (!body) {
        return std::unexpected(wire::input_error(std::string(wire::describe(body.error()))));
    }
    auto ids = read_user_ids(*body);
    if (!ids) {
        return std::unexpected(std::move(ids).error());
    }
    return Batch{.body = *std::move(body), .ids = *std::move(ids)};
}
std::expected<Batch, ApiError> read_single(Call const& call) {
    auto body = read_optional_body(call);
    if (!body) {
        return std::unexpected(std::move(body).error());
    }
    auto id = read_path_id(call);
    if (!id) {
        return std::unexpected(std::move(id).error());
    }
    return Batch{.body = *std::move(body), .ids = {*std::move(id)}};
}

}  // namespace

Reply deactivate_user(Call const& call) {
    auto batch = read_single(call);
    if (!batch) {
        return std::unexpected(std::move(batch).error());
    }
    return on_one_user(call, 201, deactivation(),
                       [app = call.caller.app, ids = std::move(batch->ids),
                        now = call.now](domain::Transaction& transaction) {
                           return domain::deactivate_users(transaction, *app, ids, now);
                       });
}

Reply deactivate_users(Call const& call) {
    auto batch = read_batch(call);
    if (!batch) {
        return std::unexpected(std::move(batch).error());
    }
    return on_many_users(call, deactivation(),
                         [app = call.caller.app, ids = std::move(batch->ids),
                          now = call.now](domain::Transaction& transaction) {
                             return domain::deactivate_users(transaction, *app, ids, now);
                         });
}

Reply reactivate_user(Call const& call) {
    auto batch = read_single(call);
    if (!batch) {
        return std::unexpected(std::move(batch).error());
    }
    auto name = read_name(batch->body);
    if (!name) {
        return std::unexpected(std::move(name).error());
    }
    return on_one_user(call, 201, reactivation(),
                       [app = call.caller.app, ids = std::move(batch->ids), name = *std::move(name),
                        now = call.now](domain::Transaction& transaction) {
                           return domain::reactivate_users(transaction, *app, ids, name, now);
                       });
}

Reply reactivate_users(Call const& call) {
    auto batch = read_batch(call);
    if (!batch) {
        return std::unexpected(std::move(batch).error());
    }
    return on_many_users(call, reactivation(),
                         [app = call.caller.app, ids = std::move(batch->ids),
                          now = call.now](domain::Transaction& transaction) {
                             return domain::reactivate_users(transaction, *app, ids, std::nullopt,
                                                             now);
                         });
}

Reply delete_user(Call const& call) {
    auto batch = read_single(call);
    if (!batch) {
        return std::unexpected(std::move(batch).error());
    }
    bool const hard =
        http::find_query_parameter(call.request.query, "hard_delete").value_or("") == "true";
    auto const deletion = hard ? Deletion::Hard : Deletion::Soft;
    return on_one_user(call, 200, telling_of(deletion),
                       [app = call.caller.app, ids = std::move(batch->ids), deletion,
                        now = call.now](domain::Transaction& transaction) {
                           return domain::delete_users(transaction, *app, ids, deletion, now);
                       });
}

Reply delete_users(Call const& call) {
    auto batch = read_batch(call);
    if (!batch) {
        return std::unexpected(std::move(batch).error());
    }
    auto const deletion = read_deletion(batch->body);
    if (!deletion) {
        return std::unexpected(deletion.error());
    }
    return on_many_users(call, telling_of(*deletion),
                         [app = call.caller.app, ids = std::move(batch->ids), deletion = *deletion,
                          now = call.now](domain::Transaction& transaction) {
                             return domain::delete_users(transaction, *app, ids, deletion, now);
                         });
}

Reply restore_users(Call const& call) {
    auto batch = read_batch(call);
    if (!batch) {
        return std::unexpected(std::move(batch).error());
    }
    Act act = [app = call.caller.app, ids = std::move(batch->ids),
               now = call.now](domain::Transaction& transaction) {
        return domain::restore_users(transaction, *app, ids, now);
    };
    return StoreWork([act = std::move(act), app = call.caller.app, author = author_of(call)](
                         domain::Transaction& transaction) mutable -> Result {
        auto const telling = restoration();
        auto edited = act_audited(transaction, *app, act, telling, author);
        if (!edited) {
            return std::unexpected(to_api_error(edited.error()));
        }
        return Answer{.status = 201,
                      .members = {},
                      .events = events_about(std::move(edited->users), edited->changed,
                                             telling.event, app->id, author.at)};
    });
}

Reply export_user(Call const& call) {
    auto id = read_path_id(call);
    if (!id) {
        return std::unexpected(std::move(id).error());
    }
    return StoreWork([app = call.caller.app, id = *std::move(id),
                      style = call.style](domain::Transaction& transaction) -> Result {
        auto const users = transaction.users().find(app->id, {&id, 1});
        if (users.empty()) {
            return std::unexpected(not_found("user " + id.text() + " not found"));
        }
        Answer answer{.members = "\"user\":"};
        wire::append_user(answer.members, view_of(users.front(), false, true),
                          wire::UserShape::User, style);
        answer.members += ",\"messages\":[],\"reactions\":[]";  // this server keeps none
        return answer;
    });
}

Reply get_task(Call const& call) {
    auto const finished_at = find_task(*call.caller.app, call.id);
    if (!finished_at) {
        return std::unexpected(not_found("there is no task with this id"));
    }
    Answer answer{.members = "\"task_id\":"};
    wire::append_json_string(answer.members, call.id);
    answer.members += ",\"status\":\"completed\",\"created_at\":";
    wire::append_date(answer.members, *finished_at, call.style);
    answer.members += ",\"updated_at\":";
    wire::append_date(answer.members, *finished_at, call.style);
    answer.members += ",\"result\":{}";
    return answer;
}

}  // namespace latchkey::api
