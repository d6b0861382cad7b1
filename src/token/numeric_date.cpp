#include "token/numeric_date.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace latchkey::token {
namespace {

/// A longer run of digits is read with care, digit by digit.
constexpr std::size_t kPlainDigitsMax = 12;

/// The size of an exponent is cut here, further out than the digits of any token reach.
constexpr std::int64_t kExponentMax = 1'000'000;

/// 10^0 … 10^17: the places of the decimal digits of `kInstantMax` in microseconds.
constexpr auto kPowersOfTen = [] {
    std::array<std::int64_t, 18> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) {
        powers[i] = powers[i - 1] * 10;
    }
    return powers;
}();
static_assert(kInstantMax.time_since_epoch().count() / kPowersOfTen.back() < 10);

bool take_micros(std::int64_t micros, Instant& date) {
    Instant const instant{std::chrono::microseconds(micros)};
    if (!is_in_range(instant)) {
        return false;
    }
    date = instant;
    return true;
}

/// What dates nearly always are: some digits and nothing else. Empty for every other spelling.
inline std::optional<std::int64_t> read_plain_integer(std::string_view number) {
    if (number.size() > kPlainDigitsMax) {
        return std::nullopt;
    }
    std::uint64_t value =
        0;  // may wrap around where there is more than digits; then it is not used
    unsigned largest = 0;
    for (char const c : number) {
        auto const digit = static_cast<unsigned>(c) - '0';
        largest = std::max(largest, digit);
        value = value * 10 + digit;
    }
    return largest <= 9 ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
}

/// What stands behind `e`: an optional sign and digits.
std::int64_t read_exponent(std::string_view text) {
    auto const negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    std::int64_t value = 0;
    for (char const c : text) {
        value = std::min(value * 10 + (c - '0'), kExponentMax);
    }
    return negative ? -value : value;
}

/// Adds decimal digits up to microseconds, each at its place.
class MicrosSum {
public:
    /// `place` is the power of ten, in microseconds, of the first digit to come.
    explicit MicrosSum(std::int64_t place) : place_(place) {}

    /// False where the sum is then out of range for sure.
    bool add(std::string_view digits) {
        for (char const c : digits) {
            auto const place = place_--;
            if (c == '0') {
                continue;
            }
            if (place < 0) {
                finer_ = true;
            } else if (static_cast<std::size_t>(place) < kPowersOfTen.size()) {
                sum_ += (c - '0') * kPowersOfTen[static_cast<std::size_t>(place)];
            } else {
                return false;
            }
        }
        return true;
    }
    [[nodiscard]] std::int64_t rounded_up() const { return sum_ + (finer_ ? 1 : 0); }

private:
    std::int64_t place_;
    std::int64_t sum_ = 0;
    bool finer_ = false;
};

/// Every spelling of a number: sign, fraction, exponent.
[[gnu::noinline]] bool parse_decimal(std::string_view number, Instant& date) {
    auto const negative = number.starts_with('-');
    auto const e = number.find_first_of("eE");
    auto const exponent = e == number.npos ? 0 : read_exponent(number.substr(e + 1));
    auto const mantissa = number.substr(0, e).substr(negative ? 1 : 0);
    auto const point = std::min(mantissa.find('.'), mantissa.size());
    auto const whole = mantissa.substr(0, point);
    auto const fraction = mantissa.substr(std::min(point + 1, mantissa.size()));

    constexpr std::int64_t kMicrosPlaces = 6;
    MicrosSum sum(static_cast<std::int64_t>(whole.size()) - 1 + exponent + kMicrosPlaces);
    if (!sum.add(whole) || !sum.add(fraction) || (negative && sum.rounded_up() != 0)) {
        return false;
    }
    return take_micros(sum.rounded_up(), date);
}

}  // namespace

bool parse_numeric_date(std::string_view number, Instant& date) noexcept {
    auto const seconds = read_plain_integer(number);
    return seconds ? take_micros(*seconds * 1'000'000, date) : parse_decimal(number, date);
}

}  // namespace latchkey::token
