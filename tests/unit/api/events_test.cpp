#include "api/event_dispatcher.hpp"
#include "api/watches.hpp"
#include "support/response_shapes.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace latchkey::test {
namespace {

using http::Method;
using Types = std::vector<std::string>;
using namespace std::chrono_literals;

std::string escape(std::string const& text) {
    std::string escaped;
    for (char const c : text) {
        constexpr std::string_view kDigits = "0123456789ABCDEF";
        escaped += '%';
        escaped += kDigits[static_cast<unsigned char>(c) >> 4];
        escaped += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return escaped;
}

std::string connect_target(std::string const& id, std::string const& token,
                           std::string const& key = "key") {
    return "/connect?json=" + escape(R"({"user_details":{"id":")" + id + "\"}}") +
           "&api_key=" + key + "&stream-auth-type=jwt&X-Stream-Client=test&authorization=" + token;
}

std::string query_target(std::string const& connection, std::string const& filter,
                         std::string const& more = {}) {
    return "/users?api_key=key&connection_id=" + connection +
           "&payload=" + escape(R"({"presence":true,"filter_conditions":)" + filter + more + "}");
}

std::string id_of(TestConnection const& connection) {
    auto const first = boost::json::parse(connection.socket.sent.front()).as_object();
    return std::string(first.at("connection_id").as_string());
}

/// The frames behind the greeting.
std::vector<boost::json::object> events_of(TestConnection const& connection) {
    std::vector<boost::json::object> events;
    for (std::size_t i = 1; i < connection.socket.sent.size(); ++i) {
        events.push_back(boost::json::parse(connection.socket.sent[i]).as_object());
    }
    return events;
}
Types types_of(TestConnection const& connection) {
    Types types;
    for (auto const& event : events_of(connection)) {
        types.emplace_back(event.at("type").as_string());
    }
    return types;
}

class EventsTest : public testing::Test {
protected:
    TestNode node;

    std::unique_ptr<TestConnection> connect(std::string const& id, std::string const& key = "key") {
        return node.open({.target = connect_target(id, user_token(id), key), .auth_type = ""});
    }
    std::unique_ptr<TestConnection> connect_v2(std::string const& id) {
        auto connection = node.open(
            {.target = "/api/v2/connect?api_key=key&stream-auth-type=jwt", .auth_type = ""});
        connection->say(R"({"token":")" + user_token(id) + R"(","user_details":{"id":")" + id +
                        "\"}}");
        node.settle();
        return connection;
    }
    std::unique_ptr<TestConnection> connect_anonymously() {
        return node.open({.target = "/connect?api_key=key&stream-auth-type=anonymous&json=%7B%7D",
                          .auth_type = ""});
    }
    http::Response send(Method method, std::string const& path, std::string const& body,
                        std::string const& token = server_token(), std::string const& key = "key") {
        node.clock.advance(1ms);
        auto const mark = path.find('?') == std::string::npos ? "?" : "&";
        return node.call({.method = method,
                          .target = path + mark + "api_key=" + key,
                          .token = token,
                          .body = body});
    }
    void upsert(std::string const& users, std::string const& key = "key") {
        ASSERT_EQ(send(Method::Post, "/users", R"({"users":{)" + users + "}}", server_token(), key)
                      .status,
                  201);
    }
    void rename(std::string const& id, std::string const& name, std::string const& key = "key") {
        upsert('"' + id + R"(":{"id":")" + id + R"(","name":")" + name + "\"}", key);
    }
    void patch_app(std::string const& body) {
        ASSERT_EQ(send(Method::Patch, "/app", body).status, 200);
    }
    /// Lets the connection of a user watch whom the filter finds.
    void watch(TestConnection const& connection, std::string const& id, std::string const& filter,
               std::string const& more = {}) {
        auto const answer = node.call(
            {.target = query_target(id_of(connection), filter, more), .token = user_token(id)});
        ASSERT_EQ(answer.status, 200) << answer.body;
    }
    void create_other_app() {
        node.commit([&](domain::Transaction& transaction) {
            return domain::create_app(transaction,
                                      {.name = "Other",
                                       .api_key = ApiKey::parse("other"),
                                       .api_secret = Secret(std::string(kApiSecret))},
                                      kNow, node.random)
                       ? domain::Outcome::Commit
                       : domain::Outcome::Rollback;
        });
    }
    /// Makes users u-0, u-1, … in batches.
    void create_users(std::size_t count) {
        for (std::size_t begin = 0; begin < count; begin += 100) {
            std::string users;
            for (auto i = begin; i < std::min(count, begin + 100); ++i) {
                auto const id = "u-" + std::to_string(i);
                users += (users.empty() ? "\"" : ",\"") + id + R"(":{"id":")" + id + "\"}";
            }
            upsert(users);
        }
    }
};

TEST_F(EventsTest, TellEachConnectionOfAUserThatItWasUpdatedInItsStyle) {
    auto const legacy = connect("john");
    auto const v2 = connect_v2("john");
    auto const jane = connect("jane");
    ASSERT_EQ(send(Method::Patch, "/api/v2/users",
                   R"({"users":[{"id":"john","set":{"name":"John","color":"blue"}}]})")
                  .status,
              200);
    ASSERT_EQ(types_of(*legacy), Types{"user.updated"});
    auto const old_style = events_of(*legacy).front();
    EXPECT_EQ(old_style.at("created_at"), "2026-01-01T00:00:00.001000Z");
    EXPECT_EQ(old_style.at("user").at("name"), "John");
    EXPECT_EQ(old_style.at("user").at("color"), "blue");
    EXPECT_EQ(old_style.at("user").at("online"), true);
    ASSERT_EQ(types_of(*v2), Types{"user.updated"});
    auto const new_style = events_of(*v2).front();
    EXPECT_EQ(new_style.at("created_at"), 1767225600001000000);
    EXPECT_EQ(new_style.at("user").at("custom").at("color"), "blue");
    EXPECT_EQ(types_of(*jane), Types());
}

TEST_F(EventsTest, TellOfAChangeOnceAndOfNoChangeNever) {
    auto const john = connect("john");
    rename("john", "John");
    EXPECT_EQ(types_of(*john).size(), 1U);
    rename("john", "John");
    EXPECT_EQ(types_of(*john).size(), 1U);
    upsert(R"("john":{"id":"john","name":"John"},"jane":{"id":"jane","name":"Jane"})");
    EXPECT_EQ(types_of(*john).size(), 1U) << "of a batch only those who changed";
    ASSERT_EQ(send(Method::Patch, "/users", R"({"users":[{"id":"john","set":{}}]})").status, 200);
    EXPECT_EQ(types_of(*john).size(), 1U);
    rename("john", "Johnny");
    EXPECT_EQ(types_of(*john).size(), 2U);
}

TEST_F(EventsTest, TellNothingThatIsNotDurable) {
    auto const john = connect("john");
    EXPECT_EQ(send(Method::Patch, "/users",
                   R"({"users":[{"id":"john","set":{"name":"x"}},{"id":"nobody"}]})")
                  .status,
              404);
    node.queue.lost = true;
    EXPECT_EQ(
        send(Method::Patch, "/users", R"({"users":[{"id":"john","set":{"name":"x"}}]})").status,
        503);
    node.queue.lost = false;
    EXPECT_EQ(types_of(*john), Types());
}

TEST_F(EventsTest, TellThoseWhoWatchAUser) {
    rename("jane", "Jane");
    auto const john = connect("john");
    auto const james = connect_v2("james");
    watch(*john, "john", R"({"id":"jane"})");
    rename("jane", "Janet");
    EXPECT_EQ(types_of(*john), Types{"user.updated"});
    EXPECT_EQ(events_of(*john).front().at("user").at("name"), "Janet");
    EXPECT_EQ(types_of(*james), Types());
    watch(*james, "james", R"({"id":"jane"})");
    rename("jane", "Jane");
    EXPECT_EQ(types_of(*john).size(), 2U);
    EXPECT_EQ(types_of(*james), Types{"user.updated"});
}

TEST_F(EventsTest, TellAUserOfItselfOnceHoweverOftenItAsks) {
    rename("jane", "Jane");
    auto const john = connect("john");
    watch(*john, "john", "{}");
    watch(*john, "john", "{}");
    rename("john", "John");
    EXPECT_EQ(types_of(*john).size(), 1U);
    rename("jane", "Janet");
    EXPECT_EQ(types_of(*john).size(), 2U);
    EXPECT_EQ(node.presence.count_watched(), 1U);
}

TEST_F(EventsTest, HideRevocationsFromClients) {
    rename("jane", "Jane");
    auto const john = connect("john");
    watch(*john, "john", R"({"id":"jane"})");
    ASSERT_EQ(
        send(
            Method::Patch, "/users",
            R"({"users":[{"id":"jane","set":{"revoke_tokens_issued_before":"2025-12-01T00:00:00Z"}},
                         {"id":"john","set":{"revoke_tokens_issued_before":"2025-12-01T00:00:00Z"}}]})")
            .status,
        200);
    auto const events = events_of(*john);
    ASSERT_EQ(events.size(), 2U);
    for (auto const& event : events) {
        EXPECT_FALSE(event.at("user").as_object().contains("revoke_tokens_issued_before"));
    }
}

TEST_F(EventsTest, EndAConnectionWhoseTokenIsRevokedInPlaceOfTellingIt) {
    auto const john = connect("john");
    ASSERT_EQ(
        send(
            Method::Patch, "/users",
            R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":"2026-01-02T00:00:00Z"}}]})")
            .status,
        200);
    EXPECT_EQ(types_of(*john), Types{"connection.error"});
    EXPECT_EQ(john->socket.close_code, 4001);
}

TEST_F(EventsTest, NeverCrossApps) {
    create_other_app();
    rename("jane", "Jane");
    rename("jane", "Jane", "other");
    auto const john = connect("john");
    auto const other = connect("john", "other");
    watch(*john, "john", R"({"id":"jane"})");
    rename("jane", "Janet", "other");
    rename("john", "Johnny", "other");
    auto other_jane = connect("jane", "other");
    other_jane.reset();
    node.settle();
    EXPECT_EQ(types_of(*john), Types());
    EXPECT_EQ(types_of(*other), Types{"user.updated"});
    auto const foreign =
        node.call({.target = query_target(id_of(*other), "{}"), .token = user_token("john")});
    EXPECT_EQ(TestNode::code_of(foreign), 46) << "a connection of another App";
}

TEST_F(EventsTest, KnowAClientsOwnConnectionsOnly) {
    rename("jane", "Jane");
    auto const john = connect("john");
    auto const anonymous = connect_anonymously();
    auto const ask = [&](TestConnection const& connection, std::string const& token) {
        return node.call({.target = query_target(id_of(connection), "{}"), .token = token});
    };
    EXPECT_EQ(ask(*john, user_token("john")).status, 200);
    auto const others = ask(*john, user_token("jane"));
    EXPECT_EQ(others.status, 404);
    EXPECT_EQ(TestNode::code_of(others), 46);
    EXPECT_EQ(ask(*john, server_token()).status, 200);
    EXPECT_EQ(TestNode::code_of(ask(*anonymous, server_token())), 46);
}

TEST_F(EventsTest, TellWhenAWatchedUsersFirstConnectionOpensAndItsLastOneEnds) {
    rename("jane", "Jane");
    auto const john = connect("john");
    watch(*john, "john", R"({"id":"jane"})");
    auto first = connect("jane");
    ASSERT_EQ(types_of(*john), Types{"user.presence.changed"});
    auto const came = events_of(*john).front();
    EXPECT_EQ(came.at("user").at("online"), true);
    EXPECT_EQ(missing_fields(came.at("user").as_object(), Shape::UserLegacy), Types());
    auto second = connect_v2("jane");
    first.reset();
    node.settle();
    EXPECT_EQ(types_of(*john).size(), 1U);
    second.reset();
    node.settle();
    ASSERT_EQ(types_of(*john).size(), 2U);
    EXPECT_EQ(events_of(*john).back().at("type"), "user.presence.changed");
    EXPECT_EQ(events_of(*john).back().at("user").at("online"), false);
}

TEST_F(EventsTest, TellOnlyHowItEndedWhereUsersComeAndGoFasterThanTheStore) {
    rename("jane", "Jane");
    auto const john = connect("john");
    watch(*john, "john", R"({"id":"jane"})");
    auto jane = connect("jane");
    ASSERT_EQ(types_of(*john).size(), 1U);
    TestExchange again({.target = connect_target("jane", user_token("jane")), .auth_type = ""},
                       true);
    node.service.handle(again);
    TestConnection connection;
    connection.conversation = again.take_conversation();
    connection.conversation->on_open(connection.socket);
    node.queue.run();  // the store knows of the second connection, its loop not yet
    jane.reset();
    node.loop.run();
    node.settle();
    EXPECT_EQ(types_of(*john).size(), 1U);
    connection.conversation->on_end();
    connection.conversation.reset();
    node.settle();
    EXPECT_EQ(types_of(*john).size(), 2U);
}

TEST_F(EventsTest, TellWhatAFullStoreKeptThemFromOnALaterTick) {
    rename("jane", "Jane");
    auto const john = connect("john");
    watch(*john, "john", R"({"id":"jane"})");
    auto jane = connect("jane");
    ASSERT_EQ(types_of(*john).size(), 1U);
    for (auto* const trouble : {&node.queue.full, &node.queue.lost}) {
        *trouble = true;
        jane.reset();
        node.settle();
        auto const before = types_of(*john).size();
        node.service.on_tick();
        node.settle();
        EXPECT_EQ(types_of(*john).size(), before);
        *trouble = false;
        node.service.on_tick();
        node.settle();
        EXPECT_EQ(types_of(*john).size(), before + 1);
        jane = connect("jane");
    }
}

TEST_F(EventsTest, ReadTheUsersWhoMovedInJobsOfLimitedSize) {
    constexpr auto kMax = api::EventFeed::kMovedPerJob;
    auto const john = connect("john");
    std::vector<std::unique_ptr<TestConnection>> crowd;
    for (std::size_t i = 0; i < kMax + 1; ++i) {
        crowd.push_back(connect("u-" + std::to_string(i)));
    }
    for (auto const* offset : {"0", "100", "200"}) {
        watch(*john, "john", R"({"id":{"$ne":"john"}})",
              R"(,"limit":100,"offset":)" + std::string(offset));
    }
    for (auto& connection : crowd) {
        connection.reset();
    }
    node.queue.run_next();
    node.loop.run();
    EXPECT_EQ(types_of(*john).size(), kMax);
    EXPECT_TRUE(node.queue.is_waiting()) << "one job at a time, and the rest in the next";
    node.settle();
    EXPECT_EQ(types_of(*john).size(), kMax + 1);
}

TEST_F(EventsTest, KeepALimitedNumberOfUsersWhoMovedForLater) {
    constexpr auto kMax = api::EventFeed::kMovedMax;
    rename("jane", "Jane");
    auto const john = connect("john");
    watch(*john, "john", R"({"id":"jane"})");
    for (auto const others : {kMax - 1, kMax}) {
        auto jane = connect("jane");
        auto const before = types_of(*john).size();
        node.queue.full = true;
        for (std::size_t i = 0; i < others; ++i) {
            node.node.events->on_moved(AppId{1}, "nobody");
        }
        jane.reset();
        node.queue.full = false;
        node.service.on_tick();
        node.settle();
        EXPECT_EQ(types_of(*john).size(), others < kMax ? before + 1 : before);
    }
}

TEST_F(EventsTest, NeverShowAnInvisibleUserOnline) {
    upsert(R"("jane":{"id":"jane","invisible":true})");
    auto const john = connect("john");
    watch(*john, "john", R"({"id":"jane"})");
    auto jane = connect("jane");
    EXPECT_EQ(types_of(*john), Types());
    upsert(R"("jane":{"id":"jane","invisible":true,"name":"Jane"})");
    ASSERT_EQ(types_of(*john), Types{"user.updated"});
    EXPECT_EQ(events_of(*john).front().at("user").at("online"), false);
    jane.reset();
    node.settle();
    EXPECT_EQ(types_of(*john).size(), 1U);
    upsert(R"("jane":{"id":"jane","name":"Jane"})");
    jane = connect("jane");
    EXPECT_EQ(types_of(*john), (Types{"user.updated", "user.updated", "user.presence.changed"}));
}

TEST_F(EventsTest, TellOfUsersWhoEndAndComeBack) {
    struct Row {
        std::string event;
        Method method;
        std::string path;
        std::string body;
    };
    std::vector<Row> const rows = {
        {"user.deactivated", Method::Post, "/users/jane/deactivate", ""},
        {"user.reactivated", Method::Post, "/users/jane/reactivate", ""},
        {"user.deactivated", Method::Post, "/users/deactivate", R"({"user_ids":["jane"]})"},
        {"user.reactivated", Method::Post, "/users/reactivate", R"({"user_ids":["jane"]})"},
        {"user.deleted", Method::Delete, "/users/jane", ""},
        {"user.updated", Method::Post, "/users/restore", R"({"user_ids":["jane"]})"},
        {"user.deleted", Method::Post, "/users/delete", R"({"user_ids":["jane"],"user":"soft"})"},
        {"user.deleted", Method::Post, "/users/delete", R"({"user_ids":["jane"],"user":"hard"})"},
    };
    rename("jane", "Jane");
    auto const john = connect("john");
    auto const bystander = connect("james");
    watch(*john, "john", R"({"id":"jane"})");
    Types told;
    for (auto const& row : rows) {
        ASSERT_LT(send(row.method, row.path, row.body).status, 300) << row.path;
        told.push_back(row.event);
        EXPECT_EQ(types_of(*john), told) << row.path;
        EXPECT_EQ(events_of(*john).back().at("user").at("id"), "jane");
    }
    EXPECT_EQ(types_of(*bystander), Types());
}

TEST_F(EventsTest, TellNothingOfUsersWhoEndedBefore) {
    rename("jane", "Jane");
    auto const john = connect("john");
    watch(*john, "john", R"({"id":"jane"})");
    for (int i = 0; i < 2; ++i) {
        ASSERT_EQ(send(Method::Post, "/users/jane/deactivate", "").status, 201);
    }
    EXPECT_EQ(types_of(*john), Types{"user.deactivated"});
}

TEST_F(EventsTest, LetTheOwnConnectionsOfADeactivatedUserEndWithTheErrorAlone) {
    rename("jane", "Jane");
    auto const john = connect("john");
    auto const jane = connect("jane");
    watch(*john, "john", R"({"id":"jane"})");
    ASSERT_EQ(send(Method::Post, "/users/jane/deactivate", "").status, 201);
    EXPECT_EQ(types_of(*jane), Types{"connection.error"});
    EXPECT_EQ(jane->socket.last().at("error").at("code"), 5);
    ASSERT_EQ(types_of(*john), (Types{"user.deactivated", "user.presence.changed"}));
    EXPECT_EQ(events_of(*john).front().at("user").at("online"), false);
    EXPECT_EQ(events_of(*john).back().at("user").at("online"), false);
}

TEST_F(EventsTest, SpareWatchersTheAbsenceOfAUserWhoIsDeleted) {
    rename("jane", "Jane");
    auto const john = connect("john");
    auto const jane = connect("jane");
    watch(*john, "john", R"({"id":"jane"})");
    ASSERT_EQ(send(Method::Delete, "/users/jane", "").status, 200);
    EXPECT_EQ(jane->socket.close_code, 4001);
    EXPECT_EQ(types_of(*john), Types{"user.deleted"});
}

TEST_F(EventsTest, ForgetAWatchWithItsConnection) {
    rename("jane", "Jane");
    auto john = connect("john");
    auto const james = connect("james");
    watch(*john, "john", R"({"id":"jane"})");
    watch(*james, "james", R"({"id":"jane"})");
    EXPECT_EQ(node.presence.count_watched(), 1U);
    john.reset();
    EXPECT_EQ(node.presence.count_watched(), 1U);
    ASSERT_EQ(send(Method::Post, "/users/james/deactivate", "").status, 201);
    EXPECT_EQ(node.presence.count_watched(), 0U);
}

TEST_F(EventsTest, CountOutAWatchWhoseConnectionEndsBeforeItBegins) {
    rename("jane", "Jane");
    auto john = connect("john");
    TestExchange query({.target = query_target(id_of(*john), "{}"), .token = user_token("john")});
    node.service.handle(query);
    node.queue.run();
    EXPECT_EQ(node.presence.count_watched(), 1U);
    john.reset();
    node.settle();
    EXPECT_EQ(node.presence.count_watched(), 0U);
}

TEST_F(EventsTest, LetOneConnectionWatchAThousandUsersAndNoMore) {
    constexpr auto kMax = api::Watches::kUsersPerConnectionMax;
    create_users(kMax + 1);
    auto const john = connect("john");
    auto const watch_page = [&](std::size_t offset) {
        watch(*john, "john", R"({"id":{"$ne":"john"}})",
              R"(,"sort":[{"field":"created_at","direction":1}],"limit":100,"offset":)" +
                  std::to_string(offset));
    };
    for (std::size_t offset = 0; offset < kMax; offset += 100) {
        watch_page(offset);
    }
    EXPECT_EQ(node.presence.count_watched(), kMax);
    rename("u-0", "still watched");
    EXPECT_EQ(types_of(*john).size(), 1U);
    watch_page(kMax);
    EXPECT_EQ(node.presence.count_watched(), kMax);
    rename("u-0", "let go for another");
    EXPECT_EQ(types_of(*john).size(), 1U);
    rename("u-1000", "watched last");
    EXPECT_EQ(types_of(*john).size(), 2U);
}

TEST_F(EventsTest, KeepTheUsersAskedForLast) {
    constexpr auto kMax = api::Watches::kUsersPerConnectionMax;
    create_users(kMax + 1);
    auto const john = connect("john");
    for (std::size_t offset = 0; offset < kMax; offset += 100) {
        watch(*john, "john", R"({"id":{"$ne":"john"}})",
              R"(,"sort":[{"field":"created_at","direction":1}],"limit":100,"offset":)" +
                  std::to_string(offset));
    }
    watch(*john, "john", R"({"id":"u-0"})");
    watch(*john, "john", R"({"id":"u-1000"})");
    EXPECT_EQ(node.presence.count_watched(), kMax);
    rename("u-0", "asked for again");
    EXPECT_EQ(types_of(*john).size(), 1U);
}

TEST_F(EventsTest, PauseBetweenBatchesOfWatchersAndMissNobody) {
    constexpr auto kBatch = api::EventDispatcher::kBatch;
    rename("jane", "Jane");
    std::vector<std::unique_ptr<TestConnection>> watchers;
    for (std::size_t i = 0; i < kBatch + 2; ++i) {
        auto const id = "w-" + std::to_string(i);
        watchers.push_back(connect(id));
        watch(*watchers.back(), id, R"({"id":"jane"})");
    }
    TestExchange first({.method = Method::Post,
                        .target = "/users?api_key=key",
                        .token = server_token(),
                        .body = R"({"users":{"jane":{"id":"jane","name":"1"}}})"});
    TestExchange second({.method = Method::Post,
                         .target = "/users?api_key=key",
                         .token = server_token(),
                         .body = R"({"users":{"jane":{"id":"jane","name":"2"}}})"});
    node.service.handle(first);
    node.queue.run();
    node.loop.run_one();  // the changes of the commit come before its events
    node.loop.run_one();
    EXPECT_EQ(types_of(*watchers[kBatch - 1]).size(), 1U);
    EXPECT_EQ(types_of(*watchers[kBatch]).size(), 0U) << "its turn comes later";
    watchers[kBatch].reset();  // the very one that is next
    node.service.handle(second);
    node.settle();
    for (auto const& watcher : watchers) {
        if (watcher) {
            auto const events = events_of(*watcher);
            ASSERT_EQ(events.size(), 2U);
            EXPECT_EQ(events[0].at("user").at("name"), "1");
            EXPECT_EQ(events[1].at("user").at("name"), "2");
        }
    }
}

TEST_F(EventsTest, PauseNoMoreWhereTooManyEventsWait) {
    constexpr auto kBatch = api::EventDispatcher::kBatch;
    constexpr auto kMax = api::EventDispatcher::kWaitingMax;
    rename("jane", "Jane");
    std::vector<std::unique_ptr<TestConnection>> watchers;
    for (std::size_t i = 0; i < kBatch + 1; ++i) {
        auto const id = "w-" + std::to_string(i);
        watchers.push_back(connect(id));
        watch(*watchers.back(), id, R"({"id":"jane"})");
    }
    auto const james = connect("james");
    auto const updated = [](std::string const& id, std::size_t count) {
        return std::vector<api::UserEvent>(
            count, {.type = wire::UserEventType::Updated,
                    .app = AppId{1},
                    .user = {.id = *UserId::parse(id), .created_at = kNow, .updated_at = kNow},
                    .created_at = kNow});
    };
    for (auto const others : {kMax - 1, kMax}) {
        auto const before = types_of(*watchers.back()).size();
        node.node.events->publish(updated("jane", 1));
        node.node.events->publish(updated("james", others));
        node.loop.run_one();
        EXPECT_EQ(types_of(*watchers.back()).size(), before) << "the last one's turn comes later";
        node.loop.run_one();
        EXPECT_EQ(types_of(*watchers.back()).size(), others < kMax ? before : before + 1);
        node.settle();
        EXPECT_EQ(types_of(*watchers.back()).size(), before + 1);
    }
    EXPECT_EQ(james->socket.sent.size(), 1 + kMax - 1 + kMax);
}

TEST_F(EventsTest, TellEveryConnectionOfAnAppWhatClientsSeeOfAChange) {
    create_other_app();
    auto const john = connect("john");
    auto const v2 = connect_v2("jane");
    auto const anonymous = connect_anonymously();
    auto const other = connect("john", "other");
    patch_app(R"({"auto_translation_enabled":true,"webhook_url":"https://example.org/hook"})");
    for (auto const* connection : {john.get(), v2.get(), anonymous.get()}) {
        ASSERT_EQ(types_of(*connection), Types{"app.updated"});
        auto const app = events_of(*connection).front().at("app").as_object();
        EXPECT_EQ(missing_fields(app, Shape::ReducedApp), Types());
        EXPECT_EQ(app.at("auto_translation_enabled"), true);
        EXPECT_FALSE(app.contains("webhook_url"));
        EXPECT_FALSE(app.contains("revoke_tokens_issued_before"));
    }
    EXPECT_EQ(events_of(*john).front().at("created_at"), "2026-01-01T00:00:00.001000Z");
    EXPECT_EQ(events_of(*v2).front().at("created_at"), 1767225600001000000);
    EXPECT_EQ(types_of(*other), Types());
}

TEST_F(EventsTest, TellNothingOfAnAppThatOnlyServersSee) {
    auto const john = connect("john");
    for (auto const* body : {R"({"webhook_url":"https://example.org/hook"})",
                             R"({"guest_user_creation_disabled":true})",
                             R"({"revoke_tokens_issued_before":"2025-01-01T00:00:00Z"})", "{}"}) {
        patch_app(body);
        EXPECT_EQ(types_of(*john), Types()) << body;
    }
    patch_app(R"({"auto_translation_enabled":true})");
    EXPECT_EQ(types_of(*john).size(), 1U);
    patch_app(R"({"auto_translation_enabled":true})");
    EXPECT_EQ(types_of(*john).size(), 1U);
}

TEST_F(EventsTest, TellAnAppsConnectionsInBatchesTheLatestOfItsChanges) {
    constexpr auto kBatch = api::ConnectionRegistry::kSweepBatch;
    std::vector<std::unique_ptr<TestConnection>> connections;
    for (std::size_t i = 0; i < kBatch + 2; ++i) {
        connections.push_back(connect("w-" + std::to_string(i)));
    }
    auto const change = [&](std::string const& body) {
        TestExchange exchange({.method = Method::Patch,
                               .target = "/app?api_key=key",
                               .token = server_token(),
                               .body = body});
        node.service.handle(exchange);
        node.queue.run();
        node.loop.run_one();
    };
    change(R"({"auto_translation_enabled":true})");
    EXPECT_EQ(types_of(*connections[kBatch - 1]).size(), 1U);
    EXPECT_EQ(types_of(*connections[kBatch]).size(), 0U);
    auto const late = connect("late");
    change(R"({"async_url_enrich_enabled":true})");
    node.settle();
    EXPECT_EQ(types_of(*connections[kBatch - 1]).size(), 2U);
    for (auto const& connection : connections) {
        auto const app = events_of(*connection).back().at("app");
        EXPECT_EQ(app.at("auto_translation_enabled"), true);
        EXPECT_EQ(app.at("async_url_enrich_enabled"), true);
    }
    EXPECT_EQ(types_of(*late).size(), 1U) << "it knew of the first change when it came";
}

TEST_F(EventsTest, TellAnonymousConnectionsOfNoUser) {
    auto const anonymous = connect_anonymously();
    rename("john", "John");
    auto const john = connect("john");
    EXPECT_EQ(types_of(*anonymous), Types());
}

/// A node of two loops, with a connection to the first and calls to the second.
class EventsOfTwoLoops : public testing::Test {
protected:
    EventsOfTwoLoops() { state.load(node.store); }

    void settle() {
        for (int i = 0; i < 4; ++i) {  // there and back again
            node.queue.run();
            first_loop.run();
            second_loop.run();
        }
    }
    std::unique_ptr<TestConnection> connect(api::PublicService& service, std::string const& id) {
        TestExchange exchange({.target = connect_target(id, user_token(id)), .auth_type = ""},
                              true);
        service.handle(exchange);
        auto connection = std::make_unique<TestConnection>();
        connection->conversation = exchange.take_conversation();
        connection->conversation->on_open(connection->socket);
        settle();
        return connection;
    }
    int call(api::PublicService& service, TestRequest const& request) {
        TestExchange exchange(request);
        service.handle(exchange);
        settle();
        return exchange.answered() ? exchange.answer_given().status : 0;
    }
    int rename_jane(std::string const& name) {
        return call(*second,
                    {.method = Method::Post,
                     .target = "/users?api_key=key",
                     .token = server_token(),
                     .body = R"({"users":{"jane":{"id":"jane","name":")" + name + R"("}}})"});
    }

    TestNode node;
    domain::NodeState state{2, node.random};
    ManualLoop first_loop;
    ManualLoop second_loop;
    api::Node two{.state = state,
                  .store = node.queue,
                  .changes = node.queue,
                  .presence = node.presence,
                  .clock = node.clock,
                  .random = node.random,
                  .log = node.log,
                  .readings = node.readings,
                  .proxies = node.proxies,
                  .passwords = node.passwords,
                  .ready = node.ready,
                  .loop_count = 2};
    std::unique_ptr<api::PublicService> first =
        std::make_unique<api::PublicService>(two, first_loop, 0);
    std::unique_ptr<api::PublicService> second =
        std::make_unique<api::PublicService>(two, second_loop, 1);
};

TEST_F(EventsOfTwoLoops, BringAWatchToTheLoopOfItsConnectionAndEventsToEveryLoop) {
    ASSERT_EQ(rename_jane("Jane"), 201);
    auto const john = connect(*first, "john");
    ASSERT_EQ(call(*second, {.target = query_target(id_of(*john), R"({"id":"jane"})"),
                             .token = user_token("john")}),
              200);
    ASSERT_EQ(rename_jane("Janet"), 201);
    EXPECT_EQ(types_of(*john), Types{"user.updated"});
    auto jane = connect(*second, "jane");
    jane.reset();
    settle();
    EXPECT_EQ(types_of(*john),
              (Types{"user.updated", "user.presence.changed", "user.presence.changed"}));
}

TEST_F(EventsOfTwoLoops, CountOutAWatchForALoopThatIsGone) {
    ASSERT_EQ(rename_jane("Jane"), 201);
    auto john = connect(*first, "john");
    TestExchange query(
        {.target = query_target(id_of(*john), R"({"id":"jane"})"), .token = user_token("john")});
    second->handle(query);
    john.reset();
    first.reset();
    settle();
    EXPECT_EQ(node.presence.count_watched(), 0U);
}

}  // namespace
}  // namespace latchkey::test
