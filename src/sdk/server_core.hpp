#pragma once

#include "sdk/server_caller.hpp"

#include <latchkey/sdk/server_client.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::sdk {

/// What a `ServerClient` is made of, so that it can be made of other things in tests.
class ServerClient::Core {
public:
    /// `clock` and `random` outlive this object.
    Core(ServerCaller::Parts parts, std::unique_ptr<Network> network, Clock const& clock,
         RandomSource& random)
        : clock_(clock), caller_(std::move(parts), std::move(network), clock, random) {}
    virtual ~Core() = default;
    Core(Core const&) = delete;
    Core& operator=(Core const&) = delete;

    [[nodiscard]] Clock const& clock() const noexcept { return clock_; }
    [[nodiscard]] ServerCaller& caller() noexcept { return caller_; }

private:
    Clock const& clock_;
    ServerCaller caller_;
};

/// Empty: it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string const& name)>;

/// @throws std::invalid_argument naming the variables that are missing or empty
[[nodiscard]] ServerClient::Options read_server_options(EnvironmentLookup const& find);

/// @throws std::invalid_argument where the key, the secret or the deadline cannot be one
[[nodiscard]] ServerCaller::Parts to_parts(ServerClient::Options const& options);

}  // namespace latchkey::sdk
