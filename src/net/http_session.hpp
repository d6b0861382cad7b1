#pragma once

#include "net/asio_types.hpp"
#include "net/event_loop.hpp"

namespace latchkey::net {

/// Serves HTTP on a connection until it ends or becomes a WebSocket. Owns itself from here on.
void start_http_session(EventLoop& loop, Socket socket, tcp::endpoint const& peer);

}  // namespace latchkey::net
