#pragma once

#include "sdk/network.hpp"
#include "sdk/server_clock.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/random_source.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace latchkey::sdk {

/// What a user's session is given; what it refers to outlives the session.
struct SessionWorld {
    Network& network;
    Clock const& clock;
    RandomSource& random;
    ServerClock& server_clock;
    std::string api_key;

    [[nodiscard]] std::unique_ptr<Wait> wait_for(std::chrono::milliseconds length,
                                                 std::move_only_function<void()> task) const {
        return network.wait_until(clock.monotonic() + length, std::move(task));
    }
};

/// What a request or a socket is sent with.
struct Credential {
    std::string token{};       ///< empty: as the anonymous user
    std::uint64_t number = 0;  ///< tells this token from those before and after it
};

struct CallRequest {
    std::string method;
    std::string path;  ///< and query
    std::string body{};
};

/// Of a call as this user, or as nobody.
[[nodiscard]] Request to_request(CallRequest const& call, Credential const& credential,
                                 std::string_view api_key, std::string_view request_id);

/// Where a socket is opened (protocol section 2.5).
[[nodiscard]] std::string make_socket_target(std::string_view api_key);

}  // namespace latchkey::sdk
