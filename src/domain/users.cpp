#include "domain/users.hpp"

#include "domain/revocation_origin.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace latchkey::domain {
namespace {

using Cause = EditFailure::Cause;

/// A new user is revoked as far as the one was who had the id before it.
User new_user(UserStore& users, AppId app, UserId const& id, Instant now) {
    return {.id = id,
            .created_at = now,
            .updated_at = now,
            .revoke_tokens_issued_before = users.find_erased_revocation(app, id)};
}

std::vector<UserId> ids_of(std::span<UserEdit const> edits) {
    std::vector<UserId> ids;
    ids.reserve(edits.size());
    for (auto const& edit : edits) {
        ids.push_back(edit.id);
    }
    return ids;
}

/// Being seen is no change of the user: `updated_at` stays.
bool differs_in_activity_only(User const& user, User const& before) {
    auto same = user;
    same.last_active = before.last_active;
    return same == before;
}

bool takes_another_name(User const& user, User const& before) {
    return user.name != before.name || user.teams != before.teams;
}

/// The users that an App's rule says must not share a name with `user`: everyone, or those of each
/// of its teams. `others` are the users of the same request as they are to be.
bool is_name_free(UserStore& users, App const& app, User const& user,
                  std::span<UserId const> except, std::span<User const> others) {
    if (app.enforce_unique_usernames == UniqueNames::No || !user.name || user.name->empty()) {
        return true;
    }
    auto const shares_scope = [&](User const& other) {
        return app.enforce_unique_usernames == UniqueNames::App ||
               std::ranges::find_first_of(user.teams, other.teams) != user.teams.end();
    };
    for (auto const& other : others) {
        if (other.id != user.id && other.name == user.name && shares_scope(other)) {
            return false;
        }
    }
    if (app.enforce_unique_usernames == UniqueNames::App) {
        return !users.is_name_taken(app.id, *user.name, std::nullopt, except);
    }
    return std::ranges::none_of(user.teams, [&](std::string const& team) {
        return users.is_name_taken(app.id, *user.name, team, except);
    });
}

}  // namespace

UsersOrFailure edit_users(Transaction& transaction, App const& app, std::span<UserEdit> edits,
                          IfMissing if_missing, Instant now, std::string_view by) {
    auto const ids = ids_of(edits);
    std::unordered_map<UserId, User> stored;
    for (auto& user : transaction.users().find(app.id, ids)) {
        auto id = user.id;
        stored.emplace(std::move(id), std::move(user));
    }
    EditedUsers results;
    std::vector<UserWrite> writes;
    for (auto& edit : edits) {
        auto const found = stored.find(edit.id);
        bool const exists = found != stored.end();
        if (exists && found->second.deleted_at) {
            return std::unexpected(EditFailure{Cause::UserDeleted, edit.id});
        }
        if (!exists && if_missing == IfMissing::Refuse) {
            return std::unexpected(EditFailure{Cause::UserUnknown, edit.id});
        }
        auto const before =
            exists ? found->second : new_user(transaction.users(), app.id, edit.id, now);
        auto user = before;
        if (auto applied = edit.apply(user); !applied) {
            return std::unexpected(
                EditFailure{Cause::EditRefused, edit.id, std::move(applied).error()});
        }
        if (!exists || user != before) {
            if (exists && differs_in_activity_only(user, before)) {
                user.updated_at = before.updated_at;
            } else {
                user.updated_at = now;
                results.changed.push_back(results.users.size());
            }
            writes.push_back(
                {.user = user, .standing_changed = standing_of(user) != standing_of(before)});
            if (user.revoke_tokens_issued_before != before.revoke_tokens_issued_before) {
                results.dates.push_back({.id = user.id,
                                         .before = before.revoke_tokens_issued_before,
                                         .after = user.revoke_tokens_issued_before});
                keep_origin(transaction, app.id, user.id, user.revoke_tokens_issued_before, now,
                            by);
            }
        }
        results.users.push_back(std::move(user));
    }
    for (auto const& write : writes) {
        auto const found = stored.find(write.user.id);
        // Who keeps a name from before the rule is not asked about it: a revocation must not fail
        // for two people being called the same.
        if ((found == stored.end() || takes_another_name(write.user, found->second)) &&
            !is_name_free(transaction.users(), app, write.user, ids, results.users)) {
            return std::unexpected(EditFailure{Cause::NameTaken, write.user.id});
        }
    }
    if (!writes.empty()) {
        transaction.users().put(app.id, writes);
    }
    return results;
}

}  // namespace latchkey::domain
