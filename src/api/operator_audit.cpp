#include "api/operator_audit.hpp"

#include <utility>

namespace latchkey::api {
namespace {

domain::ActorKind actor_kind_of(Operator const& caller) {
    switch (caller.kind) {
        case Operator::Kind::Nobody: return domain::ActorKind::System;
        case Operator::Kind::LocalCredential: return domain::ActorKind::LocalCredential;
        case Operator::Kind::Account: return domain::ActorKind::Account;
    }
    std::unreachable();
}

}  // namespace

domain::AuditRecord audit_record(Operator const& caller, Instant now, std::string_view action,
                                 std::string target) {
    return {.at = now,
            .actor_kind = actor_kind_of(caller),
            .actor = caller.name,
            .address = caller.address,
            .action = std::string(action),
            .target = std::move(target)};
}

}  // namespace latchkey::api
