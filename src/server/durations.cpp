#include "server/durations.hpp"

#include <latchkey/base/rfc3339.hpp>

#include <charconv>
#include <cstdint>

namespace latchkey::server {
namespace {

constexpr std::chrono::seconds kDurationMax = std::chrono::hours{24 * 365 * 100};

std::int64_t seconds_in(char unit) {
    switch (unit) {
        case 's': return 1;
        case 'm': return 60;
        case 'h': return 3600;
        case 'd': return 86400;
        default: return 0;
    }
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    if (text.size() < 2) {
        return std::nullopt;
    }
    auto const unit = seconds_in(text.back());
    std::int64_t count = 0;
    auto const digits = text.substr(0, text.size() - 1);
    auto const [stopped, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (unit == 0 || error != std::errc() || stopped != digits.data() + digits.size() ||
        count < 0 || count > kDurationMax.count() / unit) {
        return std::nullopt;
    }
    return std::chrono::seconds(count * unit);
}

std::optional<Instant> parse_past(std::string_view text, Instant now) {
    auto const ago = parse_duration(text);
    if (!ago) {
        return parse_rfc3339(text);
    }
    return is_in_range(now - *ago) ? std::optional(now - *ago) : std::nullopt;
}

}  // namespace latchkey::server
