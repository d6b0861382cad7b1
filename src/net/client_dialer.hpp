#pragma once

#include "net/client_loop.hpp"
#include "net/client_types.hpp"

#include <expected>
#include <memory>
#include <string>

namespace latchkey::net {

/// Opens connections to one origin. Shared by the pool and the sockets that go there.
class Dialer;

/// Reads the certificates to trust; the error says what is wrong with them. `loop` is where the
/// connections will live.
[[nodiscard]] std::expected<std::shared_ptr<Dialer>, std::string> make_dialer(
    ClientLoop const& loop, ClientOrigin origin);

}  // namespace latchkey::net
