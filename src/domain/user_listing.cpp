#include "domain/user_listing.hpp"

#include "domain/store.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>
#include <utility>

namespace latchkey::domain {
namespace {

using Order = UserWalk::Order;

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// The ways to write `text` that something stored begins with, in the order of their bytes: letter
/// by letter, going on with those alone that lead somewhere. So an index that minds case answers a
/// search that does not.
std::vector<std::string> spellings(UserStore& store, AppId app, Order order,
                                   std::string_view text) {
    std::vector<std::string> known = {std::string()};
    for (char const c : text) {
        std::array<char, 2> const cases = {to_upper(c), to_lower(c)};
        bool const is_letter = cases[0] != cases[1];
        std::vector<std::string> longer;
        for (auto const& start : known) {
            for (std::size_t i = 0; i < (is_letter ? 2 : 1); ++i) {
                auto candidate = start + (is_letter ? cases.at(i) : c);
                if (longer.size() < kSearchSpellingsMax &&
                    (!is_letter ||
                     !store.walk(app, {.order = order, .prefix = candidate}).empty())) {
                    longer.push_back(std::move(candidate));
                }
            }
        }
        known = std::move(longer);
    }
    return known;
}

}  // namespace

bool has_state(User const& user, UserState state) {
    switch (state) {
        case UserState::Any: return true;
        case UserState::Active: return !user.deactivated_at && !user.deleted_at;
        case UserState::Revoked: return user.revoke_tokens_issued_before && !user.deleted_at;
        case UserState::Deactivated: return user.deactivated_at && !user.deleted_at;
        case UserState::Deleted: return user.deleted_at.has_value();
    }
    std::unreachable();
}

bool begins_with(std::string_view text, std::string_view start) {
    return text.size() >= start.size() &&
           std::ranges::equal(text.substr(0, start.size()), start,
                              [](char a, char b) { return to_lower(a) == to_lower(b); });
}

bool comes_past(UserWalk const& walk, User const& user) {
    auto const& id = user.id.text();
    bool const fits = has_state(user, walk.state) && (!walk.role || user.role == *walk.role) &&
                      (walk.except_id_prefix.empty() || !begins_with(id, walk.except_id_prefix));
    if (!fits) {
        return false;
    }
    if (walk.order == Order::Id) {
        return id.starts_with(walk.prefix) && id > walk.after_id;
    }
    return user.name && !user.deleted_at && user.name->starts_with(walk.prefix) &&
           std::tie(*user.name, id) > std::tie(walk.after_name, walk.after_id);
}

UserPage list_users(UserStore& store, AppId app, UserListing const& listing) {
    UserPage page;
    std::size_t found_by_id = 0;
    auto const is_full = [&] { return page.users.size() > listing.limit; };
    auto const walk_along = [&](UserWalk walk) {
        walk.state = listing.state;
        walk.role = listing.role;
        walk.limit = listing.limit + 1 - page.users.size();  // one more: is there a next page?
        std::ranges::move(store.walk(app, walk), std::back_inserter(page.users));
    };
    auto const after = listing.after.value_or(UserListPlace{});
    if (after.order == Order::Id) {
        for (auto& prefix : spellings(store, app, Order::Id, listing.search)) {
            if (!is_full()) {
                walk_along({.prefix = std::move(prefix), .after_id = after.id});
            }
        }
        found_by_id = page.users.size();
    }
    if (!listing.search.empty() && !is_full()) {
        auto const place = after.order == Order::Name ? after : UserListPlace{};
        for (auto& prefix : spellings(store, app, Order::Name, listing.search)) {
            if (!is_full()) {
                walk_along({.order = Order::Name,
                            .prefix = std::move(prefix),
                            .after_name = place.name,
                            .after_id = place.id,
                            .except_id_prefix = listing.search});
            }
        }
    }
    if (is_full()) {
        page.users.pop_back();
        auto const& last = page.users.back();
        page.next = {.order = page.users.size() <= found_by_id ? Order::Id : Order::Name,
                     .name = page.users.size() <= found_by_id ? std::string()
                                                              : last.name.value_or(std::string()),
                     .id = last.id.text()};
    }
    return page;
}

}  // namespace latchkey::domain
