#include "api/admin_endpoints.hpp"
#include "api/admin_json.hpp"
#include "api/server_facts.hpp"
#include "api/token_provider/token_providers.hpp"
#include "wire/json.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace latchkey::api {

std::string format_address(std::string const& host, std::uint16_t port) {
    auto const number = ':' + std::to_string(port);
    return host.contains(':') ? '[' + host + ']' + number : host + number;
}

namespace admin {
namespace {

void append_text(std::string& out, std::string_view name, std::string_view text) {
    out += ",\"";
    out += name;
    out += "\":";
    wire::append_json_string(out, text);
}

void append_count(std::string& out, std::string_view name, std::size_t count) {
    out += ",\"";
    out += name;
    out += "\":";
    wire::append_json_number(out, static_cast<std::int64_t>(count));
}

/// Null: there are none.
void append_providers(std::string& out, TokenProviders const* providers) {
    out += ",\"token_providers\":[";
    if (providers != nullptr) {
        for (auto const& provider : providers->all()) {
            auto const count = [&provider](ProviderOutcome outcome) {
                return static_cast<std::size_t>(provider->count(outcome));
            };
            out += out.back() == '[' ? "{\"name\":" : ",{\"name\":";
            wire::append_json_string(out, provider->settings().name);
            append_text(out, "type", provider->type());
            append_text(out, "app", provider->settings().app.text());
            append_count(out, "minted", count(ProviderOutcome::Minted));
            append_count(out, "refused", count(ProviderOutcome::Refused));
            out += '}';
        }
    }
    out += ']';
}

void append_libraries(std::string& out, ServerFacts const& facts) {
    out += ",\"libraries\":{";
    for (auto const& library : facts.libraries) {
        out += &library == &facts.libraries.front() ? "" : ",";
        wire::append_json_string(out, library.first);
        out += ':';
        wire::append_json_string(out, library.second);
    }
    out += '}';
}

}  // namespace

AdminReply show_server(AdminCall const& call) {
    if (call.world.node == nullptr) {
        return std::unexpected(wants_server());
    }
    auto const& node = *call.world.node;
    auto const& facts = *node.facts;
    std::size_t connections = 0;
    node.presence.visit(
        [&](AppId, std::size_t count, std::size_t /*users*/) { connections += count; });
    auto const listen = format_address(facts.listen_host, facts.listen_port);
    Answer answer{.members = "\"version\":"};
    auto& out = answer.members;
    wire::append_json_string(out, facts.version);
    out += ",\"started_at\":";
    append_nullable_date(out, facts.started_at);
    out += ",\"now\":";
    append_nullable_date(out, call.now);
    auto const up = std::chrono::floor<std::chrono::seconds>(call.now - facts.started_at);
    append_count(out, "uptime_s", static_cast<std::size_t>(std::max<std::int64_t>(0, up.count())));
    out += node.ready ? ",\"ready\":true" : ",\"ready\":false";
    append_count(out, "loops", node.loop_count);
    append_count(out, "connections", connections);
    append_count(out, "changes_applied", node.state.applied());
    out += R"(,"store":{"kind":"sqlite")";
    append_text(out, "data", facts.data_directory);
    out += '}';
    append_text(out, "listen", listen);
    append_text(out, "admin_listen",
                format_address(facts.admin_listen_host, facts.admin_listen_port));
    append_text(out, "public_url", "http://" + listen);
    append_providers(out, node.token_providers);
    append_libraries(out, facts);
    return StoreWork(
        [answer = std::move(answer)](domain::Transaction& transaction) mutable -> Result {
            append_count(answer.members, "apps", transaction.apps().all().size());
            return std::move(answer);
        });
}

}  // namespace admin
}  // namespace latchkey::api
