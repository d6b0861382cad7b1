#pragma once

#include "sdk/network.hpp"

#include <latchkey/sdk/options.hpp>

#include <expected>
#include <memory>
#include <string>

namespace latchkey::net {
struct ClientLimits;
}

namespace latchkey::sdk {

/// The network itself: a thread, a pool of connections, sockets. The error says what is wrong with
/// the options, and holds nothing secret.
[[nodiscard]] std::expected<std::unique_ptr<Network>, std::string> make_network(
    ConnectionOptions const& options);
/// The same with limits of the caller's, but for the number of connections.
[[nodiscard]] std::expected<std::unique_ptr<Network>, std::string> make_network(
    ConnectionOptions const& options, net::ClientLimits limits);

/// The field `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date, which counts from `date`.
/// Empty where it is neither; a date that has passed is 0 s, and nothing is more than a day.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view text,
                                                                    std::optional<Instant> date);

}  // namespace latchkey::sdk
