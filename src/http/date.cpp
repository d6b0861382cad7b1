#include "http/date.hpp"

#include "http/response_format.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <string>

namespace latchkey::http {
namespace {

constexpr std::string_view kShape = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// The number at a place of the text; that they are digits is found out by formatting it again.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, value);
    return value;
}

}  // namespace

std::optional<Instant> parse_http_date(std::string_view text) {
    if (text.size() != kShape.size()) {
        return std::nullopt;
    }
    auto const month = kMonths.find(text.substr(8, 3));
    if (month == kMonths.npos || month % 3 != 0) {
        return std::nullopt;
    }
    std::chrono::year_month_day const day(
        std::chrono::year(number_at(text, 12, 4)),
        std::chrono::month(static_cast<unsigned>(month / 3) + 1),
        std::chrono::day(static_cast<unsigned>(std::max(0, number_at(text, 5, 2)))));
    if (!day.ok()) {
        return std::nullopt;
    }
    auto const at = std::chrono::sys_seconds(std::chrono::sys_days(day)) +
                    std::chrono::hours(number_at(text, 17, 2)) +
                    std::chrono::minutes(number_at(text, 20, 2)) +
                    std::chrono::seconds(number_at(text, 23, 2));
    // Whatever is wrong with the rest, such as hour 24 or a Monday, would be written otherwise.
    if (!is_in_range(at) || format_http_date(at.time_since_epoch().count()) != text) {
        return std::nullopt;
    }
    return at;
}

}  // namespace latchkey::http
