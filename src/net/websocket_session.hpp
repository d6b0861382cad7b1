#pragma once

#include "http/service.hpp"
#include "net/asio_types.hpp"
#include "net/event_loop.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace latchkey::net {

/// Takes a connection over from HTTP: sends `switching_protocols` (the 101) and carries the
/// conversation on. `input` is what came behind the request. The session owns itself from here on.
/// Where the 101 cannot be sent any more, `conversation` is destroyed without having been called.
void start_websocket_session(EventLoop& loop, Socket socket,
                             std::unique_ptr<http::Conversation> conversation,
                             std::string_view switching_protocols, std::span<char> input);

}  // namespace latchkey::net
