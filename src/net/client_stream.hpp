#pragma once

#include "net/asio_types.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace latchkey::net {

/// A connection, plain or TLS: one type, so that what is built on it is compiled once.
class ClientStream {
public:
    using executor_type = Executor;
    using Tls = asio::ssl::stream<Socket&>;

    explicit ClientStream(asio::io_context& io) : socket_(io) {}
    ClientStream(ClientStream const&) = delete;
    ClientStream& operator=(ClientStream const&) = delete;

    [[nodiscard]] executor_type get_executor() noexcept { return socket_.get_executor(); }
    [[nodiscard]] Socket& socket() noexcept { return socket_; }
    /// Once it is connected. What is read and written goes through the result from then on.
    [[nodiscard]] Tls& start_tls(asio::ssl::context& context) {
        return tls_.emplace(socket_, context);
    }
    /// Ends what is under way, and all that is tried later.
    void close() noexcept {
        ErrorCode ignored;  // closed it is either way
        socket_.close(ignored);
    }

    template <class Buffers, class Token>
    auto async_read_some(Buffers const& buffers, Token&& token) {
        return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
            [this](auto handler, Buffers const& into) {
                if (tls_) {
                    tls_->async_read_some(into, std::move(handler));
                } else {
                    socket_.async_read_some(into, std::move(handler));
                }
            },
            token, buffers);
    }

    template <class Buffers, class Token>
    auto async_write_some(Buffers const& buffers, Token&& token) {
        return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
            [this](auto handler, Buffers const& from) {
                if (tls_) {
                    tls_->async_write_some(from, std::move(handler));
                } else {
                    socket_.async_write_some(from, std::move(handler));
                }
            },
            token, buffers);
    }

private:
    Socket socket_;
    std::optional<Tls> tls_;
};

/// Whether a server that spoke wrongly is the cause of an error of Beast's; else it is the network.
[[nodiscard]] bool is_wrong_speech(ErrorCode const& error);

/// What Beast calls where one of its own waits has passed.
inline void beast_close_socket(ClientStream& stream) noexcept { stream.close(); }

/// What Beast calls behind a WebSocket's last frame: both sides have said all, and waiting for the
/// server to close first would only be another wait for a peer.
template <class Handler>
void async_teardown(boost::beast::role_type, ClientStream& stream, Handler&& handler) {
    stream.close();
    asio::post(stream.get_executor(),
               [handler = std::forward<Handler>(handler)]() mutable { handler(ErrorCode()); });
}

}  // namespace latchkey::net
