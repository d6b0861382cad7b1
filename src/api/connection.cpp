#include "api/connection.hpp"

#include "api/credentials.hpp"
#include "api/endpoint.hpp"
#include "api/errors.hpp"
#include "domain/users.hpp"
#include "http/uri.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"
#include "wire/user_json.hpp"
#include "wire/user_requests.hpp"

#include <latchkey/wire/api_error.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace latchkey::api {
namespace {

using domain::CallerKind;
using wire::ApiError;
using wire::Style;

/// How long a v2 client may take to send its token.
constexpr std::chrono::seconds kTokenDeadline{15};
constexpr std::uint32_t kConnectionsPerUserMax = 50;
/// `last_active` is stored no more often than this: a reconnect is no reason for a write.
constexpr std::chrono::minutes kLastActiveGranularity{1};

constexpr std::uint16_t kCloseNormal = 1000;     ///< behind an error of the handshake (section 4.5)
constexpr std::uint16_t kCloseGoingAway = 1001;  ///< RFC 6455 section 7.4.1: the server stops
constexpr std::uint16_t kCloseNotAllowed = 4001;  ///< on a live socket; 1000 would be ignored (4.6)

/// Who may join, and what their payload says of them.
struct Join {
    domain::AppSnapshot app;
    CallerKind kind;
    std::string user_id;
    std::optional<Instant> issued_at;
    std::optional<Instant> expires_at;
    bool developer_token;
    wire::ConnectRequest payload;
};

ApiError authentication_error(std::string message) {
    return {.code = wire::ErrorCode::AuthenticationError,
            .http_status = 401,
            .message = std::move(message)};
}

/// The one decision, and what a connect asks on top of it (section 4.2).
std::expected<Join, ApiError> decide(ConnectionContext& context,
                                     domain::Credentials const& credentials,
                                     wire::ConnectRequest payload) {
    auto const state = context.node.state.read(context.slot);
    auto const identity =
        domain::authenticate(state, credentials, context.node.clock.now(), context.verifier);
    if (!identity) {
        return std::unexpected(to_api_error(identity.error(), credentials.api_key));
    }
    if (identity->kind == CallerKind::Server) {
        return std::unexpected(
            authentication_error("a server token cannot connect: a user's token is needed"));
    }
    if (identity->kind != CallerKind::Anonymous) {
        if (!payload.has_user_details) {
            return std::unexpected(wire::input_error("user_details is a required field"));
        }
        if (payload.user_id != identity->user_id) {
            return std::unexpected(authentication_error("user_id does not match token"));
        }
    }
    return Join{.app = identity->app->app,
                .kind = identity->kind,
                .user_id = std::string(identity->user_id),
                .issued_at = identity->issued_at,
                .expires_at = identity->expires_at,
                .developer_token = identity->developer_token,
                .payload = std::move(payload)};
}

template <class Value>
void assign(Value& to, std::optional<Value> const& from) {
    if (from) {
        to = *from;
    }
}

/// What a connect writes: merged, never replaced; never a role (section 4.2).
void merge(wire::ConnectRequest const& from, domain::User& user, Instant now) {
    if (from.name) {
        user.name = from.name;
    }
    if (from.image) {
        user.image = from.image;
    }
    assign(user.language, from.language);
    assign(user.invisible, from.invisible);
    assign(user.privacy_settings, from.privacy_settings);
    for (auto const& [key, value] : from.custom) {
        user.custom[key] = value;
    }
    if (!user.last_active || now - *user.last_active >= kLastActiveGranularity) {
        user.last_active = now;
    }
}

/// Looks the user up, creates it where it is new, and formats `me`. On the store's thread.
std::expected<std::string, ApiError> join_user(domain::Transaction& transaction, Join const& join,
                                               Instant now, Style style) {
    std::vector<domain::UserEdit> edits;
    edits.push_back({.id = *UserId::parse(join.user_id),
                     .apply = [&join, now](domain::User& user) -> std::expected<void, std::string> {
                         merge(join.payload, user, now);
                         return {};
                     }});
    auto const users =
        domain::edit_users(transaction, *join.app, edits, domain::IfMissing::Create, now);
    if (!users) {
        return std::unexpected(to_api_error(users.error()));
    }
    std::string me;
    wire::append_user(me, view_of(users->front(), true, true), wire::UserShape::Own, style);
    return me;
}

std::string format_id(ConnectionId const& id) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text += '-';
        }
        text += kDigits[std::to_integer<unsigned>(id[i]) >> 4];
        text += kDigits[std::to_integer<unsigned>(id[i]) & 15U];
    }
    return text;
}

}  // namespace

/// One WebSocket: a handshake, then the greeting, then signs of life until somebody ends it.
class Connection final : public http::Conversation, public Member {
public:
    /// What the handshake has come to when the socket opens.
    struct AwaitToken {
        std::string api_key;
        std::string auth_type;
    };
    using Handshake = std::variant<ApiError, AwaitToken, Join>;

    Connection(ConnectionContext& context, Style style, bool untyped_errors, Handshake handshake)
        : context_(context),
          style_(style),
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
        take_place(join);
        if (!present_) {
            fail({.code = wire::ErrorCode::TooManyConnections,
                  .http_status = 429,
                  .message = "the user has too many open connections"});
            return;
        }
        // Added first, decided again now: a revocation in between cannot be missed.
        auto const allowed = domain::check_still_allowed(context_.node.state.read(context_.slot),
                                                         grant(), context_.node.clock.now());
        if (!allowed) {
            fail(to_api_error(allowed.error(), join.app->api_key.text()));
            return;
        }
        greet(*me);
    }

    // Member
    [[nodiscard]] domain::Grant grant() const override {
        return {.app_id = app_id_,
                .user_id = user_id_,
                .kind = kind_,
                .issued_at = has_issued_at_ ? std::optional(issued_at_) : std::nullopt,
                .expires_at = expires_at < kInstantMax ? std::optional(expires_at) : std::nullopt,
                .developer_token = developer_token_};
    }
    void end(domain::Refusal const& refusal) override {
        auto const frame = error_frame(to_api_error(refusal, {}));
        state_ = State::Ended;
        leave();
        socket_->send_text_and_close(frame, kCloseNotAllowed, domain::rule_name(refusal));
    }
    void send_keep_alive() override {
        std::string frame = R"({"type":"health.check","connection_id":")" + format_id(id_) + '"';
        frame += style_ == Style::Legacy ? R"(,"cid":"*","created_at":)" : R"(,"created_at":)";
        wire::append_date(frame, context_.node.clock.now(), style_);
        frame += style_ == Style::Legacy ? "}" : R"(,"custom":{}})";
        socket_->send_text(frame);
    }
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
        auto request = wire::parse_connect(payload, style_);
        if (!request) {
            fail(request.error());
            return;
        }
        auto const token = std::move(request->token).value_or(std::string());
        auto join = decide(context_,
                           {.api_key = await.api_key, .auth_type = await.auth_type, .token = token},
                           *std::move(request));
        if (!join) {
            fail(join.error());
            return;
        }
        start_joining(*std::move(join));
    }

    void start_joining(Join join) {
        state_ = State::Joining;
        if (join.kind == CallerKind::Anonymous) {
            std::string me;
            wire::append_anonymous_me(me, style_);
            on_joined(join, me);
            return;
        }
        struct Work {
            Join join;
            std::expected<std::string, ApiError> me;
        };
        auto work = std::make_shared<Work>(std::move(join), std::unexpected(store_unavailable()));
        auto job = [work, now = context_.node.clock.now(),
                    style = style_](domain::Transaction& transaction) {
            work->me = join_user(transaction, work->join, now, style);
            return work->me ? domain::Outcome::Commit : domain::Outcome::Rollback;
        };
        auto done = [work, ticket = ticket_, &context = context_,
                     &loop = context_.loop](domain::WorkResult result) {
            if (result == domain::WorkResult::Failed) {
                work->me = std::unexpected(store_unavailable());
            }
            loop.post([work, ticket, &context] {
                auto const found = context.handshakes.find(ticket);
                if (found != context.handshakes.end()) {
                    found->second->on_joined(work->join, work->me);
                }
            });
        };
        context_.node.store.submit(std::move(job), std::move(done));
    }

    /// Enters the indexes, where the user may have one more connection.
    void take_place(Join const& join) {
        app_id_ = join.app->id;
        user_id_ = join.user_id;
        kind_ = join.kind;
        developer_token_ = join.developer_token;
        has_issued_at_ = join.issued_at.has_value();
        issued_at_ = join.issued_at.value_or(Instant());
        expires_at = join.expires_at.value_or(kInstantMax);
        context_.node.random.fill(id_);
        id_[6] = (id_[6] & std::byte{0x0f}) | std::byte{0x40};  // RFC 9562 section 5.4
        id_[8] = (id_[8] & std::byte{0x3f}) | std::byte{0x80};
        auto const count_max = kind_ == CallerKind::Anonymous ? UINT32_MAX : kConnectionsPerUserMax;
        present_ = context_.node.presence.add(app_id_, user_id_, id_, count_max);
        if (present_) {
            context_.registry.add(*this, context_.node.clock.monotonic());
        }
    }

    void greet(std::string const& me) {
        state_ = State::Open;
        context_.handshakes.erase(ticket_);
        std::string frame = style_ == Style::Legacy
                                ? R"({"type":"health.check","connection_id":")"
                                : R"({"type":"connection.ok","connection_id":")";
        frame += format_id(id_);
        frame += style_ == Style::Legacy ? R"(","cid":"*","created_at":)" : R"(","created_at":)";
        wire::append_date(frame, context_.node.clock.now(), style_);
        frame += R"(,"me":)";
        frame += me;
        frame += '}';
        socket_->send_text(frame);
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
        frame += state_ == State::Open ? format_id(id_) : std::string();
        frame += R"(","created_at":)";
        wire::append_date(frame, context_.node.clock.now(), style_);
        frame += R"(,"error":)" + body + '}';
        return frame;
    }

    /// Leaves every index. Harmless where it is in none.
    void leave() {
        context_.registry.remove(*this);
        if (std::exchange(present_, false)) {
            context_.node.presence.remove(app_id_, user_id_, id_);
        }
    }

    ConnectionContext& context_;
    http::WebSocket* socket_ = nullptr;
    std::uint64_t ticket_ = 0;
    AppId app_id_{};
    Instant issued_at_;
    ConnectionId id_{};
    std::string user_id_;
    Style style_;
    State state_ = State::New;
    CallerKind kind_ = CallerKind::Anonymous;
    bool untyped_errors_;
    bool developer_token_ = false;
    bool has_issued_at_ = false;
    bool present_ = false;
    std::unique_ptr<Handshake> handshake_;  ///< until it is settled
};

ConnectionContext::ConnectionContext(Node const& node_, http::Loop& loop_, std::size_t slot_)
    : node(node_), loop(loop_), slot(slot_), registry(node_.state, loop_, slot_) {}

void ConnectionContext::on_tick() {
    auto const now = node.clock.monotonic();
    registry.on_tick(node.clock.now(), now);
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
    std::string token_storage;
    std::string client_storage;
    auto const query = request.query;
    auto auth_type = query_parameter(query, "stream-auth-type", type_storage);
    if (auth_type.empty()) {
        auth_type = request.field("stream-auth-type");
    }
    auto const api_key = query_parameter(query, "api_key", key_storage);
    // Unreal, which names no client, knows only error frames without a type (section 4.5).
    bool const untyped = query_parameter(query, "X-Stream-Client", client_storage).empty() &&
                         request.field("X-Stream-Client").empty();
    auto const make = [&](Connection::Handshake handshake) {
        return std::make_unique<Connection>(context, style, untyped, std::move(handshake));
    };
    if (style == Style::V2) {
        return make(Connection::AwaitToken{std::string(api_key), std::string(auth_type)});
    }
    auto token = query_parameter(query, "authorization", token_storage);
    if (token.empty()) {
        token = strip_bearer(request.field("authorization"));
    }
    auto const raw = http::find_query_parameter(query, "json");
    auto const json = raw ? http::decode_query_value(*raw) : std::optional<std::string>("{}");
    auto payload = json ? wire::parse_connect(*json, style)
                        : std::unexpected(wire::input_error("json is not a query value"));
    std::string const payload_token =
        payload ? payload->token.value_or(std::string()) : std::string();
    if (token.empty()) {
        token = payload_token;
    }
    // Who is calling comes before what they say: a bad token is told so, whatever the payload.
    auto join = decide(context, {.api_key = api_key, .auth_type = auth_type, .token = token},
                       payload ? *std::move(payload) : wire::ConnectRequest());
    if (!payload && (join || join.error().code == wire::ErrorCode::InputError)) {
        return make(std::move(payload).error());
    }
    if (!join) {
        return make(std::move(join).error());
    }
    return make(*std::move(join));
}

}  // namespace latchkey::api
