#pragma once

#include "sdk/call_queue.hpp"
#include "sdk/session_world.hpp"
#include "sdk/token_manager.hpp"
#include "sdk/user_socket.hpp"

#include <latchkey/sdk/error.hpp>
#include <latchkey/sdk/user_client.hpp>
#include <latchkey/sdk/users.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace latchkey::sdk {

/// Hears what a session does. Must not call back into it, nor destroy it.
class SessionListener {
public:
    virtual ~SessionListener() = default;
    /// One of the two is another than before.
    virtual void on_changed(SessionState state, std::optional<Error> const& last_error) = 0;
    virtual void on_event(Event const& event) = 0;
};

/// The rules of a user's session: one token, one socket and many calls, and how they hang together
/// where a token expires. Belongs to the network's thread. What is called when a call ends must not
/// call back into the session, nor destroy it.
///
/// Destroying it ends everything and calls nothing any more.
class UserSession final : private CallQueue::Session,
                          private TokenManager::Listener,
                          private UserSocket::Listener {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Connected = std::move_only_function<void(Result<User>)>;

    /// `listener` outlives this object, as does what `world` refers to.
    UserSession(SessionWorld world, SessionListener& listener);
    UserSession(UserSession const&) = delete;
    UserSession& operator=(UserSession const&) = delete;
    ~UserSession() override = default;

    /// Where `connected` is told of an error no session is left: state `Failed` where a repeat
    /// cannot help, else `Offline`.
    void connect_user(UserRequest const& user, TokenManager::Source source, TimePoint deadline,
                      Connected connected);
    void connect_guest(UserRequest const& user, TimePoint deadline, Connected connected);
    [[nodiscard]] Result<Done> connect_anonymous();
    void disconnect();

    void call(CallRequest call, TimePoint deadline, CallQueue::Ended ended);

    [[nodiscard]] SessionState state() const;
    [[nodiscard]] std::optional<Error> const& last_error() const noexcept { return last_error_; }

private:
    enum class Phase : std::uint8_t { Offline, CreatingGuest, User, Anonymous, Failed };

    std::optional<Credential> credential() override;
    [[nodiscard]] bool can_renew() const override;
    void on_token_refused(std::uint64_t number) override;
    void on_token_accepted(std::uint64_t number) override;

    void on_token() override;
    void on_token_failure(Error const& error) override;
    void on_tokens_refused(Error const& error) override;

    void on_greeted(User const& me, std::uint64_t number) override;
    void on_event(Event const& event) override;
    void on_lost(Error const& cause) override;
    void on_expired(Error const& error, std::uint64_t number) override;
    void on_refused(Error const& error) override;

    [[nodiscard]] std::optional<Error> check_free() const;
    void begin(Phase phase, TimePoint deadline, Connected connected);
    void open(std::string const& user_id, std::string details, TokenManager::Source source);
    void guest_answered(UserRequest user, std::expected<Response, Failure> result);
    void give_up_connecting();
    void fail(Error const& error);
    void end(Phase phase, Error const& error);
    void publish();

    SessionWorld world_;
    SessionListener& listener_;
    Phase phase_ = Phase::Offline;
    std::optional<Error> last_error_;
    SessionState told_state_ = SessionState::Offline;
    bool error_is_news_ = false;

    Connected connected_;             ///< of the connect call that is under way
    std::unique_ptr<Wait> deadline_;  ///< of the same
    std::unique_ptr<TokenManager> tokens_;
    std::unique_ptr<UserSocket> socket_;
    CallQueue calls_;
    /// One for each session that was begun: what the network answers to an earlier one, or after
    /// this object is gone, finds nothing.
    std::shared_ptr<UserSession*> self_;
};

}  // namespace latchkey::sdk
