#include "domain/user_lifecycle.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <utility>

namespace latchkey::domain {
namespace {

using Cause = EditFailure::Cause;

enum class DeletedUsers : std::uint8_t { Unknown, Included };

/// Changes users that exist; stores those who differ. `date` is what the change is about.
UsersOrFailure change_users(Transaction& transaction, App const& app, std::span<UserId const> ids,
                            DeletedUsers deleted, std::optional<Instant> User::* date, Instant now,
                            std::function<void(User&)> const& change) {
    auto users = transaction.users().find(app.id, ids);
    for (auto const& id : ids) {
        auto const found = std::ranges::find(users, id, &User::id);
        if (found == users.end() || (deleted == DeletedUsers::Unknown && found->deleted_at)) {
            return std::unexpected(EditFailure{Cause::UserUnknown, id});
        }
    }
    EditedUsers result{.users = std::move(users)};
    std::vector<UserWrite> writes;
    for (std::size_t i = 0; i < result.users.size(); ++i) {
        auto& user = result.users[i];
        auto const before = user;
        change(user);
        if (user.*date != before.*date) {
            result.dates.push_back({.id = user.id, .before = before.*date, .after = user.*date});
        }
        if (user != before) {
            user.updated_at = now;
            result.changed.push_back(i);
            writes.push_back(
                {.user = user, .standing_changed = standing_of(user) != standing_of(before)});
        }
    }
    if (!writes.empty()) {
        transaction.users().put(app.id, writes);
    }
    return result;
}

}  // namespace

UsersOrFailure deactivate_users(Transaction& transaction, App const& app,
                                std::span<UserId const> ids, Instant now) {
    return change_users(
        transaction, app, ids, DeletedUsers::Unknown, &User::deactivated_at, now,
        [now](User& user) { user.deactivated_at = user.deactivated_at.value_or(now); });
}

UsersOrFailure reactivate_users(Transaction& transaction, App const& app,
                                std::span<UserId const> ids, std::optional<std::string> const& name,
                                Instant now) {
    return change_users(transaction, app, ids, DeletedUsers::Unknown, &User::deactivated_at, now,
                        [&name](User& user) {
                            user.deactivated_at.reset();
                            if (name) {
                                user.name = name;
                            }
                        });
}

UsersOrFailure delete_users(Transaction& transaction, App const& app, std::span<UserId const> ids,
                            Deletion deletion, Instant now) {
    // A hard deletion is a soft one first: the log then says that the user ended, which is what
    // ends open connections, before it says that nothing is known of the user.
    auto users =
        change_users(transaction, app, ids,
                     deletion == Deletion::Hard ? DeletedUsers::Included : DeletedUsers::Unknown,
                     &User::deleted_at, now, [now, deletion](User& user) {
                         user.deleted_at = user.deleted_at.value_or(now);
                         if (deletion == Deletion::Pruning) {
                             user.name.reset();
                             user.image.reset();
                             user.custom.clear();
                         }
                     });
    if (users && deletion == Deletion::Hard) {
        users->changed.resize(users->users.size());
        std::iota(users->changed.begin(), users->changed.end(), std::size_t{0});
        for (auto const& user : users->users) {
            if (std::ranges::find(users->dates, user.id, &DateChange::id) == users->dates.end()) {
                users->dates.push_back(
                    {.id = user.id, .before = user.deleted_at, .after = user.deleted_at});
            }
            transaction.users().erase(app.id, user.id);
        }
    }
    return users;
}

UsersOrFailure restore_users(Transaction& transaction, App const& app, std::span<UserId const> ids,
                             Instant now) {
    return change_users(transaction, app, ids, DeletedUsers::Included, &User::deleted_at, now,
                        [](User& user) { user.deleted_at.reset(); });
}

}  // namespace latchkey::domain
