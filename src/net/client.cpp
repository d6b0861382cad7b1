#include "net/client.hpp"

#include "net/http_pool.hpp"

#include <future>
#include <utility>

namespace latchkey::net {

std::expected<ClientResponse, ClientFailure> fetch(ClientOrigin const& origin,
                                                   ClientRequest request,
                                                   std::chrono::milliseconds timeout) {
    auto const deadline = std::chrono::steady_clock::now() + timeout;
    ClientLoop loop;
    auto dialer = make_dialer(loop, origin);
    if (!dialer) {
        return std::unexpected(
            ClientFailure{.error = ClientError::CannotConnect, .message = dialer.error()});
    }
    HttpPool pool(loop, *std::move(dialer), {.connections_max = 1});
    std::promise<std::expected<ClientResponse, ClientFailure>> answered;
    loop.post([&] {
        pool.send(std::move(request), deadline,
                  [&answered](auto outcome) { answered.set_value(std::move(outcome)); });
    });
    auto outcome = answered.get_future().get();
    loop.stop();  // before the pool goes, which belongs to its thread
    return outcome;
}

}  // namespace latchkey::net
