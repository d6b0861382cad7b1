#include "api/presence.hpp"

#include "api/connection_registry.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace latchkey::test {
namespace {

using api::Presence;

/// Somebody with a connection, to whom nothing happens.
class FakeMember final : public api::Member {
public:
    FakeMember(AppId app, std::string user_id, domain::CallerKind kind = domain::CallerKind::User)
        : app_(app), user_id_(std::move(user_id)), kind_(kind) {}

    [[nodiscard]] domain::Grant grant() const override {
        return {.app_id = app_,
                .user_id = user_id_,
                .kind = kind_,
                .issued_at = std::nullopt,
                .expires_at = std::nullopt,
                .developer_token = false,
                .secret_id = secret_id};
    }
    [[nodiscard]] std::size_t slot() const override { return 3; }
    [[nodiscard]] wire::Style style() const override { return wire::Style::Legacy; }
    [[nodiscard]] api::ConnectionFacts facts() const override {
        return {.client = "test", .address = "192.0.2.1"};
    }
    void send_event(std::string_view) override {}
    void end(domain::Refusal const&) override {}
    void send_keep_alive() override {}
    void go_away() override {}

    std::optional<std::int64_t> secret_id{};

private:
    AppId app_;
    std::string user_id_;
    domain::CallerKind kind_;
};

api::ConnectionId id(int number) {
    api::ConnectionId made{};
    made.front() = static_cast<std::byte>(number);
    return made;
}

class PresenceTest : public testing::Test {
protected:
    Presence presence;
    FakeMember john{AppId{1}, "john"};
    FakeMember other_john{AppId{2}, "john"};
    FakeMember anonymous{AppId{1}, "!anon", domain::CallerKind::Anonymous};

    /// Of each App, connections and users.
    using Totals = std::map<AppId, std::pair<std::size_t, std::size_t>>;
    [[nodiscard]] Totals totals() const {
        Totals totals;
        presence.visit([&](AppId app, std::size_t connections, std::size_t users) {
            totals[app] = {connections, users};
        });
        return totals;
    }
};

TEST_F(PresenceTest, CountsConnectionsAndUsersUntilTheyLeave) {
    EXPECT_TRUE(presence.add(john, id(1), 2));
    EXPECT_TRUE(presence.add(john, id(2), 2));
    EXPECT_FALSE(presence.add(john, id(3), 2));
    EXPECT_TRUE(presence.add(anonymous, id(4), 2));
    EXPECT_TRUE(presence.add(other_john, id(5), 2));
    EXPECT_EQ(totals(), (Totals{{AppId{1}, {2U, 1U}}, {AppId{2}, {1U, 1U}}}));
    presence.remove(john, id(1));
    presence.remove(john, id(2));
    presence.remove(john, id(2));
    EXPECT_EQ(totals(), (Totals{{AppId{1}, {0U, 0U}}, {AppId{2}, {1U, 1U}}}));
}

TEST_F(PresenceTest, FindsAConnectionInItsOwnAppOnly) {
    ASSERT_TRUE(presence.add(john, id(1), 2));
    auto const text = api::format_connection_id(id(1));
    auto const place = presence.find_connection(AppId{1}, text);
    ASSERT_TRUE(place);
    EXPECT_EQ(place->id, id(1));
    EXPECT_EQ(place->slot, 3U);
    EXPECT_EQ(place->user_id, "john");
    EXPECT_EQ(presence.find_member(id(1)), &john);
    EXPECT_FALSE(presence.find_connection(AppId{2}, text));
    EXPECT_FALSE(presence.find_connection(AppId{1}, "x" + text));
    EXPECT_FALSE(presence.find_connection(AppId{1}, api::format_connection_id(id(2))));
    EXPECT_EQ(presence.find_member(id(2)), nullptr);
}

TEST_F(PresenceTest, FindsNoAnonymousConnection) {
    ASSERT_TRUE(presence.add(anonymous, id(1), 2));
    EXPECT_FALSE(presence.find_connection(AppId{1}, api::format_connection_id(id(1))));
}

TEST_F(PresenceTest, HasNewsOfAWatchedUsersFirstAndLastConnectionOnly) {
    using News = Presence::News;
    EXPECT_EQ(presence.add(john, id(1), 9), News::None);
    presence.watch(AppId{1}, "john");
    EXPECT_EQ(presence.add(john, id(2), 9), News::None);
    EXPECT_EQ(presence.remove(john, id(1)), News::None);
    EXPECT_EQ(presence.remove(john, id(2)), News::ForWatchers);
    EXPECT_EQ(presence.remove(john, id(2)), News::None);
    EXPECT_EQ(presence.add(john, id(3), 9), News::ForWatchers);
    EXPECT_EQ(presence.add(other_john, id(4), 9), News::None) << "another App's";
    presence.unwatch(AppId{1}, "john");
    EXPECT_EQ(presence.remove(john, id(3)), News::None);
}

TEST_F(PresenceTest, CountsWatchersOfEachUser) {
    presence.watch(AppId{1}, "john");
    presence.watch(AppId{1}, "john");
    presence.watch(AppId{2}, "john");
    EXPECT_EQ(presence.count_watched(), 2U);
    presence.unwatch(AppId{1}, "john");
    EXPECT_TRUE(presence.audience_of(AppId{1}, "john").watched);
    presence.unwatch(AppId{1}, "john");
    EXPECT_FALSE(presence.audience_of(AppId{1}, "john").watched);
    presence.unwatch(AppId{1}, "john");
    EXPECT_EQ(presence.count_watched(), 1U);
}

TEST_F(PresenceTest, HandsOutEachTurnOnce) {
    EXPECT_FALSE(presence.take_untold(AppId{1}, "john")) << "nobody watches";
    presence.watch(AppId{1}, "john");
    EXPECT_FALSE(presence.take_untold(AppId{1}, "john"));
    ASSERT_TRUE(presence.add(john, id(1), 9));
    EXPECT_EQ(presence.take_untold(AppId{1}, "john"), true);
    EXPECT_FALSE(presence.take_untold(AppId{1}, "john"));
    presence.remove(john, id(1));
    ASSERT_TRUE(presence.add(john, id(2), 9));
    EXPECT_FALSE(presence.take_untold(AppId{1}, "john")) << "gone and back before it was told";
    presence.remove(john, id(2));
    EXPECT_EQ(presence.take_untold(AppId{1}, "john"), false);
}

TEST_F(PresenceTest, CountsAnonymousConnectionsAmongWhatIsOpen) {
    EXPECT_TRUE(presence.add(john, id(1), 2));
    EXPECT_TRUE(presence.add(anonymous, id(2), 2));
    EXPECT_EQ(presence.open_of(AppId{1}).connections, 2U);
    EXPECT_EQ(presence.open_of(AppId{1}).users, 1U);
    EXPECT_EQ(presence.open_of(AppId{2}).connections, 0U);
    presence.remove(anonymous, id(2));
    EXPECT_EQ(presence.open_of(AppId{1}).connections, 1U);
}

TEST_F(PresenceTest, ListsTheNewestConnectionsOfAnAppOrOfOneUser) {
    FakeMember jane{AppId{1}, "jane"};
    john.opened_at_s = 1;
    jane.opened_at_s = 3;
    anonymous.opened_at_s = 2;
    EXPECT_TRUE(presence.add(john, id(1), 2));
    EXPECT_TRUE(presence.add(jane, id(2), 2));
    EXPECT_TRUE(presence.add(anonymous, id(3), 2));
    EXPECT_TRUE(presence.add(other_john, id(4), 2));
    auto const users = [](Presence::List const& list) {
        std::string text;
        for (auto const& connection : list.connections) {
            text += (text.empty() ? "" : " ") + connection.user_id;
        }
        return text;
    };
    auto const all = presence.list(AppId{1}, std::nullopt, 3);
    EXPECT_EQ(users(all), "jane !anon john");
    EXPECT_EQ(all.total, 3U);
    EXPECT_EQ(all.connections.front().opened_at, Instant(std::chrono::seconds(3)));
    EXPECT_EQ(all.connections.front().client, "test");
    EXPECT_EQ(all.connections.front().address, "192.0.2.1");
    auto const two = presence.list(AppId{1}, std::nullopt, 2);
    EXPECT_EQ(users(two), "jane !anon");
    EXPECT_EQ(two.total, 3U);
    EXPECT_EQ(users(presence.list(AppId{1}, "john", 3)), "john");
    EXPECT_EQ(presence.list(AppId{1}, "nobody", 3).total, 0U);
}

TEST_F(PresenceTest, CountsWhatRestsOnASecret) {
    FakeMember jane{AppId{1}, "jane"};
    john.secret_id = 1;
    jane.secret_id = 2;
    anonymous.secret_id = 2;
    EXPECT_TRUE(presence.add(john, id(1), 2));
    EXPECT_TRUE(presence.add(john, id(2), 2));
    EXPECT_TRUE(presence.add(jane, id(3), 2));
    EXPECT_TRUE(presence.add(anonymous, id(4), 2));
    EXPECT_EQ(presence.count_by_secret(AppId{1}),
              (std::map<std::int64_t, std::size_t>{{1, 2U}, {2, 2U}}));
    auto const of_second =
        presence.count(AppId{1}, [](domain::Grant const& grant) { return grant.secret_id == 2; });
    EXPECT_EQ(of_second.connections, 2U);
    EXPECT_EQ(of_second.users, 1U);
}

}  // namespace
}  // namespace latchkey::test
