#pragma once

#include "net/client_dialer.hpp"
#include "net/client_loop.hpp"
#include "net/client_types.hpp"

#include <chrono>
#include <expected>
#include <functional>
#include <memory>

namespace latchkey::net {

/// HTTP/1.1 requests to one origin over a few kept connections. Follows no redirects and reads no
/// environment. Everything on the loop's thread; `done` is never called from inside `send`.
class HttpPool {
public:
    using Done = std::move_only_function<void(std::expected<ClientResponse, ClientFailure>)>;

    HttpPool(ClientLoop& loop, std::shared_ptr<Dialer> dialer, ClientLimits const& limits);
    /// Drops what is under way without a word.
    ~HttpPool();
    HttpPool(HttpPool const&) = delete;
    HttpPool& operator=(HttpPool const&) = delete;

    /// Calls `done` once, by `deadline` at the latest. Requests are begun in the order in which
    /// they come, and answered in any.
    void send(ClientRequest request, std::chrono::steady_clock::time_point deadline, Done done);

private:
    class Core;
    std::shared_ptr<ClientLoop::World> world_;  // outlives core_
    std::shared_ptr<Core> core_;
};

}  // namespace latchkey::net
