#include "sdk_fixture.hpp"
#include "support/scripted_peer.hpp"
#include "support/tls_peer.hpp"
#include "support/ws_server.hpp"

#include <latchkey/token/issue.hpp>

#include <gmock/gmock.h>

#include <csignal>

/// Both clients against a peer that does what no good server does: no call may outlast its
/// deadline, be done twice, or be lost.
namespace latchkey::test {
namespace {

using namespace std::chrono_literals;
using sdk::Error;
using sdk::SessionState;
using testing::AnyOf;
using testing::HasSubstr;

using Kind = Error::Kind;
using Reply = ScriptedPeer::Reply;
using Then = Reply::Then;

constexpr auto kDeadline = 400ms;
/// What a busy machine may take to say that a deadline has passed.
constexpr auto kLateMax = 5s;
constexpr std::string_view kApp = R"({"app":{"name":"x"},"duration":"0ms"})";
constexpr std::string_view kGuest =
    R"({"user":{"id":"guest-1-tom","role":"guest","created_at":1,"updated_at":1},)"
    R"("access_token":"a.b.c","duration":"0ms"})";

ServerClient backend_of(std::string const& url, std::chrono::milliseconds deadline = kDeadline) {
    return ServerClient({.api_key = "key",
                         .api_secret = Secret("secret-0123456789abcdefghijklmnop"),
                         .connection = {.base_url = url, .deadline = deadline}});
}

UserClient::Options device_of(std::string const& url,
                              std::chrono::milliseconds deadline = kDeadline) {
    return {.api_key = "key", .connection = {.base_url = url, .deadline = deadline}};
}

std::string make_token(int number = 0) {
    return token::issue_user_token({.user_id = UserId::parse("john").value(),
                                    .issued_at = Instant(std::chrono::seconds(number))},
                                   token::HmacKey("secret-0123456789abcdefghijklmnop"));
}

std::string error_json(int code, int status) {
    return R"({"code":)" + std::to_string(code) + R"(,"message":"no","StatusCode":)" +
           std::to_string(status) + "}";
}

/// Runs `work`, which may not take longer than `deadline` and what a machine adds.
template <class Work>
auto in_time(std::chrono::milliseconds deadline, Work work) {
    auto const begin = std::chrono::steady_clock::now();
    auto result = work();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, deadline + kLateMax);
    return result;
}

Reply always(std::string bytes, Then then = Then::Keep) {
    return {.bytes = std::move(bytes), .then = then};
}

TEST(ServerClientAndAPeer, AWriteThatMayBeDoneOnceIsSentOnceWhateverByteTheAnswerEndsAt) {
    auto const whole = ScriptedPeer::format(201, kGuest);
    for (auto const then : {Then::Close, Then::Reset}) {
        ScriptedPeer const peer([&](ScriptedPeer::Request const& request) {
            return always(whole.substr(0, request.number - 1), then);
        });
        auto client = backend_of(peer.url(), 10s);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            auto const result = client.create_guest({.id = "tom"}).get();
            ASSERT_FALSE(result.has_value());
            ASSERT_EQ(result.error().kind, Kind::Disconnected) << size;
            ASSERT_EQ(peer.requests().size(), size + 1);
        }
        if (then == Then::Close) {  // a reset may take back what was sent
            EXPECT_TRUE(client.create_guest({.id = "tom"}).get());
        }
    }
}

TEST(ServerClientAndAPeer, AReadIsRepeatedUntilAnAnswerIsWhole) {
    auto const whole = ScriptedPeer::format(200, kApp);
    for (auto const& broken : {
             always("", Then::Close),
             always("", Then::Reset),
             always(whole.substr(0, whole.size() - 1), Then::Close),
             always(whole.substr(0, 20), Then::Reset),
             always(ScriptedPeer::format(503, "busy"), Then::Keep),
             always(ScriptedPeer::format(502, ""), Then::Close),
             always(ScriptedPeer::format(503, error_json(-1, 503), "Retry-After: 0\r\n")),
             always(ScriptedPeer::format(429, error_json(9, 429), "Retry-After: 0\r\n")),
         }) {
        SCOPED_TRACE(broken.bytes);
        ScriptedPeer const peer([&](ScriptedPeer::Request const& request) {
            return request.number < 3 ? broken : always(whole);
        });
        auto client = backend_of(peer.url(), 10s);
        EXPECT_TRUE(in_time(10s, [&] { return client.get_app().get(); }));
        auto const requests = peer.requests();
        ASSERT_EQ(requests.size(), 3U);
        EXPECT_EQ(requests.front().field("x-client-request-id"),
                  requests.back().field("x-client-request-id"));
    }
}

TEST(ServerClientAndAPeer, EndsACallByItsDeadlineAndSaysWhatKeptIt) {
    struct Row {
        std::string what;
        Reply reply;
        Kind kind;
        int http_status;
    };
    auto const whole = ScriptedPeer::format(200, kApp);
    for (auto const& [what, reply, kind, http_status] : std::vector<Row>{
             {"silence", always("", Then::Silence), Kind::TimedOut, 0},
             {"half a head", always(whole.substr(0, 30), Then::Silence), Kind::TimedOut, 0},
             {"half a body", always(whole.substr(0, whole.size() - 3), Then::Silence),
              Kind::TimedOut, 0},
             {"half an answer for ever", always(whole.substr(0, 30), Then::Close),
              Kind::Disconnected, 0},
             {"503 for ever", always(ScriptedPeer::format(503, "busy")), Kind::BadAnswer, 503},
             {"429 that asks for more time than there is",
              always(ScriptedPeer::format(429, error_json(9, 429), "Retry-After: 3600\r\n")),
              Kind::Api, 429},
             {"no HTTP", always("SSH-2.0-something\r\n\r\n", Then::Close), Kind::BadAnswer, 0},
             {"no JSON", always(ScriptedPeer::format(200, "<html>")), Kind::BadAnswer, 200},
             {"half of JSON", always(ScriptedPeer::format(200, R"({"app":{)")), Kind::BadAnswer,
              200},
             {"other JSON", always(ScriptedPeer::format(200, R"(["app"])")), Kind::BadAnswer, 200},
             {"JSON without what was asked for", always(ScriptedPeer::format(200, "{}")),
              Kind::BadAnswer, 200},
             {"a redirect", always(ScriptedPeer::format(301, "", "Location: /\r\n")),
              Kind::BadAnswer, 301},
         }) {
        SCOPED_TRACE(what);
        ScriptedPeer const peer([&](auto const&) { return reply; });
        auto client = backend_of(peer.url());
        auto const result = in_time(kDeadline, [&] { return client.get_app().get(); });
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().kind, kind);
        EXPECT_EQ(result.error().http_status, http_status);
        EXPECT_EQ(result.error().request_id, peer.requests().front().field("x-client-request-id"));
    }
}

/// Plays a good server's socket until the client ends it: reads the hello, greets, reads on.
void greet_and_stay(TcpSocket& socket, std::size_t) {
    (void)read_client_frame(socket);
    socket.send(server_frame(
        0x81, R"({"type":"connection.ok","connection_id":"c","me":{"id":"john","role":"user"}})"));
    while (read_client_frame(socket).first_byte != 0) {
    }
}

TEST(UserClientAndAPeer, EndsConnectingByItsDeadlineAndSaysWhatKeptIt) {
    struct Row {
        std::string what;
        ScriptedPeer::Play play;
        Kind kind;
    };
    auto const say = [](std::string frame) {
        return [frame = std::move(frame)](TcpSocket& socket, std::size_t) {
            (void)read_client_frame(socket);
            socket.send(frame);
            while (read_client_frame(socket).first_byte != 0) {
            }
        };
    };
    for (auto const& [what, play, kind] : std::vector<Row>{
             {"no upgrade", {}, Kind::Disconnected},
             {"silence", say(""), Kind::TimedOut},
             {"half a frame", say(server_frame(0x81, R"({"type":"connection.ok"})").substr(0, 9)),
              Kind::TimedOut},
             {"no JSON", say(server_frame(0x81, "<html>")), Kind::BadAnswer},
             {"a greeting of nobody", say(server_frame(0x81, R"({"type":"connection.ok"})")),
              Kind::BadAnswer},
             {"an error without a number",
              say(server_frame(0x81, R"({"type":"connection.error","error":{}})")),
              Kind::BadAnswer},
             {"a goodbye", say(server_close_frame(1001)), Kind::Disconnected},
         }) {
        SCOPED_TRACE(what);
        ScriptedPeer const peer([](auto const&) { return always("", Then::Close); }, play);
        UserClient client(device_of(peer.url()));
        auto const result = in_time(
            kDeadline, [&] { return client.connect_user({.id = "john"}, make_token()).get(); });
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().kind, kind) << result.error().message;
        EXPECT_EQ(client.state(), SessionState::Offline);
        EXPECT_GE(peer.socket_count(), 1U);
    }
}

TEST(UserClientAndAPeer, AWriteIsSentOnceWhateverByteTheAnswerEndsAt) {
    auto const whole = ScriptedPeer::format(201, "{}");
    ScriptedPeer const peer(
        [&](ScriptedPeer::Request const& request) {
            return always(whole.substr(0, request.number - 1), Then::Close);
        },
        greet_and_stay);
    UserClient client(device_of(peer.url(), 10s));
    ASSERT_TRUE(client.connect_user({.id = "john"}, make_token()).get());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        auto const result = client.call("POST", "/api/v2/users", "{}").get();
        ASSERT_FALSE(result.has_value());
        ASSERT_EQ(result.error().kind, Kind::Disconnected) << size;
        ASSERT_EQ(peer.requests().size(), size + 1);
    }
    EXPECT_EQ(client.call("POST", "/api/v2/users", "{}").get().value(), "{}");
}

TEST(UserClientAndAPeer, EndsACallByItsDeadlineAndSaysWhatKeptIt) {
    struct Row {
        std::string what;
        Reply reply;
        Kind kind;
        int http_status;
    };
    auto const whole = ScriptedPeer::format(200, kApp);
    for (auto const& [what, reply, kind, http_status] : std::vector<Row>{
             {"silence", always("", Then::Silence), Kind::TimedOut, 0},
             {"half a body", always(whole.substr(0, whole.size() - 3), Then::Silence),
              Kind::TimedOut, 0},
             {"half an answer for ever", always(whole.substr(0, 30), Then::Close),
              Kind::Disconnected, 0},
             {"503", always(ScriptedPeer::format(503, "busy")), Kind::BadAnswer, 503},
             {"429 for ever",
              always(ScriptedPeer::format(429, error_json(9, 429), "Retry-After: 0\r\n")),
              Kind::Api, 429},
             {"no HTTP", always("SSH-2.0-something\r\n\r\n", Then::Close), Kind::BadAnswer, 0},
             {"an error that is no JSON", always(ScriptedPeer::format(401, "token expired")),
              Kind::BadAnswer, 401},
             {"an error of half of JSON", always(ScriptedPeer::format(401, R"({"code":40,)")),
              Kind::BadAnswer, 401},
         }) {
        SCOPED_TRACE(what);
        ScriptedPeer const peer([&](auto const&) { return reply; }, greet_and_stay);
        Provider provider([](auto, int question) { return make_token(question); });
        UserClient client(device_of(peer.url()));
        ASSERT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
        Endings endings;
        in_time(kDeadline, [&] {
            for (int i = 0; i < 20; ++i) {
                endings.add(client.call("GET", "/api/v2/app", ""));
            }
            return endings.wait_for(20);
        });
        for (auto const& result : endings.wait_for_all()) {
            ASSERT_FALSE(result.has_value());
            // Behind others that keep every connection, or in the middle of a repeat.
            EXPECT_THAT(result.error().kind, AnyOf(kind, Kind::TimedOut)) << result.error().message;
            EXPECT_THAT(result.error().http_status, AnyOf(http_status, 0));
        }
        EXPECT_EQ(client.state(), SessionState::Online);
        EXPECT_EQ(provider.questions(), 1);  // nothing but code 40 asks for a token
    }
}

TEST(UserClientAndAPeer, WaitsAsLongAsAServerAsksForBeforeItReadsAgain) {
    Monitor monitor;
    std::vector<std::chrono::steady_clock::time_point> asked_at;
    ScriptedPeer const peer(
        [&](ScriptedPeer::Request const& request) {
            monitor.change([&] { asked_at.push_back(std::chrono::steady_clock::now()); });
            return request.number == 1
                       ? always(ScriptedPeer::format(429, error_json(9, 429), "Retry-After: 1\r\n"))
                       : always(ScriptedPeer::format(200, kApp));
        },
        greet_and_stay);
    auto options = device_of(peer.url(), 10s);
    options.connection.connections_max = 1;
    {
        UserClient client(options);
        ASSERT_TRUE(client.connect_user({.id = "john"}, make_token()).get());
        EXPECT_EQ(client.call("GET", "/api/v2/app", "").get().value(), kApp);
        EXPECT_EQ(client.call("POST", "/api/v2/app", "{}").get().value(), kApp);
    }
    EXPECT_TRUE(monitor.wait([&] { return asked_at.size() == 3; }));
    EXPECT_GE(asked_at.at(1) - asked_at.at(0), 1s);
}

/// The peer refuses each call the first time, under whatever token: a thousand calls, one renewal,
/// and each is done once.
TEST(UserClientAndAPeer, AThousandCallsThatAreRefusedAsExpiredAreEachDoneOnceUnderTheNextToken) {
    ScriptedPeer const peer(
        [](ScriptedPeer::Request const& request) {
            return request.field("Authorization") == make_token(1)
                       ? always(ScriptedPeer::format(401, error_json(40, 401)))
                       : always(ScriptedPeer::format(201, request.body));
        },
        greet_and_stay);
    Provider provider([](auto, int question) { return make_token(question); });
    UserClient client(device_of(peer.url(), 20s));
    ASSERT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
    Endings endings;
    for (int i = 0; i < 1000; ++i) {
        endings.add(client.call("POST", "/api/v2/users", std::to_string(i)));
    }
    auto const results = endings.wait_for_all();
    ASSERT_EQ(results.size(), 1000U);
    for (std::size_t i = 0; i < results.size(); ++i) {
        ASSERT_EQ(results[i].value(), std::to_string(i));
    }
    EXPECT_EQ(provider.questions(), 2);
    std::vector<int> done(1000);
    for (auto const& request : peer.requests()) {
        if (request.field("Authorization") == make_token(2)) {
            ++done.at(std::stoul(request.body));
        }
    }
    EXPECT_THAT(done, testing::Each(1));
}

TEST(UserClientAndAPeer, ASocketThatBreaksComesBackAndCallsGoOnMeanwhile) {
    auto const break_once = [](TcpSocket& socket, std::size_t number) {
        if (number > 1) {
            return greet_and_stay(socket, number);
        }
        (void)read_client_frame(socket);
        auto const greeting = server_frame(
            0x81, R"({"type":"connection.ok","connection_id":"c","me":{"id":"john"}})");
        socket.send(greeting + server_frame(0x81, R"({"type":"user.upd)"));
    };
    ScriptedPeer const peer([](auto const&) { return always(ScriptedPeer::format(200, kApp)); },
                            break_once);
    UserClient client(device_of(peer.url(), 10s));
    States states(client);
    ASSERT_TRUE(client.connect_user({.id = "john"}, make_token()).get());
    ASSERT_TRUE(states.wait_for(SessionState::Online));
    EXPECT_TRUE(client.call("GET", "/api/v2/app", "").get());
    ASSERT_TRUE(states.wait_for(SessionState::Connecting));
    EXPECT_TRUE(client.call("GET", "/api/v2/app", "").get());
    ASSERT_TRUE(states.wait_for(SessionState::Online));
    EXPECT_EQ(client.last_error().value().kind, Kind::BadAnswer);
    EXPECT_EQ(peer.socket_count(), 2U);
}

class ClientsAndTls : public testing::Test {
protected:
    /// OpenSSL writes to a peer that has gone; a program in which that matters ignores the signal.
    static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }
    ClientsAndTls() { certificates.write_authority(ca_file); }

    [[nodiscard]] sdk::ConnectionOptions connection() const {
        return {.base_url = "https://127.0.0.1:" + std::to_string(listener.port()),
                .deadline = 5s,
                .ca_file = ca_file};
    }

    TestCertificates certificates;
    TemporaryDirectory directory;
    std::filesystem::path ca_file = directory.path() / "ca.pem";
    TcpListener listener;
};

TEST_F(ClientsAndTls, TrustTheGivenAuthorityForTheRightNameAndNobodyElse) {
    using enum TestCertificates::Validity;
    TestCertificates const unknown;
    for (auto const& server :
         {certificates.server("IP:127.0.0.2"), certificates.server("DNS:localhost"),
          unknown.server("IP:127.0.0.1"), certificates.server("IP:127.0.0.1", Expired)}) {
        ServerClient backend({.api_key = "key",
                              .api_secret = Secret("secret-0123456789abcdefghijklmnop"),
                              .connection = connection()});
        auto asking = backend.get_app();
        EXPECT_FALSE(TlsPeer(listener.accept(), server).accept());
        auto const error = in_time(5s, [&] { return std::move(asking).get(); }).error();
        EXPECT_EQ(error.kind, Kind::TlsRefused);
        EXPECT_FALSE(error.may_retry);

        UserClient device({.api_key = "key", .connection = connection()});
        auto connecting = device.connect_user({.id = "john"}, make_token());
        EXPECT_FALSE(TlsPeer(listener.accept(), server).accept());
        EXPECT_EQ(std::move(connecting).get().error().kind, Kind::TlsRefused);
        EXPECT_EQ(device.state(), SessionState::Offline);
    }

    ServerClient backend({.api_key = "key",
                          .api_secret = Secret("secret-0123456789abcdefghijklmnop"),
                          .connection = connection()});
    auto asking = backend.get_app();
    TlsPeer peer(listener.accept(), certificates.server("IP:127.0.0.1"));
    ASSERT_TRUE(peer.accept());
    EXPECT_THAT(peer.read_until("\r\n\r\n"), HasSubstr("GET /api/v2/app?api_key=key"));
    peer.send(ScriptedPeer::format(200, kApp));
    EXPECT_TRUE(std::move(asking).get());
}

TEST_F(ClientsAndTls, APeerThatNeverShakesHandsIsLeftAtTheDeadline) {
    auto options = connection();
    options.deadline = kDeadline;
    ServerClient backend({.api_key = "key",
                          .api_secret = Secret("secret-0123456789abcdefghijklmnop"),
                          .connection = options});
    UserClient device({.api_key = "key", .connection = options});
    auto asking = backend.get_app();
    auto connecting = device.connect_user({.id = "john"}, make_token());
    EXPECT_EQ(in_time(kDeadline, [&] { return std::move(asking).get(); }).error().kind,
              Kind::TimedOut);
    EXPECT_EQ(in_time(kDeadline, [&] { return std::move(connecting).get(); }).error().kind,
              Kind::TimedOut);
}

}  // namespace
}  // namespace latchkey::test
