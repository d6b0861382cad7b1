#pragma once

#include "net/client_types.hpp"

#include <chrono>
#include <expected>

namespace latchkey::net {

/// Makes one HTTP/1.1 request on a connection of its own and blocks until the answer is complete,
/// for `timeout` at most. Follows no redirects and reads no environment.
[[nodiscard]] std::expected<ClientResponse, ClientFailure> fetch(ClientOrigin const& origin,
                                                                 ClientRequest request,
                                                                 std::chrono::milliseconds timeout);

}  // namespace latchkey::net
