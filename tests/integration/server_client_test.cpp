#include <latchkey/sdk/server_client.hpp>

#include "sdk/server_core.hpp"
#include "support/fake_network.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// The server client against the server's API, with nothing faked but the wire between them: each
/// request is handed to a node, and its answer back. What the node answers is also held against
/// openapi.json.
namespace latchkey::test {
namespace {

using namespace std::chrono_literals;
using sdk::Deletion;
using sdk::Error;

http::Method method_of(std::string_view name) {
    if (name == "GET") {
        return http::Method::Get;
    }
    return name == "PATCH" ? http::Method::Patch : http::Method::Post;
}

class ServerClientOnANode : public testing::Test {
protected:
    /// Lets the node answer what the client asks.
    template <class T>
    sdk::Result<T> wait(sdk::Call<T> call) {
        fake.run();
        for (; answered_ < fake.request_count(); ++answered_) {
            auto& request = fake.request(answered_);
            auto const answer = node.call({.method = method_of(request.method()),
                                           .target = request.target(),
                                           .token = request.field("Authorization"),
                                           .auth_type = request.field("stream-auth-type"),
                                           .body = request.body()});
            request.answer(answer.status, answer.body);
        }
        return std::move(call).get();
    }

    /// What the node says to this user's token; 0: it is good.
    int code_for(std::string const& token) {
        auto const answer = node.call({.target = "/app?api_key=key", .token = token});
        return answer.status == 200 ? 0 : static_cast<int>(TestNode::code_of(answer));
    }

    TestNode node;
    FakeNetwork fake{node.clock};
    sdk::ServerClient client{std::make_unique<sdk::ServerClient::Core>(
        sdk::to_parts({.api_key = "key",
                       .api_secret = Secret(std::string(kApiSecret)),
                       .connection = {.base_url = "http://localhost"}}),
        fake.port(), node.clock, node.random)};

private:
    std::size_t answered_ = 0;
};

std::vector<std::string> const kTwo = {"john", "jane"};

TEST_F(ServerClientOnANode, MintsTokensThatItAccepts) {
    auto const token = client.create_token("john", {.claims = {{"role", R"("admin")"}}}).value();
    EXPECT_EQ(code_for(token), 0);
    EXPECT_TRUE(client.verify_token(token).has_value());
    node.clock.advance(1h);
    EXPECT_EQ(code_for(token), 40);
    EXPECT_EQ(client.verify_token(token).error().code, 40);
}

TEST_F(ServerClientOnANode, RevokesAndUndoesForOneUserForSeveralAndForTheApp) {
    ASSERT_TRUE(
        wait(client.upsert_users(std::vector<sdk::UserRequest>{{.id = "john"}, {.id = "jane"}})));
    auto const johns = client.create_token("john").value();
    auto const janes = client.create_token("jane").value();
    auto const before = kNow + 1s;

    auto const john = wait(client.revoke_user_token("john", before)).value();
    EXPECT_EQ(john.revoke_tokens_issued_before, before);
    EXPECT_EQ(code_for(johns), 40);
    EXPECT_EQ(code_for(janes), 0);
    auto const undone = wait(client.undo_user_token_revocation("john")).value();
    EXPECT_EQ(undone.revoke_tokens_issued_before, std::nullopt);
    EXPECT_EQ(code_for(johns), 0);

    EXPECT_EQ(wait(client.revoke_users_token(kTwo, before)).value().size(), 2U);
    EXPECT_EQ(code_for(johns), 40);
    EXPECT_EQ(code_for(janes), 40);
    ASSERT_TRUE(wait(client.undo_users_token_revocation(kTwo)));
    EXPECT_EQ(code_for(janes), 0);

    ASSERT_TRUE(wait(client.revoke_tokens(before)));
    EXPECT_EQ(code_for(johns), 40);
    ASSERT_TRUE(wait(client.update_app(R"({"name":"Another name"})")));
    EXPECT_EQ(code_for(johns), 40);  // a change of the App leaves its revocation alone
    EXPECT_TRUE(wait(client.get_app()).value().contains("revoke_tokens_issued_before"));
    ASSERT_TRUE(wait(client.undo_tokens_revocation()));
    EXPECT_EQ(code_for(johns), 0);
}

TEST_F(ServerClientOnANode, ManagesUsers) {
    auto const upserted = wait(client.upsert_users(std::vector<sdk::UserRequest>{
        {.id = "john", .name = "John", .role = "admin", .custom_json = R"({"color":"blue"})"},
        {.id = "jane"}}));
    ASSERT_TRUE(upserted.has_value());
    EXPECT_EQ(upserted->front().name, "John");
    EXPECT_EQ(upserted->front().custom_json, R"({"color":"blue"})");
    EXPECT_EQ(upserted->back().id, "jane");

    auto const patched = wait(client.update_users_partial(std::vector<sdk::UserPatch>{
        {.id = "john", .set = {{"color", R"("red")"}}, .unset = {"name"}}}));
    ASSERT_TRUE(patched.has_value());
    EXPECT_EQ(patched->front().name, "");
    EXPECT_EQ(patched->front().custom_json, R"({"color":"red"})");

    auto const found = wait(client.query_users({.filter_json = R"({"id":{"$in":["john","jane"]}})",
                                                .sort_json = R"([{"field":"id","direction":1}])"}));
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(found->front().id, "jane");

    EXPECT_TRUE(wait(client.deactivate_user("john")).value().deactivated_at.has_value());
    EXPECT_FALSE(wait(client.reactivate_user("john")).value().deactivated_at.has_value());
    EXPECT_EQ(wait(client.export_user("john")).value().user.id, "john");
}

TEST_F(ServerClientOnANode, FollowsWorkOnListsByItsTask) {
    ASSERT_TRUE(
        wait(client.upsert_users(std::vector<sdk::UserRequest>{{.id = "john"}, {.id = "jane"}})));
    auto const is_completed = [this](sdk::Result<std::string> const& task_id) {
        auto const task = wait(client.get_task(task_id.value())).value();
        return task.id == *task_id && task.status == "completed";
    };
    EXPECT_TRUE(is_completed(wait(client.deactivate_users(kTwo))));
    EXPECT_TRUE(is_completed(wait(client.reactivate_users(kTwo))));
    EXPECT_TRUE(is_completed(wait(client.delete_users(kTwo))));
    ASSERT_TRUE(wait(client.restore_users(kTwo)));
    EXPECT_TRUE(is_completed(wait(client.delete_users(kTwo, Deletion::Hard))));
    auto const gone = wait(client.export_user("john"));
    ASSERT_FALSE(gone.has_value());
    EXPECT_EQ(gone.error().code, 16);
    EXPECT_EQ(gone.error().http_status, 404);
}

TEST_F(ServerClientOnANode, MakesGuests) {
    auto const guest = wait(client.create_guest({.id = "tom", .name = "Tom"})).value();
    EXPECT_TRUE(guest.user.id.ends_with("-tom"));
    EXPECT_EQ(guest.user.role, "guest");
    EXPECT_EQ(client.verify_token(guest.access_token).value().user_id, guest.user.id);
    EXPECT_EQ(code_for(guest.access_token), 0);
}

TEST_F(ServerClientOnANode, TellsItsRefusalsApart) {
    auto const unknown = wait(client.revoke_user_token("nobody", kNow));
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().kind, Error::Kind::Api);
    EXPECT_EQ(unknown.error().code, 16);
    auto const wrong = wait(client.update_app(R"({"permission_version":"v9"})"));
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().code, 4);
    EXPECT_FALSE(wrong.error().may_retry);
}

}  // namespace
}  // namespace latchkey::test
