#pragma once

#include "api/node.hpp"

#include <chrono>
#include <cstddef>

namespace latchkey::api {

/// Lets the store forget the bytes of secrets that were retired long enough ago
/// (`domain/secrets.hpp`). One for the node; belongs to its loop.
class SecretKeeper {
public:
    static constexpr std::chrono::minutes kLooksEvery{10};
    /// Apps whose secrets are forgotten in one go; the others are found by the next.
    static constexpr std::size_t kAppsInOneGo = 100;

    /// `node` outlives this object; `slot` is the loop's in node state.
    SecretKeeper(Node const& node, std::size_t slot);

    void on_tick();

private:
    Node const& node_;
    std::size_t slot_;
    std::chrono::steady_clock::time_point next_look_;
};

}  // namespace latchkey::api
