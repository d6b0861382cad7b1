#include "api/connection.hpp"

#include "api/client_names.hpp"
#include "api/credentials.hpp"
#include "api/errors.hpp"
#include "api/joining.hpp"
#include "wire/dates.hpp"
#include "wire/user_requests.hpp"

#include <latchkey/wire/api_error.hpp>

#include <expected>
#include <string>
#include <string_view>
#include <variant>

namespace latchkey::api {
namespace {

using wire::ApiError;
using wire::Style;

/// How long a v2 client may take to send its token.
constexpr std::chrono::seconds kTokenDeadline{15};

constexpr std::uint16_t kCloseNormal = 1000;     ///< behind an error of the handshake (section 4.5)
constexpr std::uint16_t kCloseGoingAway = 1001;  ///< RFC 6455 section 7.4.1: the server stops
constexpr std::uint16_t kCloseNotAllowed = 4001;  ///< on a live socket; 1000 would be ignored (4.6)

}  // namespace

/// One WebSocket: a handshake, then the greeting, then signs of life until somebody ends it.
class Connection final : public http::Conversation, public UserMember {
public:
    /// What the handshake has come to when the socket opens.
    struct AwaitToken {
        std::string api_key;
        std::string auth_type;
        std::string address;        ///< whom an anonymous connect is counted for
        std::string shown_address;  ///< `address_or_peer`
        std::string client;
    };
    using Handshake = std::variant<ApiError, AwaitToken, Join>;

    Connection(ConnectionContext& context, Style style, bool untyped_errors, Handshake handshake)
        : UserMember(context, style),
          untyped_errors_(untyped_errors),
          handshake_(std::make_unique<Handshake>(std::move(handshake))) {}

    void on_open(http::WebSocket& socket) override {
        socket_ = &socket;
        auto const handshake = std::move(handshake_);
        if (auto* error = std::get_if<ApiError>(handshake.get())) {
            fail(*error);
            return;
        }
        ticket_ = context_.next_ticket++;
        context_.handshakes.emplace(ticket_, this);
        if (auto* join = std::get_if<Join>(handshake.get())) {
            start_joining(std::move(*join));
            return;
        }
        state_ = State::AwaitingToken;
        context_.token_deadlines.emplace_back(context_.node.clock.monotonic() + kTokenDeadline,
                                              ticket_);
        handshake_ = std::make_unique<Handshake>(std::move(*handshake));
    }

    void on_message(http::MessageKind kind, std::string_view payload) override {
        if (state_ == State::AwaitingToken && kind != http::MessageKind::Ping) {
            on_token_message(payload);
        } else if (state_ == State::Open) {
            send_keep_alive();
            context_.registry.touch(*this, context_.node.clock.monotonic());
        }
    }

    void on_end() override {
        context_.handshakes.erase(ticket_);
        leave();
        state_ = State::Ended;
    }

    /// The v2 client has not sent its token in time.
    void on_token_deadline() {
        if (state_ == State::AwaitingToken) {
            fail(authentication_error("no authentication message came in time"));
        }
    }

    /// The store has answered.
    void on_joined(Join const& join, std::expected<std::string, ApiError> const& me) {
        if (state_ != State::Joining) {
            return;
        }
        if (!me) {
            fail(me.error());
            return;
        }
        if (auto const entered = enter(join); !entered) {
            fail(entered.error());
            return;
        }
        state_ = State::Open;
        context_.handshakes.erase(ticket_);
        socket_->send_text(greeting(*me));
    }

    // Member
    void end(domain::Refusal const& refusal) override {
        auto const frame = error_frame(to_api_error(refusal, {}));
        state_ = State::Ended;
        leave();
        socket_->send_text_and_close(frame, kCloseNotAllowed, domain::rule_name(refusal));
    }
    void send_keep_alive() override { socket_->send_text(keep_alive()); }
    // No sign of life: some SDKs count `health.check` alone.
    void send_event(std::string_view event) override { socket_->send_text(event); }
    void go_away() override {
        state_ = State::Ended;
        leave();
        socket_->close(kCloseGoingAway, "the server stops");
    }

private:
    enum class State : std::uint8_t { New, AwaitingToken, Joining, Open, Ended };

    void on_token_message(std::string_view payload) {
        auto const handshake = std::move(handshake_);
        auto const& await = std::get<AwaitToken>(*handshake);
        auto request = wire::parse_connect(payload, style());
        if (!request) {
            fail(request.error());
            return;
        }
        auto const token = std::move(request->token).value_or(std::string());
        auto join = decide_join(
            context_, {.api_key = await.api_key, .auth_type = await.auth_type, .token = token},
            *std::move(request));
        if (!join) {
            fail(join.error());
            return;
        }
        join->address = await.shown_address;
        join->client = await.client;
        if (!count_connect(context_, *join, await.address).allowed) {
            fail(too_many_requests());
        } else {
            start_joining(*std::move(join));
        }
    }

    void start_joining(Join join) {
        state_ = State::Joining;
        join_user(context_, std::move(join), style(),
                  [&context = context_, ticket = ticket_](
                      Join const& joined, std::expected<std::string, ApiError> const& me) {
                      auto const found = context.handshakes.find(ticket);
                      if (found != context.handshakes.end()) {
                          found->second->on_joined(joined, me);
                      }
                  });
    }

    /// An error before the first good frame: said in a frame, then closed as section 4.5 says.
    void fail(ApiError const& error) {
        auto const frame = error_frame(error);
        state_ = State::Ended;
        leave();
        socket_->send_text_and_close(frame, kCloseNormal, "connection refused");
    }

    [[nodiscard]] std::string error_frame(ApiError const& error) const {
        auto const body = wire::format_api_error(error, {}, std::chrono::nanoseconds{});
        if (untyped_errors_) {
            return R"({"error":)" + body + '}';
        }
        std::string frame = R"({"type":"connection.error","connection_id":")";
        frame += state_ == State::Open ? format_connection_id(id()) : std::string();
        frame += R"(","created_at":)";
        wire::append_date(frame, context_.node.clock.now(), style());
        frame += R"(,"error":)" + body + '}';
        return frame;
    }

    State state_ = State::New;
    bool untyped_errors_;
    http::WebSocket* socket_ = nullptr;
    std::uint64_t ticket_ = 0;
    std::unique_ptr<Handshake> handshake_;  ///< until it is settled
};

ConnectionContext::ConnectionContext(Node const& node_, http::Loop& loop_, std::size_t slot_)
    : node(node_),
      loop(loop_),
      slot(slot_),
      authenticator(node_, slot_),
      registry(node_.state, loop_, slot_),
      events(*node_.events, node_.presence, registry, loop_, slot_),
      rates(node_.loop_count, node_.rate_limits) {}

void ConnectionContext::on_tick() {
    auto const now = node.clock.monotonic();
    registry.on_tick(node.clock.now(), now);
    node.events->on_tick();
    while (!token_deadlines.empty() && token_deadlines.front().first <= now) {
        auto const ticket = token_deadlines.front().second;
        token_deadlines.pop_front();
        if (auto const found = handshakes.find(ticket); found != handshakes.end()) {
            found->second->on_token_deadline();
        }
    }
}

void ConnectionContext::on_stop() {
    registry.end_all();
    // Handshakes leave the table as they end: take them out one by one.
    while (!handshakes.empty()) {
        auto* const connection = handshakes.begin()->second;
        handshakes.erase(handshakes.begin());
        connection->go_away();
    }
}

std::unique_ptr<http::Conversation> open_connection(ConnectionContext& context,
                                                    http::Request const& request, Style style) {
    std::string key_storage;
    std::string type_storage;
    std::string client_storage;
    auto const query = request.query;
    // Unreal, which names no client, knows only error frames without a type (section 4.5).
    bool const untyped = query_parameter(query, "X-Stream-Client", client_storage).empty() &&
                         request.field("X-Stream-Client").empty();
    auto const make = [&](Connection::Handshake handshake) {
        return std::make_unique<Connection>(context, style, untyped, std::move(handshake));
    };
    auto const address = client_address(request, context.node.proxies);
    if (style == Style::V2) {
        return make(Connection::AwaitToken{
            .api_key = std::string(query_parameter(query, "api_key", key_storage)),
            .auth_type = std::string(connect_auth_type(request, type_storage)),
            .address = std::string(address),
            .shown_address = std::string(address_or_peer(request, context.node.proxies)),
            .client = client_name(request)});
    }
    auto join = decide_legacy_join(context, request);
    if (!join) {
        return make(std::move(join).error());
    }
    if (!count_connect(context, *join, address).allowed) {
        return make(too_many_requests());
    }
    return make(*std::move(join));
}

}  // namespace latchkey::api
