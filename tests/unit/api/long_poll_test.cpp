#include "api/long_poll.hpp"

#include "domain/secrets.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::test {
namespace {

using http::Method;
using namespace std::chrono_literals;

std::string connect_target(std::string const& id = "john", std::string const& key = "key") {
    return "/longpoll?user_id=" + id + "&api_key=" + key + "&json=%7B%22user_id%22:%22" + id +
           "%22,%22user_details%22:%7B%22id%22:%22" + id + "%22%7D%7D";
}
std::string poll_target(std::string const& id, std::string const& more = {}) {
    return "/longpoll?user_id=john&connection_id=" + id + "&api_key=key" + more;
}

class LongPollTest : public testing::Test {
protected:
    TestNode node;

    std::string connect(std::string const& token, std::string const& id = "john") {
        auto const answer = node.call({.target = connect_target(id), .token = token});
        EXPECT_EQ(answer.status, 200) << answer.body;
        return std::string(TestNode::body_of(answer).at("event").at("connection_id").as_string());
    }
    http::Response ask(std::string const& target, std::string const& token) {
        return node.call({.target = target, .token = token});
    }
    /// A poll that may have to wait.
    std::unique_ptr<TestExchange> poll(std::string const& id, std::string const& token) {
        auto exchange =
            std::make_unique<TestExchange>(TestRequest{.target = poll_target(id), .token = token});
        node.service.handle(*exchange);
        node.settle();
        return exchange;
    }
    void pass(std::chrono::microseconds time) {
        node.clock.advance(time);
        node.service.on_tick();
        node.settle();
    }
    static std::size_t event_count(TestExchange const& exchange) {
        return TestNode::body_of(exchange.answer_given()).at("events").as_array().size();
    }
    void server_call(Method method, std::string const& target, std::string const& body) {
        auto const answer =
            node.call({.method = method, .target = target, .token = server_token(), .body = body});
        ASSERT_LT(answer.status, 300) << answer.body;
    }
    void revoke_john() {
        server_call(
            Method::Patch, "/users?api_key=key",
            R"({"users":[{"id":"john","set":{"revoke_tokens_issued_before":"2026-01-01T00:00:01Z"}}]})");
    }

    void rename_john(std::string const& name) {
        server_call(Method::Post, "/users?api_key=key",
                    R"({"users":{"john":{"id":"john","name":")" + name + "\"}}}");
    }

    std::string john = user_token("john");
};

TEST_F(LongPollTest, AnswersAConnectWithTheFirstLegacyFrame) {
    for (auto const* prefix : {"", "/api/v2"}) {
        auto const answer = ask(prefix + connect_target(), john);
        ASSERT_EQ(answer.status, 200) << answer.body;
        auto const body = TestNode::body_of(answer);
        EXPECT_EQ(body.at("event").at("type"), "health.check");
        EXPECT_EQ(body.at("event").at("me").at("id"), "john");
        EXPECT_TRUE(body.at("event").at("created_at").is_string());
        EXPECT_TRUE(body.contains("duration"));
    }
    EXPECT_TRUE(node.presence.is_online(AppId{1}, "john"));
}

TEST_F(LongPollTest, RefusesAConnectAsAnyCallIsRefused) {
    struct Row {
        std::string target;
        std::string token;
        int status;
        int code;
    };
    std::vector<Row> const rows = {
        {connect_target(), "", 401, 5},
        {connect_target("john", "other"), john, 401, 2},
        {connect_target("jane"), john, 401, 5},
        {connect_target(), server_token(), 401, 5},
        {connect_target(), sign(R"({"user_id":"john","exp":1767225600})"), 401, 40},
        {"/longpoll?api_key=key", john, 400, 4},
        {"/longpoll?api_key=key&json=%7B", john, 400, 4},
        {"/longpoll?api_key=key&close=true", john, 400, 4},
    };
    for (auto const& row : rows) {
        auto const answer = ask(row.target, row.token);
        EXPECT_EQ(answer.status, row.status) << row.target << answer.body;
        EXPECT_EQ(TestNode::code_of(answer), row.code) << row.target;
    }
    EXPECT_FALSE(node.presence.is_online(AppId{1}, "john"));
}

TEST_F(LongPollTest, ConnectsAnonymousUsers) {
    auto const answer = node.call({.target = connect_target("x"), .auth_type = "anonymous"});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(TestNode::body_of(answer).at("event").at("me").at("id"), "!anon");
}

TEST_F(LongPollTest, HoldsAPollUntilTheSignOfLife) {
    auto const id = connect(john);
    auto const waiting = poll(id, john);
    pass(20s - 1us);
    EXPECT_FALSE(waiting->answered());
    pass(1us);
    ASSERT_TRUE(waiting->answered());
    EXPECT_EQ(waiting->answer_given().status, 200);
    auto const body = TestNode::body_of(waiting->answer_given());
    ASSERT_EQ(body.at("events").as_array().size(), 1U);
    EXPECT_EQ(body.at("events").at(0).at("type"), "health.check");
    EXPECT_EQ(body.at("events").at(0).at("connection_id").as_string(), id);
    EXPECT_FALSE(poll(id, john)->answered()) << "it would make the client spin";
}

TEST_F(LongPollTest, KeepsOnlyTheNewestEventThatNobodyPolledFor) {
    auto const id = connect(john);
    pass(20s);
    pass(20s);
    auto const late = poll(id, john);
    ASSERT_TRUE(late->answered());
    EXPECT_EQ(event_count(*late), 1U);
    EXPECT_FALSE(poll(id, john)->answered());
}

TEST_F(LongPollTest, AnswersAWaitingPollWithAnEventAtOnce) {
    auto const id = connect(john);
    auto const waiting = poll(id, john);
    rename_john("1");
    ASSERT_TRUE(waiting->answered());
    auto const event =
        TestNode::body_of(waiting->answer_given()).at("events").as_array().at(0).as_object();
    EXPECT_EQ(event.at("type"), "user.updated");
    EXPECT_EQ(event.at("user").at("name"), "1");
    EXPECT_FALSE(poll(id, john)->answered());
}

TEST_F(LongPollTest, KeepsEventsForTheNextPollWithTheSignOfLifeBehindThem) {
    auto const id = connect(john);
    rename_john("1");
    rename_john("2");
    pass(20s);
    auto const late = poll(id, john);
    ASSERT_TRUE(late->answered());
    auto const events = TestNode::body_of(late->answer_given()).at("events").as_array();
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].at("user").at("name"), "1");
    EXPECT_EQ(events[1].at("user").at("name"), "2");
    EXPECT_EQ(events[2].at("type"), "health.check");
    EXPECT_FALSE(poll(id, john)->answered());
}

TEST_F(LongPollTest, EndsAConnectionThatWasSentMoreThanFits) {
    auto const id = connect(john);
    auto const watcher = connect(user_token("jane"), "jane");
    rename_john("a");
    auto const first = poll(id, john);
    auto const event_bytes = first->answer_given().body.find(R"(],"duration")") -
                             std::string_view(R"({"events":[)").size();
    // Each further one takes a comma more; all have names of one character.
    auto const fit = (api::LongPolls::kQueuedBytesMax - 1) / (event_bytes + 1);
    for (std::size_t i = 0; i < fit; ++i) {
        rename_john(i % 2 == 0 ? "b" : "c");
    }
    EXPECT_TRUE(node.presence.is_online(AppId{1}, "john"));
    auto const all = poll(id, john);
    ASSERT_TRUE(all->answered());
    EXPECT_EQ(event_count(*all), fit);
    for (std::size_t i = 0; i <= fit; ++i) {
        rename_john(i % 2 == 0 ? "d" : "e");
    }
    EXPECT_FALSE(node.presence.is_online(AppId{1}, "john"));
    EXPECT_EQ(TestNode::code_of(ask(poll_target(id), john)), 46);
    EXPECT_TRUE(node.presence.is_online(AppId{1}, "jane")) << "nobody else is harmed";
}

TEST_F(LongPollTest, EndsThePollBeforeWithAnEmptyList) {
    auto const id = connect(john);
    auto const first = poll(id, john);
    auto const second = poll(id, john);
    ASSERT_TRUE(first->answered());
    EXPECT_EQ(first->answer_given().status, 200);
    EXPECT_EQ(event_count(*first), 0U);
    EXPECT_FALSE(second->answered());
}

TEST_F(LongPollTest, KnowsAConnectionToItsOwnUserAndAppOnly) {
    auto const id = connect(john);
    node.commit([&](domain::Transaction& transaction) {
        return domain::create_app(transaction,
                                  {.name = "Other",
                                   .mode = domain::Mode::Production,
                                   .api_key = ApiKey::parse("other"),
                                   .api_secret = Secret(std::string(kApiSecret))},
                                  kNow, node.random)
                   ? domain::Outcome::Commit
                   : domain::Outcome::Rollback;
    });
    struct Row {
        std::string target;
        std::string token;
    };
    std::vector<Row> const rows = {
        {poll_target(id), user_token("jane")},
        {poll_target(id), server_token()},
        {"/longpoll?connection_id=" + id + "&api_key=other", john},
        {poll_target("00000000-0000-4000-8000-000000000000"), john},
        {poll_target("nonsense"), john},
        {poll_target(id, "&close=true"), user_token("jane")},
    };
    for (auto const& row : rows) {
        auto const answer = ask(row.target, row.token);
        EXPECT_EQ(answer.status, 404) << row.target;
        EXPECT_EQ(TestNode::code_of(answer), 46) << row.target;
    }
    EXPECT_FALSE(poll(id, john)->answered());
}

TEST_F(LongPollTest, ChecksTheTokenOfEveryPoll) {
    auto const id = connect(john);
    auto const refused = ask(poll_target(id), sign(R"({"user_id":"john","exp":1767225600})"));
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(TestNode::code_of(refused), 40);
    EXPECT_FALSE(poll(id, sign(R"({"user_id":"john","exp":1767225601})"))->answered());
}

TEST_F(LongPollTest, EndsWhenItsClientSaysSo) {
    auto const id = connect(john);
    auto const waiting = poll(id, john);
    EXPECT_EQ(ask(poll_target(id, "&close=true"), john).status, 200);
    EXPECT_EQ(event_count(*waiting), 0U);
    EXPECT_FALSE(node.presence.is_online(AppId{1}, "john"));
    EXPECT_EQ(TestNode::code_of(ask(poll_target(id), john)), 46);
    EXPECT_EQ(TestNode::code_of(ask(poll_target(id, "&close=true"), john)), 46);
}

TEST_F(LongPollTest, EndsWhenNobodyPollsForAMinute) {
    auto const id = connect(john);
    pass(60s - 1us);
    EXPECT_TRUE(node.presence.is_online(AppId{1}, "john"));
    pass(1us);
    EXPECT_FALSE(node.presence.is_online(AppId{1}, "john"));
    EXPECT_EQ(TestNode::code_of(ask(poll_target(id), john)), 46);
}

TEST_F(LongPollTest, CountsTheMinuteFromTheEndOfAPoll) {
    auto const id = connect(john);
    pass(59s);
    ASSERT_TRUE(poll(id, john)->answered()) << "with the sign of life that it missed";
    pass(60s - 1us);
    EXPECT_TRUE(node.presence.is_online(AppId{1}, "john"));
    pass(1us);
    EXPECT_FALSE(node.presence.is_online(AppId{1}, "john"));
}

TEST_F(LongPollTest, TellsAWaitingPollOfARevocation) {
    auto const id = connect(john);
    auto const waiting = poll(id, john);
    revoke_john();
    ASSERT_TRUE(waiting->answered());
    EXPECT_EQ(waiting->answer_given().status, 401);
    EXPECT_EQ(TestNode::code_of(waiting->answer_given()), 40);
    EXPECT_FALSE(node.presence.is_online(AppId{1}, "john"));
    auto const fresh = user_token("john", 1s);
    node.clock.advance(1s);
    EXPECT_EQ(TestNode::code_of(ask(poll_target(id), fresh)), 46);
    EXPECT_NE(connect(fresh), id);
}

TEST_F(LongPollTest, LeavesThoseWhomARevocationDoesNotConcern) {
    auto const later = user_token("john", 1s);
    node.clock.advance(1s);
    auto const waiting = poll(connect(later), later);
    connect(user_token("jane"), "jane");
    revoke_john();
    ASSERT_TRUE(waiting->answered());
    EXPECT_EQ(waiting->answer_given().status, 200) << "told of as of any update, and no more";
    EXPECT_EQ(TestNode::body_of(waiting->answer_given()).at("events").at(0).at("type"),
              "user.updated");
    EXPECT_TRUE(node.presence.is_online(AppId{1}, "john"));
    EXPECT_TRUE(node.presence.is_online(AppId{1}, "jane"));
}

TEST_F(LongPollTest, EndsWhatRestsOnARetiredSecretAndLeavesTheRest) {
    constexpr std::string_view kNewer = "newer-secret-0123456789-abcdefghijklmnop";
    auto const in_store = [&](auto run) {
        node.commit([&](domain::Transaction& transaction) {
            EXPECT_TRUE(run(transaction));
            return domain::Outcome::Commit;
        });
    };
    in_store([&](domain::Transaction& transaction) {
        return domain::add_secret(transaction, AppId{1}, Secret(std::string(kNewer)), kNow,
                                  node.random);
    });
    auto const newer = sign(R"({"user_id":"john","iat":1767225600})", kNewer);
    auto const of_older = poll(connect(john), john);
    auto const of_newer = poll(connect(newer), newer);
    in_store([&](domain::Transaction& transaction) {
        return domain::retire_secret(transaction, AppId{1}, 1, std::nullopt, kNow);
    });
    ASSERT_TRUE(of_older->answered());
    EXPECT_EQ(of_older->answer_given().status, 401);
    EXPECT_EQ(TestNode::code_of(of_older->answer_given()), 43);
    EXPECT_FALSE(of_newer->answered());
    EXPECT_EQ(TestNode::code_of(ask(connect_target(), john)), 43);
}

TEST_F(LongPollTest, TellsAWaitingPollThatItsTokenExpired) {
    auto const token = sign(R"({"user_id":"john","exp":1767225610})");
    auto const waiting = poll(connect(token), token);
    pass(10s - 1us);
    EXPECT_FALSE(waiting->answered());
    pass(1us);
    ASSERT_TRUE(waiting->answered());
    EXPECT_EQ(TestNode::code_of(waiting->answer_given()), 40);
}

TEST_F(LongPollTest, TellsAWaitingPollThatItsUserIsDeactivated) {
    auto const waiting = poll(connect(john), john);
    server_call(Method::Post, "/users/john/deactivate?api_key=key", "{}");
    ASSERT_TRUE(waiting->answered());
    EXPECT_GE(waiting->answer_given().status, 400);
    EXPECT_FALSE(node.presence.is_online(AppId{1}, "john"));
}

TEST_F(LongPollTest, CountsAmongTheConnectionsOfAUser) {
    for (int i = 0; i < 50; ++i) {
        connect(john);
    }
    auto const refused = ask(connect_target(), john);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(TestNode::code_of(refused), 71);
}

TEST_F(LongPollTest, HoldsSoManyConnectionsAndNoMore) {
    node.node.rate_limits.enforced = false;
    TestRequest const request = {.target = connect_target("x"), .auth_type = "anonymous"};
    for (std::size_t i = 0; i < api::LongPolls::kConnectionsMax; ++i) {
        ASSERT_EQ(node.call(request).status, 200) << i;
    }
    auto const refused = node.call(request);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(TestNode::code_of(refused), -1);
}

TEST_F(LongPollTest, AnswersWaitingPollsAtStop) {
    auto const waiting = poll(connect(john), john);
    TestExchange connecting({.target = connect_target(), .token = john});
    node.service.handle(connecting);
    node.service.on_stop();
    ASSERT_TRUE(waiting->answered());
    EXPECT_EQ(waiting->answer_given().status, 503);
    EXPECT_EQ(TestNode::code_of(waiting->answer_given()), -1);
    EXPECT_TRUE(connecting.answered());
    node.settle();
    EXPECT_TRUE(connecting.answered()) << "once, though the store answers later";
    EXPECT_FALSE(node.presence.is_online(AppId{1}, "john"));
    EXPECT_EQ(ask(connect_target(), john).status, 503);
}

TEST_F(LongPollTest, SaysThatTheStoreIsAwayAndNothingThatWouldLogAUserOut) {
    node.queue.lost = true;
    auto const answer = ask(connect_target(), john);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(TestNode::code_of(answer), -1);
}

/// Two loops of one node; connects go to the first, polls to the second.
class LongPollsOfTwoLoops : public testing::Test {
protected:
    LongPollsOfTwoLoops() { state.load(node.store); }

    void settle() {
        for (int i = 0; i < 4; ++i) {  // there and back again
            node.queue.run();
            first_loop.run();
            second_loop.run();
        }
    }
    std::string connect() {
        TestExchange exchange({.target = connect_target(), .token = john});
        first->handle(exchange);
        settle();
        return std::string(
            TestNode::body_of(exchange.answer_given()).at("event").at("connection_id").as_string());
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
    std::string john = user_token("john");
};

TEST_F(LongPollsOfTwoLoops, BringAPollToTheLoopOfItsConnect) {
    auto const id = connect();
    TestExchange waiting({.target = poll_target(id), .token = john});
    second->handle(waiting);
    settle();
    EXPECT_FALSE(waiting.answered());
    node.clock.advance(20s);
    first->on_tick();
    first_loop.run();
    EXPECT_FALSE(waiting.answered()) << "only its own loop may answer it";
    second_loop.run();
    ASSERT_TRUE(waiting.answered());
    EXPECT_EQ(TestNode::body_of(waiting.answer_given()).at("events").as_array().size(), 1U);
}

TEST_F(LongPollsOfTwoLoops, ForgetTheConnectionsOfALoopThatIsGone) {
    auto const id = connect();
    first.reset();
    TestExchange late({.target = poll_target(id), .token = john});
    second->handle(late);
    settle();
    ASSERT_TRUE(late.answered());
    EXPECT_EQ(TestNode::code_of(late.answer_given()), 46);
}

TEST_F(LongPollsOfTwoLoops, AnswerAPollAtStopOnceEach) {
    auto const id = connect();
    TestExchange waiting({.target = poll_target(id), .token = john});
    second->handle(waiting);
    settle();
    second->on_stop();
    first->on_stop();
    EXPECT_TRUE(waiting.answered());
    settle();
    EXPECT_TRUE(waiting.answered());
}

}  // namespace
}  // namespace latchkey::test
