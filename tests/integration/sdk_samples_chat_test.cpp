#include "sdk_fixture.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/token/issue.hpp>

/// Each sample of the Chat page on tokens and authentication, named after it, in C++ and against
/// the real program.
namespace latchkey::test {
namespace {

using namespace std::chrono_literals;

class ChatSamples : public OnTheRealServer {
protected:
    ChatSamples() { make_users({"user-id", "user1-id", "user2-id", "bystander"}); }

    [[nodiscard]] std::vector<int> codes_for(std::vector<std::string> const& ids) const {
        std::vector<int> codes;
        codes.reserve(ids.size());
        for (auto const& id : ids) {
            codes.push_back(code_for(id, old_token(id)));
        }
        return codes;
    }

    std::vector<std::string> const kTwo{"user1-id", "user2-id"};
    std::vector<std::string> const kAll{"user-id", "user1-id", "user2-id", "bystander"};
};

using Codes = std::vector<int>;

TEST_F(ChatSamples, GeneratingTokens) {
    auto const token = backend.create_token("john").value();
    EXPECT_EQ(code_for("john", token), 0);
    auto const verified = backend.verify_token(token).value();
    EXPECT_EQ(verified.user_id, "john");
    EXPECT_LE(verified.expires_at.value() - verified.issued_at.value(), 1h);
    EXPECT_GE(verified.expires_at.value() - verified.issued_at.value(), 1h - 1s);
    // What only a backend is told: the client is one.
    EXPECT_TRUE(backend.get_app().get().value().contains("\"disable_auth_checks\":false"));

    ServerClient stranger({.api_key = RealServer::kApiKey,
                           .api_secret = Secret("another-secret-0123456789abcdefghijklmnop"),
                           .connection = {.base_url = server.url()}});
    EXPECT_EQ(code_for("john", stranger.create_token("john").value()), 43);
}

TEST_F(ChatSamples, GeneratingTokensThatStayGood) {
    auto const token = backend.create_token("john", {.permanent = true}).value();
    EXPECT_EQ(backend.verify_token(token).value().expires_at, std::nullopt);
    EXPECT_EQ(code_for("john", token), 0);
}

TEST_F(ChatSamples, SettingAutomaticTokenExpiration) {
    EXPECT_EQ(code_for("john", backend.create_token("john", {.expires_in = 1h}).value()), 0);
    EXPECT_EQ(code_for("john", backend.create_token("john", {.expires_at = now() + 1h}).value()),
              0);
    auto const over =
        backend.create_token("john", {.expires_in = 1h, .issued_at = now() - 1h - 2s}).value();
    EXPECT_EQ(code_for("john", over), 40);
    EXPECT_EQ(backend.verify_token(over).error().code, 40);
}

TEST(ChatSamplesOnTheRealServer, DeveloperTokens) {
    RealServer const server(RealServer::Mode::Development);
    ServerClient backend(backend_of(server));
    auto const token = UserClient::dev_token("john");
    EXPECT_EQ(code_for(server, "john", token), 43);

    ASSERT_TRUE(backend.update_app(R"({"disable_auth_checks":true})").get());
    UserClient device(device_of(server));
    auto const me = device
                        .connect_user({.id = "john",
                                       .name = "John Doe",
                                       .image = "https://getstream.io/random_svg/?name=John"},
                                      token)
                        .get()
                        .value();
    EXPECT_EQ(me.id, "john");
    EXPECT_EQ(me.name, "John Doe");
    EXPECT_EQ(me.image, "https://getstream.io/random_svg/?name=John");
    EXPECT_EQ(me.role, "user");
    EXPECT_TRUE(device.call("GET", "/api/v2/app", "").get());

    ASSERT_TRUE(backend.update_app(R"({"disable_auth_checks":false})").get());
    EXPECT_EQ(code_for(server, "john", token), 43);
}

TEST_F(ChatSamples, DeveloperTokensCountForNothingInProduction) {
    EXPECT_EQ(code_for("john", UserClient::dev_token("john")), 43);
    EXPECT_EQ(code_of(backend.update_app(R"({"disable_auth_checks":true})").get()), 4);
    EXPECT_EQ(code_for("john", UserClient::dev_token("john")), 43);
}

TEST_F(ChatSamples, ManualTokenExpirationTokenRevocationByUser) {
    EXPECT_EQ(codes_for(kAll), (Codes{0, 0, 0, 0}));
    auto const before = now();
    auto const user = backend.revoke_user_token("user-id", before).get().value();
    EXPECT_EQ(user.revoke_tokens_issued_before, before);
    EXPECT_EQ(codes_for(kAll), (Codes{40, 0, 0, 0}));
    EXPECT_EQ(backend.revoke_users_token(kTwo, now()).get().value().size(), 2U);
    EXPECT_EQ(codes_for(kAll), (Codes{40, 40, 40, 0}));
}

TEST_F(ChatSamples, ManualTokenExpirationTokenRevocationByUserUndoingTheRevoke) {
    ASSERT_TRUE(
        backend
            .revoke_users_token(std::vector<std::string>{"user-id", "user1-id", "user2-id"}, now())
            .get());
    EXPECT_EQ(codes_for(kAll), (Codes{40, 40, 40, 0}));
    EXPECT_EQ(
        backend.undo_user_token_revocation("user-id").get().value().revoke_tokens_issued_before,
        std::nullopt);
    EXPECT_EQ(codes_for(kAll), (Codes{0, 40, 40, 0}));
    ASSERT_TRUE(backend.undo_users_token_revocation(kTwo).get());
    EXPECT_EQ(codes_for(kAll), (Codes{0, 0, 0, 0}));

    // The sample's own words for it: a revocation of null.
    ASSERT_TRUE(backend.revoke_user_token("user-id", now()).get());
    ASSERT_TRUE(backend.revoke_user_token("user-id", std::nullopt).get());
    EXPECT_EQ(codes_for({"user-id"}), Codes{0});
}

TEST_F(ChatSamples, ManualTokenExpirationTokenRevocationByApplication) {
    auto const timeless = token::issue_user_token({.user_id = UserId::parse("bystander").value()},
                                                  token::HmacKey(RealServer::kApiSecret));
    EXPECT_EQ(code_for("bystander", timeless), 0);
    ASSERT_TRUE(backend.revoke_tokens(now()).get());
    EXPECT_EQ(codes_for(kAll), (Codes{40, 40, 40, 40}));
    EXPECT_EQ(code_for("bystander", timeless), 40);
    EXPECT_TRUE(backend.get_app().get().has_value());  // a server's own tokens go on
    // `iat` has whole seconds: only a token of the next second is surely newer.
    auto const fresh = backend.create_token("bystander", {.issued_at = now() + 1s}).value();
    EXPECT_EQ(code_for("bystander", fresh), 0);
}

TEST_F(ChatSamples, ManualTokenExpirationTokenRevocationByApplicationUndoingTheRevoke) {
    ASSERT_TRUE(backend.revoke_tokens(now()).get());
    EXPECT_EQ(codes_for(kAll), (Codes{40, 40, 40, 40}));
    ASSERT_TRUE(backend.undo_tokens_revocation().get());
    EXPECT_EQ(codes_for(kAll), (Codes{0, 0, 0, 0}));
    ASSERT_TRUE(backend.revoke_tokens(now()).get());
    ASSERT_TRUE(backend.revoke_tokens(std::nullopt).get());
    EXPECT_EQ(codes_for(kAll), (Codes{0, 0, 0, 0}));
}

TEST_F(ChatSamples, ManualTokenExpirationAddingIatClaimToToken) {
    auto const mint = [this](Instant issued_at) {
        return backend.create_token("user-id", {.expires_in = 1h, .issued_at = issued_at}).value();
    };
    auto const older = mint(now() - 2min);
    auto const newer = mint(now());
    ASSERT_TRUE(backend.revoke_user_token("user-id", now() - 1min).get());
    EXPECT_EQ(code_for("user-id", older), 40);
    EXPECT_EQ(code_for("user-id", newer), 0);
}

TEST_F(ChatSamples, ManualTokenExpirationIsAServerSideFeature) {
    UserClient device(device_of(server));
    ASSERT_TRUE(device.connect_user({.id = "user-id"}, old_token("user-id")).get());
    for (auto const* const date : {R"("2025-01-01T00:00:00Z")", "null"}) {
        auto const field = std::string(R"({"revoke_tokens_issued_before":)") + date + '}';
        auto const user = R"({"users":[{"id":"user-id","set":)" + field + "}]}";
        for (auto const& answer : {device.call("PATCH", "/api/v2/users", user).get(),
                                   device.call("PATCH", "/api/v2/app", field).get()}) {
            ASSERT_FALSE(answer.has_value());
            EXPECT_EQ(answer.error().code, 17);
            EXPECT_EQ(answer.error().http_status, 403);
        }
    }
}

TEST_F(ChatSamples, GuestUsers) {
    UserClient device(device_of(server));
    auto const me = device.connect_guest({.id = "tommaso", .name = "Tommaso"}).get().value();
    EXPECT_TRUE(me.id.starts_with("guest-") && me.id.ends_with("-tommaso")) << me.id;
    EXPECT_EQ(me.role, "guest");
    EXPECT_EQ(me.name, "Tommaso");
    EXPECT_TRUE(device.call("GET", "/api/v2/app", "").get());
    ASSERT_TRUE(device.disconnect().get());

    auto const guest = backend.create_guest({.id = "tommaso"}).get().value();
    EXPECT_NE(guest.user.id, me.id);
    EXPECT_EQ(code_for(guest.user.id, guest.access_token), 0);

    ASSERT_TRUE(backend.update_app(R"({"guest_user_creation_disabled":true})").get());
    auto const refused = device.connect_guest({.id = "tommaso"}).get();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, 17);
    EXPECT_EQ(device.state(), sdk::SessionState::Failed);
}

TEST_F(ChatSamples, AnonymousUsers) {
    UserClient device(device_of(server));
    ASSERT_TRUE(device.connect_anonymous().get());
    EXPECT_EQ(device.state(), sdk::SessionState::Online);
    EXPECT_TRUE(device.call("GET", "/api/v2/app", "").get());
    EXPECT_FALSE(device.call("PATCH", "/api/v2/app", R"({"name":"x"})").get());
}

}  // namespace
}  // namespace latchkey::test
