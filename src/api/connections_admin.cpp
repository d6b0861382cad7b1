#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/audit_json.hpp"
#include "api/connection_id.hpp"
#include "api/credentials.hpp"
#include "api/figures_json.hpp"
#include "api/live_feed.hpp"
#include "api/operator_access.hpp"
#include "domain/figures.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::api::admin {
namespace {

using wire::ApiError;

constexpr std::size_t kConnectionsShown = 100;
constexpr std::size_t kChangesShown = 10;

void append_connection(std::string& out, Presence::Listed const& connection) {
    out += "{\"id\":";
    wire::append_json_string(out, format_connection_id(connection.id));
    out += ",\"user_id\":";
    wire::append_json_string(out, connection.user_id);
    out += ",\"kind\":\"";
    out += domain::kind_name(connection.kind);
    out += connection.style == wire::Style::Legacy ? R"(","style":"legacy","client":)"
                                                   : R"(","style":"v2","client":)";
    wire::append_json_string(out, connection.client);
    out += ",\"address\":";
    wire::append_json_string(out, connection.address);
    out += ",\"opened_at\":";
    wire::append_date(out, connection.opened_at, wire::Style::Legacy);
    out += ",\"issued_at\":";
    append_nullable_date(out, connection.issued_at);
    out += ",\"expires_at\":";
    append_nullable_date(out, connection.expires_at);
    out += ",\"secret_id\":";
    if (connection.secret_id) {
        wire::append_json_number(out, *connection.secret_id);
    } else {
        out += "null";
    }
    out += ",\"developer_token\":";
    out += connection.developer_token ? "true}" : "false}";
}

}  // namespace

void append_connections(std::string& out, Presence::List const& list) {
    out += '[';
    for (auto const& connection : list.connections) {
        out += &connection == list.connections.data() ? "" : ",";
        append_connection(out, connection);
    }
    out += ']';
}

AdminReply list_connections(AdminCall const& call) {
    std::string user_storage;
    auto const user_id = query_parameter(call.request.query, "user_id", user_storage);
    auto const limit = read_limit(call.request.query, kConnectionsShown, kConnectionsShownMax);
    if (!limit) {
        return std::unexpected(limit.error());
    }
    auto const app = find_known_app(call);
    if (!app) {
        return std::unexpected(app.error());
    }
    Presence::List list;
    if (auto const* presence = call.presence()) {
        list = presence->list((*app)->id, user_id.empty() ? std::nullopt : std::optional(user_id),
                              *limit);
    }
    Answer answer{.status = 200, .members = "\"connections\":"};
    append_connections(answer.members, list);
    answer.members += ",\"total\":";
    wire::append_json_number(answer.members, static_cast<std::int64_t>(list.total));
    return answer;
}

AdminReply show_overview(AdminCall const& call) {
    std::string figures;
    {
        auto const state = call.world.tokens.read();
        auto const* app = state.find_app(call.key());
        if (app == nullptr) {
            return std::unexpected(no_such_app());
        }
        auto const* presence = call.presence();
        append_figures(figures, *app->figures,
                       presence == nullptr ? Presence::Open{} : presence->open_of(app->app->id));
    }
    return StoreWork([figures = std::move(figures), key = call.key(),
                      now = call.now](domain::Transaction& transaction) -> Result {
        Answer answer{.status = 200, .members = "\"figures\":" + figures + ",\"changes\":["};
        for (auto const& entry : transaction.audit().query({.app = key, .limit = kChangesShown})) {
            answer.members += answer.members.back() == '[' ? "" : ",";
            append_audit_entry(answer.members, entry);
        }
        answer.members += "],\"server_now\":";
        wire::append_date(answer.members, now, wire::Style::Legacy);
        return answer;
    });
}

AdminReply watch_live(AdminCall const& call) {
    if (call.world.live == nullptr) {
        return std::unexpected(wire::input_error("this wants a running server"));
    }
    // The local credential is good for as long as the server runs; a session ends.
    auto may_listen = [access = call.world.access, session = call.caller.session] {
        return session == 0 || access->is_open(session);
    };
    auto conversation = call.world.live->open(std::move(may_listen));
    if (!conversation) {
        return std::unexpected(ApiError{
            .code = wire::ErrorCode::RateLimitError,
            .http_status = 429,
            .message =
                "at most " + std::to_string(LiveFeed::kListenersMax) + " may watch at a time"});
    }
    return conversation;
}

}  // namespace latchkey::api::admin
