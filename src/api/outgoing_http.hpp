#pragma once

#include "http/url.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace latchkey::api {

inline constexpr std::size_t kOutgoingBodyBytesMax = std::size_t{256} * 1024;  ///< of an answer
inline constexpr std::size_t kOutgoingOriginsMax = 64;    ///< kept connections to so many servers
inline constexpr std::size_t kOutgoingPerOriginMax = 16;  ///< connections to one
inline constexpr std::size_t kOutgoingWaitingMax = 1024;  ///< requests for one of those

struct OutgoingRequest {
    http::Url url;
    std::string method = "GET";
    std::vector<std::pair<std::string, std::string>> fields{};  ///< beside those of HTTP itself
    std::string body{};
    std::string ca_file{};  ///< PEM, whom to trust; empty: whom the system trusts
    /// A repeat leaves the same behind, as of a GET, or a POST with an idempotency key. Where a
    /// kept connection turns out to be closed before any byte of an answer, such a request is sent
    /// again on a fresh one; another fails with `Broken`, for the server may have got it.
    bool repeatable = true;
};

struct OutgoingResponse {
    int status = 0;
    std::string cache_control{};  ///< empty: the field is not there
    std::string body{};
};

/// Why there is no answer.
enum class OutgoingFailure : std::uint8_t {
    NotConnected,  ///< nothing of the request can have reached the server
    TimedOut,
    Broken,  ///< the connection broke, or what came is no HTTP or too long
};
[[nodiscard]] constexpr std::string_view describe(OutgoingFailure failure) noexcept {
    switch (failure) {
        case OutgoingFailure::NotConnected: return "cannot connect";
        case OutgoingFailure::TimedOut: return "no answer in time";
        case OutgoingFailure::Broken: break;
    }
    return "the answer cannot be read";
}

/// Requests to servers that an operator named in the settings. Follows no redirects. Thread-safe.
class OutgoingHttp {
public:
    virtual ~OutgoingHttp() = default;

    using Done = std::move_only_function<void(std::expected<OutgoingResponse, OutgoingFailure>)>;

    /// `done` is called once, within `timeout` or so, on the network's thread, never from inside
    /// this call; it is quick and hands the result on. Dropped where the node stops.
    virtual void send(OutgoingRequest request, std::chrono::milliseconds timeout, Done done) = 0;

    /// Runs `task` on the network's thread, then. Dropped where the node stops.
    virtual void after(std::chrono::milliseconds pause, std::move_only_function<void()> task) = 0;
};

}  // namespace latchkey::api
