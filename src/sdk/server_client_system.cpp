#include "sdk/net_network.hpp"
#include "sdk/server_core.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/sdk/server_client.hpp>

#include <cstdlib>
#include <stdexcept>
#include <utility>

/// Where a `ServerClient` meets the machine: its clock, its randomness, the network, the
/// environment.
namespace latchkey::sdk {
namespace {

std::unique_ptr<Network> connect(ConnectionOptions const& options) {
    auto network = make_network(options);
    if (!network) {
        throw std::invalid_argument(network.error());
    }
    return *std::move(network);
}

/// A base of its own, so that it is there before what refers to it, and longer.
struct Machine {
    SystemClock clock;
    SystemRandomSource random;
};

class SystemCore final : Machine, public ServerClient::Core {
public:
    explicit SystemCore(ServerClient::Options const& options)
        : Core(to_parts(options), connect(options.connection), Machine::clock, Machine::random) {}
};

}  // namespace

ServerClient::ServerClient(Options options) : core_(std::make_unique<SystemCore>(options)) {}

ServerClient ServerClient::from_environment() {
    return ServerClient(read_server_options([](std::string const& name) {
        auto const* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
        return value == nullptr ? std::nullopt : std::optional(std::string(value));
    }));
}

}  // namespace latchkey::sdk
