#pragma once

#include <latchkey/base/instant.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::api {

/// What a server can say of itself. Filled in before its listeners start, but for their ports,
/// which are known then.
struct ServerFacts {
    explicit ServerFacts(Instant started) : started_at(started) {}

    Instant started_at;
    std::string version{};  ///< of the program
    std::string data_directory{};
    std::string listen_host{};
    std::string admin_listen_host{};
    std::atomic<std::uint16_t> listen_port = 0;
    std::atomic<std::uint16_t> admin_listen_port = 0;
    std::vector<std::pair<std::string, std::string>> libraries{};  ///< name, version
};

/// An address as a URL has it (RFC 3986 section 3.2.2: IPv6 in brackets).
[[nodiscard]] std::string format_address(std::string const& host, std::uint16_t port);

}  // namespace latchkey::api
