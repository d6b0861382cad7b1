#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// base64url without padding, as JOSE uses it (RFC 7515 section 2, RFC 4648 section 5).
namespace latchkey::base64url {

/// Room that `decode` needs for `characters` of text.
constexpr std::size_t decoded_bytes_max(std::size_t characters) { return characters / 4 * 3 + 2; }

namespace detail {

inline constexpr std::size_t kNotCanonical = static_cast<std::size_t>(-1);

/// `decode`, but with a number for "nothing": g++ 12 returns an `optional` of a word by way of the
/// stack, with a stall that costs as much as decoding a MAC.
[[nodiscard]] std::size_t decode(std::string_view text, std::span<std::uint8_t> out) noexcept;

}  // namespace detail

/// Decodes strictly: no padding, no white space, no other alphabet, no bits left over in the last
/// character (RFC 4648 section 3.5), so each byte string has one spelling.
///
/// `out` has at least `decoded_bytes_max(text.size())` bytes; what lies behind the result is
/// scratch. Returns the number of bytes, or nothing where `text` is not canonical base64url.
[[nodiscard]] inline std::optional<std::size_t> decode(std::string_view text,
                                                       std::span<std::uint8_t> out) noexcept {
    auto const bytes = detail::decode(text, out);
    return bytes == detail::kNotCanonical ? std::nullopt : std::optional(bytes);
}

/// The one spelling of `bytes`.
[[nodiscard]] std::string encode(std::span<std::uint8_t const> bytes);
[[nodiscard]] std::string encode(std::string_view bytes);

}  // namespace latchkey::base64url
