#include "api/developer_token_uses.hpp"

#include <utility>

namespace latchkey::api {

void DeveloperTokenUses::note(domain::App const& app) {
    auto const now = clock_.monotonic();
    std::scoped_lock const lock(mutex_);
    auto& uses = apps_[app.id];
    ++uses.unlogged;
    if (uses.logged_at && now - *uses.logged_at < kLoggedEvery) {
        return;
    }
    log_.write(LogLevel::Warning, "auth.developer_tokens_used",
               {{"api_key", app.api_key.text()},
                {"uses", std::exchange(uses.unlogged, 0)},
                {"hint",
                 "auth checks are off: anybody can be anybody in this app; switch them on, "
                 "or the app to production, before it has users"}});
    uses.logged_at = now;
}

}  // namespace latchkey::api
