#pragma once

#include "api/outgoing_http.hpp"
#include "net/client_loop.hpp"
#include "net/client_types.hpp"
#include "net/http_pool.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <tuple>

namespace latchkey::server {

/// The node's requests to other people's servers: one thread, and a few kept connections to each.
class OutgoingClient final : public api::OutgoingHttp {
public:
    OutgoingClient() = default;
    /// Stops.
    ~OutgoingClient() override;
    OutgoingClient(OutgoingClient const&) = delete;
    OutgoingClient& operator=(OutgoingClient const&) = delete;

    void send(api::OutgoingRequest request, std::chrono::milliseconds timeout, Done done) override;
    void after(std::chrono::milliseconds pause, std::move_only_function<void()> task) override;

    /// When it returns nothing is called any more: before the loops go that answers are handed to.
    void stop() noexcept { loop_.stop(); }

private:
    using Origin = std::tuple<bool, std::string, std::uint16_t, std::string>;

    void send_now(api::OutgoingRequest request, std::chrono::steady_clock::time_point deadline,
                  Done done);
    /// Null: there are too many, or its certificates cannot be read.
    [[nodiscard]] net::HttpPool* pool_for(api::OutgoingRequest const& request);

    net::ClientLoop loop_;
    // On the loop's thread, until it has stopped.
    std::map<Origin, std::unique_ptr<net::HttpPool>> pools_;
    std::list<std::unique_ptr<net::ClientTimer>> waits_;
};

}  // namespace latchkey::server
