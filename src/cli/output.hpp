#pragma once

#include "cli/admin_client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

/// What commands print, and how they end.
namespace latchkey::cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;

/// Says on standard error what went wrong; returns the exit status for it.
int fail_with(std::string_view message, int status = kFailed);

/// Prints a value as JSON, with a line break.
void print_json(boost::json::value const& value);

/// `text` without what a terminal would obey: control characters (C0, DEL, C1), and those that turn
/// the direction of writing. Users choose their names, and whoever makes a token its claims.
[[nodiscard]] std::string printable(std::string_view text);

/// A member as text: a string's content, else JSON; empty where there is none.
[[nodiscard]] std::string text(boost::json::object const& from, std::string_view name);
/// The same for a terminal, `printable`: a dash where there is none, null, or an empty text.
[[nodiscard]] std::string shown(boost::json::object const& from, std::string_view name);

/// `1 user`, `2 users`.
[[nodiscard]] std::string plural(std::size_t count, std::string_view noun);
/// The texts of a list, with commas.
[[nodiscard]] std::string list_of(boost::json::array const& texts);
/// What ends that is open now, or would: whoever has a newer token stays.
void print_ends(boost::json::object const& ends, bool dry_run);

/// Tells what came of a call: what went wrong, else the answer as JSON, or as `print` shows it.
template <class Print>
int tell(std::expected<boost::json::object, CommandError> answer, bool json, Print print) {
    if (!answer) {
        return fail_with(answer.error().message);
    }
    answer->erase("duration");
    if (json) {
        print_json(*answer);
    } else {
        print(std::as_const(*answer));
    }
    return kDone;
}

/// The same of an answer whose one member `name` is all there is to show.
template <class Print>
int tell_member(std::expected<boost::json::object, CommandError> const& answer,
                std::string_view name, bool json, Print print) {
    if (!answer) {
        return fail_with(answer.error().message);
    }
    auto const& member = answer->at(name);
    if (json) {
        print_json(member);
    } else {
        print(member);
    }
    return kDone;
}

}  // namespace latchkey::cli
