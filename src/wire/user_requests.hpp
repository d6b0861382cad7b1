#pragma once

#include "wire/style.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>

#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Bodies of the users endpoints as values (protocol sections 3.7 to 3.9, 4.2, 4.3). Every parser
/// checks the whole body before anything is done, and says what is wrong with which field.
namespace latchkey::wire {

inline constexpr std::size_t kUsersPerRequestMax = 100;
inline constexpr std::size_t kCustomDataBytesMax = 5'120;  ///< as JSON, each user
inline constexpr std::size_t kUserNameBytesMax = 255;
inline constexpr std::size_t kUserImageBytesMax = 4096;
inline constexpr std::size_t kUserTeamsMax = 250;
inline constexpr std::size_t kTextBytesMax = 255;  ///< role, language, a team's name
inline constexpr std::size_t kCustomDepthMax =
    24;                                            ///< nesting of custom data, itself counting as 1
inline constexpr std::size_t kPatchKeysMax = 256;  ///< keys in `set` and `unset` of one entry
inline constexpr std::size_t kPatchPathDepthMax = 16;  ///< parts of one key, split at its dots

/// A `UserRequest`: absent members were not in the body (or null).
struct UserRequest {
    UserId id;
    std::optional<std::string> name{};
    std::optional<std::string> image{};
    std::optional<std::string> role{};
    std::optional<std::vector<std::string>> teams{};
    std::optional<boost::json::object> teams_role{};
    std::optional<std::string> language{};
    std::optional<bool> invisible{};
    std::optional<boost::json::object> privacy_settings{};
    boost::json::object custom{};
    /// Legacy style only: an upsert may carry it, from a server; never null.
    std::optional<Instant> revoke_tokens_issued_before{};
};

/// POST users. In the body's order. Fails for the first thing that is wrong: no object `users`,
/// none or over `kUsersPerRequestMax` entries, a key that is not its entry's id, a bad id, a wrong
/// type, a reserved response-only field (`… is a reserved field`), too much custom data.
[[nodiscard]] std::expected<std::vector<UserRequest>, ApiError> parse_upsert_users(
    boost::json::object const& body, Style style);

/// POST guest: the object `user`, as strict as an upsert about the types of what a guest may write.
/// Everything else the protocol knows (role, teams, counters, …) is ignored, not refused: clients
/// send whole user objects here (section 3.10). Members that only a server writes stay absent.
[[nodiscard]] std::expected<UserRequest, ApiError> parse_guest(boost::json::object const& body,
                                                               Style style);

/// One field of a partial update. `path` is the key split at its dots.
struct FieldChange {
    std::vector<std::string> path;
    std::optional<boost::json::value> value;  ///< absent: unset
};

/// One entry of PATCH users, its known fields checked for type and size.
struct UserPatch {
    UserId id;
    std::optional<std::optional<std::string>> name{};  ///< outer absent: untouched; inner: unset
    std::optional<std::optional<std::string>> image{};
    std::optional<std::string> role{};  ///< unset puts back `user`
    std::optional<std::vector<std::string>> teams{};
    std::optional<boost::json::object> teams_role{};
    std::optional<std::string> language{};
    std::optional<bool> invisible{};
    std::optional<boost::json::object> privacy_settings{};
    std::optional<std::optional<Instant>> revoke_tokens_issued_before{};  ///< inner empty: undo
    std::optional<boost::json::object> replace_custom{};  ///< v2: `set.custom`, an object
    std::vector<FieldChange> custom{};  ///< applied behind `replace_custom`, in the body's order

    /// Whether it names nothing but the user.
    [[nodiscard]] bool changes_nothing() const;
    /// Whether it names what only a server may: role, teams, teams_role, a revocation.
    [[nodiscard]] bool needs_server() const;
};

/// PATCH users. Missing, null or empty `set` and `unset` are valid. Fails for: no list `users`,
/// none or too many, duplicate ids, the same key in `set` and `unset`, a key that cannot be set, a
/// wrong type, an unreadable date. `null` in `set` is `unset`.
[[nodiscard]] std::expected<std::vector<UserPatch>, ApiError> parse_patch_users(
    boost::json::object const& body, Style style);

/// Applies the custom part of a patch to a user's custom data. Fails where a path runs through
/// something that is not an object, or the result is over `kCustomDataBytesMax`; `custom` is then
/// half-changed and to be thrown away.
[[nodiscard]] std::expected<void, ApiError> apply_custom(UserPatch const& patch,
                                                         boost::json::object& custom);

/// The payload of a connect (legacy query `json`, or the v2 auth message).
struct ConnectRequest {
    std::optional<std::string> user_id;  ///< `user_details.id`, else `user_id`; not checked:
                                         ///< anonymous callers send what they like
    std::optional<std::string> token;    ///< v2 `token`, legacy `user_token`
    bool has_user_details = false;
    /// What the connect may write; reserved fields of the payload are ignored (section 4.2), and so
    /// is what has the wrong type or is too long.
    std::optional<std::string> name{};
    std::optional<std::string> image{};
    std::optional<std::string> language{};
    std::optional<bool> invisible{};
    std::optional<boost::json::object> privacy_settings{};
    boost::json::object custom{};
};

/// Lenient where section 4.2 says so; fails for text that is not a JSON object, for `user_details`
/// that is no object, and for custom data over `kCustomDataBytesMax`.
[[nodiscard]] std::expected<ConnectRequest, ApiError> parse_connect(std::string_view json,
                                                                    Style style);

}  // namespace latchkey::wire
