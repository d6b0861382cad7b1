#pragma once

#include "domain/app.hpp"
#include "domain/store.hpp"
#include "domain/user.hpp"
#include "domain/users.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Users who end, and come back. All of a list or, at the first who is unknown, none; the answer is
/// in the order of `ids`.
namespace latchkey::domain {

/// Refused from then on, until reactivated. Harmless where it is so already.
[[nodiscard]] UsersOrFailure deactivate_users(Transaction& transaction, App const& app,
                                              std::span<UserId const> ids, Instant now);

/// `name`, where given, becomes the users' name.
[[nodiscard]] UsersOrFailure reactivate_users(Transaction& transaction, App const& app,
                                              std::span<UserId const> ids,
                                              std::optional<std::string> const& name, Instant now);

enum class Deletion : std::uint8_t {
    Soft,     ///< refused and hidden, and can be restored
    Pruning,  ///< the same, and what the user said of itself is forgotten: name, image, custom data
    Hard,     ///< forgotten; whoever connects with the id is a new user
};

/// Returns the users as they were when they went. Users deleted softly before can be deleted hard,
/// which is a change too.
[[nodiscard]] UsersOrFailure delete_users(Transaction& transaction, App const& app,
                                          std::span<UserId const> ids, Deletion deletion,
                                          Instant now);

/// Takes a soft deletion back. Harmless for users who are not deleted.
[[nodiscard]] UsersOrFailure restore_users(Transaction& transaction, App const& app,
                                           std::span<UserId const> ids, Instant now);

}  // namespace latchkey::domain
