#include "net/server.hpp"

#include "net/event_loop.hpp"
#include "net/listener.hpp"

#include <boost/asio/post.hpp>

#include <thread>
#include <utility>

namespace latchkey::net {

struct Server::Impl {
    ServerOptions options;
    EventLog& log;
    Clock const& clock;
    http::ServiceFactory factory;

    std::vector<std::uint16_t> ports;
    std::vector<std::unique_ptr<EventLoop>> loops;
    std::vector<std::vector<std::unique_ptr<Listener>>> listeners;  ///< of each loop
    std::vector<std::jthread> threads;

    void listen() {
        listeners.resize(loops.size());
        for (auto const& address : options.listen) {
            auto acceptors = open_acceptors(address, loops);
            ports.push_back(acceptors.front().local_endpoint().port());
            for (std::size_t i = 0; i < loops.size(); ++i) {
                listeners[i].push_back(
                    std::make_unique<Listener>(*loops[i], std::move(acceptors[i])));
            }
        }
    }

    void serve() {
        for (std::size_t i = 0; i < loops.size(); ++i) {
            auto& loop = *loops[i];
            loop.set_service(factory(loop, i));
            loop.on_stop([&mine = listeners[i]] {
                for (auto const& listener : mine) {
                    listener->stop();
                }
            });
            for (auto const& listener : listeners[i]) {
                listener->start();
            }
        }
        for (auto const& loop : loops) {
            threads.emplace_back([&loop = *loop] { loop.run(); });
        }
    }
};

Server::Server(ServerOptions options, EventLog& log, Clock const& clock,
               http::ServiceFactory factory)
    : impl_(std::make_unique<Impl>(Impl{.options = std::move(options),
                                        .log = log,
                                        .clock = clock,
                                        .factory = std::move(factory),
                                        .ports = {},
                                        .loops = {},
                                        .listeners = {},
                                        .threads = {}})) {
    for (std::size_t i = 0; i < impl_->options.loops; ++i) {
        impl_->loops.push_back(std::make_unique<EventLoop>(impl_->options.timeouts, log, clock));
    }
}

// A server that finds no memory to tell its loops to stop cannot join them: the process ends.
// NOLINTNEXTLINE(bugprone-exception-escape)
Server::~Server() {
    stop();
    join();
}

void Server::start() {
    impl_->listen();
    impl_->serve();
}

std::uint16_t Server::bound_port(std::size_t index) const { return impl_->ports.at(index); }

void Server::stop() {
    for (auto const& loop : impl_->loops) {
        asio::post(loop->io(), [&loop = *loop] { loop.begin_stop(); });
    }
}

void Server::join() {
    impl_->threads.clear();
    impl_->listeners.clear();
    // The loops themselves stay: someone may still post to them, or call `stop`.
    for (auto const& loop : impl_->loops) {
        loop->set_service(nullptr);
    }
}

}  // namespace latchkey::net
