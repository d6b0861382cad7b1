#include "cli/commands.hpp"
#include "cli/output.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <string>
#include <utility>

namespace latchkey::cli {
namespace {

using boost::json::object;

/// `ann`, `local`, `server stream-node-8.1.0`: a name stands alone where it is an account's.
std::string actor_of(object const& entry) {
    auto const& actor = entry.at("actor").as_object();
    auto const kind = text(actor, "kind");
    auto const name = printable(text(actor, "name"));
    return name.empty() ? kind : kind == "account" ? name : kind + ' ' + name;
}

/// `name: "a" -> "b"` for each member that changed.
std::string changes_of(object const& entry) {
    auto const& before = entry.at("before").as_object();
    auto const& after = entry.at("after").as_object();
    std::string changes;
    auto const add = [&changes](std::string const& name, std::string const& change) {
        changes += fmt::format("{}{}: {}", changes.empty() ? "" : ", ", name, change);
    };
    for (auto const& [name, is] : after) {
        auto const* was = before.if_contains(name);
        add(name, (was == nullptr ? "" : boost::json::serialize(*was) + " -> ") +
                      boost::json::serialize(is));
    }
    for (auto const& [name, was] : before) {
        if (!after.contains(name)) {
            add(name, boost::json::serialize(was) + " -> nothing");
        }
    }
    return printable(changes);
}

void print_page(object const& page) {
    for (auto const& item : page.at("entries").as_array()) {
        auto const& entry = item.as_object();
        fmt::print("{:<6} {} {:<20} {:<18} {} {} {}  {}\n", text(entry, "number"),
                   text(entry, "at"), text(entry, "action"), actor_of(entry),
                   shown(entry, "address"), shown(entry, "app"), shown(entry, "target"),
                   changes_of(entry));
    }
    if (!page.at("next").is_null()) {
        fmt::print(stderr, "there are more: --before {}\n", text(page, "next"));
    }
}

}  // namespace

int audit_list(server::Settings settings, AuditList const& arguments) {
    auto path = with_query("/admin/v1/audit", {{"app", arguments.app},
                                               {"actor", arguments.actor},
                                               {"action", arguments.action},
                                               {"limit", number_text(arguments.limit)},
                                               {"before", number_text(arguments.before)}});
    return tell(get_admin(settings, std::move(path)), arguments.json, print_page);
}

int audit_verify(server::Settings settings, bool json) {
    auto const answer = post_admin(settings, "/admin/v1/audit/verify", {});
    bool const verified = answer && answer->at("verified").as_bool();
    auto const told = tell(answer, json, [verified](object const& verdict) {
        if (verified) {
            fmt::print("whole (entries: {})\n", text(verdict, "entries"));
            if (!verdict.at("hash").is_null()) {
                fmt::print("entry {} has the hash {}\n", text(verdict, "entries"),
                           text(verdict, "hash"));
            }
        } else {
            fmt::print("NOT as it was written: {}\n", text(verdict, "why"));
        }
    });
    return verified ? told : kFailed;
}

}  // namespace latchkey::cli
