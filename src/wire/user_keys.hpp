#pragma once

#include <cstdint>
#include <string_view>

namespace latchkey::wire {

/// What a key of a user object is to the protocol (section 3.5).
enum class UserKey : std::uint8_t {
    None,  ///< not the protocol's: custom data in the legacy style
    Id,
    Name,
    Image,
    Role,
    Teams,
    TeamsRole,
    Language,
    Invisible,
    PrivacySettings,
    Revocation,  ///< `revoke_tokens_issued_before`
    ReadOnly,    ///< stands in answers only
};

[[nodiscard]] UserKey find_user_key(std::string_view name) noexcept;

}  // namespace latchkey::wire
