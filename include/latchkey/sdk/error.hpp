#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace latchkey::sdk {

/// Why a call came to nothing. A value, never thrown.
struct Error {
    enum class Kind : std::uint8_t {
        Api,              ///< the server answered with an error: `code` and `http_status` say which
        InvalidArgument,  ///< never sent: what was asked for cannot be
        InvalidToken,     ///< `verify_token` refused it; `code` is what a server would answer with
        TooManyCalls,     ///< never sent: as many calls as a client holds are under way already
        CannotConnect,    ///< no connection to the server, or no such host
        TlsRefused,       ///< the server's certificate is not one to trust for its name
        TimedOut,         ///< the deadline of the call has passed; it may have been done
        Disconnected,     ///< the connection broke before the answer; it may have been done
        BadAnswer,        ///< what answered does not speak the protocol
        TokenProvider,    ///< the application's token provider failed; `message` is its text
        TokenRefused,     ///< fresh tokens of the provider were refused as expired, time and again
        Stopped,          ///< the client was disconnected or destroyed, or its session had ended
    };

    Kind kind;
    /// The number of the API (docs/reference/errors.md), such as 40 for a token that is expired or
    /// revoked; 0 where neither the server nor `verify_token` has named one.
    int code = 0;
    int http_status = 0;  ///< 0 where there was no answer
    std::string message{};
    std::string request_id{};  ///< what the request was sent with, to be looked for in logs
    /// Whether asking again, later and unchanged, may help.
    bool may_retry = false;
};

/// The result of a call that yields nothing but that it was done.
struct Done {};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace latchkey::sdk
