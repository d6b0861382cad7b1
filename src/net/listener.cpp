#include "net/listener.hpp"

#include "http/limits.hpp"
#include "net/http_session.hpp"

#include <boost/asio/socket_base.hpp>
#include <sys/socket.h>

#include <string>
#include <system_error>
#include <utility>

namespace latchkey::net {
namespace {

/// How often a shortage is reported while it lasts.
constexpr std::chrono::minutes kReportEvery{1};

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

[[noreturn]] void throw_listen_error(ListenAddress const& address, ErrorCode error) {
    throw std::system_error(
        static_cast<std::error_code>(error),
        "cannot listen on " + address.host + ":" + std::to_string(address.port));
}

tcp::endpoint resolve(asio::io_context& io, ListenAddress const& address) {
    ErrorCode error;
    auto const literal = asio::ip::make_address(address.host, error);
    if (!error) {
        return {literal, address.port};
    }
    Resolver resolver(io);
    auto const found =
        resolver.resolve(address.host, std::to_string(address.port), Resolver::passive, error);
    if (error || found.empty()) {
        throw_listen_error(address, error);
    }
    return found.begin()->endpoint();
}

enum class Sharing : bool { Alone, WithOtherLoops };

ErrorCode open_and_bind(Acceptor& acceptor, tcp::endpoint const& endpoint, Sharing sharing) {
    ErrorCode error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error && sharing == Sharing::WithOtherLoops) {
        acceptor.set_option(ReusePort(true), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    return error;
}

/// SO_REUSEPORT lets any process of the same user in beside us. So the address is first bound
/// without it, which fails where someone listens there already.
ErrorCode probe(asio::io_context& io, tcp::endpoint const& endpoint) {
    Acceptor acceptor(io);
    return open_and_bind(acceptor, endpoint, Sharing::Alone);
}

bool is_shortage(ErrorCode error) {
    return error == boost::system::errc::too_many_files_open ||
           error == boost::system::errc::too_many_files_open_in_system ||
           error == boost::system::errc::no_buffer_space ||
           error == boost::system::errc::not_enough_memory;
}

}  // namespace

std::vector<Acceptor> open_acceptors(ListenAddress const& address,
                                     std::vector<std::unique_ptr<EventLoop>> const& loops) {
    auto endpoint = resolve(loops.front()->io(), address);
    auto const sharing = loops.size() > 1 ? Sharing::WithOtherLoops : Sharing::Alone;
    if (sharing == Sharing::WithOtherLoops && endpoint.port() != 0) {
        if (auto const error = probe(loops.front()->io(), endpoint)) {
            throw_listen_error(address, error);
        }
    }
    std::vector<Acceptor> acceptors;
    for (auto const& loop : loops) {
        auto& acceptor = acceptors.emplace_back(loop->io());
        auto error = open_and_bind(acceptor, endpoint, sharing);
        if (!error) {
            acceptor.listen(kBacklog, error);
        }
        if (!error) {
            endpoint = acceptor.local_endpoint(error);  // the port, where any would do
        }
        if (error) {
            throw_listen_error(address, error);
        }
    }
    return acceptors;
}

Listener::Listener(EventLoop& loop, Acceptor acceptor)
    : loop_(loop), acceptor_(std::move(acceptor)), socket_(loop.io()), pause_(loop.io()) {}

void Listener::start() { accept(); }

void Listener::stop() {
    ErrorCode ignored;  // closed it is either way
    acceptor_.close(ignored);
    pause_.cancel();
}

void Listener::accept() {
    acceptor_.async_accept(socket_, peer_, [this](ErrorCode error) { on_accepted(error); });
}

void Listener::on_accepted(ErrorCode error) {
    if (!acceptor_.is_open()) {
        return;
    }
    if (error == asio::error::connection_aborted) {
        return accept();  // by the peer, while it waited in the queue
    }
    if (error) {
        return pause(error);
    }
    start_http_session(loop_, std::move(socket_), peer_);
    socket_ = Socket(loop_.io());
    accept();
}

/// accept() goes on failing until descriptors or memory come free: without a pause, this would
/// spin.
void Listener::pause(ErrorCode reason) {
    auto const now = loop_.clock().monotonic();
    if (!reported_at_ || now - *reported_at_ >= kReportEvery) {
        reported_at_ = now;
        auto const level = is_shortage(reason) ? LogLevel::Warning : LogLevel::Error;
        loop_.log().write(level, "net.accept_failed", {{"error", reason.message()}});
    }
    pause_.expires_after(http::kAcceptPause);
    pause_.async_wait([this](ErrorCode error) {
        if (!error && acceptor_.is_open()) {
            accept();
        }
    });
}

}  // namespace latchkey::net
