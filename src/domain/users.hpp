#pragma once

#include "domain/app.hpp"
#include "domain/store.hpp"
#include "domain/user.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::domain {

/// What to do with one user: `apply` changes a copy, or says why it will not (safe to show).
struct UserEdit {
    UserId id;
    std::move_only_function<std::expected<void, std::string>(User&)> apply;
};

enum class IfMissing : std::uint8_t {
    Create,  ///< the edit is applied to a new user with role `user`
    Refuse,
};

struct EditFailure {
    enum class Cause : std::uint8_t {
        UserUnknown,
        UserDeleted,  ///< the id belongs to a deleted user, who has to be restored first
        NameTaken,    ///< the App wants unique names (`enforce_unique_usernames`)
        EditRefused,
    };
    Cause cause;
    UserId user_id;
    std::string why{};  ///< of `EditRefused`
};

/// What became of one user's revocation, deactivation or deletion.
struct DateChange {
    UserId id;
    std::optional<Instant> before{};
    std::optional<Instant> after{};
};

/// Users as they are afterwards, those included whom nothing changed.
struct EditedUsers {
    std::vector<User> users;
    /// Places in `users` of those who differ from before by more than having been seen: who is
    /// worth telling others of.
    std::vector<std::size_t> changed{};
    /// Of `edit_users`: the revocations that changed. Of the others: the date that each is about.
    std::vector<DateChange> dates{};
};
using UsersOrFailure = std::expected<EditedUsers, EditFailure>;

/// Changes users together: all of them or, at the first failure, none. Stores only those who differ
/// from before, with `updated_at = now`; returns all, in the order of `edits`. Runs inside
/// `transaction`; where it fails the caller rolls back. `by` is kept as who changed a revocation;
/// empty where none can change.
[[nodiscard]] UsersOrFailure edit_users(Transaction& transaction, App const& app,
                                        std::span<UserEdit> edits, IfMissing if_missing,
                                        Instant now, std::string_view by = {});

}  // namespace latchkey::domain
