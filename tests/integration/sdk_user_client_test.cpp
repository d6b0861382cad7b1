#include "sdk_fixture.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

/// The user client against the real program: what its tokens, its network and its server can do to
/// it in the course of a session.
namespace latchkey::test {
namespace {

using namespace std::chrono_literals;
using sdk::Error;
using sdk::SessionState;
using testing::HasSubstr;

class UserClientOnTheRealServer : public OnTheRealServer {
protected:
    [[nodiscard]] sdk::Call<std::string> get_app(UserClient& client) const {
        return client.call("GET", "/api/v2/app", "");
    }
    /// A provider of one old token, and of fresh ones from then on.
    [[nodiscard]] Provider::Answer old_then_fresh() const {
        return [this](std::string_view user_id, int question) {
            return question == 1 ? old_token(user_id) : backend.create_token(user_id).value();
        };
    }
    static void expect_all_succeeded(Endings const& endings) {
        for (auto const& result : endings.wait_for_all()) {
            EXPECT_TRUE(result.has_value()) << result.error().message;
        }
    }
};

TEST_F(UserClientOnTheRealServer, AThousandCallsAcrossOneExpiryAskOnceAndEndInTheirOrder) {
    Provider provider([this](std::string_view user_id, int question) {
        return question == 1 ? backend.create_token(user_id, {.expires_in = 2s}).value()
                             : backend.create_token(user_id).value();
    });
    provider.hold_after(1);
    auto options = device_of(server);
    options.connection.connections_max = 1;  // so that answers come in the order of what was sent
    UserClient client(options);
    States states(client);
    ASSERT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
    ASSERT_TRUE(states.wait_for(SessionState::Online));
    ASSERT_TRUE(states.wait_for(SessionState::WaitingForToken));

    Endings endings;
    for (int i = 0; i < 1000; ++i) {
        endings.add(get_app(client));
    }
    EXPECT_TRUE(endings.all().empty());
    provider.release();
    expect_all_succeeded(endings);
    EXPECT_EQ(provider.questions(), 2);
    auto const in_order = endings.all();
    for (std::size_t i = 0; i < in_order.size(); ++i) {
        ASSERT_EQ(in_order[i].call, i);
    }
}

/// Nothing is held up here: calls meet the end of the token wherever they are.
TEST_F(UserClientOnTheRealServer, ABurstAcrossAnExpiryLosesNoCall) {
    Provider provider([this](std::string_view user_id, int question) {
        return question == 1 ? backend.create_token(user_id, {.expires_in = 2s}).value()
                             : backend.create_token(user_id).value();
    });
    UserClient client(device_of(server));
    ASSERT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
    Endings endings;
    while (provider.questions() < 2) {
        for (int i = 0; i < 20; ++i) {
            endings.add(get_app(client));
        }
        ASSERT_TRUE(endings.wait_for(endings.added() - 10));
    }
    EXPECT_GE(endings.added(), 20U);
    expect_all_succeeded(endings);
    EXPECT_EQ(provider.questions(), 2);
}

TEST_F(UserClientOnTheRealServer, ARevocationAmidABurstLosesNoCallAndItsUndoAsksForNothing) {
    make_users({"john"});
    Provider provider(old_then_fresh());
    UserClient client(device_of(server));
    States states(client);
    ASSERT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
    ASSERT_TRUE(states.wait_for(SessionState::Online));

    Endings endings;
    auto const burst = [&] {
        for (int i = 0; i < 300; ++i) {
            endings.add(get_app(client));
        }
    };
    burst();
    auto revoking = backend.revoke_user_token("john", now() - 1min);
    burst();
    ASSERT_TRUE(std::move(revoking).get());
    burst();
    expect_all_succeeded(endings);
    EXPECT_EQ(provider.questions(), 2);
    ASSERT_TRUE(states.wait_for(SessionState::Online));  // the socket was ended too, and is back

    auto undoing = backend.undo_user_token_revocation("john");
    burst();
    ASSERT_TRUE(std::move(undoing).get());
    burst();
    expect_all_succeeded(endings);
    EXPECT_EQ(provider.questions(), 2);
}

TEST_F(UserClientOnTheRealServer, TheUndoOfARevocationMakesTheSameTokenGoodAgain) {
    make_users({"john"});
    Provider provider([token = old_token("john")](auto, int) { return token; });
    UserClient client(device_of(server));
    States states(client);
    ASSERT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
    ASSERT_TRUE(states.wait_for(SessionState::Online));

    ASSERT_TRUE(backend.revoke_user_token("john", now()).get());
    Endings endings;
    for (int i = 0; i < 50; ++i) {
        endings.add(get_app(client));
    }
    ASSERT_TRUE(provider.wait_for_questions(2));
    ASSERT_TRUE(backend.undo_user_token_revocation("john").get());
    expect_all_succeeded(endings);
    ASSERT_TRUE(states.wait_for(SessionState::Online));
}

TEST_F(UserClientOnTheRealServer, ARevokedTokenThatIsAllThereIsEndsTheSession) {
    make_users({"john"});
    UserClient client(device_of(server));
    States states(client);
    ASSERT_TRUE(client.connect_user({.id = "john"}, old_token("john")).get());
    ASSERT_TRUE(backend.revoke_user_token("john", now()).get());
    ASSERT_TRUE(states.wait_for(SessionState::Failed));
    EXPECT_EQ(client.last_error().value().code, 40);
    EXPECT_EQ(get_app(client).get().error().kind, Error::Kind::Stopped);

    ASSERT_TRUE(backend.undo_user_token_revocation("john").get());
    ASSERT_TRUE(client.connect_user({.id = "john"}, old_token("john")).get());
}

/// Each with a client of its own, at the same time: the pauses between five failures add up.
TEST_F(UserClientOnTheRealServer, AProviderThatYieldsNoTokenOfTheUserEndsConnectingWithItsCause) {
    struct Row {
        Provider::Answer answer;
        std::string message;
    };
    auto const rows = std::vector<Row>{
        {[](auto, int) -> std::string { throw std::runtime_error("the backend is down"); },
         "the backend is down"},
        {[](auto, int) -> std::string { throw 42; }, "threw"},
        {[](auto, int) { return std::unexpected(std::string("signed out")); }, "signed out"},
        {[this](auto, int) { return old_token("jane"); }, "another user's token"},
        {[](auto, int) { return std::string("garbage"); }, "is no token"},
        {[](auto, int) { return std::string(); }, "is no token"},
    };
    struct Try {
        UserClient client;
        Provider provider;
        sdk::Call<sdk::User> connecting;
        sdk::Call<std::string> calling;
        Try(UserClient::Options const& options, Provider::Answer answer)
            : client(options),
              provider(std::move(answer)),
              connecting(client.connect_user({.id = "john"}, provider.function())),
              calling(client.call("GET", "/api/v2/app", "")) {}
    };
    std::vector<std::unique_ptr<Try>> tries;
    tries.reserve(rows.size());
    for (auto const& row : rows) {
        tries.push_back(std::make_unique<Try>(device_of(server), row.answer));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(rows[i].message);
        auto& [client, provider, connecting, calling] = *tries[i];
        auto const connected = std::move(connecting).get();
        ASSERT_FALSE(connected.has_value());
        EXPECT_EQ(connected.error().kind, Error::Kind::TokenProvider);
        EXPECT_THAT(connected.error().message, HasSubstr(rows[i].message));
        EXPECT_EQ(std::move(calling).get().error().kind, Error::Kind::TokenProvider);
        EXPECT_EQ(client.state(), SessionState::Offline);
        EXPECT_EQ(provider.questions(), 5);
    }
}

TEST_F(UserClientOnTheRealServer, AProviderThatFailsOnceIsAskedAgain) {
    Provider provider(
        [this](std::string_view user_id, int question) -> std::expected<std::string, std::string> {
            if (question == 1) {
                throw std::runtime_error("the backend is down");
            }
            return backend.create_token(user_id).value();
        });
    UserClient client(device_of(server));
    EXPECT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
    EXPECT_EQ(provider.questions(), 2);
}

TEST_F(UserClientOnTheRealServer, AProviderThatHangsIsCutOffByTheDeadline) {
    Provider provider([this](std::string_view user_id, int) { return old_token(user_id); });
    provider.hold_after(0);
    auto options = device_of(server);
    options.connection.deadline = 200ms;
    UserClient client(options);
    auto connecting = client.connect_user({.id = "john"}, provider.function());
    auto calling = get_app(client);
    EXPECT_EQ(std::move(connecting).get().error().kind, Error::Kind::TimedOut);
    EXPECT_EQ(std::move(calling).get().error().kind, Error::Kind::TimedOut);
    EXPECT_EQ(client.state(), SessionState::Offline);
}

TEST_F(UserClientOnTheRealServer, AProviderOfOneExpiredTokenForEverEndsTheSession) {
    auto const expired =
        backend.create_token("john", {.expires_in = 1h, .issued_at = now() - 2h}).value();
    Provider provider([expired](auto, int) { return std::string(expired); });
    auto options = device_of(server);
    options.connection.deadline = 30s;  // seven seconds of pauses at least, fourteen at most
    UserClient client(options);
    States states(client);
    auto connecting = client.connect_user({.id = "john"}, provider.function());
    Endings endings;
    for (int i = 0; i < 100; ++i) {
        endings.add(get_app(client));
    }
    EXPECT_EQ(std::move(connecting).get().error().kind, Error::Kind::TokenRefused);
    EXPECT_EQ(provider.questions(), UserClient::kRefusedTokensMax);
    for (auto const& result : endings.wait_for_all()) {
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().kind, Error::Kind::TokenRefused);
        EXPECT_EQ(result.error().code, 40);
    }
    EXPECT_TRUE(states.wait_for(SessionState::Failed));
    EXPECT_EQ(client.last_error().value().kind, Error::Kind::TokenRefused);
    EXPECT_EQ(get_app(client).get().error().kind, Error::Kind::Stopped);
    EXPECT_EQ(provider.questions(), UserClient::kRefusedTokensMax);
}

TEST_F(UserClientOnTheRealServer, ASessionOutlivesARestartOfTheServer) {
    Provider provider(old_then_fresh());
    UserClient client(device_of(server));
    States states(client);
    ASSERT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
    ASSERT_TRUE(states.wait_for(SessionState::Online));

    server.stop();
    ASSERT_TRUE(states.wait_for(SessionState::Connecting));
    Endings endings;
    for (int i = 0; i < 50; ++i) {
        endings.add(get_app(client));
    }
    server.start();
    ASSERT_TRUE(states.wait_for(SessionState::Online));
    for (auto const& result : endings.wait_for_all()) {
        // Repeated three times while the server was away, or there in time.
        EXPECT_TRUE(result.has_value() || result.error().kind == Error::Kind::CannotConnect);
    }
    EXPECT_TRUE(get_app(client).get());
    EXPECT_EQ(provider.questions(), 1);
}

TEST_F(UserClientOnTheRealServer, ASessionOutlivesTheDeathOfTheServerAndSoDoesARevocation) {
    make_users({"john", "jane"});
    ASSERT_TRUE(backend.revoke_user_token("jane", now()).get());
    UserClient client(device_of(server));
    States states(client);
    ASSERT_TRUE(client.connect_user({.id = "john"}, old_token("john")).get());
    ASSERT_TRUE(states.wait_for(SessionState::Online));

    Endings reads;
    Endings writes;
    for (int i = 0; i < 100; ++i) {
        reads.add(get_app(client));
        writes.add(client.call("POST", "/api/v2/users", R"({"users":{"john":{"id":"john"}}})"));
    }
    server.kill();
    ASSERT_TRUE(states.wait_for(SessionState::Connecting));
    server.start();
    ASSERT_TRUE(states.wait_for(SessionState::Online));
    for (auto const* const endings : {&reads, &writes}) {
        for (auto const& result : endings->wait_for_all()) {
            EXPECT_TRUE(result.has_value() || result.error().kind == Error::Kind::CannotConnect ||
                        result.error().kind == Error::Kind::Disconnected)
                << result.error().message;
        }
    }
    EXPECT_TRUE(get_app(client).get());
    EXPECT_EQ(code_for("jane", old_token("jane")), 40);
}

TEST_F(UserClientOnTheRealServer, AServerThatIsNotThereIsSaidSo) {
    server.stop();
    auto options = device_of(server);
    options.connection.deadline = 300ms;
    UserClient client(options);
    auto connecting = client.connect_user({.id = "john"}, old_token("john"));
    auto calling = client.call("POST", "/api/v2/users", "{}");
    EXPECT_EQ(std::move(connecting).get().error().kind, Error::Kind::CannotConnect);
    EXPECT_EQ(std::move(calling).get().error().kind, Error::Kind::CannotConnect);
    EXPECT_EQ(client.state(), SessionState::Offline);
}

TEST_F(UserClientOnTheRealServer, TheSuspensionOfTheAppEndsSessionsAndRefusesCalls) {
    Provider provider(old_then_fresh());
    UserClient client(device_of(server));
    States states(client);
    UserClient nobody(device_of(server));
    ASSERT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
    ASSERT_TRUE(nobody.connect_anonymous().get());
    ASSERT_TRUE(get_app(nobody).get());

    server.run({"app", "update", RealServer::kApiKey, "--set", "suspended=true"});
    ASSERT_TRUE(states.wait_for(SessionState::Failed));
    EXPECT_EQ(client.last_error().value().code, 99);
    EXPECT_EQ(client.last_error().value().http_status, 403);
    EXPECT_EQ(client.connect_user({.id = "john"}, old_token("john")).get().error().code, 99);
    auto const refused = get_app(nobody).get();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, Error::Kind::Api);
    EXPECT_EQ(refused.error().code, 99);
    EXPECT_EQ(refused.error().http_status, 403);

    server.run({"app", "update", RealServer::kApiKey, "--set", "suspended=false"});
    EXPECT_TRUE(client.connect_user({.id = "john"}, old_token("john")).get());
    EXPECT_TRUE(get_app(nobody).get());
    EXPECT_EQ(provider.questions(), 1);
}

TEST_F(UserClientOnTheRealServer, TheDeactivationOfItsUserEndsASession) {
    Provider provider(old_then_fresh());
    UserClient client(device_of(server));
    States states(client);
    ASSERT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
    ASSERT_TRUE(backend.deactivate_user("john").get());
    ASSERT_TRUE(states.wait_for(SessionState::Failed));
    auto const error = client.last_error().value();
    EXPECT_EQ(error.kind, Error::Kind::Api);
    EXPECT_EQ(error.code, 5);
    EXPECT_THAT(error.message, HasSubstr("deactivated"));
    EXPECT_EQ(get_app(client).get().error().kind, Error::Kind::Stopped);
    EXPECT_EQ(provider.questions(), 1);

    ASSERT_TRUE(backend.reactivate_user("john").get());
    EXPECT_TRUE(client.connect_user({.id = "john"}, old_token("john")).get());
}

TEST_F(UserClientOnTheRealServer, HearsOfChangesOfItsUser) {
    UserClient client(device_of(server));
    Monitor monitor;
    std::vector<std::string> updates;
    std::vector<std::string> deletions;
    client.on("user.updated", [&](sdk::Event const& event) {
        monitor.change([&] { updates.push_back(event.json); });
    });
    client.on("user.deleted", [&](sdk::Event const& event) {
        monitor.change([&] { deletions.push_back(event.json); });
    });
    ASSERT_TRUE(client.connect_user({.id = "john"}, old_token("john")).get());
    ASSERT_TRUE(backend
                    .update_users_partial(std::vector<sdk::UserPatch>{
                        {.id = "john", .set = {{"name", R"("Johnny")"}}}})
                    .get());
    ASSERT_TRUE(monitor.wait([&] { return !updates.empty(); }));
    EXPECT_THAT(updates.front(), HasSubstr(R"("name":"Johnny")"));
    EXPECT_TRUE(client.disconnect().get());
    EXPECT_TRUE(deletions.empty());
}

}  // namespace
}  // namespace latchkey::test
