#include "api/figures_json.hpp"

#include "wire/json.hpp"

#include <cstdint>
#include <string_view>

namespace latchkey::api::admin {
namespace {

void append_member(std::string& out, std::string_view name, std::uint64_t count) {
    out += out.back() == '{' ? "\"" : ",\"";
    out += name;
    out += "\":";
    wire::append_json_number(out, static_cast<std::int64_t>(count));
}

}  // namespace

void append_figures(std::string& out, domain::AppFigures const& figures,
                    Presence::Open const& open) {
    out += '{';
    append_member(out, "connections", open.connections);
    append_member(out, "users_online", open.users);
    out += ",\"accepted\":{";
    figures.visit_accepted(
        [&](std::string_view kind, std::uint64_t count) { append_member(out, kind, count); });
    out += "},\"refused\":{";
    figures.visit_refused([&](std::string_view rule, std::uint64_t count) {
        if (count > 0) {
            append_member(out, rule, count);
        }
    });
    out += '}';
    append_member(out, "without_iat", figures.tokens_without_iat());
    append_member(out, "developer_tokens", figures.developer_tokens());
    out += '}';
}

}  // namespace latchkey::api::admin
