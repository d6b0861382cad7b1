#include "api/live_feed.hpp"

#include "domain/apps.hpp"
#include "support/schema_check.hpp"
#include "support/test_node.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::test {
namespace {

using boost::json::object;
using namespace std::chrono_literals;

/// What a screen got: frames that admin.json describes.
class Screen final : public http::WebSocket {
public:
    void send_text(std::string_view text) override {
        auto const frame = sent.empty() ? Frame::First : Frame::Later;
        EXPECT_EQ(admin_frame_faults("WatchLive", frame, boost::json::parse(text)), Faults())
            << text;
        sent.push_back(boost::json::parse(text).as_object());
    }
    void close(std::uint16_t code, std::string_view) override { close_code = code; }
    void send_text_and_close(std::string_view text, std::uint16_t code,
                             std::string_view reason) override {
        send_text(text);
        close(code, reason);
    }
    std::vector<object> sent;
    std::uint16_t close_code = 0;
};

class LiveFeedTest : public testing::Test {
protected:
    struct Watcher {
        Screen screen;
        std::unique_ptr<http::Conversation> conversation;
        ~Watcher() { conversation->on_end(); }
    };
    std::unique_ptr<Watcher> watch(std::function<bool()> may_listen = [] { return true; }) {
        auto watcher = std::make_unique<Watcher>();
        watcher->conversation = feed.open(std::move(may_listen));
        watcher->conversation->on_open(watcher->screen);
        return watcher;
    }
    void pass(std::chrono::microseconds time) {
        node.clock.advance(time);
        feed.on_tick();
    }
    void rename(std::string const& name) {
        node.commit([&](domain::Transaction& transaction) {
            EXPECT_TRUE(domain::update_app(
                transaction, AppId{1}, [&](domain::App& app) { app.name = name; }, kNow));
            return domain::Outcome::Commit;
        });
    }
    static std::string type_of(object const& message) {
        return std::string(message.at("type").as_string());
    }

    TestNode node;
    api::LiveFeed feed{node.node, node.loop, 0};
};

TEST_F(LiveFeedTest, SendsTheFiguresAtOnceAndThenEachSecond) {
    auto const watcher = watch();
    ASSERT_EQ(watcher->screen.sent.size(), 1U);
    EXPECT_EQ(watcher->screen.sent[0].at("apps").at("key").at("accepted").at("user"), 0);
    (void)node.call({.target = "/app?api_key=key", .token = user_token("john")});
    pass(1s - 1us);
    EXPECT_EQ(watcher->screen.sent.size(), 1U);
    pass(1us);
    ASSERT_EQ(watcher->screen.sent.size(), 2U);
    auto const& message = watcher->screen.sent[1];
    EXPECT_EQ(type_of(message), "figures");
    EXPECT_EQ(message.at("at"), "2026-01-01T00:00:01.000000Z");
    EXPECT_EQ(message.at("apps").at("key").at("accepted").at("user"), 1);
}

TEST_F(LiveFeedTest, SaysWhichAppChangedOnceForEachTick) {
    auto const watcher = watch();
    rename("First");
    rename("Second");
    pass(250ms);
    ASSERT_EQ(watcher->screen.sent.size(), 2U);
    EXPECT_EQ(type_of(watcher->screen.sent[1]), "changed");
    EXPECT_EQ(watcher->screen.sent[1].at("app"), "key");
    pass(250ms);
    EXPECT_EQ(watcher->screen.sent.size(), 2U);
}

TEST_F(LiveFeedTest, NamesNoAppThatIsGone) {
    auto const watcher = watch();
    node.commit([](domain::Transaction& transaction) {
        transaction.apps().remove(AppId{1});
        return domain::Outcome::Commit;
    });
    pass(250ms);
    EXPECT_TRUE(watcher->screen.sent.at(1).at("app").is_null());
}

TEST_F(LiveFeedTest, NamesNoAppWhereTooManyChanged) {
    auto const watcher = watch();
    node.commit([&](domain::Transaction& transaction) {
        for (std::size_t i = 0; i <= api::LiveFeed::kChangedMax; ++i) {
            EXPECT_TRUE(domain::create_app(transaction, {.name = "another"}, kNow, node.random));
        }
        return domain::Outcome::Commit;
    });
    pass(250ms);
    ASSERT_EQ(watcher->screen.sent.size(), 2U);
    EXPECT_TRUE(watcher->screen.sent[1].at("app").is_null());
}

TEST_F(LiveFeedTest, EndsWithTheSessionThatItCameWith) {
    bool signed_in = true;
    auto const watcher = watch([&] { return signed_in; });
    auto const other = watch();
    pass(250ms);
    EXPECT_EQ(watcher->screen.close_code, 0);
    signed_in = false;
    pass(250ms);
    EXPECT_EQ(watcher->screen.close_code, 1008);
    EXPECT_EQ(other->screen.close_code, 0);
    auto const count = watcher->screen.sent.size();
    pass(1s);
    EXPECT_EQ(watcher->screen.sent.size(), count);
}

TEST_F(LiveFeedTest, HasAtMostSoManyListeners) {
    std::vector<std::unique_ptr<Watcher>> watchers;
    for (std::size_t i = 0; i < api::LiveFeed::kListenersMax; ++i) {
        watchers.push_back(watch());
    }
    EXPECT_EQ(feed.open([] { return true; }), nullptr);
    watchers.pop_back();
    EXPECT_NE(feed.open([] { return true; }), nullptr);
}

TEST_F(LiveFeedTest, ListensToNothingWhileNobodyListens) {
    {
        auto const watcher = watch();
    }
    rename("Changed");
    pass(1s);
    auto const watcher = watch();
    pass(250ms);
    EXPECT_EQ(watcher->screen.sent.size(), 1U);
}

TEST_F(LiveFeedTest, TellsListenersThatTheServerGoesAway) {
    auto const watcher = watch();
    feed.on_stop();
    EXPECT_EQ(watcher->screen.close_code, 1001);
}

}  // namespace
}  // namespace latchkey::test
