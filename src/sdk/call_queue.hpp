#pragma once

#include "sdk/backoff.hpp"
#include "sdk/session_world.hpp"

#include <latchkey/sdk/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace latchkey::sdk {

/// How often a call is repeated because the server or the network was in trouble.
inline constexpr int kCallRepeatsMax = 3;
inline constexpr Backoff::Bounds kCallPauses{.first = std::chrono::milliseconds{200},
                                             .max = std::chrono::seconds{2}};
inline constexpr std::size_t kCallBodyBytesMax = std::size_t{16} * 1024 * 1024;
inline constexpr std::size_t kCallPathBytesMax = 8192;

/// The calls of one session: sent at once where there is a token, else held back and sent in the
/// order in which they were asked for. Each ends once, by its deadline. Belongs to the network's
/// thread.
class CallQueue {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Ended = std::move_only_function<void(Result<std::string>)>;

    class Session {
    public:
        virtual ~Session() = default;
        /// Empty: there is none for now; `resume` when there is.
        virtual std::optional<Credential> credential() = 0;
        /// Whether there can be another token.
        [[nodiscard]] virtual bool can_renew() const = 0;
        /// Code 40 for that token. May end all calls.
        virtual void on_token_refused(std::uint64_t number) = 0;
        /// The server took that token.
        virtual void on_token_accepted(std::uint64_t number) = 0;
    };

    /// `world` and `session` outlive this object.
    CallQueue(SessionWorld& world, Session& session)
        : world_(world), session_(session), pauses_(world.random, kCallPauses) {}

    void submit(CallRequest call, TimePoint deadline, Ended ended);
    /// Sends what is held back, as long as there is a token.
    void resume();
    /// Ends what is held back for a token.
    void end_held(Error const& error);
    void end_all(Error const& error);

private:
    struct Entry {
        CallRequest call;
        TimePoint deadline;
        Ended ended;
        std::string request_id;          ///< the same each time it is sent
        std::uint64_t token_number = 0;  ///< what it was last sent with
        int refusals = 0;                ///< with code 40, each under another token
        int repeats = 0;
        std::unique_ptr<Wait> wait{};  ///< while it is not in the network's hands
    };
    using Entries = std::map<std::uint64_t, Entry>;  // in the order in which they were asked for

    void hold(std::uint64_t id);
    void send(Entries::iterator entry, Credential const& credential);
    void answered(std::uint64_t id, std::expected<Response, Failure> result);
    void succeeded(Entries::iterator entry, Response response);
    void refused(Entries::iterator entry, Error error,
                 std::optional<std::chrono::seconds> retry_after);
    void token_refused(Entries::iterator entry, Error error);
    void failed(Entries::iterator entry, Failure const& failure);
    [[nodiscard]] bool repeat_after(Entries::iterator entry, std::chrono::milliseconds pause);
    void end(Entries::iterator entry, Result<std::string> result);
    void end(Entries::iterator entry, Error error);

    SessionWorld& world_;
    Session& session_;
    Backoff pauses_;
    Entries calls_;
    std::set<std::uint64_t> held_;  ///< those of `calls_` that wait for a token
    std::uint64_t last_id_ = 0;
    /// Gone with this object: what the network calls after that finds nothing.
    std::shared_ptr<CallQueue*> self_ = std::make_shared<CallQueue*>(this);
};

}  // namespace latchkey::sdk
