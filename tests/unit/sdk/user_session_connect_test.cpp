#include "session_fixture.hpp"

#include <utility>

namespace latchkey::sdk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using Kind = Error::Kind;

TEST_F(SessionTest, OpensTheSocketAndSaysHelloWithTokenAndUser) {
    auto const token = make_token("john");
    connect(token);
    ASSERT_EQ(fake.socket_count(), 1U);
    EXPECT_THAT(fake.socket(0).target(),
                StartsWith("/api/v2/connect?api_key=key&stream-auth-type=jwt&"
                           "X-Stream-Client=latchkey-cpp-"));
    EXPECT_THAT(fake.socket(0).sent(), ElementsAre());
    fake.socket(0).open();
    EXPECT_THAT(
        fake.socket(0).sent(),
        ElementsAre("{\"token\":\"" + token +
                    R"(","user_details":{"id":"john","name":"John"},"products":["chat"]})"));
    EXPECT_EQ(session.state(), SessionState::Connecting);
}

TEST_F(SessionTest, IsOnlineWithMeOnceTheServerHasGreetedTheUser) {
    connect(make_token("john"));
    greet();
    ASSERT_TRUE(connected && *connected);
    EXPECT_EQ((*connected)->id, "john");
    EXPECT_EQ((*connected)->custom_json, R"({"color":"blue"})");
    EXPECT_THAT(listener.states, ElementsAre(SessionState::Connecting, SessionState::Online));
}

TEST_F(SessionTest, AsksTheProviderBeforeItConnects) {
    connect(with_provider());
    EXPECT_EQ(session.state(), SessionState::WaitingForToken);
    EXPECT_EQ(fake.socket_count(), 0U);
    EXPECT_THAT(provider->questions, ElementsAre("john"));
    provider->answer(make_token("john"));
    EXPECT_EQ(session.state(), SessionState::Connecting);
    EXPECT_EQ(fake.socket_count(), 1U);
}

TEST_F(SessionTest, AsksTheProviderOnceMoreWhereTheHandshakeFindsTheTokenExpired) {
    connect(with_provider());
    provider->answer(make_token("john", 1));
    refuse_handshake(40, 401);
    EXPECT_EQ(session.state(), SessionState::WaitingForToken);
    EXPECT_EQ(provider->questions.size(), 2U);
    auto const fresh = make_token("john", 2);
    provider->answer(fresh);
    greet();
    EXPECT_EQ(provider->questions.size(), 2U);
    EXPECT_THAT(fake.last_socket().sent().front(), HasSubstr(fresh));
    EXPECT_TRUE(connected && *connected);
}

TEST_F(SessionTest, FailsAtOnceWhereAStaticTokenHasExpired) {
    connect(make_token("john"));
    refuse_handshake(40, 401);
    ASSERT_TRUE(connected && !*connected);
    EXPECT_EQ(connected->error().code, 40);
    EXPECT_EQ(connected->error().http_status, 401);
    EXPECT_EQ(session.state(), SessionState::Failed);
    EXPECT_FALSE(wait_for_socket());
}

TEST_F(SessionTest, FailsAtOnceOnRefusalsThatNoFreshTokenMends) {
    for (int const code : {41, 42, 43, 5, 2, 4, 99}) {
        SCOPED_TRACE(code);
        connected.reset();
        connect(with_provider());
        provider->answer(make_token("john"));
        auto const questions = provider->questions.size();
        refuse_handshake(code, 401);
        ASSERT_TRUE(connected && !*connected);
        EXPECT_EQ(connected->error().code, code);
        EXPECT_EQ(session.state(), SessionState::Failed);
        EXPECT_EQ(listener.error.value().code, code);
        fake.advance(60s);
        EXPECT_EQ(provider->questions.size(), questions);
    }
}

TEST_F(SessionTest, ComesBackAfterTheServersTroublesWithGrowingPauses) {
    connect(make_token("john"), 20min);
    auto bound = kReconnectPauses.first;
    auto longest = 0ms;
    for (int i = 0; i < 12; ++i) {
        SCOPED_TRACE(i);
        switch (i % 4) {
            case 0: refuse_handshake(-1, 500); break;
            case 1: fake.last_socket().fail(Kind::CannotConnect); break;
            case 2: refuse_handshake(9, 429); break;
            default: fake.last_socket().open(), fake.last_socket().close(1011); break;
        }
        EXPECT_EQ(session.state(), SessionState::Connecting);
        auto const pause = wait_for_socket();
        ASSERT_TRUE(pause);
        EXPECT_LE(*pause, bound + 1ms);
        longest = std::max(longest, *pause);
        bound = std::min(bound * 2, kReconnectPauses.max);
    }
    EXPECT_GT(longest, 5s);
    greet();
    EXPECT_TRUE(connected && *connected);
}

TEST_F(SessionTest, TriesAgainWhereWhatAnswersMakesNoSense) {
    std::string const large(kFrameBytesMax + 1, ' ');
    for (std::string_view const frame :
         {std::string_view("not JSON"), std::string_view("[]"),
          std::string_view(R"({"type":"connection.ok"})"),
          std::string_view(R"({"type":"connection.ok","me":{"id":7}})"),
          std::string_view(R"({"type":"connection.error"})"), std::string_view(R"({"error":{}})"),
          std::string_view(large)}) {
        SCOPED_TRACE(frame.substr(0, 80));
        connect(make_token("john"), 10min);
        fake.last_socket().open();
        fake.last_socket().text(frame);
        EXPECT_EQ(session.last_error().value().kind, Kind::BadAnswer);
        EXPECT_TRUE(wait_for_socket());
        session.disconnect();
    }
    connect(make_token("john"));
    fake.last_socket().open();
    fake.last_socket().text(R"({"type":"user.updated"})");
    auto longest = greeting("john");
    longest.resize(kFrameBytesMax, ' ');
    fake.last_socket().text(longest);
    EXPECT_EQ(session.state(), SessionState::Online);
}

TEST_F(SessionTest, TriesAgainWhereTheGreetingDoesNotComeInTime) {
    connect(make_token("john"), 10min);
    fake.last_socket().open();
    fake.advance(kHandshakeMax - 1us);
    EXPECT_TRUE(fake.last_socket().is_alive());
    fake.advance(1us);
    EXPECT_EQ(session.last_error().value().kind, Kind::TimedOut);
    EXPECT_TRUE(wait_for_socket());
}

TEST_F(SessionTest, ConnectingEndsByItsDeadlineWithWhatKeptTheServerAway) {
    connect(make_token("john"));
    fake.advance(kDeadline - 1us);
    EXPECT_FALSE(connected);
    fake.advance(1us);
    ASSERT_TRUE(connected && !*connected);
    EXPECT_EQ(connected->error().kind, Kind::TimedOut);
    EXPECT_EQ(session.state(), SessionState::Offline);

    connected.reset();
    connect(make_token("john"));
    fake.last_socket().fail(Kind::CannotConnect);
    fake.advance(kDeadline);
    EXPECT_EQ(connected.value().error().kind, Kind::CannotConnect);
    EXPECT_FALSE(wait_for_socket());
}

TEST_F(SessionTest, ACertificateThatIsNotTrustedEndsTheFirstConnectAtOnceButNoSession) {
    connect(make_token("john"));
    fake.last_socket().fail(Kind::TlsRefused);
    EXPECT_EQ(connected.value().error().kind, Kind::TlsRefused);

    connected.reset();
    connect(make_token("john"));
    greet();
    fake.last_socket().fail(Kind::TlsRefused);
    EXPECT_EQ(session.state(), SessionState::Connecting);
    EXPECT_TRUE(wait_for_socket());
}

TEST_F(SessionTest, ChecksAStaticTokenBeforeAnythingIsSent) {
    struct Row {
        std::string token;
        bool accepted;
    };
    for (auto const& [token, accepted] :
         {Row{make_token("john"), true}, Row{make_token("jane"), false},
          Row{make_token("john") + ".", false}, Row{"a.b", false}, Row{"", false},
          Row{"a.%.c", false}, Row{"e30.e30.e30", false},
          Row{token::make_developer_token(UserId::parse("john").value()), true},
          Row{token::issue_server_token(token::HmacKey(std::string(64, 's'))), false}}) {
        SCOPED_TRACE(token);
        connected.reset();
        auto const sockets = fake.socket_count();
        connect(token);
        EXPECT_EQ(fake.socket_count() > sockets, accepted);
        EXPECT_EQ(!connected, accepted);
        if (!accepted) {
            EXPECT_EQ(connected.value().error().kind, Kind::InvalidArgument);
            EXPECT_EQ(session.state(), SessionState::Offline);
        }
        session.disconnect();
    }
}

TEST_F(SessionTest, RefusesUsersThatCannotBeBeforeAnythingIsSent) {
    for (auto const& [user, accepted] :
         {std::pair{UserRequest{.id = "john"}, true}, std::pair{UserRequest{.id = ""}, false},
          std::pair{UserRequest{.id = "john", .custom_json = "[]"}, false},
          std::pair{UserRequest{.id = "john", .custom_json = R"({"a":1})"}, true}}) {
        connected.reset();
        session.connect_user(user, make_token("john"), clock.monotonic() + kDeadline,
                             [this](Result<User> result) { connected = std::move(result); });
        EXPECT_EQ(!connected, accepted);
        session.disconnect();
    }
    connected.reset();
    connect(std::unique_ptr<TokenAsker>());
    EXPECT_EQ(connected.value().error().kind, Kind::InvalidArgument);
}

TEST_F(SessionTest, HoldsOneSessionAtATime) {
    connect(make_token("john"));
    greet();
    connected.reset();
    connect(make_token("john"));
    EXPECT_EQ(connected.value().error().kind, Kind::InvalidArgument);
    EXPECT_EQ(session.connect_anonymous().error().kind, Kind::InvalidArgument);
    EXPECT_EQ(session.state(), SessionState::Online);
    session.disconnect();
    EXPECT_EQ(session.state(), SessionState::Offline);
    connect(make_token("john"));
    greet();
    EXPECT_TRUE(connected && *connected);
}

TEST_F(SessionTest, KeepsTheSocketAliveAndNoticesWhereTheServerFallsSilent) {
    go_online();
    fake.advance(kHealthCheckPeriod - 1us);
    EXPECT_EQ(fake.last_socket().sent().size(), 1U);
    fake.advance(1us);
    ASSERT_EQ(fake.last_socket().sent().size(), 2U);
    EXPECT_THAT(fake.last_socket().sent()[1],
                StartsWith(R"([{"type":"health.check","client_id":"john--)"));
    fake.last_socket().text(R"({"type":"health.check"})");
    fake.advance(kSilenceMax - 1us);
    EXPECT_EQ(session.state(), SessionState::Online);
    EXPECT_EQ(fake.last_socket().sent().size(), 3U);
    fake.advance(1us);
    EXPECT_EQ(session.state(), SessionState::Connecting);
    EXPECT_TRUE(wait_for_socket());
}

TEST_F(SessionTest, ComesBackWithTheSameTokenAndOnlyTheUsersIdAfterABrokenConnection) {
    go_online();
    stay(40s);
    fake.last_socket().fail(Kind::Disconnected);
    EXPECT_LE(wait_for_socket().value(), kReconnectPauses.first + 1ms);
    greet();
    EXPECT_THAT(fake.last_socket().sent().front(), HasSubstr(R"("user_details":{"id":"john"},)"));
    EXPECT_EQ(provider->questions.size(), 1U);
    EXPECT_EQ(session.state(), SessionState::Online);
}

TEST_F(SessionTest, RefreshesAndReconnectsAtOnceWhereALiveConnectionIsEndedWithCode40) {
    go_online();
    stay(20s);
    fake.last_socket().text(error_frame(40, 401));
    EXPECT_FALSE(fake.last_socket().is_alive());
    EXPECT_EQ(session.state(), SessionState::WaitingForToken);
    EXPECT_EQ(provider->questions.size(), 2U);
    provider->answer(make_token("john", 2));
    EXPECT_EQ(fake.socket_count(), 2U);
    greet();
    EXPECT_EQ(session.state(), SessionState::Online);
}

TEST_F(SessionTest, ComesBackOnClose4001WithoutAnErrorFrame) {
    go_online();
    fake.last_socket().close(4001);
    EXPECT_EQ(session.state(), SessionState::Connecting);
    EXPECT_TRUE(wait_for_socket());
    EXPECT_EQ(provider->questions.size(), 1U);
}

TEST_F(SessionTest, FailsWhereALiveConnectionIsEndedBecauseTheUserIsGone) {
    go_online();
    auto const waiting = call();
    fake.last_socket().text(error_frame(5, 401));
    EXPECT_EQ(session.state(), SessionState::Failed);
    EXPECT_EQ(error_of(waiting).code, 5);
    EXPECT_EQ(error_of(call()).kind, Kind::Stopped);
    EXPECT_FALSE(wait_for_socket());
}

TEST_F(SessionTest, FailsWhereAStaticTokenIsEndedOnALiveConnection) {
    connect(make_token("john"));
    greet();
    fake.last_socket().text(error_frame(40, 401));
    EXPECT_EQ(session.state(), SessionState::Failed);
}

TEST_F(SessionTest, PausesWhereConnectionsAreGreetedAndEndedAgainAndAgain) {
    go_online();
    auto const begin = clock.monotonic();
    for (int i = 0; i < 12; ++i) {
        fake.last_socket().text(error_frame(40, 401));
        auto const sockets = fake.socket_count();
        ASSERT_TRUE(provider->answer(make_token("john", i)));
        if (fake.socket_count() == sockets) {
            ASSERT_TRUE(wait_for_socket());
        }
        greet();
    }
    EXPECT_GT(clock.monotonic() - begin, 20s);
}

TEST_F(SessionTest, TellsEventsOfEveryTypeOnceOnline) {
    go_online();
    fake.last_socket().text(R"({"type":"user.updated","user":{"id":"john"}})");
    fake.last_socket().text(R"({"type":"health.check"})");
    EXPECT_THAT(listener.events, ElementsAre("user.updated", "health.check"));
}

TEST_F(SessionTest, EstimatesTheServersClockByFramesAndDates) {
    EXPECT_EQ(server_clock.skew(), 0ms);
    connect(make_token("john"));
    fake.last_socket().open();
    auto const ahead = std::chrono::nanoseconds((kNow + 1h).time_since_epoch()).count();
    fake.last_socket().text(R"({"type":"health.check","created_at":)" + std::to_string(ahead) +
                            '}');
    EXPECT_EQ(server_clock.skew(), 1h);
    call();
    fake.last_request().answer({.status = 200, .date = kNow + 1h - 1s});
    EXPECT_EQ(server_clock.skew(), 1h) << "a date that says nothing new";
    call();
    fake.last_request().answer({.status = 200, .date = kNow - 10min});
    EXPECT_EQ(server_clock.skew(), -10min + 500ms);
}

TEST_F(SessionTest, CreatesAGuestAsNobodyAndConnectsWithTheGuestsToken) {
    session.connect_guest({.id = "joe", .name = "Joe"}, clock.monotonic() + kDeadline,
                          [this](Result<User> result) { connected = std::move(result); });
    EXPECT_EQ(session.state(), SessionState::Connecting);
    ASSERT_EQ(fake.request_count(), 1U);
    auto& request = fake.request(0);
    EXPECT_EQ(request.method(), "POST");
    EXPECT_EQ(request.target(), "/api/v2/guest?api_key=key");
    EXPECT_EQ(request.field("stream-auth-type"), "anonymous");
    EXPECT_EQ(request.field("Authorization"), "");
    EXPECT_EQ(request.body(), R"({"user":{"id":"joe","name":"Joe"}})");
    auto const held = call();
    EXPECT_EQ(fake.request_count(), 1U);
    auto const token = make_token("guest-1-joe");
    request.answer(201, R"({"user":{"id":"guest-1-joe"},"access_token":")" + token + "\"}");
    fake.last_socket().open();
    EXPECT_THAT(fake.last_socket().sent().front(),
                HasSubstr(token + R"(","user_details":{"id":"guest-1-joe","name":"Joe"})"));
    ASSERT_EQ(fake.request_count(), 2U);
    EXPECT_EQ(fake.last_request().field("Authorization"), token);
    fake.last_request().answer(200, "{}");
    EXPECT_TRUE(succeeded(held));
    fake.last_socket().text(greeting("guest-1-joe"));
    EXPECT_EQ(connected.value()->id, "guest-1-joe");
}

TEST_F(SessionTest, SaysWhyThereIsNoGuest) {
    struct Row {
        int status;
        std::string body;
        Kind kind;
        SessionState state;
    };
    using enum SessionState;
    for (auto const& [status, body, kind, state] :
         {Row{403, error_json(17, 403), Kind::Api, Failed},
          Row{500, error_json(-1, 500), Kind::Api, Offline},
          Row{201, "{}", Kind::BadAnswer, Failed},
          Row{201, R"({"user":{"id":"g"},"access_token":")" + make_token("other") + "\"}",
              Kind::BadAnswer, Failed}}) {
        SCOPED_TRACE(body);
        connected.reset();
        session.connect_guest({.id = "joe"}, clock.monotonic() + kDeadline,
                              [this](Result<User> result) { connected = std::move(result); });
        fake.last_request().answer(status, body);
        EXPECT_EQ(connected.value().error().kind, kind);
        EXPECT_EQ(session.state(), state);
    }
}

TEST_F(SessionTest, IgnoresAGuestThatComesAfterDisconnecting) {
    session.connect_guest({.id = "joe"}, clock.monotonic() + kDeadline,
                          [this](Result<User> result) { connected = std::move(result); });
    session.disconnect();
    EXPECT_EQ(connected.value().error().kind, Kind::Stopped);
    fake.last_request().answer(201,
                               R"({"user":{"id":"g"},"access_token":")" + make_token("g") + "\"}");
    EXPECT_EQ(session.state(), SessionState::Offline);
    EXPECT_EQ(fake.socket_count(), 0U);
}

TEST_F(SessionTest, CallsAsNobodyWithoutASocketOrAToken) {
    ASSERT_TRUE(session.connect_anonymous());
    EXPECT_EQ(session.state(), SessionState::Online);
    EXPECT_EQ(fake.socket_count(), 0U);
    auto const first = call();
    EXPECT_EQ(fake.last_request().field("stream-auth-type"), "anonymous");
    EXPECT_EQ(fake.last_request().field("Authorization"), "");
    fake.last_request().answer(200, "{}");
    EXPECT_TRUE(succeeded(first));
    auto const second = call();
    fake.last_request().answer(401, error_json(40, 401));
    EXPECT_EQ(error_of(second).code, 40);
}

TEST_F(SessionTest, EverythingThatWaitsEndsWithStoppedOnDisconnect) {
    connect(with_provider());
    auto const held = call();
    provider->answer(make_token("john"));
    auto const sent = call();
    session.disconnect();
    EXPECT_EQ(connected.value().error().kind, Kind::Stopped);
    EXPECT_EQ(error_of(held).kind, Kind::Stopped);
    EXPECT_EQ(error_of(sent).kind, Kind::Stopped);
    EXPECT_FALSE(session.last_error());
    EXPECT_FALSE(fake.last_socket().is_alive());
    fake.last_request().answer(200, "{}");  // an answer that nobody waits for any more
    EXPECT_TRUE(fake.waits().empty());
    EXPECT_EQ(error_of(call()).kind, Kind::Stopped);
}

TEST_F(SessionTest, AProvidersAnswerAfterDisconnectingGoesNowhere) {
    connect(with_provider());
    session.disconnect();
    EXPECT_FALSE(provider->answer(make_token("john")));
    EXPECT_EQ(session.state(), SessionState::Offline);
}

}  // namespace
}  // namespace latchkey::sdk
