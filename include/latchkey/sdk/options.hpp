#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace latchkey::sdk {

/// How a client reaches its server.
struct ConnectionOptions {
    /// `http://host:port` or `https://host:port`, a path prefix allowed; no query.
    std::string base_url;
    /// From the call to its result, retries and waiting for a token included.
    std::chrono::milliseconds deadline{10'000};
    /// Connections kept for calls, at most.
    std::size_t connections_max = 8;
    /// PEM file of certificates to trust instead of the system's; for servers with one of their
    /// own.
    std::string ca_file{};
};

}  // namespace latchkey::sdk
