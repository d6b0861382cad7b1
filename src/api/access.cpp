#include "api/access.hpp"

#include "api/errors.hpp"
#include "domain/grants.hpp"

#include <string_view>
#include <utility>

namespace latchkey::api {
namespace {

using domain::Permission;

bool has(Needs needs, Caller const& caller) {
    auto const& permissions = caller.permissions;
    switch (needs) {
        case Needs::Nothing:
        case Needs::Credentials:
        case Needs::Client: return true;  // a server's token is refused where connections are made
        case Needs::SearchUser: return permissions.contains(Permission::SearchUser);
        case Needs::UpdateUser:
            return permissions.contains(Permission::UpdateUserOwner) ||
                   permissions.contains(Permission::UpdateUser);
        case Needs::Server: return caller.kind == domain::CallerKind::Server;
    }
    std::unreachable();
}

std::string_view action_of(Needs needs, Operation operation) {
    if (needs == Needs::SearchUser) {
        return "SearchUser";
    }
    return needs == Needs::UpdateUser ? "UpdateUser" : facts(operation).id;
}

}  // namespace

std::expected<void, wire::ApiError> check_access(Needs needs, Operation operation,
                                                 Caller const& caller) {
    if (has(needs, caller)) {
        return {};
    }
    return std::unexpected(
        not_allowed(caller.kind, caller.user_id, caller.role, action_of(needs, operation)));
}

}  // namespace latchkey::api
