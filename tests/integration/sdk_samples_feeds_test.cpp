#include "sdk_fixture.hpp"

#include <latchkey/base/rfc3339.hpp>

/// Each sample of the Feeds page on tokens and authentication, named after it, in C++ and against
/// the real program, and the flow that its last section describes.
namespace latchkey::test {
namespace {

using namespace std::chrono_literals;
using sdk::SessionState;

class FeedsSamples : public OnTheRealServer {
protected:
    FeedsSamples() { make_users({"user1", "user2", "bystander"}); }

    /// The sample's call: each user's field set to a date, or to null.
    [[nodiscard]] bool set_users(std::string const& date_json) {
        std::vector<sdk::UserPatch> patches;
        patches.reserve(2);
        for (auto const* const id : {"user1", "user2"}) {
            patches.push_back({.id = id, .set = {{"revoke_tokens_issued_before", date_json}}});
        }
        return backend.update_users_partial(patches).get().has_value();
    }
    [[nodiscard]] std::string date() const { return '"' + format_rfc3339(now()) + '"'; }
    [[nodiscard]] std::vector<int> codes() const {
        return {code_for("user1", old_token("user1")), code_for("user2", old_token("user2")),
                code_for("bystander", old_token("bystander"))};
    }
};

using Codes = std::vector<int>;

TEST_F(FeedsSamples, GeneratingTokens) {
    auto const token = backend.create_token("john", {.expires_in = 24h}).value();
    auto const verified = backend.verify_token(token).value();
    EXPECT_LE(verified.expires_at.value() - verified.issued_at.value(), 24h);
    EXPECT_GE(verified.expires_at.value() - verified.issued_at.value(), 24h - 1s);
    EXPECT_EQ(code_for("john", token), 0);
    auto const over =
        backend.create_token("john", {.expires_in = 24h, .issued_at = now() - 24h - 2s}).value();
    EXPECT_EQ(code_for("john", over), 40);
}

TEST_F(FeedsSamples, ManualTokenExpirationTokenRevocationByUser) {
    EXPECT_EQ(codes(), (Codes{0, 0, 0}));
    ASSERT_TRUE(set_users(date()));
    EXPECT_EQ(codes(), (Codes{40, 40, 0}));
}

TEST_F(FeedsSamples, ManualTokenExpirationTokenRevocationByUserUndoingTheRevoke) {
    ASSERT_TRUE(set_users(date()));
    EXPECT_EQ(codes(), (Codes{40, 40, 0}));
    ASSERT_TRUE(set_users("null"));
    EXPECT_EQ(codes(), (Codes{0, 0, 0}));

    // Most of the official SDKs cannot send null, and take the field away.
    ASSERT_TRUE(set_users(date()));
    auto const unset =
        std::vector<sdk::UserPatch>{{.id = "user1", .unset = {"revoke_tokens_issued_before"}},
                                    {.id = "user2", .unset = {"revoke_tokens_issued_before"}}};
    ASSERT_TRUE(backend.update_users_partial(unset).get());
    EXPECT_EQ(codes(), (Codes{0, 0, 0}));
}

TEST_F(FeedsSamples, ManualTokenExpirationTokenRevocationByApplication) {
    ASSERT_TRUE(backend.update_app(R"({"revoke_tokens_issued_before":)" + date() + '}').get());
    EXPECT_EQ(codes(), (Codes{40, 40, 40}));
}

TEST_F(FeedsSamples, ManualTokenExpirationTokenRevocationByApplicationUndoingTheRevoke) {
    ASSERT_TRUE(backend.update_app(R"({"revoke_tokens_issued_before":)" + date() + '}').get());
    EXPECT_EQ(codes(), (Codes{40, 40, 40}));
    ASSERT_TRUE(backend.update_app(R"({"revoke_tokens_issued_before":null})").get());
    EXPECT_EQ(codes(), (Codes{0, 0, 0}));
}

/// The six steps of the page, in its order.
TEST_F(FeedsSamples, HowToRefreshExpiredTokens) {
    // "initialized using the API Key and the token provider"
    Provider provider([this](std::string_view user_id, int question) {
        return question == 1 ? backend.create_token(user_id, {.expires_in = 2s}).value()
                             : backend.create_token(user_id).value();
    });
    provider.hold_after(1);
    UserClient client(device_of(server));
    States states(client);

    // "will use the token provider to fetch the token when connectUser is called"
    EXPECT_EQ(provider.questions(), 0);
    ASSERT_TRUE(client.connect_user({.id = "john"}, provider.function()).get());
    EXPECT_EQ(provider.questions(), 1);
    ASSERT_TRUE(states.wait_for(SessionState::Online));

    // "When the token expires, the API will return a specific Authentication error code"
    ASSERT_TRUE(states.wait_for(SessionState::WaitingForToken));
    EXPECT_EQ(client.last_error().value().code, 40);

    // "will pause API requests and use the token provider to obtain a fresh token"
    ASSERT_TRUE(provider.wait_for_questions(2));
    Endings waiting;
    for (int i = 0; i < 10; ++i) {
        waiting.add(client.call("GET", "/api/v2/app", ""));
    }
    EXPECT_EQ(client.state(), SessionState::WaitingForToken);
    EXPECT_TRUE(waiting.all().empty());

    // "The token provider returns a new token", which it uses "for all waiting and future API
    // calls"
    provider.release();
    for (auto const& result : waiting.wait_for_all()) {
        EXPECT_TRUE(result.has_value());
    }
    EXPECT_TRUE(client.call("GET", "/api/v2/app", "").get());
    ASSERT_TRUE(states.wait_for(SessionState::Online));
    EXPECT_EQ(provider.questions(), 2);
}

}  // namespace
}  // namespace latchkey::test
