#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::api {

/// An IP address, without its port. IPv4 is kept as IPv6 has it (`::ffff:a.b.c.d`, RFC 4291 section
/// 2.5.5.2), so that one comparison serves both.
using PeerAddress = std::array<std::uint8_t, 16>;

[[nodiscard]] std::optional<PeerAddress> parse_peer_address(std::string_view text);
/// IPv4 with dots; empty for the unspecified address, which nobody calls from.
[[nodiscard]] std::string format_peer_address(PeerAddress const& address);

/// What stands for all the addresses that somebody has who has this one: an IPv4 address itself, of
/// an IPv6 address its network of 64 bits, as bytes, and what is no address as it is. A key to
/// count by, not to show.
[[nodiscard]] std::string network_of(std::string_view address);

}  // namespace latchkey::api
