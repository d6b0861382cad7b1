#pragma once

#include "sdk/network.hpp"
#include "sdk/server_clock.hpp"
#include "sdk/user_session.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/sdk/user_client.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::sdk {

/// What holds a `UserClient` together: takes its calls over to the network's thread, where the
/// session lives, and brings back what comes of them. Thread-safe, as the `UserClient` is.
class UserClientCore final : private SessionListener {
public:
    /// `clock` and `random` outlive this object.
    /// @throws std::invalid_argument where the key or the deadline cannot be one
    UserClientCore(UserClient::Options const& options, std::unique_ptr<Network> network,
                   Clock const& clock, RandomSource& random);
    ~UserClientCore() override;
    UserClientCore(UserClientCore const&) = delete;
    UserClientCore& operator=(UserClientCore const&) = delete;

    [[nodiscard]] Call<User> connect_user(UserRequest const& user, TokenSource token);
    [[nodiscard]] Call<User> connect_guest(UserRequest const& user);
    [[nodiscard]] Call<Done> connect_anonymous();
    [[nodiscard]] Call<Done> disconnect();
    [[nodiscard]] Call<std::string> call(CallRequest call);

    void on(std::string_view type, UserClient::EventHandler handler);
    void on_state(UserClient::StateHandler handler);

    [[nodiscard]] SessionState state() const;
    [[nodiscard]] std::optional<Error> last_error() const;
    [[nodiscard]] std::chrono::milliseconds clock_skew() const { return server_clock_.skew(); }

private:
    struct EventSubscription {
        std::string type;
        std::shared_ptr<UserClient::EventHandler> handler;
    };

    void on_changed(SessionState state, std::optional<Error> const& last_error) override;
    void on_event(Event const& event) override;

    template <class T, class Start>
    [[nodiscard]] Call<T> start(Start start);

    Clock const& clock_;
    std::chrono::milliseconds deadline_;
    ServerClock server_clock_;
    std::unique_ptr<Network> network_;
    std::unique_ptr<UserSession> session_;  ///< the network's thread's, until that is stopped

    mutable std::mutex mutex_;  // guards what follows
    SessionState state_ = SessionState::Offline;
    std::optional<Error> last_error_;
    std::vector<EventSubscription> event_handlers_;
    std::vector<std::shared_ptr<UserClient::StateHandler>> state_handlers_;
};

}  // namespace latchkey::sdk
