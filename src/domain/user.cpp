#include "domain/user.hpp"

#include "domain/app.hpp"

#include <algorithm>

namespace latchkey::domain {

UserStanding standing_of(User const& user) {
    return {.revoke_tokens_issued_before = user.revoke_tokens_issued_before,
            .deactivated = user.deactivated_at.has_value(),
            .deleted = user.deleted_at.has_value(),
            .role = user.role};
}

ApiSecret const& App::signing_secret() const {
    auto const found =
        std::ranges::find_if(secrets, [](ApiSecret const& secret) { return !secret.retires_at; });
    return found == secrets.end() ? secrets.front() : *found;
}

App App::clone() const {
    std::vector<ApiSecret> copies;
    copies.reserve(secrets.size());
    for (auto const& secret : secrets) {
        copies.push_back({.id = secret.id,
                          .secret = secret.secret.clone(),
                          .created_at = secret.created_at,
                          .retires_at = secret.retires_at});
    }
    return {.id = id,
            .api_key = api_key,
            .name = name,
            .mode = mode,
            .secrets = std::move(copies),
            .created_at = created_at,
            .updated_at = updated_at,
            .revoke_tokens_issued_before = revoke_tokens_issued_before,
            .disable_auth_checks = disable_auth_checks,
            .disable_permissions_checks = disable_permissions_checks,
            .guest_user_creation_disabled = guest_user_creation_disabled,
            .multi_tenant_enabled = multi_tenant_enabled,
            .suspended = suspended,
            .suspended_explanation = suspended_explanation,
            .enforce_unique_usernames = enforce_unique_usernames,
            .user_search_disallowed_roles = user_search_disallowed_roles,
            .grants = grants,
            .custom_roles = custom_roles,
            .forgotten_secrets = forgotten_secrets,
            .other_settings = other_settings};
}

}  // namespace latchkey::domain
