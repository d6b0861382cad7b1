#pragma once

#include "api/client_names.hpp"
#include "api/connection.hpp"
#include "api/connection_id.hpp"
#include "api/connection_registry.hpp"
#include "api/peer_address.hpp"
#include "api/presence.hpp"
#include "api/rate_limits.hpp"
#include "domain/authenticate.hpp"
#include "domain/node_state.hpp"
#include "http/message.hpp"
#include "wire/style.hpp"
#include "wire/user_requests.hpp"

#include <latchkey/wire/api_error.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// What a connect is, however the connection is then held: a WebSocket, or long-polling.
namespace latchkey::api {

/// Who may join, and what their payload says of them.
struct Join {
    domain::AppSnapshot app;
    domain::CallerKind kind;
    std::string user_id;
    std::optional<Instant> issued_at;
    std::optional<Instant> expires_at;
    bool developer_token;
    std::optional<std::int64_t> secret_id;  ///< what made the token's signature
    wire::ConnectRequest payload;
    std::string client{};   ///< `client_name`
    std::string address{};  ///< `address_or_peer`
};

/// 401/5.
[[nodiscard]] wire::ApiError authentication_error(std::string message);

/// The one decision, and what a connect asks on top of it (protocol section 4.2).
[[nodiscard]] std::expected<Join, wire::ApiError> decide_join(
    ConnectionContext& context, domain::Credentials const& credentials,
    wire::ConnectRequest payload);

/// The same for the legacy connect, whose credentials and payload are in the request itself.
[[nodiscard]] std::expected<Join, wire::ApiError> decide_legacy_join(ConnectionContext& context,
                                                                     http::Request const& request);

/// Counts the connect of one who may join. `address` as `client_address` finds it.
[[nodiscard]] RateStatus count_connect(ConnectionContext& context, Join const& join,
                                       std::string_view address);

/// Lets the store create or merge the user. `done` gets the user as `me` shows it, or why there is
/// none: on the loop, for an anonymous user at once.
using Joined =
    std::move_only_function<void(Join const&, std::expected<std::string, wire::ApiError> const&)>;
void join_user(ConnectionContext& context, Join join, wire::Style style, Joined done);

/// A member with its user: what WebSockets and long-polling connections have in common. The last
/// class calls `leave` before it is gone.
class UserMember : public Member {
public:
    [[nodiscard]] domain::Grant grant() const final;
    [[nodiscard]] std::size_t slot() const final { return context_.slot; }
    [[nodiscard]] wire::Style style() const final { return style_; }
    [[nodiscard]] ConnectionFacts facts() const final;

protected:
    /// `context` outlives this object.
    UserMember(ConnectionContext& context, wire::Style style) : style_(style), context_(context) {}

    /// Enters the indexes where the user may have one more connection, and decides again: a
    /// revocation since the first decision cannot be missed. After a refusal it is in no index.
    [[nodiscard]] std::expected<void, wire::ApiError> enter(Join const& join);
    /// Leaves every index. Harmless where it is in none.
    void leave();

    [[nodiscard]] ConnectionId const& id() const { return id_; }
    /// The first frame (protocol section 4.3).
    [[nodiscard]] std::string greeting(std::string_view me) const;
    [[nodiscard]] std::string keep_alive() const;

private:
    void tell_watchers(Presence::News news);

    // The small members come first, and last, where they lie in the rest of a word: a server has
    // many idle connections, and every eight bytes count (C4).
    wire::Style style_;
    domain::CallerKind kind_ = domain::CallerKind::Anonymous;
    bool developer_token_ = false;
    bool has_issued_at_ = false;
    ClientNames::Number client_ = 0;

protected:
    ConnectionContext& context_;

private:
    AppId app_id_{};
    Instant issued_at_;
    ConnectionId id_{};
    PeerAddress address_{};
    std::string user_id_;
    std::uint32_t secret_id_ = 0;  ///< 0: none; the first of an App is 1
    bool present_ = false;
};

}  // namespace latchkey::api
