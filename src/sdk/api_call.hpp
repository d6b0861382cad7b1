#pragma once

#include "sdk/network.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace latchkey::sdk {

/// What it does to send a call a second time.
enum class Repeat : std::uint8_t {
    Harmless,      ///< a read, or a write that leaves the same behind and answers the same
    OnlyIfUnsent,  ///< harmless only where the server cannot have seen the first
};

/// One call of the API, before it is known who calls.
struct ApiCall {
    std::string method;
    std::string path;    ///< with its query, without the API key
    std::string body{};  ///< JSON; empty: none
    Repeat repeat = Repeat::Harmless;
};

/// Who calls, on one request (protocol section 2.1).
struct Caller {
    std::string_view api_key;
    std::string_view token;  ///< empty: as the anonymous user
    std::string_view request_id;
};

/// What the clients say of themselves: `X-Stream-Client`.
[[nodiscard]] std::string_view client_name() noexcept;

[[nodiscard]] Request to_request(ApiCall const& call, Caller const& caller);

/// Whether what came of a call is worth a repeat, and a repeat does no harm. Never for an answer
/// that the same call would get again.
[[nodiscard]] bool may_repeat(Repeat repeat, std::expected<Response, Failure> const& result);

}  // namespace latchkey::sdk
