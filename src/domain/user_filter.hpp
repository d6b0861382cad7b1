#pragma once

#include "domain/user.hpp"
#include "domain/user_query.hpp"

#include <boost/json/object.hpp>

#include <span>
#include <string>
#include <string_view>

/// What a user query means. A store that evaluates in memory calls these; one that has a language
/// of its own has to agree with them, and calls them for what that language cannot say exactly.
namespace latchkey::domain {

/// Whether `user` passes `filter`. Whether deleted and deactivated users appear at all is the
/// query's affair, not the filter's.
///
/// Unset are: an absent name or last activity, an empty language, no teams, a custom key that is
/// absent or null. A value of another type than the field's equals nothing and is neither less nor
/// greater. Numbers compare by value, whole or not; text by its bytes; only numbers, text and
/// instants are ordered, and teams are not.
[[nodiscard]] bool matches(UserFilter const& filter, User const& user);

/// `matches` for one condition on `UserField::Custom`.
[[nodiscard]] bool custom_matches(UserCondition const& condition,
                                  boost::json::object const& custom);

/// `matches` for one condition on `UserField::Teams`.
[[nodiscard]] bool teams_match(UserCondition const& condition, std::span<std::string const> teams);

/// Whether `start` stands at the beginning of `text` or behind a space in it, ASCII case ignored.
/// An empty `start` does in any text.
[[nodiscard]] bool word_begins_with(std::string_view text, std::string_view start);

/// Whether a query that sorts by `sorts` shows `left` before `right`. Unset sorts before set.
[[nodiscard]] bool comes_before(std::span<UserSort const> sorts, User const& left,
                                User const& right);

}  // namespace latchkey::domain
