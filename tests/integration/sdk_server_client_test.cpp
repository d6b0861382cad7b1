#include "sdk_fixture.hpp"

/// The server client against the real program: every method, and errors as values.
namespace latchkey::test {
namespace {

using namespace std::chrono_literals;
using sdk::Deletion;
using sdk::Error;

using ServerClientOnTheRealServer = OnTheRealServer;

std::vector<std::string> const kTwo{"john", "jane"};

/// One call, by its name: what is to hold of its result.
struct Row {
    std::string name;
    std::function<bool(ServerClient&, Instant now)> holds;
};

/// In this order, each on what those above have left.
std::vector<Row> const kEveryMethod{
    {"create_token and verify_token",
     [](auto& client, auto) {
         return client.verify_token(client.create_token("john").value()).value().user_id == "john";
     }},
    {"upsert_users",
     [](auto& client, auto) {
         std::vector<sdk::UserRequest> const users{
             {.id = "john", .name = "John", .role = "admin", .custom_json = R"({"color":"blue"})"},
             {.id = "jane"}};
         auto const made = client.upsert_users(users).get().value();
         return made.at(0).id == "john" && made.at(0).name == "John" &&
                made.at(0).role == "admin" && made.at(0).custom_json == R"({"color":"blue"})" &&
                made.at(1).id == "jane" && made.at(1).role == "user";
     }},
    {"update_users_partial",
     [](auto& client, auto) {
         std::vector<sdk::UserPatch> const patches{
             {.id = "john", .set = {{"color", R"("red")"}}, .unset = {"name"}}};
         auto const changed = client.update_users_partial(patches).get().value();
         return changed.at(0).name.empty() && changed.at(0).custom_json == R"({"color":"red"})";
     }},
    {"query_users",
     [](auto& client, auto) {
         auto const found = client
                                .query_users({.filter_json = R"({"id":{"$in":["john","jane"]}})",
                                              .sort_json = R"([{"field":"id","direction":1}])",
                                              .limit = 1,
                                              .offset = 1})
                                .get()
                                .value();
         return found.size() == 1 && found.front().id == "john";
     }},
    {"deactivate_user",
     [](auto& client, auto) {
         return client.deactivate_user("john").get().value().deactivated_at.has_value();
     }},
    {"reactivate_user",
     [](auto& client, auto) {
         return !client.reactivate_user("john").get().value().deactivated_at.has_value();
     }},
    {"export_user",
     [](auto& client, auto) {
         auto const all = client.export_user("john").get().value();
         return all.user.id == "john" && all.messages_json == "[]" && all.reactions_json == "[]";
     }},
    {"create_guest",
     [](auto& client, auto) {
         auto const guest = client.create_guest({.id = "tom"}).get().value();
         return guest.user.role == "guest" &&
                client.verify_token(guest.access_token).value().user_id == guest.user.id;
     }},
    {"revoke_user_token",
     [](auto& client, auto now) {
         auto const user = client.revoke_user_token("john", now).get().value();
         return user.revoke_tokens_issued_before == now;
     }},
    {"undo_user_token_revocation",
     [](auto& client, auto) {
         auto const user = client.undo_user_token_revocation("john").get().value();
         return !user.revoke_tokens_issued_before.has_value();
     }},
    {"revoke_users_token",
     [](auto& client, auto now) {
         auto const users = client.revoke_users_token(kTwo, now).get().value();
         return users.at(0).id == "john" && users.at(1).id == "jane" &&
                users.at(1).revoke_tokens_issued_before == now;
     }},
    {"undo_users_token_revocation",
     [](auto& client, auto) {
         auto const users = client.undo_users_token_revocation(kTwo).get().value();
         return users.size() == 2 && !users.at(1).revoke_tokens_issued_before.has_value();
     }},
    {"revoke_tokens",
     [](auto& client, auto now) {
         return client.revoke_tokens(now).get().has_value() &&
                client.get_app().get().value().contains("revoke_tokens_issued_before");
     }},
    {"undo_tokens_revocation",
     [](auto& client, auto) {
         return client.undo_tokens_revocation().get().has_value() &&
                !client.get_app().get().value().contains("revoke_tokens_issued_before");
     }},
    {"update_app and get_app",
     [](auto& client, auto) {
         return client.update_app(R"({"multi_tenant_enabled":true})").get().has_value() &&
                client.get_app().get().value().contains(R"("multi_tenant_enabled":true)");
     }},
};

bool completes(ServerClient& client, sdk::Call<std::string> starting) {
    auto const task_id = std::move(starting).get().value();
    auto const task = client.get_task(task_id).get().value();
    return task.id == task_id && task.status == "completed";
}

std::size_t count_of_two(ServerClient& client) {
    return client.query_users({.filter_json = R"({"id":{"$in":["john","jane"]}})"})
        .get()
        .value()
        .size();
}

/// Work on lists, by its task.
std::vector<Row> const kWork{
    {"deactivate_users",
     [](auto& client, auto) { return completes(client, client.deactivate_users(kTwo)); }},
    {"reactivate_users",
     [](auto& client, auto) { return completes(client, client.reactivate_users(kTwo)); }},
    {"delete_users",
     [](auto& client, auto) {
         return completes(client, client.delete_users(kTwo)) && count_of_two(client) == 0;
     }},
    {"restore_users",
     [](auto& client, auto) {
         return client.restore_users(kTwo).get().has_value() && count_of_two(client) == 2;
     }},
    {"delete_users, pruning",
     [](auto& client, auto) {
         return completes(client, client.delete_users(kTwo, Deletion::Pruning));
     }},
    {"delete_users, for good",
     [](auto& client, auto) {
         return completes(client, client.delete_users(kTwo, Deletion::Hard)) &&
                code_of(client.export_user("john").get()) == 16;
     }},
};

TEST_F(ServerClientOnTheRealServer, DoesWhatEachMethodSays) {
    for (auto const* const rows : {&kEveryMethod, &kWork}) {
        for (auto const& [name, holds] : *rows) {
            EXPECT_TRUE(holds(backend, now())) << name;
        }
    }
}

TEST_F(ServerClientOnTheRealServer, TellsErrorsAsValuesWithCodeStatusAndRequestId) {
    make_users({"john"});
    ASSERT_TRUE(backend.update_app(R"({"guest_user_creation_disabled":true})").get());
    ServerClient stranger({.api_key = RealServer::kApiKey,
                           .api_secret = Secret("another-secret-0123456789abcdefghijklmnop"),
                           .connection = {.base_url = server.url()}});
    ServerClient other_app({.api_key = "no-such-key",
                            .api_secret = Secret(RealServer::kApiSecret),
                            .connection = {.base_url = server.url()}});
    auto const error_of = [](auto call) { return std::move(call).get().error(); };
    struct Expected {
        std::string what;
        Error error;
        int code;
        int http_status;
    };
    for (auto const& [what, error, code, http_status] : std::vector<Expected>{
             {"an unknown user", error_of(backend.revoke_user_token("nobody", now())), 16, 404},
             {"an unknown user among known ones",
              error_of(
                  backend.revoke_users_token(std::vector<std::string>{"john", "nobody"}, now())),
              16, 404},
             {"an unknown task", error_of(backend.get_task("no-such-task")), 16, 404},
             {"a wrong setting", error_of(backend.update_app(R"({"permission_version":"v9"})")), 4,
              400},
             {"a filter that is none",
              error_of(backend.query_users({.filter_json = R"({"id":{"$what":1}})"})), 4, 400},
             {"guests, which are switched off", error_of(backend.create_guest({.id = "tom"})), 17,
              403},
             {"another secret", error_of(stranger.get_app()), 43, 401},
             {"an unknown app", error_of(other_app.get_app()), 2, 401},
         }) {
        SCOPED_TRACE(what);
        EXPECT_EQ(error.kind, Error::Kind::Api);
        EXPECT_EQ(error.code, code);
        EXPECT_EQ(error.http_status, http_status);
        EXPECT_FALSE(error.message.empty());
        EXPECT_EQ(error.request_id.size(), 36U);  // a UUID
        EXPECT_FALSE(error.may_retry);
    }
    // All or nothing: who stands beside the unknown one was not revoked.
    EXPECT_EQ(code_for("john", old_token("john")), 0);
}

TEST_F(ServerClientOnTheRealServer, SendsNothingThatCannotBe) {
    server.stop();
    EXPECT_EQ(backend.revoke_user_token("not an id", now()).get().error().kind,
              Error::Kind::InvalidArgument);
    EXPECT_EQ(backend.update_app("{}").get().error().kind, Error::Kind::InvalidArgument);
    EXPECT_EQ(backend.delete_users({}).get().error().kind, Error::Kind::InvalidArgument);
}

TEST_F(ServerClientOnTheRealServer, AnswersManyCallsAtOnceAndEndsThoseUnderWayWithIt) {
    std::vector<sdk::Call<std::string>> calls;
    calls.reserve(1000);
    for (int i = 0; i < 1000; ++i) {
        calls.push_back(backend.get_app());
    }
    for (auto& call : calls) {
        EXPECT_TRUE(std::move(call).get());
    }
    calls.clear();
    for (int i = 0; i < 1000; ++i) {
        calls.push_back(backend.get_app());
    }
    backend = ServerClient(backend_of(server));
    for (auto& call : calls) {
        auto const result = std::move(call).get();
        EXPECT_TRUE(result.has_value() || result.error().kind == Error::Kind::Stopped);
    }
    EXPECT_TRUE(backend.get_app().get());
}

TEST_F(ServerClientOnTheRealServer, GoesOnAfterTheServerHasDiedAndComeBack) {
    make_users({"john"});
    std::vector<sdk::Call<std::string>> calls;
    calls.reserve(100);
    for (int i = 0; i < 100; ++i) {
        calls.push_back(backend.get_app());
    }
    server.kill();
    auto revoking = backend.revoke_user_token("john", now());
    server.start();
    for (auto& call : calls) {
        EXPECT_TRUE(std::move(call).get());  // repeated until there is an answer
    }
    EXPECT_TRUE(std::move(revoking).get());
    EXPECT_EQ(code_for("john", old_token("john")), 40);
}

}  // namespace
}  // namespace latchkey::test
