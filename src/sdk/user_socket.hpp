#pragma once

#include "sdk/backoff.hpp"
#include "sdk/session_world.hpp"

#include <latchkey/sdk/error.hpp>
#include <latchkey/sdk/user_client.hpp>
#include <latchkey/sdk/users.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace latchkey::sdk {

inline constexpr std::chrono::seconds kHandshakeMax{15};       ///< from the try to the greeting
inline constexpr std::chrono::seconds kHealthCheckPeriod{25};  ///< protocol section 4.4
inline constexpr std::chrono::seconds kSilenceMax{35};         ///< then the peer is gone
inline constexpr std::size_t kFrameBytesMax = std::size_t{4} * 1024 * 1024;
inline constexpr Backoff::Bounds kReconnectPauses{.first = std::chrono::milliseconds{500},
                                                  .max = std::chrono::seconds{25}};
/// A connection that lasted this long was a good one: the next try after it comes soon.
inline constexpr std::chrono::seconds kSteadyAfter{10};

/// Keeps one user's socket open: connects over v2 (protocol section 4.3), says hello with the
/// token, keeps it alive, and comes back after each loss with growing pauses. Belongs to the
/// network's thread.
class UserSocket final : private SocketHandler {
public:
    /// May destroy the socket from within any of these.
    class Listener {
    public:
        virtual ~Listener() = default;
        /// Empty: there is none for now; `resume` when there is.
        virtual std::optional<Credential> credential() = 0;
        /// The server has greeted the user, with that token.
        virtual void on_greeted(User const& me, std::uint64_t number) = 0;
        virtual void on_event(Event const& event) = 0;
        /// It comes back by itself, with any token there is then.
        virtual void on_lost(Error const& cause) = 0;
        /// Over, unless it is told to `reconnect`: code 40 for that token.
        virtual void on_expired(Error const& error, std::uint64_t number) = 0;
        /// Over: coming back unchanged cannot help.
        virtual void on_refused(Error const& error) = 0;
    };

    /// `user_details` is the text of a JSON object. `world` and `listener` outlive this object.
    UserSocket(SessionWorld& world, std::string user_id, std::string user_details,
               Listener& listener);

    /// Tries for the first time.
    void connect();
    /// After a refused token: once there is another, and after a pause where the last connection
    /// did not last.
    void reconnect();
    /// There is a token. Does nothing where none was waited for.
    void resume();
    /// There is no token for now: tries again after a pause. Does nothing where none was waited
    /// for.
    void give_up_waiting();

    [[nodiscard]] bool is_online() const noexcept { return phase_ == Phase::Online; }

private:
    enum class Phase : std::uint8_t { Idle, NeedsToken, Pausing, Opening, Greeting, Online };

    void on_open() override;
    void on_text(std::string_view text) override;
    void on_closed(std::optional<std::uint16_t> code, Failure const& failure) override;

    void pause();
    void greeted(boost::json::object const& frame);
    void refused(boost::json::object const& frame);
    void lost(Error const& cause);
    void drop();
    void watch_silence();
    void send_health_checks();

    SessionWorld& world_;
    std::string user_id_;
    std::string user_details_;
    std::string client_id_;
    Listener& listener_;

    Phase phase_ = Phase::Idle;
    Credential credential_;
    Backoff pauses_;
    bool steady_ = true;  ///< the last connection lasted, or there was none yet
    std::chrono::steady_clock::time_point greeted_at_;
    std::chrono::steady_clock::time_point heard_at_;
    std::unique_ptr<Socket> socket_;
    std::unique_ptr<Wait> wait_;    ///< for the next try, the greeting, or the end of silence
    std::unique_ptr<Wait> health_;  ///< until the next health check
};

}  // namespace latchkey::sdk
