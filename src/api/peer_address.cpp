#include "api/peer_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstddef>
#include <span>

namespace latchkey::api {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kNetworkBytes = 8;

bool is_ipv4(PeerAddress const& address) {
    return std::ranges::equal(kMappedPrefix, std::span(address).first<kMappedPrefix.size()>());
}

}  // namespace

std::optional<PeerAddress> parse_peer_address(std::string_view text) {
    std::string const terminated(text);
    PeerAddress address{};
    if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) {
        return address;
    }
    std::ranges::copy(kMappedPrefix, address.begin());
    if (inet_pton(AF_INET, terminated.c_str(), address.data() + kMappedPrefix.size()) == 1) {
        return address;
    }
    return std::nullopt;
}

std::string format_peer_address(PeerAddress const& address) {
    if (address == PeerAddress{}) {
        return {};
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    bool const is_v4 = is_ipv4(address);
    auto const* bytes = address.data() + (is_v4 ? kMappedPrefix.size() : 0);
    auto const* written = inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size());
    return written == nullptr ? std::string() : std::string(written);
}

std::string network_of(std::string_view address) {
    auto const parsed = parse_peer_address(address);
    if (!parsed) {
        return std::string(address);
    }
    return is_ipv4(*parsed) ? format_peer_address(*parsed)
                            : std::string(parsed->begin(), parsed->begin() + kNetworkBytes);
}

}  // namespace latchkey::api
