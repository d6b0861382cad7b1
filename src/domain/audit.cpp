#include "domain/audit.hpp"

#include <utility>

namespace latchkey::domain {

std::string_view actor_kind_name(ActorKind kind) noexcept {
    switch (kind) {
        case ActorKind::Account: return "account";
        case ActorKind::LocalCredential: return "local";
        case ActorKind::Server: return "server";
        case ActorKind::TokenProvider: return "provider";
        case ActorKind::System: return "system";
    }
    std::unreachable();
}

AuditVerdict AuditLog::verify() {
    AuditWalk progress;
    while (!progress.finished) {
        walk(progress, kAuditWalkEntriesMax);
    }
    return progress.verdict;
}

}  // namespace latchkey::domain
