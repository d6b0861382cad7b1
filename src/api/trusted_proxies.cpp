#include "api/trusted_proxies.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace latchkey::api {
namespace {

constexpr unsigned kMappedPrefixBits = 96;  // of ::ffff:0:0/96 (RFC 4291 section 2.5.5.2)

std::string_view trim(std::string_view text) {
    auto const first = text.find_first_not_of(' ');
    return first == std::string_view::npos
               ? std::string_view()
               : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

std::optional<TrustedProxies::Network> TrustedProxies::parse_network(std::string_view text) {
    auto const slash = text.find('/');
    auto const address = parse_peer_address(text.substr(0, slash));
    if (!address) {
        return std::nullopt;
    }
    bool const v4 = text.substr(0, slash).find(':') == std::string_view::npos;
    unsigned const bits_max = v4 ? 32 : 128;
    unsigned bits = bits_max;
    if (slash != std::string_view::npos) {
        auto const length = text.substr(slash + 1);
        auto const [end, error] =
            std::from_chars(length.data(), length.data() + length.size(), bits);
        if (error != std::errc() || end != length.data() + length.size() || bits > bits_max) {
            return std::nullopt;
        }
    }
    return Network{.address = *address, .prefix_bits = bits + (v4 ? kMappedPrefixBits : 0)};
}

std::optional<TrustedProxies> TrustedProxies::parse(std::string_view text) {
    TrustedProxies proxies;
    while (!trim(text).empty()) {
        auto const comma = text.find(',');
        auto const network = parse_network(trim(text.substr(0, comma)));
        if (!network) {
            return std::nullopt;
        }
        proxies.networks_.push_back(*network);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return proxies;
}

bool TrustedProxies::contains(std::string_view text) const {
    auto const address = parse_peer_address(text);
    if (!address) {
        return false;
    }
    return std::ranges::any_of(networks_, [&](Network const& network) {
        auto const whole = network.prefix_bits / 8;
        auto const rest = network.prefix_bits % 8;
        if (!std::equal(address->begin(), address->begin() + whole, network.address.begin())) {
            return false;
        }
        auto const mask = static_cast<std::uint8_t>(0xff00U >> rest);
        return rest == 0 || ((*address)[whole] & mask) == (network.address[whole] & mask);
    });
}

}  // namespace latchkey::api
