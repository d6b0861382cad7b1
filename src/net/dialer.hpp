#pragma once

#include "net/client_dialer.hpp"
#include "net/client_stream.hpp"
#include "net/client_world.hpp"

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::net {

using Endpoints = std::vector<tcp::endpoint>;

/// Everything on the loop's thread.
class Dialer : public std::enable_shared_from_this<Dialer> {
public:
    /// `tls` is empty for plain TCP.
    Dialer(ClientLoop::World& world, ClientOrigin origin, std::optional<asio::ssl::context> tls);

    /// Connects `stream`, which outlives that, as does this. By `deadline`, for as long as a name
    /// is looked up; after that whoever called closes the stream when its time has come. Empty:
    /// connected.
    [[nodiscard]] Task<std::optional<ClientFailure>> dial(
        ClientStream* stream, std::chrono::steady_clock::time_point deadline);

    /// For the field `Host` (RFC 9110 section 7.2): the port only where it is not the scheme's.
    [[nodiscard]] std::string const& authority() const noexcept { return authority_; }
    [[nodiscard]] asio::io_context& io() noexcept { return io_; }

private:
    [[nodiscard]] Task<std::optional<ClientFailure>> look_up(
        std::chrono::steady_clock::time_point deadline);
    [[nodiscard]] bool start_lookup();
    void finish_lookup(Endpoints found);
    [[nodiscard]] Task<std::optional<ClientFailure>> shake_hands(ClientStream* stream);

    asio::io_context& io_;
    std::shared_ptr<Mailbox> mailbox_;
    ClientOrigin origin_;
    std::string authority_;
    std::optional<asio::ssl::context> tls_;
    bool is_address_ = false;  // the host is one, and no name is looked up
    Endpoints endpoints_;      // of the last look-up
    bool looking_up_ = false;
    std::vector<std::shared_ptr<Timer>> lookup_waiters_;
};

}  // namespace latchkey::net
