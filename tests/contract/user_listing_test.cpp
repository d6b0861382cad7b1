#include "domain/user_listing.hpp"

#include "contract/samples.hpp"
#include "contract/store_harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace latchkey {
namespace {

using domain::Transaction;
using domain::User;
using domain::UserListing;
using domain::UserState;
using domain::UserWalk;
using test::kNow;
using testing::ElementsAre;
using testing::IsEmpty;
using Ids = std::vector<std::string>;

User named(std::string_view id, std::optional<std::string> name) {
    auto user = test::plain_user(id);
    user.name = std::move(name);
    return user;
}

/// What can stand beside what: each letter in both cases, names equal and absent, each state.
std::vector<User> crowd() {
    std::vector<User> users = {named("anna", "Zoe"),
                               named("Anna2", "anna"),
                               named("ANNE", std::nullopt),
                               named("bob", "Annabel"),
                               named("carl", "annabel"),
                               named("dora", "ANNABEL"),
                               named("emil", "Älä"),
                               named("zara", "anna"),
                               named("an_x", "a%_b"),
                               named("an-x", "a"),
                               named("frank", std::string("a\0b", 3))};
    auto revoked = named("revoked", "anton");
    revoked.revoke_tokens_issued_before = kNow;
    auto deactivated = named("deactivated", "Anton");
    deactivated.deactivated_at = kNow;
    auto deleted = named("deleted", "anton");
    deleted.deleted_at = kNow;
    deleted.revoke_tokens_issued_before = kNow;
    auto both = named("both", "anton");
    both.deactivated_at = kNow;
    both.revoke_tokens_issued_before = kNow;
    auto admin = named("chief", "antonia");
    admin.role = "admin";
    for (auto const& user : {revoked, deactivated, deleted, both, admin}) {
        users.push_back(user);
    }
    return users;
}

class UserListingContract : public testing::TestWithParam<test::StoreKind> {
protected:
    UserListingContract() {
        do_work([&](Transaction& t) {
            app_ = t.apps().insert(test::plain_app("key")).value();
            auto const other = t.apps().insert(test::plain_app("other")).value();
            for (auto const& user : crowd()) {
                test::put(t, app_, user, true);
            }
            test::put(t, other, named("annother", "anna"));
        });
    }

    void do_work(std::function<void(Transaction&)> work) {
        std::ignore = test::commit_one(harness_->store(), std::move(work));
    }
    domain::UserPage page(UserListing const& listing) {
        domain::UserPage page;
        do_work([&](Transaction& t) { page = domain::list_users(t.users(), app_, listing); });
        return page;
    }
    /// All pages of `limit` each, one behind the other.
    Ids all(UserListing listing, std::size_t limit) {
        Ids ids;
        listing.limit = limit;
        do {
            auto const found = page(listing);
            EXPECT_LE(found.users.size(), limit);
            EXPECT_TRUE(!found.next || found.users.size() == limit);
            for (auto const& user : found.users) {
                ids.push_back(user.id.text());
            }
            listing.after = found.next;
        } while (listing.after);
        return ids;
    }
    Ids search(std::string text) { return all({.search = std::move(text)}, 50); }

    AppId app_{0};

private:
    std::unique_ptr<test::StoreHarness> harness_ = GetParam().make(1000);
};

INSTANTIATE_TEST_SUITE_P(Stores, UserListingContract, testing::ValuesIn(test::store_kinds()),
                         [](auto const& parameter) { return parameter.param.name; });

TEST_P(UserListingContract, ShowsEachUserOfTheAppOnceById) {
    Ids expected;
    for (auto const& user : crowd()) {
        expected.push_back(user.id.text());
    }
    std::ranges::sort(expected);
    EXPECT_EQ(all({}, 50), expected);
    EXPECT_EQ(all({}, expected.size()), expected);
}

TEST_P(UserListingContract, SearchesTheStartOfIdsThenOfNamesWhateverTheCase) {
    EXPECT_THAT(search("ann"), ElementsAre("ANNE", "Anna2", "anna", "dora", "bob", "zara", "carl"));
    EXPECT_EQ(search("ANN"), search("ann"));
    EXPECT_EQ(search("aNn"), search("ann"));
    EXPECT_THAT(search("annab"), ElementsAre("dora", "bob", "carl"));
    EXPECT_THAT(search("nna"), IsEmpty());
    EXPECT_THAT(search("an_"), ElementsAre("an_x"));  // no pattern of SQL's
    EXPECT_THAT(search("a%"), ElementsAre("an_x"));
    EXPECT_THAT(search("Ä"), ElementsAre("emil"));
    EXPECT_THAT(search("ä"), IsEmpty());  // ASCII case alone
    EXPECT_THAT(search("\xff"), IsEmpty());
    EXPECT_THAT(search(std::string(domain::kUserSearchBytesMax, 'a')), IsEmpty());
}

TEST_P(UserListingContract, ComesInTheSameOrderHoweverLargeAPageIs) {
    for (auto const* text : {"", "a", "ann", "anton"}) {
        for (auto const state : {UserState::Any, UserState::Active, UserState::Revoked}) {
            UserListing const listing{.search = text, .state = state};
            auto const whole = all(listing, 50);
            for (std::size_t limit = 1; limit < 5; ++limit) {
                EXPECT_EQ(all(listing, limit), whole) << text << ' ' << limit;
            }
        }
    }
}

TEST_P(UserListingContract, TellsStatesApart) {
    EXPECT_THAT(all({.state = UserState::Revoked}, 50), ElementsAre("both", "revoked"));
    EXPECT_THAT(all({.state = UserState::Deactivated}, 50), ElementsAre("both", "deactivated"));
    EXPECT_THAT(all({.state = UserState::Deleted}, 50), ElementsAre("deleted"));
    EXPECT_EQ(all({.state = UserState::Active}, 50).size(), crowd().size() - 3);
    EXPECT_THAT(all({.search = "anton", .state = UserState::Revoked}, 50),
                ElementsAre("both", "revoked"));
    EXPECT_THAT(all({.search = "de", .state = UserState::Deleted}, 50), ElementsAre("deleted"));
}

TEST_P(UserListingContract, ChoosesByRole) {
    EXPECT_THAT(all({.role = "admin"}, 50), ElementsAre("chief"));
    EXPECT_THAT(all({.search = "anton", .role = "admin"}, 50), ElementsAre("chief"));
    EXPECT_EQ(all({.role = "user"}, 50).size(), crowd().size() - 1);
    EXPECT_THAT(all({.role = "nobody's"}, 50), IsEmpty());
    EXPECT_THAT(all({.state = UserState::Revoked, .role = "user"}, 50),
                ElementsAre("both", "revoked"));
}

/// Each walk is asked of the one predicate that says what walks mean.
TEST_P(UserListingContract, WalksPastWhomThePredicateNames) {
    for (auto const order : {UserWalk::Order::Id, UserWalk::Order::Name}) {
        for (auto const* prefix : {"", "a", "an", "A", "anna", "\xc3"}) {
            for (auto const* except : {"", "AN"}) {
                for (auto const state : {UserState::Any, UserState::Active, UserState::Revoked,
                                         UserState::Deactivated, UserState::Deleted}) {
                    for (auto const& role :
                         {std::optional<std::string>(), std::optional<std::string>("user"),
                          std::optional<std::string>("admin")}) {
                        for (auto const* after : {"", "Anna2", "an", "carl"}) {
                            UserWalk const walk{.order = order,
                                                .prefix = prefix,
                                                .after_name = *after == '\0' ? "" : "anna",
                                                .after_id = after,
                                                .except_id_prefix = except,
                                                .state = state,
                                                .role = role,
                                                .limit = 50};
                            std::vector<User> expected;
                            for (auto const& user : crowd()) {
                                if (domain::comes_past(walk, user)) {
                                    expected.push_back(user);
                                }
                            }
                            std::ranges::sort(expected, {}, [&](User const& user) {
                                return std::pair(order == UserWalk::Order::Name
                                                     ? user.name.value_or("")
                                                     : std::string(),
                                                 user.id.text());
                            });
                            do_work([&](Transaction& t) {
                                EXPECT_EQ(t.users().walk(app_, walk), expected);
                            });
                        }
                    }
                }
            }
        }
    }
}

TEST_P(UserListingContract, CountsAllUsersOfTheApp) {
    do_work([&](Transaction& t) { EXPECT_EQ(t.users().count(app_), crowd().size()); });
}

TEST_P(UserListingContract, ListsRevocationsThoseOfErasedUsersIncluded) {
    do_work([&](Transaction& t) {
        // Somebody deleted may come back with it, and till then is refused whatever it says.
        EXPECT_EQ(t.users().revocations(app_, "", 1).front().id.text(), "both");
        EXPECT_EQ(t.users().revocations(app_, "both", 1).front().id.text(), "revoked");
        t.users().erase(app_, test::user_id("deleted"));
        t.users().erase(app_, test::user_id("deactivated"));
        auto const ids = [&](std::string const& after, std::size_t limit) {
            Ids found;
            for (auto const& entry : t.users().revocations(app_, after, limit)) {
                EXPECT_EQ(entry.before, kNow);
                found.push_back(entry.id.text());
            }
            return found;
        };
        EXPECT_THAT(ids("", 50), ElementsAre("both", "deleted", "revoked"));
        EXPECT_THAT(ids("both", 1), ElementsAre("deleted"));
        EXPECT_THAT(ids("revoked", 50), IsEmpty());
    });
}

}  // namespace
}  // namespace latchkey
