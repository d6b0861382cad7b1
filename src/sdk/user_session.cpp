#include "sdk/user_session.hpp"

#include "sdk/answers.hpp"
#include "sdk/unchecked_claims.hpp"
#include "sdk/user_json.hpp"
#include "wire/json.hpp"

#include <string_view>
#include <utility>

namespace latchkey::sdk {
namespace {

Error invalid(std::string message) {
    return {.kind = Error::Kind::InvalidArgument, .message = std::move(message)};
}

Error stopped(std::string message) {
    return {.kind = Error::Kind::Stopped, .message = std::move(message)};
}

/// Before anything is sent: no provider at all, or a static token that cannot be this user's.
std::optional<Error> check(TokenManager::Source const& source, std::string_view user_id) {
    if (auto const* const asker = std::get_if<std::unique_ptr<TokenAsker>>(&source)) {
        return *asker != nullptr ? std::nullopt : std::optional(invalid("there is no provider"));
    }
    auto const* const token = std::get_if<std::string>(&source);
    auto const claims = read_unchecked_claims(*token);
    if (!claims) {
        return invalid("the token cannot be used: " + claims.error());
    }
    if (claims->user_id != user_id) {
        return invalid("the token is another user's: its user_id is not the id of this user");
    }
    return std::nullopt;
}

struct Guest {
    std::string user_id;
    std::string token;
};

std::optional<Guest> read_guest(std::string_view body) {
    auto const object = wire::parse_json_object(body);
    auto const* const user = object ? object->if_contains("user") : nullptr;
    auto const* const token = object ? object->if_contains("access_token") : nullptr;
    if (user == nullptr || !user->is_object() || token == nullptr || !token->is_string()) {
        return std::nullopt;
    }
    auto const read = read_user(user->get_object());
    auto const claims = read_unchecked_claims(token->get_string());
    if (!read || !claims || claims->user_id != read->id) {
        return std::nullopt;
    }
    return Guest{.user_id = read->id, .token = std::string(token->get_string())};
}

std::expected<Guest, Error> read_guest(std::expected<Response, Failure> const& result) {
    if (!result) {
        return std::unexpected(to_error(result.error()));
    }
    if (result->status < 200 || result->status >= 300) {
        return std::unexpected(read_error(*result));
    }
    auto guest = read_guest(result->body);
    if (!guest) {
        return std::unexpected(Error{.kind = Error::Kind::BadAnswer,
                                     .http_status = result->status,
                                     .message = "the answer names no guest with a token"});
    }
    return *std::move(guest);
}

}  // namespace

UserSession::UserSession(SessionWorld world, SessionListener& listener)
    : world_(std::move(world)), listener_(listener), calls_(world_, *this) {}

void UserSession::connect_user(UserRequest const& user, TokenManager::Source source,
                               TimePoint deadline, Connected connected) {
    if (auto error = check_free()) {
        return connected(std::unexpected(*std::move(error)));
    }
    auto details = format_user_request(user, UserFields::OfADevice);
    if (!details) {
        return connected(std::unexpected(std::move(details.error())));
    }
    if (auto error = check(source, user.id)) {
        return connected(std::unexpected(*std::move(error)));
    }
    begin(Phase::User, deadline, std::move(connected));
    open(user.id, *std::move(details), std::move(source));
    publish();
}

void UserSession::connect_guest(UserRequest const& user, TimePoint deadline, Connected connected) {
    if (auto error = check_free()) {
        return connected(std::unexpected(*std::move(error)));
    }
    auto const details = format_user_request(user, UserFields::OfADevice);
    if (!details) {
        return connected(std::unexpected(details.error()));
    }
    begin(Phase::CreatingGuest, deadline, std::move(connected));
    auto request = to_request(
        {.method = "POST", .path = "/api/v2/guest", .body = "{\"user\":" + *details + '}'},
        Credential(), world_.api_key, make_uuid(world_.random));
    world_.network.send(std::move(request), deadline,
                        [self = std::weak_ptr(self_), user](auto result) mutable {
                            if (auto const session = self.lock()) {
                                (*session)->guest_answered(std::move(user), std::move(result));
                            }
                        });
    publish();
}

void UserSession::guest_answered(UserRequest user, std::expected<Response, Failure> result) {
    if (auto const date = result ? result->date : std::nullopt) {
        world_.server_clock.observe_date(*date);
    }
    auto guest = read_guest(result);
    if (!guest) {
        auto const error = std::move(guest.error());
        return error.may_retry ? end(Phase::Offline, error) : fail(error);
    }
    phase_ = Phase::User;
    user.id = guest->user_id;
    auto details = format_user_request(user, UserFields::OfADevice);
    if (!details) {
        return fail({.kind = Error::Kind::BadAnswer, .message = "the guest's id is none"});
    }
    open(guest->user_id, *std::move(details), std::move(guest->token));
    calls_.resume();
    publish();
}

Result<Done> UserSession::connect_anonymous() {
    if (auto error = check_free()) {
        return std::unexpected(*std::move(error));
    }
    phase_ = Phase::Anonymous;
    publish();
    return Done{};
}

void UserSession::disconnect() {
    last_error_.reset();
    error_is_news_ = true;
    end(Phase::Offline, stopped("the client was disconnected"));
}

void UserSession::call(CallRequest call, TimePoint deadline, CallQueue::Ended ended) {
    if (phase_ == Phase::Offline) {
        return ended(std::unexpected(stopped("no user is connected")));
    }
    if (phase_ == Phase::Failed) {
        return ended(std::unexpected(stopped("the session has ended: " + last_error_->message)));
    }
    calls_.submit(std::move(call), deadline, std::move(ended));
}

SessionState UserSession::state() const {
    switch (phase_) {
        case Phase::Offline: return SessionState::Offline;
        case Phase::Failed: return SessionState::Failed;
        case Phase::Anonymous: return SessionState::Online;
        case Phase::CreatingGuest: return SessionState::Connecting;
        case Phase::User: break;
    }
    if (tokens_->is_renewing()) {
        return SessionState::WaitingForToken;
    }
    return socket_->is_online() ? SessionState::Online : SessionState::Connecting;
}

std::optional<Error> UserSession::check_free() const {
    if (phase_ == Phase::Offline || phase_ == Phase::Failed) {
        return std::nullopt;
    }
    return invalid("a session is open: disconnect comes first");
}

void UserSession::begin(Phase phase, TimePoint deadline, Connected connected) {
    phase_ = phase;
    last_error_.reset();
    error_is_news_ = true;
    self_ = std::make_shared<UserSession*>(this);
    connected_ = std::move(connected);
    deadline_ = world_.network.wait_until(deadline, [this] { give_up_connecting(); });
}

void UserSession::open(std::string const& user_id, std::string details,
                       TokenManager::Source source) {
    TokenManager::Listener& token_listener = *this;
    UserSocket::Listener& socket_listener = *this;
    tokens_ = std::make_unique<TokenManager>(world_, user_id, std::move(source), token_listener);
    socket_ = std::make_unique<UserSocket>(world_, user_id, std::move(details), socket_listener);
    socket_->connect();
}

/// The caller is told what kept the server away rather than that time has passed.
void UserSession::give_up_connecting() {
    if (!last_error_) {
        last_error_ = Error{.kind = Error::Kind::TimedOut,
                            .message = "the deadline has passed before the user was connected",
                            .may_retry = true};
        error_is_news_ = true;
    }
    end(Phase::Offline, Error(*last_error_));
}

void UserSession::fail(Error const& error) {
    last_error_ = error;
    error_is_news_ = true;
    end(Phase::Failed, Error(error));  // a copy: what it refers to may be about to go
}

void UserSession::end(Phase phase, Error const& error) {
    phase_ = phase;
    self_.reset();
    deadline_.reset();
    socket_.reset();
    tokens_.reset();
    publish();  // first: whoever hears of an end below finds the state that it speaks of
    calls_.end_all(error);
    if (auto connected = std::exchange(connected_, nullptr)) {
        connected(std::unexpected(error));
    }
}

void UserSession::publish() {
    auto const now = state();
    if (now == told_state_ && !error_is_news_) {
        return;
    }
    told_state_ = now;
    error_is_news_ = false;
    listener_.on_changed(now, last_error_);
}

std::optional<Credential> UserSession::credential() {
    if (phase_ == Phase::Anonymous) {
        return Credential();
    }
    if (phase_ != Phase::User) {
        return std::nullopt;
    }
    auto token = tokens_->take();
    publish();  // the provider may be being asked from now on
    return token;
}

bool UserSession::can_renew() const { return tokens_ != nullptr && tokens_->can_renew(); }

void UserSession::on_token_refused(std::uint64_t number) {
    tokens_->refused(number);
    publish();
}

void UserSession::on_token_accepted(std::uint64_t number) {
    if (tokens_ != nullptr) {
        tokens_->accepted(number);
    }
}

void UserSession::on_token() {
    socket_->resume();
    calls_.resume();
    publish();
}

void UserSession::on_token_failure(Error const& error) {
    last_error_ = error;
    error_is_news_ = true;
    if (connected_) {
        return end(Phase::Offline, error);
    }
    calls_.end_held(error);
    socket_->give_up_waiting();
    publish();
}

void UserSession::on_tokens_refused(Error const& error) { fail(error); }

void UserSession::on_greeted(User const& me, std::uint64_t number) {
    tokens_->accepted(number);
    deadline_.reset();
    publish();  // first: whoever hears that it is connected finds it online
    if (auto connected = std::exchange(connected_, nullptr)) {
        connected(me);
    }
}

void UserSession::on_event(Event const& event) { listener_.on_event(event); }

void UserSession::on_lost(Error const& cause) {
    last_error_ = cause;
    error_is_news_ = true;
    // Whoever connects for the first time learns at once of what only a person can mend. Later it
    // may be a network on the way that lies for a while.
    if (connected_ && cause.kind == Error::Kind::TlsRefused) {
        return end(Phase::Offline, cause);
    }
    publish();
}

void UserSession::on_expired(Error const& error, std::uint64_t number) {
    if (!tokens_->can_renew()) {
        return fail(error);
    }
    last_error_ = error;
    error_is_news_ = true;
    tokens_->refused(number);
    if (phase_ == Phase::User) {
        socket_->reconnect();
        publish();
    }
}

void UserSession::on_refused(Error const& error) { fail(error); }

}  // namespace latchkey::sdk
