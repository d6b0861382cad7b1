#include "domain/revocation_origin.hpp"

#include <string>

namespace latchkey::domain {

void keep_origin(Transaction& transaction, AppId app, std::optional<UserId> const& user,
                 std::optional<Instant> revocation, Instant now, std::string_view by) {
    auto& origins = transaction.revocation_origins();
    if (revocation) {
        origins.put(app, user, {.set_at = now, .set_by = std::string(by)});
    } else {
        origins.forget(app, user);
    }
}

}  // namespace latchkey::domain
