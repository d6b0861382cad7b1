#include "wire/dates.hpp"

#include "wire/json.hpp"

#include <latchkey/base/rfc3339.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace latchkey::wire {
namespace {

constexpr std::size_t kSecondsEnd = std::string_view("2023-11-14T22:13:20").size();
constexpr std::size_t kDateBytesMax =
    std::string_view("2023-11-14 22:13:20.123456789 +0200").size();
constexpr std::size_t kSeparatorAt = 10;

/// Beyond any date in nanoseconds, and few enough digits for a small buffer.
constexpr double kNumberMax = 1e21;

/// How many digits a number of that many integral digits has in front of its point once it counts
/// microseconds: the bounds of protocol section 3.1 (1e11, 1e14, 1e17) are powers of ten.
std::size_t digits_of_microseconds(std::size_t integral_digits) {
    if (integral_digits <= 11) {
        return integral_digits + 6;  // seconds
    }
    if (integral_digits <= 14) {
        return integral_digits + 3;  // milliseconds
    }
    return integral_digits <= 17 ? integral_digits : integral_digits - 3;  // micro-, nanoseconds
}

/// Shifts the decimal point instead of calculating, so that nothing is lost: `1700000000.123456` is
/// that microsecond and not its neighbour, as it could be by a product of doubles.
std::optional<Instant> parse_decimal(std::string_view text) {
    auto const point = std::min(text.find('.'), text.size());
    auto const fraction = text.substr(std::min(point + 1, text.size()));
    auto const whole_digits = digits_of_microseconds(point);
    if (whole_digits > std::numeric_limits<std::int64_t>::digits10) {
        return std::nullopt;
    }
    std::string digits(text.substr(0, point));
    digits += fraction;
    digits.resize(std::max(digits.size(), whole_digits), '0');
    std::int64_t micros = 0;
    std::from_chars(digits.data(), digits.data() + whole_digits, micros);
    if (digits.find_first_not_of('0', whole_digits) != std::string::npos) {
        ++micros;  // rounded up: a revocation never covers less than was asked for
    }
    Instant const instant{std::chrono::microseconds(micros)};
    return is_in_range(instant) ? std::optional(instant) : std::nullopt;
}

template <typename Integer>
std::optional<Instant> parse_integer(Integer number) {
    std::array<char, 24> digits;
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return parse_decimal({digits.data(), end});
}

/// The shortest decimal that reads back as this double is what the sender wrote, for all the digits
/// that a double can carry.
std::optional<Instant> parse_double(double number) {
    if (!(number >= 0 && number < kNumberMax)) {
        return std::nullopt;
    }
    // The smallest double has 324 places behind the point, of which up to 17 are not zeros.
    std::array<char, 352> digits;
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), std::abs(number),
                                   std::chars_format::fixed)
                         .ptr;
    return parse_decimal({digits.data(), end});
}

/// `+0200` as RFC 3339 writes it; empty for anything else.
std::string with_colon(std::string_view offset) {
    if (offset.size() != 5 || (offset[0] != '+' && offset[0] != '-')) {
        return {};
    }
    return std::string(offset.substr(0, 3)) + ':' + std::string(offset.substr(3));
}

/// The zone of an SDK's date as RFC 3339 writes it; empty where it is none of the forms of protocol
/// section 3.1.
std::string to_rfc3339_zone(char separator, std::string_view zone) {
    if (separator == ' ') {  // Ruby's Time#to_s
        if (!zone.starts_with(' ')) {
            return {};
        }
        return zone == " UTC" ? "Z" : with_colon(zone.substr(1));
    }
    return zone.empty() ? "Z" : with_colon(zone);  // Python's isoformat() has no zone: UTC
}

}  // namespace

std::optional<Instant> parse_request_date(boost::json::value const& value) {
    switch (value.kind()) {
        case boost::json::kind::string:
            return parse_request_date(std::string_view(value.get_string()));
        case boost::json::kind::int64:
            if (value.get_int64() < 0) {
                return std::nullopt;
            }
            return parse_integer(value.get_int64());
        case boost::json::kind::uint64: return parse_integer(value.get_uint64());
        case boost::json::kind::double_: return parse_double(value.get_double());
        case boost::json::kind::null:
        case boost::json::kind::bool_:
        case boost::json::kind::array:
        case boost::json::kind::object: break;
    }
    return std::nullopt;
}

std::optional<Instant> parse_request_date(std::string_view text) {
    if (auto const instant = parse_rfc3339(text)) {
        return instant;
    }
    if (text.size() < kSecondsEnd || text.size() > kDateBytesMax) {
        return std::nullopt;
    }
    auto const zone_at = std::min(text.find_first_not_of(".0123456789", kSecondsEnd), text.size());
    auto const zone = to_rfc3339_zone(text[kSeparatorAt], text.substr(zone_at));
    if (zone.empty()) {
        return std::nullopt;
    }
    std::string rewritten(text.substr(0, zone_at));
    if (rewritten[kSeparatorAt] == ' ') {
        rewritten[kSeparatorAt] = 'T';
    }
    return parse_rfc3339(rewritten + zone);
}

void append_date(std::string& out, Instant instant, Style style) {
    if (style == Style::Legacy) {
        out += '"';
        out += format_rfc3339(instant);
        out += '"';
        return;
    }
    // The typed SDKs read a signed 64-bit integer (protocol section 3.1), which ends in 2262. A
    // later date is written as the last one they can read: an answer that none of them can decode
    // would take all the other fields with it.
    constexpr std::int64_t kMicrosMax = std::numeric_limits<std::int64_t>::max() / 1000;
    append_json_number(out, std::min(instant.time_since_epoch().count(), kMicrosMax) * 1000);
}

void append_duration(std::string& out, std::chrono::nanoseconds duration) {
    constexpr std::int64_t kNanosAHundredth = 10'000;  // of a millisecond
    auto const hundredths =
        (std::max<std::int64_t>(duration.count(), 0) + kNanosAHundredth / 2) / kNanosAHundredth;
    out += '"';
    append_json_number(out, hundredths / 100);
    out += '.';
    out += static_cast<char>('0' + hundredths / 10 % 10);
    out += static_cast<char>('0' + hundredths % 10);
    out += "ms\"";
}

}  // namespace latchkey::wire
