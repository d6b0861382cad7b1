#include <latchkey/base/rfc3339.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace latchkey {
namespace {

/// Reads from the front of a text; after the first mismatch everything fails.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    /// Exactly `count` digits.
    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            value = value * 10 + next_digit();
        }
        return value;
    }
    void expect(char c) {
        if (!skip(c)) {
            ok_ = false;
        }
    }
    bool skip(char c) {
        if (!rest_.starts_with(c)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool at_digit() const {
        return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
    }
    int next_digit() {
        if (!at_digit()) {
            ok_ = false;
            return 0;
        }
        auto const value = rest_.front() - '0';
        rest_.remove_prefix(1);
        return value;
    }
    [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

constexpr int kFractionDigitsMax = 9;

/// The fraction behind a `.` in microseconds, finer digits rounded up; empty where there are none
/// or too many.
std::optional<std::chrono::microseconds> read_fraction(Reader& reader) {
    std::int64_t micros = 0;
    bool finer = false;
    int count = 0;
    for (; reader.at_digit(); ++count) {
        auto const digit = reader.next_digit();
        if (count < 6) {
            micros = micros * 10 + digit;
        } else {
            finer = finer || digit != 0;
        }
    }
    if (count == 0 || count > kFractionDigitsMax) {
        return std::nullopt;
    }
    for (int i = count; i < 6; ++i) {
        micros *= 10;
    }
    return std::chrono::microseconds(micros + (finer ? 1 : 0));
}

}  // namespace

std::optional<Instant> parse_rfc3339(std::string_view text) noexcept {
    using std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
    Reader reader(text);
    std::chrono::year const year(reader.digits(4));
    reader.expect('-');
    std::chrono::month const month(static_cast<unsigned>(reader.digits(2)));
    reader.expect('-');
    std::chrono::day const day(static_cast<unsigned>(reader.digits(2)));
    reader.expect('T');
    auto const hour = reader.digits(2);
    reader.expect(':');
    auto const minute = reader.digits(2);
    reader.expect(':');
    auto const second = reader.digits(2);
    std::chrono::microseconds fraction{};
    if (reader.skip('.')) {
        auto const read = read_fraction(reader);
        if (!read) {
            return std::nullopt;
        }
        fraction = *read;
    }
    minutes offset{};
    if (!reader.skip('Z')) {
        auto const west = reader.skip('-');
        if (!west) {
            reader.expect('+');
        }
        auto const offset_hour = reader.digits(2);
        reader.expect(':');
        auto const offset_minute = reader.digits(2);
        if (offset_hour > 23 || offset_minute > 59) {
            return std::nullopt;
        }
        offset = hours(offset_hour) + minutes(offset_minute);
        offset = west ? -offset : offset;
    }
    std::chrono::year_month_day const date(year, month, day);
    if (!reader.done() || !date.ok() || hour > 23 || minute > 59 || second > 59) {
        return std::nullopt;
    }
    Instant const instant = std::chrono::sys_days(date) + hours(hour) + minutes(minute) +
                            seconds(second) + fraction - offset;
    if (!is_in_range(instant)) {
        return std::nullopt;
    }
    return instant;
}

std::string format_rfc3339(Instant instant) {
    auto const days = std::chrono::floor<std::chrono::days>(instant);
    std::chrono::year_month_day const date(days);
    std::chrono::hh_mm_ss const time(instant - days);
    std::string text = "0000-00-00T00:00:00.000000Z";
    auto put = [&text](std::size_t at, std::size_t count, std::int64_t value) {
        for (auto i = at + count; i-- > at; value /= 10) {
            text[i] = static_cast<char>('0' + value % 10);
        }
    };
    put(0, 4, static_cast<int>(date.year()));
    put(5, 2, static_cast<unsigned>(date.month()));
    put(8, 2, static_cast<unsigned>(date.day()));
    put(11, 2, time.hours().count());
    put(14, 2, time.minutes().count());
    put(17, 2, time.seconds().count());
    put(20, 6, time.subseconds().count());
    return text;
}

}  // namespace latchkey
