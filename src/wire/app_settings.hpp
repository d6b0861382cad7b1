#pragma once

#include "wire/style.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The settings of an App on the wire (protocol sections 3.3, 3.4): one table of names, types,
/// limits and defaults serves reading, writing and documentation.
namespace latchkey::wire {

/// All of `AppPatch::other` that one App may have stored, as JSON.
inline constexpr std::size_t kOtherSettingsBytesMax = 65'536;
inline constexpr std::size_t kGrantsBytesMax = 65'536;     ///< all grants of one App, as JSON
inline constexpr std::size_t kSettingTextBytesMax = 4096;  ///< a setting that is a text
inline constexpr std::size_t kSettingEntriesMax = 1000;    ///< a setting that is a list or a map
inline constexpr std::size_t kSettingEntryBytesMax = 255;  ///< a text in a list or a map
inline constexpr std::size_t kSearchDisallowedRolesMax = 10;
inline constexpr std::size_t kSettingDepthMax = 16;  ///< nesting of a setting that is an object

/// What stands in answers where a secret is stored.
inline constexpr std::string_view kSecretMask = "********";

/// What a setting's value may be.
enum class SettingKind : std::uint8_t {
    Flag,
    Integer,       ///< from `minimum` to `maximum`
    Text,          ///< at most `kSettingTextBytesMax` bytes
    Choice,        ///< one of `choices`
    TextList,      ///< at most `maximum` texts
    ObjectList,    ///< at most `kSettingEntriesMax` objects
    Object,        ///< any object
    IntegerMap,    ///< name -> integer
    Grants,        ///< role -> list of permission ids; null for a role takes its list away
    UploadConfig,  ///< `size_limit` and four lists
    PushConfig,    ///< `version` and `offline_only`
    Date,          ///< in any of the forms of `parse_request_date`; null clears it
};

/// Where a setting can be seen and changed.
enum class SettingAccess : std::uint8_t {
    ReadOnly,   ///< in every answer to a server; a PATCH of it is ignored
    Always,     ///< can be set; in every answer to a server
    WhenSet,    ///< can be set; in answers from then on
    WriteOnly,  ///< can be set; shows as part of another setting
};

/// Who keeps a setting.
enum class SettingSource : std::uint8_t {
    Stored,  ///< `AppView::other`
    Push,    ///< put together from the push settings of `AppView::other`
    // Members of `AppView`:
    Id,
    Name,
    DisableAuthChecks,
    DisablePermissionsChecks,
    GuestUserCreationDisabled,
    MultiTenantEnabled,
    Suspended,
    SuspendedExplanation,
    EnforceUniqueUsernames,
    UserSearchDisallowedRoles,
    Grants,
    Revocation,
};

/// One row of the table.
struct Setting {
    std::string_view name;
    SettingKind kind;
    SettingAccess access;
    /// As JSON; what answers have until the setting is set. Empty: they have nothing, or it comes
    /// from the App itself.
    std::string_view initial{};
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
    std::string_view choices{};  ///< separated by `|`
    SettingSource source = SettingSource::Stored;
    bool secret = false;       ///< shows as `kSecretMask`; sending the mask back changes nothing
    bool for_clients = false;  ///< also in the reduced object
};

/// Every setting, sorted by name.
[[nodiscard]] std::span<Setting const> app_settings() noexcept;

/// PATCH app. Absent members were not in the body, or are to stay as they are.
struct AppPatch {
    /// Outer absent: untouched; inner empty: undo.
    std::optional<std::optional<Instant>> revoke_tokens_issued_before{};
    std::optional<bool> disable_auth_checks{};
    std::optional<bool> disable_permissions_checks{};
    std::optional<bool> guest_user_creation_disabled{};
    std::optional<bool> multi_tenant_enabled{};
    std::optional<std::string> enforce_unique_usernames{};  ///< `no`, `app` or `team`
    std::optional<std::vector<std::string>> user_search_disallowed_roles{};
    /// Role -> list of texts, or null; each to be put over the grants stored so far.
    boost::json::object grants{};
    /// The rest, each checked for its type and limits; stored and echoed.
    boost::json::object other{};
    /// The body had no key with a value other than null: what undo looks like from SDKs that drop
    /// nulls (section 3.4). Whether it is one is the caller's setting.
    bool empty = false;
};

/// Checks the whole body. `null` leaves a setting as it is, but for `revoke_tokens_issued_before`,
/// which it clears. Unknown keys, and settings that are `ReadOnly`, are ignored. Fails with 400/4
/// and `exception_fields`.
[[nodiscard]] std::expected<AppPatch, ApiError> parse_app_patch(boost::json::object const& body);

/// Puts `AppPatch::other` over the settings stored so far, key by key. Fails where the result is
/// over `kOtherSettingsBytesMax`; `stored` is then as it was.
[[nodiscard]] std::expected<void, ApiError> merge_other_settings(boost::json::object& stored,
                                                                 boost::json::object const& patch);

/// Puts `AppPatch::grants` over the grants stored so far, role by role; null takes a role's list
/// away. Fails where the result is over `kGrantsBytesMax`; `stored` is then as it was.
[[nodiscard]] std::expected<void, ApiError> merge_grants(boost::json::object& stored,
                                                         boost::json::object const& patch);

/// An App as it goes out. Views.
struct AppView {
    AppId id{};
    std::string_view name{};
    bool disable_auth_checks = false;
    bool disable_permissions_checks = false;
    bool guest_user_creation_disabled = false;
    bool multi_tenant_enabled = false;
    bool suspended = false;
    std::string_view suspended_explanation{};
    std::string_view enforce_unique_usernames = "no";
    std::span<std::string const> user_search_disallowed_roles{};
    std::optional<Instant> revoke_tokens_issued_before{};
    boost::json::object const* grants = nullptr;
    boost::json::object const* other = nullptr;  ///< settings once set; the rest shows its default
};

/// Appends the full object, for servers: every required key, never null; secrets among the settings
/// masked.
void append_app(std::string& out, AppView const& app, Style style);

/// Appends the reduced object, for clients.
void append_reduced_app(std::string& out, AppView const& app);

}  // namespace latchkey::wire
