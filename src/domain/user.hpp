#pragma once

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::domain {

inline constexpr std::string_view kRoleUser = "user";
inline constexpr std::string_view kRoleGuest = "guest";
inline constexpr std::string_view kRoleAnonymous = "anonymous";
inline constexpr std::string_view kRoleModerator = "moderator";
inline constexpr std::string_view kRoleAdmin = "admin";

/// Someone known to an App.
struct User {
    UserId id;
    std::string role{kRoleUser};
    std::optional<std::string> name{};
    std::optional<std::string> image{};
    std::string language{};
    std::vector<std::string> teams{};
    boost::json::object teams_role{};  ///< team -> role; empty: none
    bool invisible = false;
    boost::json::object privacy_settings{};  ///< as it was given; empty: none
    boost::json::object custom{};
    Instant created_at;
    Instant updated_at;
    std::optional<Instant> last_active{};
    std::optional<Instant> revoke_tokens_issued_before{};
    std::optional<Instant> deactivated_at{};
    std::optional<Instant> deleted_at{};

    bool operator==(User const&) const = default;
};

/// What deciding about a token needs to know of a user. Most users are ordinary: in good standing,
/// nothing revoked, role `user`. Those are not kept in memory at all.
struct UserStanding {
    std::optional<Instant> revoke_tokens_issued_before{};
    bool deactivated = false;
    bool deleted = false;
    std::string role{kRoleUser};

    [[nodiscard]] bool is_ordinary() const {
        return !revoke_tokens_issued_before && !deactivated && !deleted && role == kRoleUser;
    }
    bool operator==(UserStanding const&) const = default;
};

[[nodiscard]] UserStanding standing_of(User const& user);

}  // namespace latchkey::domain
