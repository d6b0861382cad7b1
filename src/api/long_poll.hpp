#pragma once

#include "api/connection.hpp"
#include "api/connection_id.hpp"
#include "api/endpoint.hpp"
#include "api/joining.hpp"
#include "http/limits.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

namespace latchkey::api {

class LongPoll;

/// A poll, or the end of its connection, by a caller whose credentials are good.
struct PollRequest {
    AppId app;
    std::string user_id;
    ConnectionId id;
    bool close;
};

/// 404/46: SDKs connect anew.
[[nodiscard]] wire::ApiError unknown_connection();

/// Long-polling (protocol section 3.12), for one loop: the connections that it holds, and the
/// requests that wait on it for an answer. These need not belong together. A request never leaves
/// its loop; a ticket goes to the loop that holds the connection, and what comes back with the
/// ticket is the answer.
///
/// A poll needs no time of its own to end at: the sign of life, `kKeepAliveEvery` after the last,
/// is an event like any other.
class LongPolls {
public:
    /// A connection that nobody polls for so long has ended.
    static constexpr std::chrono::seconds kUnpolledMax{60};
    /// Connections of one loop: unlike a WebSocket, one costs its owner no socket.
    static constexpr std::size_t kConnectionsMax = 20'000;
    /// Events, in bytes, that wait for the next poll of one connection: as much as a WebSocket may
    /// leave unread. With more the connection ends, and its client, told 46, connects anew.
    static constexpr std::size_t kQueuedBytesMax = http::kSendQueueBytesMax;

    /// Completes a request of this loop. Used once.
    using Respond = std::move_only_function<void(Result const&)>;

    /// `context` outlives this object.
    explicit LongPolls(ConnectionContext& context);
    ~LongPolls();
    LongPolls(LongPolls const&) = delete;
    LongPolls& operator=(LongPolls const&) = delete;

    void connect(Join join, Respond respond);
    void ask(PollRequest request, Respond respond);

    void on_tick();
    /// Answers all that waits. The registry has told the connections before.
    void on_stop();

private:
    friend class LongPoll;

    /// One waiting request, wherever it waits.
    struct Ticket {
        std::size_t slot;
        std::uint64_t number;
    };

    [[nodiscard]] Ticket keep(Respond respond);
    void on_joined(Ticket ticket, Join const& join,
                   std::expected<std::string, wire::ApiError> const& me);
    /// On the loop that holds the connection.
    void receive(PollRequest const& request, Ticket ticket);
    /// Sends an answer to the loop where the request waits.
    void reply(Ticket ticket, Result result);
    /// On the loop where the request waits. Harmless where it was answered before.
    void respond(std::uint64_t number, Result const& result);
    /// Forgets the connection, which is destroyed.
    void erase(ConnectionId const& id);
    /// Ends one that was sent more than anybody polls for.
    void cut(ConnectionId const& id);

    ConnectionContext& context_;
    boost::unordered_flat_map<ConnectionId, std::unique_ptr<LongPoll>, ConnectionIdHash>
        connections_;
    boost::unordered_flat_map<std::uint64_t, Respond> waiting_;
    std::uint64_t next_number_ = 1;
    bool stopped_ = false;

    struct Unpolled;  ///< those that nobody polls now, for the longest time first
    std::unique_ptr<Unpolled> unpolled_;
};

}  // namespace latchkey::api
