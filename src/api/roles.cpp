#include "domain/roles.hpp"

#include "api/app_view.hpp"
#include "api/auditing.hpp"
#include "api/endpoint.hpp"
#include "api/errors.hpp"
#include "domain/apps.hpp"
#include "http/uri.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <string>
#include <utility>

namespace latchkey::api {
namespace {

using wire::ApiError;

/// One role; `custom` where the App made it. The scope `.app` stands for grants of the App: those
/// of the defaults, or of its own list.
void append_role(std::string& out, domain::App const& app, std::string_view name, bool custom,
                 Instant created_at, wire::Style style) {
    bool const is_granted = !custom || app.grants.contains(name);
    out += "{\"name\":";
    wire::append_json_string(out, name);
    out += custom ? ",\"custom\":true" : ",\"custom\":false";
    out += is_granted ? R"(,"scopes":[".app"])" : R"(,"scopes":[])";
    out += ",\"created_at\":";
    wire::append_date(out, created_at, style);
    out += ",\"updated_at\":";  // a role has nothing that could change
    wire::append_date(out, created_at, style);
    out += '}';
}

ApiError refusal_of(domain::RoleError error) {
    switch (error) {
        case domain::RoleError::NameInvalid:
            return wire::input_error(
                "name wants 1 to 255 of the letters a-z and A-Z, digits, @, _ and -", "name",
                "not a role's name");
        case domain::RoleError::Exists:
            return wire::input_error("there is a role of this name already", "name", "taken");
        case domain::RoleError::TooMany:
            return wire::input_error("an app has at most " +
                                     std::to_string(domain::kCustomRolesMax) + " roles of its own");
        case domain::RoleError::BuiltIn:
            return wire::input_error("every app has this role; it cannot be deleted");
        case domain::RoleError::Unknown:
            return {.code = wire::ErrorCode::DoesNotExistError,
                    .http_status = 404,
                    .message = "there is no role of this name"};
    }
    std::unreachable();
}

/// Changes the roles of the caller's App; `change` answers, or says why it will not.
template <class Change>
Result change_roles(domain::Transaction& transaction, AppId id, Author const& author,
                    std::string_view action, std::string const& role, Change change) {
    Result result;
    auto const updated = domain::update_app(
        transaction, id, [&](domain::App& app) { result = change(app); }, author.at);
    if (!updated) {
        return std::unexpected(to_api_error(updated.error()));
    }
    if (result) {
        audit(transaction, author,
              {.action = action, .app = updated->api_key.text(), .target = role});
    }
    return result;
}

}  // namespace

Reply list_roles(Call const& call) {
    auto const& app = *call.caller.app;
    Answer answer{.members = "\"roles\":["};
    for (auto const role : domain::kBuiltInRoles) {
        append_role(answer.members, app, role, false, app.created_at, call.style);
        answer.members += ',';
    }
    for (auto const& role : app.custom_roles) {
        append_role(answer.members, app, role.name, true, role.created_at, call.style);
        answer.members += ',';
    }
    answer.members.back() = ']';
    return answer;
}

Reply create_role(Call const& call) {
    auto const body = wire::parse_json_object(call.request.body);
    if (!body) {
        return std::unexpected(wire::input_error(std::string(wire::describe(body.error()))));
    }
    auto const* name = body->if_contains("name");
    if (name == nullptr || !name->is_string()) {
        return std::unexpected(
            wire::input_error("name is a required field", "name", "missing, or not a text"));
    }
    return StoreWork([id = call.caller.app->id, name = std::string(name->get_string()),
                      author = author_of(call),
                      style = call.style](domain::Transaction& transaction) -> Result {
        return change_roles(
            transaction, id, author, "role.create", name, [&](domain::App& app) -> Result {
                auto const role = domain::create_role(app, name, author.at);
                if (!role) {
                    return std::unexpected(refusal_of(role.error()));
                }
                Answer answer{.status = 201, .members = "\"role\":"};
                append_role(answer.members, app, role->name, true, role->created_at, style);
                return answer;
            });
    });
}

Reply delete_role(Call const& call) {
    auto name = http::decode_path_segment(call.id);
    if (!name) {
        return std::unexpected(refusal_of(domain::RoleError::Unknown));
    }
    return StoreWork([id = call.caller.app->id, name = std::string(*std::move(name)),
                      author = author_of(call)](domain::Transaction& transaction) -> Result {
        return change_roles(transaction, id, author, "role.delete", name,
                            [&](domain::App& app) -> Result {
                                if (auto const deleted = domain::delete_role(app, name); !deleted) {
                                    return std::unexpected(refusal_of(deleted.error()));
                                }
                                return Answer{};
                            });
    });
}

}  // namespace latchkey::api
