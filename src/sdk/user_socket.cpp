#include "sdk/user_socket.hpp"

#include "sdk/answers.hpp"
#include "sdk/user_json.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <utility>

namespace latchkey::sdk {
namespace {

std::string make_client_id(RandomSource& random, std::string_view user_id) {
    return std::string(user_id) + "--" + make_uuid(random);
}

std::string make_hello(std::string_view token, std::string_view user_details) {
    std::string hello = "{\"token\":";
    wire::append_json_string(hello, token);
    hello += ",\"user_details\":";
    hello += user_details;
    return hello + ",\"products\":[\"chat\"]}";
}

Error broken(std::string message) {
    return {.kind = Error::Kind::Disconnected, .message = std::move(message), .may_retry = true};
}

Error bad_answer(std::string message) {
    return {.kind = Error::Kind::BadAnswer, .message = std::move(message), .may_retry = true};
}

std::string_view type_of(boost::json::object const& frame) {
    auto const* const type = frame.if_contains("type");
    return type != nullptr && type->is_string() ? std::string_view(type->get_string())
                                                : std::string_view();
}

}  // namespace

UserSocket::UserSocket(SessionWorld& world, std::string user_id, std::string user_details,
                       Listener& listener)
    : world_(world),
      user_id_(std::move(user_id)),
      user_details_(std::move(user_details)),
      client_id_(make_client_id(world.random, user_id_)),
      listener_(listener),
      pauses_(world.random, kReconnectPauses) {}

void UserSocket::connect() {
    phase_ = Phase::NeedsToken;
    wait_.reset();
    auto credential = listener_.credential();
    if (!credential) {
        return;
    }
    credential_ = *std::move(credential);
    phase_ = Phase::Opening;
    auto const deadline = world_.clock.monotonic() + kHandshakeMax;
    wait_ = world_.network.wait_until(deadline, [this] {
        lost({.kind = Error::Kind::TimedOut,
              .message = "the server has not greeted the user in time",
              .may_retry = true});
    });
    socket_ = world_.network.open_socket(make_socket_target(world_.api_key), deadline, *this);
}

void UserSocket::reconnect() {
    if (steady_) {
        return connect();
    }
    pause();
}

void UserSocket::resume() {
    if (phase_ == Phase::NeedsToken) {
        connect();
    }
}

void UserSocket::give_up_waiting() {
    if (phase_ == Phase::NeedsToken) {
        pause();
    }
}

void UserSocket::pause() {
    phase_ = Phase::Pausing;
    wait_ = world_.wait_for(pauses_.next(), [this] { connect(); });
}

void UserSocket::on_open() {
    phase_ = Phase::Greeting;
    socket_->send_text(make_hello(credential_.token, user_details_));
}

void UserSocket::on_text(std::string_view text) {
    heard_at_ = world_.clock.monotonic();
    auto const frame = text.size() <= kFrameBytesMax ? wire::parse_json_object(text)
                                                     : std::unexpected(wire::JsonError::Malformed);
    if (!frame) {
        return lost(bad_answer("the server sent a frame that cannot be read"));
    }
    if (auto const* const created_at = frame->if_contains("created_at")) {
        if (auto const instant = wire::parse_request_date(*created_at)) {
            world_.server_clock.observe_frame(*instant);
        }
    }
    // Some clients are told of an error without a type (protocol section 4.5).
    auto const type = type_of(*frame);
    if (type == "connection.error" || (type.empty() && frame->contains("error"))) {
        return refused(*frame);
    }
    if (phase_ == Phase::Greeting) {
        if (type != "connection.ok") {
            return;  // whatever it is, it is meant for those who are connected
        }
        return greeted(*frame);
    }
    listener_.on_event({.type = std::string(type), .json = std::string(text)});
}

void UserSocket::greeted(boost::json::object const& frame) {
    auto const* const me = frame.if_contains("me");
    auto const user = me != nullptr && me->is_object() ? read_user(me->get_object()) : std::nullopt;
    if (!user) {
        return lost(bad_answer("the server's greeting names no user"));
    }
    phase_ = Phase::Online;
    greeted_at_ = world_.clock.monotonic();
    // From now on the user is only named: what others changed meanwhile is not to be undone by
    // coming back.
    user_details_ = R"({"id":")" + user_id_ + "\"}";
    watch_silence();
    send_health_checks();
    listener_.on_greeted(*user, credential_.number);
}

void UserSocket::watch_silence() {
    wait_ = world_.network.wait_until(heard_at_ + kSilenceMax, [this] {
        if (world_.clock.monotonic() >= heard_at_ + kSilenceMax) {
            return lost(broken("the server has fallen silent"));
        }
        watch_silence();
    });
}

void UserSocket::send_health_checks() {
    health_ = world_.wait_for(kHealthCheckPeriod, [this] {
        std::string text = R"([{"type":"health.check","client_id":)";
        wire::append_json_string(text, client_id_);
        socket_->send_text(text + "}]");
        send_health_checks();
    });
}

void UserSocket::refused(boost::json::object const& frame) {
    auto const* const object = frame.if_contains("error");
    auto const error = object != nullptr && object->is_object()
                           ? read_error(object->get_object())
                           : bad_answer("the server's error cannot be read");
    auto const number = credential_.number;
    if (error.code == kTokenExpiredCode) {
        // The handshake's refusal of a token is no connection that did not last: the token manager
        // sets the pace of those.
        auto const was_online = is_online();
        drop();
        steady_ = !was_online || steady_;
        return listener_.on_expired(error, number);
    }
    if (error.may_retry || error.kind == Error::Kind::BadAnswer) {
        return lost(error);
    }
    drop();
    listener_.on_refused(error);
}

void UserSocket::on_closed(std::optional<std::uint16_t> code, Failure const& failure) {
    auto error = to_error(failure);
    error.may_retry = true;
    if (code) {
        error.message += " (close code " + std::to_string(*code) + ')';
    }
    lost(error);
}

void UserSocket::lost(Error const& cause) {
    drop();
    pause();
    listener_.on_lost(cause);
}

void UserSocket::drop() {
    if (is_online()) {
        steady_ = world_.clock.monotonic() - greeted_at_ >= kSteadyAfter;
    }
    if (is_online() && steady_) {
        pauses_.reset();
    }
    phase_ = Phase::Idle;
    socket_.reset();
    wait_.reset();
    health_.reset();
}

}  // namespace latchkey::sdk
