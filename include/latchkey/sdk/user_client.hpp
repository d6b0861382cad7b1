#pragma once

#include <latchkey/base/instant.hpp>
#include <latchkey/sdk/call.hpp>
#include <latchkey/sdk/error.hpp>
#include <latchkey/sdk/options.hpp>
#include <latchkey/sdk/users.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace latchkey::sdk {

/// Yields a token for the user who is connected, or a text that says why it cannot. Called on a
/// thread of the client's that serves nothing else, so it may block, one call at a time; it may not
/// destroy the client, nor wait for a call of its, which waits for the token. One that throws is a
/// provider that failed.
///
/// Neither `disconnect` nor the client's destructor waits for a provider that is in its call: what
/// it refers to must live until it returns, and what it returns then goes nowhere.
using TokenProvider =
    std::function<std::expected<std::string, std::string>(std::string_view user_id)>;

/// A token that is all there is, or a provider of fresh ones.
using TokenSource = std::variant<std::string, TokenProvider>;

enum class SessionState : std::uint8_t {
    Offline,          ///< not connected, and not trying to be
    Connecting,       ///< a socket is being opened, or waits for its next try
    WaitingForToken,  ///< calls are held until the provider has answered
    Online,
    Failed,  ///< ended for good: `last_error` says why
};

/// One event of the socket: its type, such as `user.updated`, and its whole text.
struct Event {
    std::string type;
    std::string json;
};

/// A device's side: one user's session, a socket and calls, that outlives expired and revoked
/// tokens by itself. Speaks the wire protocol of Stream's client SDKs (v2 style).
///
/// The flow: where the server answers a call with code 40, calls are held back, the provider is
/// asked once however many of them wait, the new token replaces the old, and what was held back is
/// sent in the order in which it was asked for; the socket, where it was ended, comes back with the
/// same token. Only code 40 does this, and a token whose own `exp` has passed by the server's
/// clock: it is not sent. A provider whose tokens are refused `kRefusedTokensMax` times in a row is
/// not asked again: the session fails with `TokenRefused`. That takes seven seconds at least, so
/// that tokens which a backend dates back by up to five outlast a revocation of this moment.
///
/// A provider that fails is asked again, with growing pauses; after five failures in a row, or
/// where it has not answered for 15 seconds, the calls that wait end with `TokenProvider`. The
/// session stays: the next call, or the socket's next try, asks anew.
///
/// Thread-safe. Handlers run one at a time on the client's own thread, where awaited calls go on as
/// well: they may call the client, but not block for long, throw, or destroy it.
class UserClient {
public:
    static constexpr int kRefusedTokensMax = 5;
    /// Calls under way at a time, held back or sent; one more is `TooManyCalls`.
    static constexpr std::size_t kWaitingCallsMax = 10'000;

    struct Options {
        std::string api_key;
        ConnectionOptions connection;
    };

    /// @throws std::invalid_argument where the base URL, the key or the deadline cannot be one
    explicit UserClient(Options const& options);
    /// Calls under way end with `Stopped`, and what awaits them goes on on this thread; no handler
    /// runs afterwards. Not in a handler.
    ~UserClient();
    UserClient(UserClient const&) = delete;
    UserClient& operator=(UserClient const&) = delete;

    /// Opens the session; the result is there once the server has greeted the user. A token of
    /// another user is `InvalidArgument`, before anything is sent. Where the result is an error no
    /// session is left: the state is `Failed` where a repeat cannot help, else `Offline`. One
    /// session at a time: a second one is `InvalidArgument` until `disconnect`.
    [[nodiscard]] Call<User> connect_user(UserRequest const& user, TokenSource token);
    /// The server makes up a user, whose id ends in the given one, and that user is connected.
    [[nodiscard]] Call<User> connect_guest(UserRequest const& user);
    /// No socket and no token: calls as the anonymous user.
    [[nodiscard]] Call<Done> connect_anonymous();
    /// What an app in development mode with its auth checks off takes for a token; made here.
    /// @throws std::invalid_argument where `user_id` cannot be one
    [[nodiscard]] static std::string dev_token(std::string_view user_id);
    /// Ends the session, or what there was of one; what waits ends with `Stopped`.
    [[nodiscard]] Call<Done> disconnect();

    /// Any call of the API: `call("GET", "/api/v2/app", "")`. Yields the body of the answer. `body`
    /// is the text of a JSON value, or empty. Needs a session, but does not wait for its socket.
    /// Repeated, up to three times and within the deadline, where the connection broke and the
    /// server cannot have seen the call or it is a GET; a GET also where the server says when to
    /// come back (429 or 503 with `Retry-After`).
    [[nodiscard]] Call<std::string> call(std::string_view method, std::string_view path,
                                         std::string_view body);

    using EventHandler = std::function<void(Event const&)>;
    using StateHandler = std::function<void(SessionState)>;
    /// For events of that type, or of every type where it is empty, `health.check` included.
    /// Handlers stay for good.
    void on(std::string_view type, EventHandler handler);
    void on_state(StateHandler handler);

    [[nodiscard]] SessionState state() const;
    /// Why the session failed, or the last cause of a reconnect. Empty: none.
    [[nodiscard]] std::optional<Error> last_error() const;
    /// How far the server's clock is ahead of this machine's, by the dates of its answers.
    [[nodiscard]] std::chrono::milliseconds clock_skew() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace latchkey::sdk

namespace latchkey {

using sdk::UserClient;

}  // namespace latchkey
