#pragma once

#include "api/peer_address.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace latchkey::api {

/// Addresses of proxies whose word is taken for what the client's request was.
class TrustedProxies {
public:
    /// Nobody.
    TrustedProxies() = default;

    /// `127.0.0.0/8, ::1, 10.1.2.3`: addresses and networks (RFC 4632 section 3.1; RFC 4291 section
    /// 2.3), with commas; spaces around them are allowed, and so is an empty list. Empty where one
    /// of them is none.
    [[nodiscard]] static std::optional<TrustedProxies> parse(std::string_view text);

    /// Whether `address`, of a socket, is one of them. An IPv4 address that came in on an IPv6
    /// socket counts as itself.
    [[nodiscard]] bool contains(std::string_view address) const;

private:
    struct Network {
        PeerAddress address;
        unsigned prefix_bits;
    };
    [[nodiscard]] static std::optional<Network> parse_network(std::string_view text);

    std::vector<Network> networks_;
};

}  // namespace latchkey::api
