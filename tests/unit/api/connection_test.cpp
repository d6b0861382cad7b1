#include "domain/secrets.hpp"
#include "support/response_shapes.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace latchkey::test {
namespace {

using http::Method;
using namespace std::chrono_literals;

class ConnectionTest : public testing::Test {
protected:
    TestNode node;

    static std::string legacy_target(std::string const& token, std::string const& id = "john",
                                     std::string const& more = "&X-Stream-Client=test") {
        return "/connect?json=%7B%22user_id%22:%22" + id +
               "%22,%22user_details%22:%7B%22id%22:%22" + id +
               "%22%7D%7D&api_key=key&stream-auth-type=jwt&authorization=" + token + more;
    }
    std::unique_ptr<TestConnection> connect(std::string const& token,
                                            std::string const& id = "john") {
        return node.open({.target = legacy_target(token, id), .auth_type = ""});
    }
    std::unique_ptr<TestConnection> open_v2() {
        return node.open({.target = "/api/v2/connect?api_key=key&stream-auth-type=jwt"
                                    "&X-Stream-Client=test",
                          .auth_type = ""});
    }
    static std::string type_of(TestSocket const& socket) {
        return std::string(socket.last().at("type").as_string());
    }
    static std::int64_t error_code(TestSocket const& socket) {
        return socket.last().at("error").at("code").as_int64();
    }
    void server_patch(std::string const& path, std::string const& body) {
        ASSERT_EQ(node.call({.method = Method::Patch,
                             .target = path + "?api_key=key",
                             .token = server_token(),
                             .body = body})
                      .status,
                  200);
    }
    void revoke_john() {
        server_patch(
            "/users",
            R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":"2026-01-01T00:00:01Z"}}]})");
    }
};

TEST_F(ConnectionTest, GreetsALegacyClientWithItsUser) {
    auto const connection = connect(user_token("john"));
    ASSERT_EQ(connection->socket.sent.size(), 1U);
    auto const frame = connection->socket.last();
    EXPECT_EQ(frame.at("type"), "health.check");
    EXPECT_EQ(frame.at("cid"), "*");
    EXPECT_EQ(frame.at("connection_id").as_string().size(), 36U);
    EXPECT_EQ(missing_fields(frame.at("me").as_object(), Shape::OwnUserLegacy),
              std::vector<std::string>());
    EXPECT_EQ(frame.at("me").at("id"), "john");
    EXPECT_TRUE(frame.at("me").at("online").as_bool());
}

TEST_F(ConnectionTest, GreetsAV2ClientOnceItHasSentItsToken) {
    auto const connection = open_v2();
    EXPECT_TRUE(connection->socket.sent.empty());
    connection->say(R"({"token":")" + user_token("john") +
                    R"(","user_details":{"id":"john","name":"John","custom":{"x":1}}})");
    node.settle();
    auto const frame = connection->socket.last();
    EXPECT_EQ(frame.at("type"), "connection.ok");
    EXPECT_TRUE(frame.at("created_at").is_int64());
    EXPECT_EQ(missing_fields(frame.at("me").as_object(), Shape::OwnUserV2),
              std::vector<std::string>());
    EXPECT_EQ(frame.at("me").at("custom").at("x"), 1);
}

TEST_F(ConnectionTest, TakesTheV2TokenFromABinaryMessageToo) {
    auto const connection = open_v2();
    connection->conversation->on_message(
        http::MessageKind::Binary,
        R"({"token":")" + user_token("john") + R"(","user_details":{"id":"john"}})");
    node.settle();
    EXPECT_EQ(type_of(connection->socket), "connection.ok");
}

TEST_F(ConnectionTest, MergesWhatAClientSaysOfItself) {
    ASSERT_EQ(node.call({.method = Method::Post,
                         .target = "/users?api_key=key",
                         .token = server_token(),
                         .body = R"({"users":{"john":{"id":"john","name":"John","role":"admin",
                             "color":"blue"}}})"})
                  .status,
              201);
    auto const connection = connect(user_token("john"));
    auto const frame = connection->socket.last();
    auto const& me = frame.at("me").as_object();
    EXPECT_EQ(me.at("name"), "John");
    EXPECT_EQ(me.at("role"), "admin");
    EXPECT_EQ(me.at("color"), "blue");
}

TEST_F(ConnectionTest, AnswersEveryMessageAndPingWithASignOfLife) {
    auto const connection = connect(user_token("john"));
    for (auto const* message : {"", "not json", R"([{"type":"health.check"}])"}) {
        auto const before = connection->socket.sent.size();
        connection->say(message);
        ASSERT_EQ(connection->socket.sent.size(), before + 1) << message;
        EXPECT_EQ(type_of(connection->socket), "health.check");
        EXPECT_FALSE(connection->socket.last().contains("me"));
    }
    connection->conversation->on_message(http::MessageKind::Ping, "");
    EXPECT_EQ(connection->socket.sent.size(), 5U);
}

TEST_F(ConnectionTest, SendsASignOfLifeUnaskedEveryTwentySeconds) {
    auto const connection = connect(user_token("john"));
    node.clock.advance(19s);
    node.service.on_tick();
    EXPECT_EQ(connection->socket.sent.size(), 1U);
    node.clock.advance(1s);
    node.service.on_tick();
    EXPECT_EQ(connection->socket.sent.size(), 2U);
    node.clock.advance(19s);
    connection->say("");
    node.clock.advance(19s);
    node.service.on_tick();
    EXPECT_EQ(connection->socket.sent.size(), 3U);
}

TEST_F(ConnectionTest, SaysWhatIsWrongInAFrameAndThenClosesWith1000) {
    struct Row {
        std::string target;
        int code;
    };
    auto const good = user_token("john");
    for (auto const& [target, code] :
         {Row{legacy_target(sign(R"({"user_id":"john","exp":1})")), 40},
          Row{legacy_target(sign(R"({"user_id":"john"})", "another")), 43},
          Row{legacy_target("garbage"), 5}, Row{legacy_target(""), 5},
          Row{legacy_target(server_token()), 5}, Row{legacy_target(good, "jane"), 5},
          Row{"/connect?api_key=other&stream-auth-type=jwt&X-Stream-Client=x", 2},
          Row{"/connect?api_key=key&stream-auth-type=jwt&X-Stream-Client=x&authorization=" + good,
              4},
          Row{"/connect?json=%7B&api_key=key&stream-auth-type=jwt&X-Stream-Client=x&"
              "authorization=" +
                  good,
              4},
          Row{"/connect?api_key=key&stream-auth-type=other&X-Stream-Client=x", 5}}) {
        auto const connection = node.open({.target = target, .auth_type = ""});
        ASSERT_EQ(connection->socket.sent.size(), 1U) << target;
        EXPECT_EQ(type_of(connection->socket), "connection.error") << target;
        EXPECT_EQ(error_code(connection->socket), code) << target;
        EXPECT_EQ(connection->socket.close_code, 1000) << target;
        EXPECT_EQ(missing_fields(connection->socket.last().at("error").as_object(), Shape::Error),
                  std::vector<std::string>());
    }
}

TEST_F(ConnectionTest, LeavesTheTypeOutOfErrorsForClientsThatDoNotNameThemselves) {
    auto const connection =
        node.open({.target = legacy_target("garbage", "john", ""), .auth_type = ""});
    EXPECT_FALSE(connection->socket.last().contains("type"));
    EXPECT_EQ(error_code(connection->socket), 5);
}

TEST_F(ConnectionTest, TakesCredentialsFromHeadersToo) {
    auto const connection = node.open(
        {.target = "/connect?api_key=key&json=%7B%22user_id%22:%22john%22,%22user_details%22:"
                   "%7B%22id%22:%22john%22%7D%7D",
         .token = user_token("john"),
         .auth_type = "jwt",
         .fields = {{"X-Stream-Client", "swift"}}});
    EXPECT_EQ(type_of(connection->socket), "health.check");
}

TEST_F(ConnectionTest, WaitsFifteenSecondsForAV2Token) {
    auto const connection = open_v2();
    node.clock.advance(14s);
    node.service.on_tick();
    EXPECT_TRUE(connection->socket.sent.empty());
    node.clock.advance(1s);
    node.service.on_tick();
    EXPECT_EQ(error_code(connection->socket), 5);
    EXPECT_EQ(connection->socket.close_code, 1000);
}

TEST_F(ConnectionTest, RefusesAV2MessageThatIsNone) {
    for (auto const& [message, code] :
         {std::pair{"not json", 4}, {"[]", 4}, {R"({"user_details":{"id":"john"}})", 5}}) {
        auto const connection = open_v2();
        connection->say(message);
        EXPECT_EQ(error_code(connection->socket), code) << message;
        EXPECT_EQ(connection->socket.close_code, 1000) << message;
    }
}

TEST_F(ConnectionTest, GreetsAnonymousClientsWhateverTheySayTheyAre) {
    auto const connection = node.open(
        {.target =
             "/connect?api_key=key&stream-auth-type=anonymous&authorization=&X-Stream-Client=x"
             "&json=%7B%22user_id%22:%22some-uuid%22,%22user_details%22:%7B%22id%22:%22some-uuid"
             "%22,%22anon%22:true%7D%7D",
         .auth_type = ""});
    EXPECT_EQ(type_of(connection->socket), "health.check");
    EXPECT_EQ(connection->socket.last().at("me").at("id"), "!anon");
}

TEST_F(ConnectionTest, EndsTheSocketsOfARevokedUserAndNoOthers) {
    auto const first = connect(user_token("john"));
    auto const second = connect(user_token("john"));
    auto const jane = connect(user_token("jane"), "jane");
    revoke_john();
    for (auto const* connection : {first.get(), second.get()}) {
        EXPECT_EQ(type_of(connection->socket), "connection.error");
        EXPECT_EQ(error_code(connection->socket), 40);
        EXPECT_EQ(connection->socket.close_code, 4001);
    }
    EXPECT_EQ(jane->socket.close_code, 0);
}

TEST_F(ConnectionTest, KeepsASocketWhoseTokenIsNewerThanTheRevocation) {
    auto const connection = connect(user_token("john", 2s));
    revoke_john();
    EXPECT_EQ(connection->socket.close_code, 0);
}

TEST_F(ConnectionTest, EndsEverySocketOfARevokedApp) {
    std::vector<std::unique_ptr<TestConnection>> connections;
    for (int i = 0; i < 1100; ++i) {  // more than two batches of a sweep
        auto const id = "user-" + std::to_string(i);
        connections.push_back(connect(user_token(id), id));
    }
    server_patch("/app", R"({"revoke_tokens_issued_before":"2026-01-01T00:00:01Z"})");
    for (auto const& connection : connections) {
        EXPECT_EQ(connection->socket.close_code, 4001);
    }
}

TEST_F(ConnectionTest, KeepsAnonymousSocketsThroughARevocationOfTheApp) {
    auto const connection =
        node.open({.target = "/connect?api_key=key&stream-auth-type=anonymous", .auth_type = ""});
    server_patch("/app", R"({"revoke_tokens_issued_before":"2026-01-01T00:00:01Z"})");
    EXPECT_EQ(connection->socket.close_code, 0);
}

TEST_F(ConnectionTest, EndsASocketWhenItsTokenExpires) {
    auto const connection = connect(sign(R"({"user_id":"john","exp":1767225660})"));
    node.clock.advance(60s - 1us);
    node.service.on_tick();
    EXPECT_EQ(connection->socket.close_code, 0);
    node.clock.advance(1us);
    node.service.on_tick();
    EXPECT_EQ(error_code(connection->socket), 40);
    EXPECT_EQ(connection->socket.close_code, 4001);
}

/// An App with two secrets: the first, which tests sign with, and a newer one.
class RotationTest : public ConnectionTest {
protected:
    static constexpr std::string_view kNewer = "newer-secret-0123456789-abcdefghijklmnop";

    RotationTest() {
        node.commit([&](domain::Transaction& transaction) {
            EXPECT_TRUE(domain::add_secret(transaction, AppId{1}, Secret(std::string(kNewer)), kNow,
                                           node.random));
            return domain::Outcome::Commit;
        });
    }
    static std::string newer_token() {
        return sign(R"({"user_id":"john","iat":1767225600})", kNewer);
    }
    void retire(std::int64_t id, std::optional<Instant> at = std::nullopt) {
        node.commit([&](domain::Transaction& transaction) {
            EXPECT_TRUE(domain::retire_secret(transaction, AppId{1}, id, at, node.clock.now()));
            return domain::Outcome::Commit;
        });
    }
    /// What the socket was told at its end; 0: it is open.
    static std::int64_t ended_with(TestConnection const& connection) {
        return connection.socket.close_code == 4001 ? error_code(connection.socket) : 0;
    }
};

TEST_F(RotationTest, EndsTheSocketsOfARetiredSecretAndNoOthers) {
    auto const older = connect(user_token("john"));
    auto const newer = connect(newer_token());
    auto const nobody =
        node.open({.target = "/connect?api_key=key&stream-auth-type=anonymous", .auth_type = ""});
    auto const v2 = open_v2();
    v2->say(R"({"token":")" + user_token("john") + R"(","user_details":{"id":"john"}})");
    node.settle();
    retire(1);
    EXPECT_EQ(ended_with(*older), 43);
    EXPECT_EQ(ended_with(*v2), 43);
    EXPECT_EQ(newer->socket.close_code, 0);
    EXPECT_EQ(nobody->socket.close_code, 0);
    EXPECT_EQ(error_code(connect(user_token("john"))->socket), 43);
    EXPECT_EQ(connect(newer_token())->socket.close_code, 0);
}

TEST_F(RotationTest, EndsThemAtTheTickOfADateThatWasSet) {
    auto const older = connect(user_token("john"));
    auto const newer = connect(newer_token());
    retire(1, kNow + 1h);
    auto const since = connect(user_token("john"));
    node.clock.advance(1h - 1us);
    node.service.on_tick();
    node.settle();
    EXPECT_EQ(older->socket.close_code, 0);
    EXPECT_EQ(since->socket.close_code, 0);
    node.clock.advance(1us);
    node.service.on_tick();
    node.settle();
    EXPECT_EQ(ended_with(*older), 43);
    EXPECT_EQ(ended_with(*since), 43);
    EXPECT_EQ(newer->socket.close_code, 0);
}

TEST_F(RotationTest, EndsNothingAtADateThatWasTakenBack) {
    auto const older = connect(user_token("john"));
    retire(1, kNow + 1h);
    node.commit([&](domain::Transaction& transaction) {
        EXPECT_TRUE(domain::unretire_secret(transaction, AppId{1}, 1, kNow));
        return domain::Outcome::Commit;
    });
    node.clock.advance(2h);
    node.service.on_tick();
    node.settle();
    EXPECT_EQ(older->socket.close_code, 0);
}

TEST_F(RotationTest, KnowsOfADateThatWasSetBeforeTheAppHadConnections) {
    retire(1, kNow + 1h);
    auto const older = connect(user_token("john"));
    node.clock.advance(1h);
    node.service.on_tick();
    node.settle();
    EXPECT_EQ(ended_with(*older), 43);
}

TEST_F(RotationTest, EndsThousandsInBatches) {
    std::vector<std::unique_ptr<TestConnection>> older;
    std::vector<std::unique_ptr<TestConnection>> newer;
    for (int i = 0; i < 600; ++i) {
        auto const id = "user-" + std::to_string(i);
        older.push_back(connect(user_token(id), id));
        newer.push_back(
            connect(sign(R"({"user_id":")" + id + R"(","iat":1767225600})", kNewer), id));
    }
    retire(1);
    for (std::size_t i = 0; i < older.size(); ++i) {
        EXPECT_EQ(ended_with(*older[i]), 43);
        EXPECT_EQ(newer[i]->socket.close_code, 0);
    }
}

TEST_F(RotationTest, RefusesAConnectThatARetirementOvertakes) {
    // Known before, so that the connect waits for nothing but its turn at the store.
    TestExchange exchange({.target = legacy_target(user_token("john")), .auth_type = ""}, true);
    node.service.handle(exchange);
    TestConnection connection;
    connection.conversation = exchange.take_conversation();
    connection.conversation->on_open(connection.socket);
    retire(1);
    ASSERT_EQ(connection.socket.sent.size(), 1U);
    EXPECT_EQ(error_code(connection.socket), 43);
    EXPECT_EQ(connection.socket.close_code, 1000);
}

TEST_F(ConnectionTest, RefusesAConnectThatARevocationOvertakes) {
    ASSERT_EQ(node.call({.method = Method::Post,
                         .target = "/users?api_key=key",
                         .token = server_token(),
                         .body = R"({"users":{"john":{"id":"john"}}})"})
                  .status,
              201);
    // The connect was decided and waits for the store; the revocation is behind it in the queue.
    TestExchange exchange({.target = legacy_target(user_token("john")), .auth_type = ""}, true);
    node.service.handle(exchange);
    TestConnection connection;
    connection.conversation = exchange.take_conversation();
    connection.conversation->on_open(connection.socket);
    revoke_john();
    ASSERT_EQ(connection.socket.sent.size(), 1U);
    EXPECT_EQ(error_code(connection.socket), 40);
    EXPECT_EQ(connection.socket.close_code, 1000);
}

TEST_F(ConnectionTest, ForgetsAClientThatLeavesDuringTheHandshake) {
    TestExchange exchange({.target = legacy_target(user_token("john")), .auth_type = ""}, true);
    node.service.handle(exchange);
    {
        TestConnection connection;
        connection.conversation = exchange.take_conversation();
        connection.conversation->on_open(connection.socket);
    }
    node.settle();
    EXPECT_FALSE(node.presence.is_online(AppId{1}, "john"));
}

TEST_F(ConnectionTest, ShowsAUserOnlineWhileAnyOfItsConnectionsIsOpen) {
    auto first = connect(user_token("john"));
    auto second = connect(user_token("john"));
    EXPECT_TRUE(node.presence.is_online(AppId{1}, "john"));
    first.reset();
    EXPECT_TRUE(node.presence.is_online(AppId{1}, "john"));
    second.reset();
    EXPECT_FALSE(node.presence.is_online(AppId{1}, "john"));
}

TEST_F(ConnectionTest, KnowsTheConnectionIdsThatAreOpen) {
    auto connection = connect(user_token("john"));
    std::string const id(connection->socket.last().at("connection_id").as_string());
    EXPECT_TRUE(node.presence.find_connection(AppId{1}, id));
    EXPECT_FALSE(node.presence.find_connection(AppId{2}, id));
    connection.reset();
    EXPECT_FALSE(node.presence.find_connection(AppId{1}, id));
}

TEST_F(ConnectionTest, AllowsFiftyConnectionsForOneUser) {
    std::vector<std::unique_ptr<TestConnection>> connections;
    for (int i = 0; i < 50; ++i) {
        connections.push_back(connect(user_token("john")));
        ASSERT_EQ(connections.back()->socket.close_code, 0);
    }
    auto const refused = connect(user_token("john"));
    EXPECT_EQ(error_code(refused->socket), 71);
    EXPECT_EQ(refused->socket.close_code, 1000);
    connections.pop_back();
    EXPECT_EQ(connect(user_token("john"))->socket.close_code, 0);
}

TEST_F(ConnectionTest, TellsClientsThatTheServerGoesAway) {
    auto const open = connect(user_token("john"));
    auto const waiting = open_v2();
    node.service.on_stop();
    EXPECT_EQ(open->socket.close_code, 1001);
    EXPECT_EQ(waiting->socket.close_code, 1001);
}

TEST_F(ConnectionTest, SaysThatTheStoreIsAwayAndNothingThatWouldLogAUserOut) {
    node.queue.lost = true;
    auto const connection = connect(user_token("john"));
    EXPECT_EQ(error_code(connection->socket), -1);
    EXPECT_EQ(connection->socket.close_code, 1000);
}

TEST_F(ConnectionTest, AnswersAPlainRequestWithTheWayToAsk) {
    auto const answer = node.call({.target = "/connect?api_key=key"});
    EXPECT_EQ(answer.status, 426);
}

}  // namespace
}  // namespace latchkey::test
