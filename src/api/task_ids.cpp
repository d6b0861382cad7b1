#include "api/task_ids.hpp"

#include <latchkey/base/random_source.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace latchkey::api {
namespace {

constexpr std::size_t kTimeDigits = 12;

std::string make_id(std::string_view secret, std::uint64_t milliseconds) {
    auto const mac = token::HmacKey(secret).mac("latchkey task " + std::to_string(milliseconds));
    std::array<std::byte, 16> bytes{};
    for (std::size_t i = 0; i < 6; ++i) {
        bytes[i] = static_cast<std::byte>(milliseconds >> (40 - 8 * i));
    }
    std::ranges::copy(std::as_bytes(std::span(mac)).first<10>(), bytes.begin() + 6);
    bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x80};  // version 8
    bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};  // variant
    return format_uuid(bytes);
}

/// The milliseconds that an id begins with; empty where it does not look like one.
std::optional<std::uint64_t> read_time(std::string_view task_id) {
    std::uint64_t value = 0;
    std::size_t digits = 0;
    for (char const c : task_id.substr(0, kTimeDigits + 1)) {
        if (c == '-') {
            continue;
        }
        constexpr std::string_view kDigits = "0123456789abcdef";
        auto const digit = kDigits.find(c);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        value = value << 4 | digit;
        ++digits;
    }
    return digits == kTimeDigits ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string make_task_id(domain::App const& app, Instant finished_at) {
    auto const time = std::chrono::floor<std::chrono::milliseconds>(finished_at);
    return make_id(app.signing_secret().secret.reveal(),
                   static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

std::optional<Instant> find_task(domain::App const& app, std::string_view task_id) {
    auto const milliseconds = read_time(task_id);
    if (!milliseconds) {
        return std::nullopt;
    }
    // Whoever asks is a server of the App and holds the secret: there is nothing to time here.
    for (auto const& secret : app.secrets) {
        if (make_id(secret.secret.reveal(), *milliseconds) == task_id) {
            return Instant(std::chrono::milliseconds(*milliseconds));
        }
    }
    return std::nullopt;
}

}  // namespace latchkey::api
