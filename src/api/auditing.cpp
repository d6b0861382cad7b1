#include "api/auditing.hpp"

#include "api/app_view.hpp"

#include <latchkey/base/rfc3339.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

namespace json = boost::json;
using domain::App;
using domain::DateChange;

/// What comes from outside is kept where it is plain text, and left out where it is not.
std::string_view plain(std::string_view text) {
    bool const is_plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    return is_plain ? text : std::string_view();
}

json::value to_json(std::optional<Instant> const& date) { return to_audit_value(date); }
json::value to_json(std::string_view text) { return json::value(text); }
json::value to_json(bool flag) { return json::value(flag); }
json::value to_json(std::vector<std::string> const& list) {
    return json::array(list.begin(), list.end());
}
json::value to_json(json::value const* value) {
    return value == nullptr ? json::value(nullptr) : *value;
}

/// The members in which two Apps differ.
class Difference {
public:
    Difference(App const& before, App const& after);

    [[nodiscard]] bool is_empty() const { return after_.empty(); }
    [[nodiscard]] json::object take_before() { return std::move(before_); }
    [[nodiscard]] json::object take_after() { return std::move(after_); }

private:
    template <class Value>
    void note(std::string_view name, Value const& before, Value const& after) {
        if (before != after) {
            before_[name] = to_json(before);
            after_[name] = to_json(after);
        }
    }
    void note_grants(json::object const& before, json::object const& after);
    void note_other_settings(json::object const& before, json::object const& after);

    json::object before_{};
    json::object after_{};
};

/// Calls `use` with each name of either object whose values differ, and both values, null where
/// there is none.
template <class Use>
void for_each_difference(json::object const& before, json::object const& after, Use use) {
    for (auto const& [name, value] : before) {
        auto const* other = after.if_contains(name);
        if (other == nullptr || *other != value) {
            use(name, &value, other);
        }
    }
    for (auto const& [name, value] : after) {
        if (!before.contains(name)) {
            use(name, nullptr, &value);
        }
    }
}

Difference::Difference(App const& before, App const& after) {
    auto const was = view_of(before);
    auto const is = view_of(after);
    note("name", std::string_view(before.name), std::string_view(after.name));
    note("mode", mode_name(before.mode), mode_name(after.mode));
    note("revoke_tokens_issued_before", before.revoke_tokens_issued_before,
         after.revoke_tokens_issued_before);
    note("disable_auth_checks", before.disable_auth_checks, after.disable_auth_checks);
    note("disable_permissions_checks", before.disable_permissions_checks,
         after.disable_permissions_checks);
    note("guest_user_creation_disabled", before.guest_user_creation_disabled,
         after.guest_user_creation_disabled);
    note("multi_tenant_enabled", before.multi_tenant_enabled, after.multi_tenant_enabled);
    note("suspended", before.suspended, after.suspended);
    note("suspended_explanation", std::string_view(before.suspended_explanation),
         std::string_view(after.suspended_explanation));
    note("enforce_unique_usernames", was.enforce_unique_usernames, is.enforce_unique_usernames);
    note("user_search_disallowed_roles", before.user_search_disallowed_roles,
         after.user_search_disallowed_roles);
    note_grants(before.grants, after.grants);
    note_other_settings(before.other_settings, after.other_settings);
}

void Difference::note_grants(json::object const& before, json::object const& after) {
    json::object were;
    json::object are;
    for_each_difference(before, after,
                        [&](json::string_view role, json::value const* was, json::value const* is) {
                            were[role] = to_json(was);
                            are[role] = to_json(is);
                        });
    if (!are.empty()) {
        before_["grants"] = std::move(were);
        after_["grants"] = std::move(are);
    }
}

void Difference::note_other_settings(json::object const& before, json::object const& after) {
    json::array names;
    for_each_difference(before, after,
                        [&](json::string_view name, json::value const*, json::value const*) {
                            names.emplace_back(name);
                        });
    if (!names.empty()) {
        after_["other_settings"] = std::move(names);
    }
}

/// A log is for people to read, and grows with every entry: what is too long for that is left out.
void leave_out_long_values(json::object& members) {
    for (auto& [name, value] : members) {
        auto const bytes = json::serialize(value).size();
        if (bytes > kAuditValueBytesMax) {
            value = "left out: " + std::to_string(bytes) + " bytes";
        }
    }
}

std::string name_users(std::span<DateChange const> changes) {
    std::string names;
    for (auto const& change : changes.first(std::min(changes.size(), kAuditUsersMax))) {
        names += names.empty() ? "" : " ";
        names += change.id.text();
    }
    if (changes.size() > kAuditUsersMax) {
        names += " … and " + std::to_string(changes.size() - kAuditUsersMax) + " more";
    }
    return names;
}

/// One date where it is the same for all, else that of each user who is named.
json::value describe_dates(std::span<DateChange const> changes,
                           std::optional<Instant> DateChange::* date) {
    auto const& first = changes.front().*date;
    if (std::ranges::all_of(changes, [&](auto const& one) { return one.*date == first; })) {
        return to_json(first);
    }
    json::object dates;
    for (auto const& change : changes.first(std::min(changes.size(), kAuditUsersMax))) {
        dates[change.id.text()] = to_json(change.*date);
    }
    return dates;
}

domain::ActorKind actor_kind_of(Operator const& caller) {
    switch (caller.kind) {
        case Operator::Kind::Account: return domain::ActorKind::Account;
        case Operator::Kind::LocalCredential: return domain::ActorKind::LocalCredential;
        case Operator::Kind::Nobody: return domain::ActorKind::System;
    }
    std::unreachable();
}

}  // namespace

Author author_of(Call const& call) {
    auto const client = plain(call.request.field("X-Stream-Client").substr(0, kClientNameBytesMax));
    auto const address = plain(call.address.empty() ? call.request.peer_address : call.address);
    bool const is_server = call.caller.kind == domain::CallerKind::Server;
    std::string description = is_server ? "a server's token" : "a client";
    if (!address.empty()) {
        description.append(" from ").append(address);
    }
    if (!client.empty()) {
        description.append(", ").append(client);
    }
    return {.kind = domain::ActorKind::Server,
            .name = std::string(client),
            .address = std::string(address),
            .description = std::move(description),
            .at = call.now};
}

Author author_of(Operator const& caller, Instant now) {
    return {.kind = actor_kind_of(caller),
            .name = caller.name,
            .address = std::string(plain(caller.address)),
            .description = describe(caller),
            .at = now};
}

json::value to_audit_value(std::optional<Instant> const& date) {
    return date ? json::value(format_rfc3339(*date)) : json::value(nullptr);
}

void audit(domain::Transaction& transaction, Author const& author, AuditedAct act) {
    leave_out_long_values(act.before);
    leave_out_long_values(act.after);
    transaction.audit().append({.at = author.at,
                                .actor_kind = author.kind,
                                .actor = author.name,
                                .address = author.address,
                                .action = std::string(act.action),
                                .app = std::string(act.app),
                                .target = std::move(act.target),
                                .before = std::move(act.before),
                                .after = std::move(act.after)});
}

void audit_users(domain::Transaction& transaction, Author const& author, std::string_view action,
                 App const& app, std::span<DateChange const> changes, std::string_view member,
                 json::object more) {
    if (changes.empty()) {
        return;
    }
    AuditedAct act{.action = action,
                   .app = app.api_key.text(),
                   .target = name_users(changes),
                   .after = std::move(more)};
    act.before[member] = describe_dates(changes, &DateChange::before);
    act.after[member] = describe_dates(changes, &DateChange::after);
    audit(transaction, author, std::move(act));
}

void audit_revocations(domain::Transaction& transaction, Author const& author, App const& app,
                       std::span<DateChange const> changes) {
    bool const revokes = std::ranges::any_of(
        changes, [](auto const& change) { return change.after > change.before; });
    audit_users(transaction, author, revokes ? "users.revoke" : "users.unrevoke", app, changes,
                "revoke_tokens_issued_before");
}

void audit_forgotten_secret(domain::Transaction& transaction, Author const& author,
                            std::string_view app, std::int64_t number) {
    audit(transaction, author,
          {.action = "secret.forget",
           .app = app,
           .target = std::to_string(number),
           .before = {{"kept", true}},
           .after = {{"kept", false}}});
}

std::expected<App, domain::UpdateAppError> update_app_audited(
    domain::Transaction& transaction, Author const& author, AppId id,
    std::move_only_function<void(App&)> edit) {
    std::optional<App> before;
    auto updated = domain::update_app(
        transaction, id,
        [&](App& app) {
            before = app.clone();
            edit(app);
        },
        author.at, author.description);
    if (!updated) {
        return updated;
    }
    Difference difference(*before, *updated);
    if (difference.is_empty()) {
        return updated;
    }
    bool const is_about_revocation =
        before->revoke_tokens_issued_before != updated->revoke_tokens_issued_before;
    auto const revocation_action =
        updated->revoke_tokens_issued_before > before->revoke_tokens_issued_before ? "app.revoke"
                                                                                   : "app.unrevoke";
    audit(transaction, author,
          {.action = is_about_revocation ? revocation_action : "app.update",
           .app = updated->api_key.text(),
           .before = difference.take_before(),
           .after = difference.take_after()});
    return updated;
}

}  // namespace latchkey::api
