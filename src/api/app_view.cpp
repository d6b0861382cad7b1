#include "api/app_view.hpp"

#include <utility>

namespace latchkey::api {
namespace {

std::string_view text_of(domain::UniqueNames names) {
    switch (names) {
        case domain::UniqueNames::No: return "no";
        case domain::UniqueNames::App: return "app";
        case domain::UniqueNames::Team: return "team";
    }
    std::unreachable();
}

domain::UniqueNames unique_names_of(std::string_view text) {
    if (text == "app") {
        return domain::UniqueNames::App;
    }
    return text == "team" ? domain::UniqueNames::Team : domain::UniqueNames::No;
}

template <class Value>
void assign(Value& to, std::optional<Value> const& from) {
    if (from) {
        to = *from;
    }
}

}  // namespace

std::string_view mode_name(domain::Mode mode) noexcept {
    switch (mode) {
        case domain::Mode::Development: return "development";
        case domain::Mode::Production: return "production";
    }
    std::unreachable();
}

wire::AppView view_of(domain::App const& app) {
    return {.id = app.id,
            .name = app.name,
            .disable_auth_checks = app.auth_checks_disabled(),
            .disable_permissions_checks = app.disable_permissions_checks,
            .guest_user_creation_disabled = app.guest_user_creation_disabled,
            .multi_tenant_enabled = app.multi_tenant_enabled,
            .suspended = app.suspended,
            .suspended_explanation = app.suspended_explanation,
            .enforce_unique_usernames = text_of(app.enforce_unique_usernames),
            .user_search_disallowed_roles = app.user_search_disallowed_roles,
            .revoke_tokens_issued_before = app.revoke_tokens_issued_before,
            .grants = &app.grants,
            .other = &app.other_settings};
}

std::expected<void, wire::ApiError> apply(wire::AppPatch const& patch, domain::App& app) {
    assign(app.revoke_tokens_issued_before, patch.revoke_tokens_issued_before);
    assign(app.disable_auth_checks, patch.disable_auth_checks);
    assign(app.disable_permissions_checks, patch.disable_permissions_checks);
    assign(app.guest_user_creation_disabled, patch.guest_user_creation_disabled);
    assign(app.multi_tenant_enabled, patch.multi_tenant_enabled);
    assign(app.user_search_disallowed_roles, patch.user_search_disallowed_roles);
    if (patch.enforce_unique_usernames) {
        app.enforce_unique_usernames = unique_names_of(*patch.enforce_unique_usernames);
    }
    if (auto merged = wire::merge_grants(app.grants, patch.grants); !merged) {
        return merged;
    }
    return wire::merge_other_settings(app.other_settings, patch.other);
}

wire::ApiError to_api_error(domain::UpdateAppError error) {
    switch (error) {
        case domain::UpdateAppError::AppUnknown:
            return {.code = wire::ErrorCode::DoesNotExistError,
                    .http_status = 404,
                    .message = "the app is no more"};
        case domain::UpdateAppError::NameInvalid:
            return wire::input_error("name is not a name", "name",
                                     "empty, too long or unprintable");
        case domain::UpdateAppError::AuthChecksInProduction:
            return wire::input_error(
                "disable_auth_checks needs an app in development mode; this one is in production",
                "disable_auth_checks", "only in development mode");
    }
    std::unreachable();
}

}  // namespace latchkey::api
