#pragma once

#include "wire/style.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The settings of an App on the wire (protocol sections 3.3, 3.4): one table of names, types, limits
/// and defaults serves reading, writing and documentation.
namespace latchkey::wire {

/// PATCH app. Absent members were not in the body, or are to stay as they are.
struct AppPatch {
    /// Outer absent: untouched; inner empty: undo.
    std::optional<std::optional<Instant>> revoke_tokens_issued_before{};
    std::optional<bool> disable_auth_checks{};
    std::optional<bool> disable_permissions_checks{};
    std::optional<bool> guest_user_creation_disabled{};
    std::optional<bool> multi_tenant_enabled{};
    std::optional<bool> suspended{};
    std::optional<std::string> suspended_explanation{};
    std::optional<std::string> enforce_unique_usernames{};  ///< `no`, `app` or `team`
    std::optional<std::vector<std::string>> user_search_disallowed_roles{};
    std::optional<std::string> name{};
    /// The rest, each checked for its type and limits; stored and echoed.
    boost::json::object other{};
    /// The body had no key with a value other than null: what undo looks like from SDKs that drop
    /// nulls (section 3.4). Whether it is one is the caller's setting.
    bool empty = false;
};

/// Checks the whole body. `null` leaves a setting as it is, but for `revoke_tokens_issued_before`,
/// which it clears. Unknown keys are ignored. Fails with 400/4 and `exception_fields`.
[[nodiscard]] std::expected<AppPatch, ApiError> parse_app_patch(boost::json::object const& body);

/// An App as it goes out. Views.
struct AppView {
    AppId id{};
    std::string_view name;
    bool disable_auth_checks = false;
    bool disable_permissions_checks = false;
    bool guest_user_creation_disabled = false;
    bool multi_tenant_enabled = false;
    bool suspended = false;
    std::string_view suspended_explanation;
    std::string_view enforce_unique_usernames = "no";
    std::span<std::string const> user_search_disallowed_roles;
    std::optional<Instant> revoke_tokens_issued_before;
    boost::json::object const* other = nullptr;  ///< settings once set; the rest shows its default
};

/// Appends the full object, for servers: every required key, never null; secrets among the settings
/// masked.
void append_app(std::string& out, AppView const& app, Style style);

/// Appends the reduced object, for clients.
void append_reduced_app(std::string& out, AppView const& app);

}  // namespace latchkey::wire
