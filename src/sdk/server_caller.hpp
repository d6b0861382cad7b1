#pragma once

#include "sdk/api_call.hpp"
#include "sdk/backoff.hpp"
#include "sdk/network.hpp"

#include <latchkey/base/clock.hpp>
#include <latchkey/base/ids.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/sdk/error.hpp>
#include <latchkey/sdk/server_client.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace latchkey::sdk {

inline constexpr Backoff::Bounds kRepeatPauses{.first = std::chrono::milliseconds(200),
                                               .max = std::chrono::seconds(5)};
/// One call is sent at most that often, however long its deadline.
inline constexpr int kSendsMax = 16;
/// A `Retry-After` beyond it counts as this long, which is beyond every deadline.
inline constexpr std::chrono::seconds kRetryAfterMax{24 * 3600};

/// Sends a backend's calls, and repeats them, until they are answered or their deadline comes.
class ServerCaller {
public:
    struct Parts {
        ApiKey api_key;
        token::HmacKey key;
        std::chrono::milliseconds deadline;
    };
    struct Answered {
        Response response;  ///< a success
        std::string request_id;
    };
    using Answer = std::move_only_function<void(Result<Answered>)>;

    /// `clock` and `random` outlive this object.
    ServerCaller(Parts parts, std::unique_ptr<Network> network, Clock const& clock,
                 RandomSource& random);
    /// Calls under way end with `Stopped`.
    ~ServerCaller();
    ServerCaller(ServerCaller const&) = delete;
    ServerCaller& operator=(ServerCaller const&) = delete;

    /// From any thread. `done` is called once: on the network's thread, on this one where
    /// too many are under way, or on the one that destroys this object.
    void call(ApiCall call, Answer done);

    [[nodiscard]] token::HmacKey const& key() const noexcept { return parts_.key; }
    [[nodiscard]] std::string const& api_key() const noexcept { return parts_.api_key.text(); }

private:
    struct Exchange {
        ApiCall call;
        std::string request_id;
        std::chrono::steady_clock::time_point deadline;
        Answer done;
        Backoff pauses;
        int sends = 0;
        std::unique_ptr<Wait> wait{};
    };
    using Exchanges = std::list<Exchange>;

    void send(Exchanges::iterator exchange);
    void on_result(Exchanges::iterator exchange, std::expected<Response, Failure> result);
    /// Empty: it is not sent again.
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> find_next_send(
        Exchange& exchange, std::expected<Response, Failure> const& result);
    /// The last thing that is done here: `done` may destroy this object.
    void finish(Exchanges::iterator exchange, Result<Answered> result);

    Parts parts_;
    Clock const& clock_;
    RandomSource& random_;
    std::mutex mutex_;
    Exchanges exchanges_;  ///< its list is guarded by `mutex_`, each one belongs to the network
    std::unique_ptr<Network> network_;
};

}  // namespace latchkey::sdk
