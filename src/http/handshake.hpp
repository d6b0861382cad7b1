#pragma once

#include "http/head_check.hpp"
#include "http/message.hpp"

#include <expected>
#include <string>
#include <string_view>

/// The opening of a WebSocket (RFC 6455 section 4.2), server side. Extensions are declined.
namespace latchkey::http {

/// A handshake that is in order.
struct Upgrade {
    std::string_view key;             ///< of Sec-WebSocket-Key; a view into the request
    bool offers_subprotocol = false;  ///< offers `wss`, the one that this server echoes
};

/// Checks a request that `upgrades_websocket`. 426 asks for version 13, and is to be answered with
/// the fields of `add_upgrade_required_fields`.
[[nodiscard]] std::expected<Upgrade, HeadError> check_upgrade(Request const& request);

/// The fields that belong to a 426 (RFC 9110 section 15.5.22, RFC 6455 section 4.4).
void add_upgrade_required_fields(Response& response);

/// Sec-WebSocket-Accept for a key (RFC 6455 section 4.2.2).
[[nodiscard]] std::string accept_key(std::string_view key);

/// Appends the whole 101 answer.
void append_switching_protocols(std::string& out, Upgrade const& upgrade);

}  // namespace latchkey::http
