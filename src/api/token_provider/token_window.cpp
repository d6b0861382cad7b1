#include "api/token_provider/token_window.hpp"

namespace latchkey::api {

ProvidedToken const* TokenWindow::find(Wish const& wish, Instant now) const {
    auto const found = entries_.find(wish.user_id.text());
    if (found == entries_.end()) {
        return nullptr;
    }
    auto const& entry = found->second;
    bool const revoked = wish.revoked_before && entry.token.issued_at < *wish.revoked_before;
    return entry.is_recent(now) && entry.has_half_its_life(now) && !revoked &&
                   entry.secret_id == wish.secret_id && entry.lifetime == wish.lifetime
               ? &entry.token
               : nullptr;
}

void TokenWindow::keep(Wish const& wish, ProvidedToken const& token, Instant now) {
    if (entries_.size() >= kTokensMax) {
        boost::unordered::erase_if(
            entries_, [now](auto const& entry) { return !entry.second.is_recent(now); });
    }
    auto const& id = wish.user_id.text();
    if (entries_.size() < kTokensMax || entries_.contains(id)) {
        entries_.insert_or_assign(id, Entry{.token = token,
                                            .made_at = now,
                                            .secret_id = wish.secret_id,
                                            .lifetime = wish.lifetime});
    }
}

}  // namespace latchkey::api
