#include "api/audit_json.hpp"

#include "wire/dates.hpp"
#include "wire/json.hpp"

namespace latchkey::api::admin {

void append_audit_entry(std::string& out, domain::AuditEntry const& entry) {
    auto const& record = entry.record;
    out += "{\"number\":";
    wire::append_json_number(out, static_cast<std::int64_t>(entry.number));
    out += ",\"at\":";
    wire::append_date(out, record.at, wire::Style::Legacy);
    out += ",\"actor\":{\"kind\":\"";
    out += domain::actor_kind_name(record.actor_kind);
    out += "\",\"name\":";
    wire::append_json_string(out, record.actor);
    out += "},\"address\":";
    wire::append_json_string(out, record.address);
    out += ",\"action\":";
    wire::append_json_string(out, record.action);
    out += ",\"app\":";
    if (record.app.empty()) {
        out += "null";
    } else {
        wire::append_json_string(out, record.app);
    }
    out += ",\"target\":";
    wire::append_json_string(out, record.target);
    out += ",\"before\":";
    wire::append_json(out, record.before);
    out += ",\"after\":";
    wire::append_json(out, record.after);
    out += ",\"hash\":";
    wire::append_json_string(out, entry.hash);
    out += '}';
}

}  // namespace latchkey::api::admin
