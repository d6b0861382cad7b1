#pragma once

#include "domain/user.hpp"

#include <latchkey/base/ids.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The users of an App as an operator pages through them: all of them, deleted ones included, and a
/// page costs the same whatever their number.
namespace latchkey::domain {

class UserStore;

enum class UserState : std::uint8_t {
    Any,
    Active,       ///< neither deactivated nor deleted
    Revoked,      ///< with a revocation in force, and not deleted
    Deactivated,  ///< and not deleted
    Deleted,
};

[[nodiscard]] bool has_state(User const& user, UserState state);

/// Some of an App's users, one after another in an order that each store keeps anyway.
struct UserWalk {
    enum class Order : std::uint8_t {
        Id,    ///< all
        Name,  ///< those who have one and are not deleted; by name, then id
    };
    Order order = Order::Id;
    std::string prefix{};            ///< what ids, or names, begin with, as it is written
    std::string after_name{};        ///< of `Order::Name`: where to go on, beside the id
    std::string after_id{};          ///< behind this one; empty: from the first
    std::string except_id_prefix{};  ///< without ids that begin so, ASCII case ignored; empty: all
    UserState state = UserState::Any;
    std::optional<std::string> role{};
    std::size_t limit = 1;
};

/// Whether a walk comes past a user: what `UserStore::walk` has to agree with.
[[nodiscard]] bool comes_past(UserWalk const& walk, User const& user);

inline constexpr std::size_t kUserListLimitMax = 100;
inline constexpr std::size_t kUserListLimitDefault = 50;
inline constexpr std::size_t kUserSearchBytesMax = 255;
/// Spellings of one search that stored ids, or names, begin with: `jo`, `Jo`, `JO`. More are not
/// looked for.
inline constexpr std::size_t kSearchSpellingsMax = 16;

/// Where a page ended.
struct UserListPlace {
    UserWalk::Order order = UserWalk::Order::Id;
    std::string name{};
    std::string id{};
    bool operator==(UserListPlace const&) const = default;
};

struct UserListing {
    std::string search{};  ///< what the id or the name begins with, ASCII case ignored; empty: all
    UserState state = UserState::Any;
    std::optional<std::string> role{};
    std::size_t limit = kUserListLimitDefault;
    std::optional<UserListPlace> after{};
};

struct UserPage {
    std::vector<User> users;
    std::optional<UserListPlace> next;  ///< empty: there are no more
};

/// Those whose id fits first, by id; then those whose name alone fits, by name.
[[nodiscard]] UserPage list_users(UserStore& store, AppId app, UserListing const& listing);

/// Whether `text` begins with `start`, ASCII case ignored.
[[nodiscard]] bool begins_with(std::string_view text, std::string_view start);

}  // namespace latchkey::domain
