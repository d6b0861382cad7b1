#include "api/joining.hpp"

#include "api/credentials.hpp"
#include "api/endpoint.hpp"
#include "api/errors.hpp"
#include "domain/users.hpp"
#include "http/uri.hpp"
#include "wire/dates.hpp"
#include "wire/user_json.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace latchkey::api {
namespace {

using domain::CallerKind;
using wire::ApiError;
using wire::Style;

constexpr std::uint32_t kConnectionsPerUserMax = 50;
/// `last_active` is stored no more often than this: a reconnect is no reason for a write.
constexpr std::chrono::minutes kLastActiveGranularity{1};

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

std::optional<std::int64_t> secret_of(domain::Identity const& identity) {
    return identity.key_index ? std::optional(identity.app->app->secrets.at(*identity.key_index).id)
                              : std::nullopt;
}

/// Looks the user up, creates it where it is new, and formats `me`. On the store's thread.
std::expected<std::string, ApiError> store_user(domain::Transaction& transaction, Join const& join,
                                                Instant now, Style style) {
    std::vector<domain::UserEdit> edits;
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): who is not anonymous has a valid id
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
    wire::append_user(me, view_of(users->users.front(), true, true), wire::UserShape::Own, style);
    return me;
}

}  // namespace

ApiError authentication_error(std::string message) {
    return {.code = wire::ErrorCode::AuthenticationError,
            .http_status = 401,
            .message = std::move(message)};
}

std::expected<Join, ApiError> decide_join(ConnectionContext& context,
                                          domain::Credentials const& credentials,
                                          wire::ConnectRequest payload) {
    auto const state = context.node.state.read(context.slot);
    auto const identity =
        context.authenticator.decide(state, credentials, context.node.clock.now());
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
                .secret_id = secret_of(*identity),
                .payload = std::move(payload)};
}

std::expected<Join, ApiError> decide_legacy_join(ConnectionContext& context,
                                                 http::Request const& request) {
    std::string key_storage;
    std::string type_storage;
    std::string token_storage;
    auto const query = request.query;
    auto const api_key = query_parameter(query, "api_key", key_storage);
    auto const auth_type = connect_auth_type(request, type_storage);
    auto token = query_parameter(query, "authorization", token_storage);
    if (token.empty()) {
        token = strip_bearer(request.field("authorization"));
    }
    auto const raw = http::find_query_parameter(query, "json");
    auto const json = raw ? http::decode_query_value(*raw) : std::optional<std::string>("{}");
    auto payload = json ? wire::parse_connect(*json, Style::Legacy)
                        : std::unexpected(wire::input_error("json is not a query value"));
    std::string const payload_token =
        payload ? payload->token.value_or(std::string()) : std::string();
    if (token.empty()) {
        token = payload_token;
    }
    auto const flaw = payload ? std::nullopt : std::optional(payload.error());
    // Who is calling comes before what they say: a bad token is told so, whatever the payload.
    auto join = decide_join(context, {.api_key = api_key, .auth_type = auth_type, .token = token},
                            payload ? *std::move(payload) : wire::ConnectRequest());
    if (flaw && (join || join.error().code == wire::ErrorCode::InputError)) {
        return std::unexpected(*flaw);
    }
    if (join) {
        join->client = client_name(request);
        join->address = address_or_peer(request, context.node.proxies);
    }
    return join;
}

RateStatus count_connect(ConnectionContext& context, Join const& join, std::string_view address) {
    return context.rates.count(
        {.app = join.app->id, .kind = join.kind, .user_id = join.user_id, .address = address},
        Operation::Connect, context.node.clock.now());
}

void join_user(ConnectionContext& context, Join join, Style style, Joined done) {
    if (join.kind == CallerKind::Anonymous) {
        std::string me;
        wire::append_anonymous_me(me, style);
        done(join, me);
        return;
    }
    struct Work {
        Join join;
        std::expected<std::string, ApiError> me;
    };
    auto work = std::make_shared<Work>(std::move(join), std::unexpected(store_unavailable()));
    auto job = [work, now = context.node.clock.now(), style](domain::Transaction& transaction) {
        work->me = store_user(transaction, work->join, now, style);
        return work->me ? domain::Outcome::Commit : domain::Outcome::Rollback;
    };
    auto back = [work, done = std::move(done),
                 &loop = context.loop](domain::WorkResult result) mutable {
        if (result == domain::WorkResult::Failed) {
            work->me = std::unexpected(store_unavailable());
        }
        loop.post([work, done = std::move(done)]() mutable { done(work->join, work->me); });
    };
    context.node.store.submit(std::move(job), std::move(back));
}

domain::Grant UserMember::grant() const {
    return {.app_id = app_id_,
            .user_id = user_id_,
            .kind = kind_,
            .issued_at = has_issued_at_ ? std::optional(issued_at_) : std::nullopt,
            .expires_at = expires_at < kInstantMax ? std::optional(expires_at) : std::nullopt,
            .developer_token = developer_token_,
            .secret_id = secret_id_ == 0 ? std::nullopt : std::optional<std::int64_t>(secret_id_)};
}

ConnectionFacts UserMember::facts() const {
    return {.client = context_.node.clients->find(client_),
            .address = format_peer_address(address_)};
}

std::expected<void, ApiError> UserMember::enter(Join const& join) {
    app_id_ = join.app->id;
    user_id_ = join.user_id;
    kind_ = join.kind;
    developer_token_ = join.developer_token;
    has_issued_at_ = join.issued_at.has_value();
    secret_id_ = static_cast<std::uint32_t>(join.secret_id.value_or(0));
    issued_at_ = join.issued_at.value_or(Instant());
    expires_at = join.expires_at.value_or(kInstantMax);
    auto const& node = context_.node;
    auto const now = std::chrono::floor<std::chrono::seconds>(node.clock.now());
    opened_at_s = static_cast<std::uint32_t>(now.time_since_epoch().count());
    address_ = parse_peer_address(join.address).value_or(PeerAddress());
    client_ = node.clients->take(join.client);
    node.random.fill(id_);
    id_[6] = (id_[6] & std::byte{0x0f}) | std::byte{0x40};  // RFC 9562 section 5.4
    id_[8] = (id_[8] & std::byte{0x3f}) | std::byte{0x80};
    auto const count_max = kind_ == CallerKind::Anonymous ? UINT32_MAX : kConnectionsPerUserMax;
    auto const news = node.presence.add(*this, id_, count_max);
    present_ = news.has_value();
    if (!news) {
        leave();
        return std::unexpected(ApiError{.code = wire::ErrorCode::TooManyConnections,
                                        .http_status = 429,
                                        .message = "the user has too many open connections"});
    }
    context_.registry.add(*this, node.clock.now(), node.clock.monotonic());
    auto const allowed =
        domain::check_still_allowed(node.state.read(context_.slot), grant(), node.clock.now());
    if (!allowed) {
        leave();
        return std::unexpected(to_api_error(allowed.error(), join.app->api_key.text()));
    }
    tell_watchers(*news);
    return {};
}

void UserMember::leave() {
    context_.registry.remove(*this);
    context_.events.forget(*this);
    if (std::exchange(present_, false)) {
        tell_watchers(context_.node.presence.remove(*this, id_));
    }
    context_.node.clients->give_back(std::exchange(client_, ClientNames::Number()));
}

void UserMember::tell_watchers(Presence::News news) {
    if (news == Presence::News::ForWatchers) {
        context_.node.events->on_moved(app_id_, user_id_);
    }
}

std::string UserMember::greeting(std::string_view me) const {
    std::string frame = style_ == Style::Legacy ? R"({"type":"health.check","connection_id":")"
                                                : R"({"type":"connection.ok","connection_id":")";
    frame += format_connection_id(id_);
    frame += style_ == Style::Legacy ? R"(","cid":"*","created_at":)" : R"(","created_at":)";
    wire::append_date(frame, context_.node.clock.now(), style_);
    frame += R"(,"me":)";
    frame += me;
    frame += '}';
    return frame;
}

std::string UserMember::keep_alive() const {
    std::string frame =
        R"({"type":"health.check","connection_id":")" + format_connection_id(id_) + '"';
    frame += style_ == Style::Legacy ? R"(,"cid":"*","created_at":)" : R"(,"created_at":)";
    wire::append_date(frame, context_.node.clock.now(), style_);
    frame += style_ == Style::Legacy ? "}" : R"(,"custom":{}})";
    return frame;
}

}  // namespace latchkey::api
