#pragma once

#include "wire/style.hpp"

#include <latchkey/base/instant.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::wire {

/// A user as it goes out. Views; nothing of it is kept.
struct UserView {
    std::string_view id{};
    std::string_view role{};
    std::optional<std::string_view> name{};
    std::optional<std::string_view> image{};
    std::string_view language{};
    std::span<std::string const> teams{};
    boost::json::object const* teams_role = nullptr;        ///< null or empty: left out
    boost::json::object const* privacy_settings = nullptr;  ///< null or empty: left out
    boost::json::object const* custom = nullptr;            ///< null: empty
    bool invisible = false;
    bool online = false;
    Instant created_at{};
    Instant updated_at{};
    std::optional<Instant> last_active{};
    std::optional<Instant> revoke_tokens_issued_before{};  ///< absent also where it is to be hidden
    std::optional<Instant> deactivated_at{};
    std::optional<Instant> deleted_at{};
};

/// Which of the protocol's shapes (section 3.5).
enum class UserShape : std::uint8_t {
    User,  ///< UserResponse
    Full,  ///< FullUserResponse: with mutes, devices and counters
    Own,   ///< OwnUserResponse: `me`
};

/// Appends the JSON object of a user: every required field of its shape, optional dates left out
/// where unset, custom data flattened (legacy) or in `custom` (v2).
void append_user(std::string& out, UserView const& user, UserShape shape, Style style);

/// Appends `me` of an anonymous connection (section 4.3).
void append_anonymous_me(std::string& out, Style style);

/// Whether `key` belongs to the protocol and can be no custom key in the legacy style
/// (section 3.5).
[[nodiscard]] bool is_reserved_user_key(std::string_view key) noexcept;

}  // namespace latchkey::wire
