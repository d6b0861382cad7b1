#include "cli/durations.hpp"

#include <charconv>
#include <cstdint>

namespace latchkey::cli {
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
    auto const* const end = text.data() + text.size() - 1;
    auto const [stopped, error] = std::from_chars(text.data(), end, count);
    if (unit == 0 || error != std::errc() || stopped != end || count < 0 ||
        count > kDurationMax.count() / unit) {
        return std::nullopt;
    }
    return std::chrono::seconds(count * unit);
}

}  // namespace latchkey::cli
