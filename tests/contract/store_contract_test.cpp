#include "contract/samples.hpp"
#include "contract/store_harness.hpp"
#include "domain/store.hpp"
#include "support/failing_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace latchkey {
namespace {

using domain::App;
using domain::Change;
using domain::Job;
using domain::JobResult;
using domain::Outcome;
using domain::Transaction;
using domain::User;
using domain::UserField;
using test::commit_one;
using test::expect_same;
using test::kNow;
using test::plain_app;
using test::plain_user;
using test::put;
using test::revoked_user;
using test::user_id;
using namespace std::chrono_literals;

constexpr std::size_t kLogMax = 10;

/// In a function of its own, because g++ 12 takes the moving of jobs for a null dereference when it
/// sees it together with the lambda.
void add_job(std::vector<Job>& jobs, Job job) { jobs.push_back(std::move(job)); }

/// Short names for entries of the log: "app 1", "removed 1", "user 1/john revoked".
std::string describe(Change const& change) {
    auto const number = [](AppId id) { return std::to_string(static_cast<std::int64_t>(id)); };
    auto text = std::to_string(change.sequence) + ": ";
    if (auto const* app = std::get_if<domain::AppChanged>(&change.what)) {
        return text + "app " + number(app->app->id) + " " + app->app->name;
    }
    if (auto const* removed = std::get_if<domain::AppRemoved>(&change.what)) {
        return text + "removed " + number(removed->app_id);
    }
    auto const& user = std::get<domain::UserStandingChanged>(change.what);
    text += "user " + number(user.app_id) + "/" + user.user_id + " " + user.standing.role;
    text += user.standing.revoke_tokens_issued_before ? " revoked" : "";
    text += user.standing.deactivated ? " deactivated" : "";
    return text + (user.standing.deleted ? " deleted" : "");
}

std::vector<std::string> describe(std::vector<Change> const& changes) {
    std::vector<std::string> texts;
    for (auto const& change : changes) {
        texts.push_back(describe(change));
    }
    return texts;
}

class Snapshot final : public domain::SnapshotReader {
public:
    explicit Snapshot(domain::Store& store) : sequence(store.load(*this)) {}

    void on_app(App app) override { apps.push_back(std::move(app)); }
    void on_user(AppId app, std::string const& id, domain::UserStanding const& standing) override {
        EXPECT_TRUE(std::ranges::any_of(apps, [&](App const& known) { return known.id == app; }));
        EXPECT_FALSE(standing.is_ordinary());
        users[{app, id}] = standing;
    }

    std::vector<App> apps{};
    std::map<std::pair<AppId, std::string>, domain::UserStanding> users{};
    domain::Sequence sequence;
};

class StoreContract : public testing::TestWithParam<test::StoreKind> {
protected:
    domain::Store& store() { return harness_->store(); }
    void reopen() { harness_->reopen(); }

    AppId insert(App const& app) {
        std::optional<AppId> id;
        std::ignore = commit_one(store(), [&](Transaction& t) { id = t.apps().insert(app); });
        return id.value();
    }

    std::optional<App> find(AppId id) {
        std::optional<App> app;
        std::ignore = commit_one(store(), [&](Transaction& t) { app = t.apps().find(id); });
        return app;
    }

    std::vector<User> find_users(AppId app, std::vector<UserId> const& ids) {
        std::vector<User> users;
        std::ignore =
            commit_one(store(), [&](Transaction& t) { users = t.users().find(app, ids); });
        return users;
    }

    void erase(AppId app, std::string const& id) {
        std::ignore =
            commit_one(store(), [&](Transaction& t) { t.users().erase(app, user_id(id)); });
    }

    std::optional<Instant> find_erased_revocation(AppId app, std::string const& id) {
        std::optional<Instant> kept;
        std::ignore = commit_one(store(), [&](Transaction& t) {
            kept = t.users().find_erased_revocation(app, user_id(id));
        });
        return kept;
    }

    domain::CommitResult put_users(AppId app, std::vector<User> const& users,
                                   bool standing_changed = false) {
        return commit_one(store(), [&](Transaction& t) {
            std::vector<domain::UserWrite> writes;
            for (auto const& user : users) {
                writes.push_back({.user = user, .standing_changed = standing_changed});
            }
            t.users().put(app, writes);
        });
    }

    std::vector<std::string> query(AppId app, domain::UserQuery const& query) {
        std::vector<std::string> ids;
        std::ignore = commit_one(store(), [&](Transaction& t) {
            for (auto const& user : t.users().query(app, query)) {
                ids.push_back(user.id.text());
            }
        });
        return ids;
    }

    std::vector<std::string> log_after(domain::Sequence after, std::size_t count_max = 100) {
        return describe(store().changes_after(after, count_max).value());
    }

private:
    std::unique_ptr<test::StoreHarness> harness_ = GetParam().make(kLogMax);
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::ValuesIn(test::store_kinds()),
                         [](auto const& parameter) { return parameter.param.name; });

// Apps

App full_app() {
    auto app = plain_app("full-key_1");
    app.name = "Größe \U0001F511 \"quoted\" 'n'";
    app.mode = domain::Mode::Production;
    app.secrets.insert(app.secrets.begin(), {.id = 7,
                                             .secret = Secret(std::string("\0binary\xff", 8)),
                                             .created_at = kNow + 1us,
                                             .retires_at = kInstantMax});
    app.created_at = kInstantMin;
    app.updated_at = kInstantMax;
    app.revoke_tokens_issued_before = kNow - 1us;
    app.disable_auth_checks = true;
    app.disable_permissions_checks = true;
    app.guest_user_creation_disabled = true;
    app.multi_tenant_enabled = true;
    app.suspended = true;
    app.suspended_explanation = "unpaid";
    app.enforce_unique_usernames = domain::UniqueNames::Team;
    app.user_search_disallowed_roles = {"guest", "", "x\"y"};
    app.grants = {{"user", {"search-user", "x\"y"}}, {"guest", boost::json::array()}};
    app.custom_roles = {{.name = "support", .created_at = kNow},
                        {.name = "bot", .created_at = kNow - 1us}};
    app.forgotten_secrets = {{.id = 5, .created_at = kNow - 1us, .retired_at = kNow},
                             {.id = 2, .created_at = kInstantMin, .retired_at = kInstantMax}};
    app.other_settings = {{"z", 1}, {"a", {{"nested", nullptr}}}, {"pi", 3.141592653589793}};
    return app;
}

TEST_P(StoreContract, ReturnsEveryFieldOfAnAppAsItWasStored) {
    auto const full = full_app();
    auto const plain = plain_app("plain");
    auto const full_id = insert(full);
    auto const plain_id = insert(plain);
    reopen();
    expect_same(find(full_id).value(), full);
    expect_same(find(plain_id).value(), plain);
}

TEST_P(StoreContract, KeepsGrantsRolesAndOtherSettingsApart) {
    auto app = plain_app("key");
    app.grants = {{"user", boost::json::array()}};
    auto const id = insert(app);
    reopen();
    EXPECT_EQ(find(id)->grants, app.grants);
    EXPECT_TRUE(find(id)->other_settings.empty());
    app = find(id).value().clone();
    app.grants.clear();
    app.custom_roles = {{.name = "support", .created_at = kNow}};
    std::ignore = commit_one(store(), [&](Transaction& t) { t.apps().update(app); });
    reopen();
    expect_same(find(id).value(), app);
    auto const snapshot = Snapshot(store());
    expect_same(snapshot.apps.front(), app);
}

TEST_P(StoreContract, NumbersAppsFromOneAndNeverGivesANumberOutAgain) {
    EXPECT_EQ(insert(plain_app("a")), AppId(1));
    EXPECT_EQ(insert(plain_app("b")), AppId(2));
    std::ignore = commit_one(store(), [](Transaction& t) { t.apps().remove(AppId(2)); });
    reopen();
    EXPECT_EQ(insert(plain_app("b")), AppId(3));
}

TEST_P(StoreContract, RefusesASecondAppWithTheSameKey) {
    insert(plain_app("same"));
    auto const result = commit_one(store(), [](Transaction& t) {
        EXPECT_EQ(t.apps().insert(plain_app("same")), std::nullopt);
        EXPECT_EQ(t.apps().insert(plain_app("Same")), AppId(2));
    });
    EXPECT_THAT(describe(result.changes), testing::ElementsAre("2: app 2 Sample"));
}

TEST_P(StoreContract, ListsAppsByIdAndFindsThemByKey) {
    insert(plain_app("z"));
    insert(plain_app("a"));
    std::ignore = commit_one(store(), [](Transaction& t) {
        auto const apps = t.apps().all();
        ASSERT_EQ(apps.size(), 2);
        EXPECT_EQ(apps[0].api_key.text(), "z");
        EXPECT_EQ(apps[1].api_key.text(), "a");
        EXPECT_EQ(t.apps().find_by_key(*ApiKey::parse("a")).value().id, AppId(2));
        EXPECT_FALSE(t.apps().find_by_key(*ApiKey::parse("b")));
        EXPECT_FALSE(t.apps().find(AppId(3)));
    });
}

TEST_P(StoreContract, ReplacesAllOfAnAppButItsKey) {
    auto const id = insert(plain_app("kept"));
    auto changed = full_app();
    changed.id = id;
    auto const result = commit_one(store(), [&](Transaction& t) { t.apps().update(changed); });
    changed.api_key = *ApiKey::parse("kept");
    expect_same(find(id).value(), changed);
    expect_same(*std::get<domain::AppChanged>(result.changes.at(0).what).app, changed);
    EXPECT_EQ(std::get<domain::AppChanged>(result.changes.at(0).what).app->id, id);
}

TEST_P(StoreContract, RemovesTheUsersOfAnAppWithIt) {
    auto const gone = insert(plain_app("gone"));
    auto const kept = insert(plain_app("kept"));
    put_users(gone, {revoked_user("john")}, true);
    put_users(kept, {revoked_user("john")}, true);
    auto const result = commit_one(store(), [&](Transaction& t) { t.apps().remove(gone); });
    EXPECT_THAT(describe(result.changes), testing::ElementsAre("5: removed 1"));
    EXPECT_FALSE(find(gone));
    EXPECT_TRUE(find_users(gone, {user_id("john")}).empty());
    EXPECT_EQ(find_users(kept, {user_id("john")}).size(), 1);
    Snapshot const snapshot(store());
    ASSERT_EQ(snapshot.apps.size(), 1);
    EXPECT_EQ(snapshot.users.size(), 1);
    EXPECT_TRUE(snapshot.users.contains({kept, "john"}));
}

// Users

User full_user() {
    auto user = plain_user("Full_user-1@x");
    user.role = "custom role";
    user.name = "Jürgen \U0001F642 O'Neil\n";
    user.image = "https://example.com/a?b=c&d";
    user.language = "de";
    user.teams = {"red", "b\"lue", ""};
    user.teams_role = {{"red", "admin"}};
    user.invisible = true;
    user.privacy_settings = {{"typing_indicators", {{"enabled", false}}}};
    user.custom = {{"zebra", 1},
                   {"a\"b'c", boost::json::array{1, "two", nullptr, true}},
                   {"third", 0.1 + 0.2},
                   {"tiny", 5e-324},
                   {"whole", 2.0},
                   {"big", 18446744073709551615ULL},
                   {"low", std::numeric_limits<std::int64_t>::min()},
                   {std::string_view("nul\0key", 7), std::string_view("nul\0value", 9)}};
    user.created_at = kInstantMin;
    user.updated_at = kInstantMax;
    user.last_active = kInstantMin;
    user.revoke_tokens_issued_before = kInstantMin;
    user.deactivated_at = kInstantMax;
    user.deleted_at = kNow;
    return user;
}

TEST_P(StoreContract, ReturnsEveryFieldOfAUserAsItWasStored) {
    auto const app = insert(plain_app("app"));
    auto empty_name = plain_user("empty-name");
    empty_name.name = "";
    empty_name.image = "";
    std::vector<User> const users = {full_user(), plain_user("plain"), empty_name};
    put_users(app, users);
    reopen();
    EXPECT_EQ(find_users(app, {users[0].id, users[1].id, users[2].id}), users);
}

TEST_P(StoreContract, KeepsTheOrderOfKeysInCustomData) {
    auto const app = insert(plain_app("app"));
    auto user = plain_user("john");
    user.custom = {{"z", 1}, {"a", 2}, {"m", 3}};
    put_users(app, {user});
    std::vector<std::string> keys;
    auto const stored = find_users(app, {user.id});
    for (auto const& item : stored.at(0).custom) {
        keys.emplace_back(item.key());
    }
    EXPECT_THAT(keys, testing::ElementsAre("z", "a", "m"));
}

TEST_P(StoreContract, KeepsBigAndDeepCustomData) {
    auto const app = insert(plain_app("app"));
    auto user = plain_user("john");
    user.custom["long"] = std::string(1'000'000, 'x');
    boost::json::value deep = "end";
    for (int depth = 0; depth < 100; ++depth) {
        deep = boost::json::object{{"in", deep}};
    }
    user.custom["deep"] = deep;
    put_users(app, {user});
    reopen();
    EXPECT_EQ(find_users(app, {user.id}).at(0), user);
}

TEST_P(StoreContract, FindsUsersInTheOrderAskedForAndPassesOverUnknownOnes) {
    auto const app = insert(plain_app("app"));
    auto const other = insert(plain_app("other"));
    put_users(app, {plain_user("a"), plain_user("b"), plain_user("c")});
    put_users(other, {plain_user("d")});
    auto const users = find_users(app, {user_id("c"), user_id("d"), user_id("a"), user_id("A")});
    ASSERT_EQ(users.size(), 2);
    EXPECT_EQ(users[0].id.text(), "c");
    EXPECT_EQ(users[1].id.text(), "a");
}

TEST_P(StoreContract, ReplacesAUserWhole) {
    auto const app = insert(plain_app("app"));
    auto user = full_user();
    put_users(app, {user});
    auto const plain = plain_user(user.id.text());
    put_users(app, {plain});
    EXPECT_EQ(find_users(app, {user.id}), std::vector{plain});
}

TEST_P(StoreContract, ForgetsAnErasedUser) {
    auto const app = insert(plain_app("app"));
    put_users(app, {plain_user("john"), plain_user("jane")});
    erase(app, "john");
    EXPECT_TRUE(find_users(app, {user_id("john")}).empty());
    EXPECT_EQ(find_users(app, {user_id("jane")}).size(), 1);
}

TEST_P(StoreContract, KeepsTheRevocationOfAnErasedUserUntilTheIdIsPutAgain) {
    auto const app = insert(plain_app("app"));
    auto const other = insert(plain_app("other"));
    put_users(app, {revoked_user("john"), plain_user("jane")}, true);
    put_users(other, {plain_user("john")});
    erase(app, "john");
    erase(app, "jane");
    reopen();
    EXPECT_EQ(find_erased_revocation(app, "john"), kNow);
    EXPECT_EQ(find_erased_revocation(app, "jane"), std::nullopt);
    EXPECT_EQ(find_erased_revocation(other, "john"), std::nullopt);
    decltype(Snapshot::users)
        const expected = {{{app, "john"}, {.revoke_tokens_issued_before = kNow}}};
    EXPECT_EQ(Snapshot(store()).users, expected);

    put_users(app, {plain_user("john")}, true);
    EXPECT_EQ(find_erased_revocation(app, "john"), std::nullopt);
    EXPECT_TRUE(Snapshot(store()).users.empty());
    put_users(app, {revoked_user("john")}, true);
    erase(app, "john");
    EXPECT_EQ(find_erased_revocation(app, "john"), kNow);
}

TEST_P(StoreContract, UndoesWhatWasKeptOfAnErasedUserWithTheJob) {
    auto const app = insert(plain_app("app"));
    put_users(app, {revoked_user("erased"), revoked_user("kept")}, true);
    erase(app, "erased");
    std::vector<Job> jobs;
    add_job(jobs, [&](Transaction& t) {
        t.users().erase(app, user_id("kept"));
        put(t, app, plain_user("erased"), true);
        t.apps().remove(app);
        return Outcome::Rollback;
    });
    std::ignore = store().commit(jobs);
    EXPECT_EQ(find_erased_revocation(app, "erased"), kNow);
    EXPECT_EQ(find_erased_revocation(app, "kept"), std::nullopt);
}

TEST_P(StoreContract, ForgetsErasedUsersWithTheirApp) {
    auto const app = insert(plain_app("app"));
    put_users(app, {revoked_user("john")}, true);
    erase(app, "john");
    std::ignore = commit_one(store(), [&](Transaction& t) { t.apps().remove(app); });
    EXPECT_EQ(find_erased_revocation(app, "john"), std::nullopt);
    EXPECT_TRUE(Snapshot(store()).users.empty());
}

TEST_P(StoreContract, KeepsTheOriginsOfRevocationsUntilTheyAreForgotten) {
    auto const app = insert(plain_app("app"));
    auto const other = insert(plain_app("other"));
    domain::RevocationOrigin const first{.set_at = kNow, .set_by = "first"};
    domain::RevocationOrigin const second{.set_at = kNow + 1us, .set_by = "second"};
    auto const work = [&](std::function<void(domain::RevocationOrigins&)> const& act) {
        std::ignore = commit_one(store(), [&](Transaction& t) { act(t.revocation_origins()); });
    };
    work([&](auto& origins) {
        origins.put(app, std::nullopt, first);
        origins.put(app, user_id("john"), first);
        origins.put(app, user_id("john"), second);
        origins.put(other, std::nullopt, second);
    });
    reopen();
    work([&](auto& origins) {
        EXPECT_EQ(origins.find(app, std::nullopt), first);
        EXPECT_EQ(origins.find(app, user_id("john")), second);
        EXPECT_EQ(origins.find(app, user_id("jane")), std::nullopt);
        EXPECT_EQ(origins.find(other, user_id("john")), std::nullopt);
        origins.forget(app, user_id("john"));
        origins.forget(app, user_id("jane"));
    });
    std::vector<Job> jobs;
    add_job(jobs, [&](Transaction& t) {
        t.revocation_origins().put(app, std::nullopt, second);
        t.revocation_origins().put(app, user_id("jane"), second);
        t.revocation_origins().forget(other, std::nullopt);
        return Outcome::Rollback;
    });
    std::ignore = store().commit(jobs);
    work([&](auto& origins) {
        EXPECT_EQ(origins.find(app, std::nullopt), first);
        EXPECT_EQ(origins.find(app, user_id("john")), std::nullopt);
        EXPECT_EQ(origins.find(app, user_id("jane")), std::nullopt);
        EXPECT_EQ(origins.find(other, std::nullopt), second);
    });
    std::ignore = commit_one(store(), [&](Transaction& t) { t.apps().remove(app); });
    work([&](auto& origins) { EXPECT_EQ(origins.find(app, std::nullopt), std::nullopt); });
}

TEST_P(StoreContract, KnowsWhetherANameIsTaken) {
    auto const app = insert(plain_app("app"));
    auto const other = insert(plain_app("other"));
    auto ann = plain_user("ann");
    ann.name = "Ann";
    ann.teams = {"red", "blue"};
    auto bob = plain_user("bob");
    bob.name = "Bob";
    bob.deleted_at = kNow;
    auto eve = plain_user("eve");
    eve.name = "Eve";
    eve.deactivated_at = kNow;
    put_users(app, {ann, bob, eve, plain_user("nobody")});
    std::ignore = commit_one(store(), [&](Transaction& t) {
        auto& users = t.users();
        std::vector const except = {user_id("ann")};
        EXPECT_TRUE(users.is_name_taken(app, "Ann", std::nullopt, {}));
        EXPECT_FALSE(users.is_name_taken(app, "ann", std::nullopt, {}));
        EXPECT_FALSE(users.is_name_taken(app, "", std::nullopt, {}));
        EXPECT_FALSE(users.is_name_taken(other, "Ann", std::nullopt, {}));
        EXPECT_FALSE(users.is_name_taken(app, "Ann", std::nullopt, except));
        EXPECT_TRUE(users.is_name_taken(app, "Ann", "blue", {}));
        EXPECT_FALSE(users.is_name_taken(app, "Ann", "green", {}));
        EXPECT_FALSE(users.is_name_taken(app, "Bob", std::nullopt, {}));
        EXPECT_TRUE(users.is_name_taken(app, "Eve", std::nullopt, {}));
    });
}

TEST_P(StoreContract, FreesANameThatWasChanged) {
    auto const app = insert(plain_app("app"));
    auto user = plain_user("ann");
    user.name = "Ann";
    put_users(app, {user});
    user.name = "Anna";
    put_users(app, {user});
    std::ignore = commit_one(store(), [&](Transaction& t) {
        EXPECT_FALSE(t.users().is_name_taken(app, "Ann", std::nullopt, {}));
        EXPECT_TRUE(t.users().is_name_taken(app, "Anna", std::nullopt, {}));
    });
}

// Queries; that filters mean the same everywhere is for query_agreement_test.cpp.

TEST_P(StoreContract, QueriesByIdWithoutSortsAndPagesThroughTheResult) {
    auto const app = insert(plain_app("app"));
    auto const other = insert(plain_app("other"));
    put_users(app, {plain_user("b"), plain_user("B"), plain_user("a"), plain_user("_")});
    put_users(other, {plain_user("x")});
    EXPECT_THAT(query(app, {}), testing::ElementsAre("B", "_", "a", "b"));
    EXPECT_THAT(query(app, {.limit = 2}), testing::ElementsAre("B", "_"));
    EXPECT_THAT(query(app, {.limit = 2, .offset = 3}), testing::ElementsAre("b"));
    EXPECT_THAT(query(app, {.offset = 4}), testing::IsEmpty());
}

TEST_P(StoreContract, NeverShowsDeletedUsersAndDeactivatedOnesWhenAsked) {
    auto const app = insert(plain_app("app"));
    auto deleted = plain_user("deleted");
    deleted.deleted_at = kNow;
    auto deactivated = plain_user("deactivated");
    deactivated.deactivated_at = kNow;
    put_users(app, {deleted, deactivated, plain_user("john")});
    EXPECT_THAT(query(app, {}), testing::ElementsAre("john"));
    EXPECT_THAT(query(app, {.include_deactivated = true}),
                testing::ElementsAre("deactivated", "john"));
}

TEST_P(StoreContract, SortsUnsetBeforeSetAndTiesById) {
    auto const app = insert(plain_app("app"));
    auto named = [](std::string_view id, std::string_view name) {
        auto user = plain_user(id);
        user.name = name;
        return user;
    };
    put_users(app, {named("3", "Zoe"), named("2", "ann"), named("1", "Zoe"), plain_user("4")});
    EXPECT_THAT(query(app, {.sorts = {{UserField::Name, false}}}),
                testing::ElementsAre("4", "1", "3", "2"));
    EXPECT_THAT(query(app, {.sorts = {{UserField::Name, true}}}),
                testing::ElementsAre("2", "1", "3", "4"));
    EXPECT_THAT(query(app, {.sorts = {{UserField::Name, true}, {UserField::Id, true}}}),
                testing::ElementsAre("2", "3", "1", "4"));
}

// Commits

TEST_P(StoreContract, LetsEachJobSeeWhatThoseBeforeItWrote) {
    auto const app = insert(plain_app("app"));
    std::vector<Job> jobs;
    add_job(jobs, [&](Transaction& t) {
        put(t, app, plain_user("john"));
        EXPECT_EQ(t.users().find(app, std::vector{user_id("john")}).size(), 1);
        return Outcome::Commit;
    });
    add_job(jobs, [&](Transaction& t) {
        EXPECT_EQ(t.users().find(app, std::vector{user_id("john")}).size(), 1);
        return Outcome::Commit;
    });
    EXPECT_THAT(store().commit(jobs).jobs,
                testing::ElementsAre(JobResult::Committed, JobResult::Committed));
}

TEST_P(StoreContract, UndoesAllThatARolledBackJobWroteAndNothingElse) {
    auto const app = insert(plain_app("app"));
    put_users(app, {revoked_user("before"), plain_user("erased")}, true);
    std::vector<Job> jobs;
    add_job(jobs, [&](Transaction& t) {
        put(t, app, revoked_user("first"), true);
        return Outcome::Commit;
    });
    add_job(jobs, [&](Transaction& t) {
        auto changed = plain_app("app");
        changed.id = app;
        changed.name = "Changed";
        t.apps().update(changed);
        EXPECT_EQ(t.apps().insert(plain_app("new")), AppId(2));
        put(t, app, revoked_user("second"), true);
        put(t, app, plain_user("before"), true);
        t.users().erase(app, user_id("erased"));
        t.apps().remove(app);
        EXPECT_FALSE(t.apps().find(app));
        return Outcome::Rollback;
    });
    add_job(jobs, [&](Transaction& t) {
        EXPECT_TRUE(t.users().find(app, std::vector{user_id("second")}).empty());
        put(t, app, revoked_user("third"), true);
        return Outcome::Commit;
    });
    auto const result = store().commit(jobs);
    EXPECT_THAT(result.jobs, testing::ElementsAre(JobResult::Committed, JobResult::RolledBack,
                                                  JobResult::Committed));
    EXPECT_THAT(describe(result.changes), testing::ElementsAre("4: user 1/first user revoked",
                                                               "5: user 1/third user revoked"));
    reopen();
    EXPECT_EQ(find(app).value().name, "Sample");
    EXPECT_EQ(find_users(app, {user_id("before"), user_id("erased")}),
              (std::vector{revoked_user("before"), plain_user("erased")}));
    EXPECT_THAT(query(app, {}), testing::ElementsAre("before", "erased", "first", "third"));
    EXPECT_EQ(insert(plain_app("new")), AppId(2));
}

TEST_P(StoreContract, UndoesAJobThatThrowsAndGoesOnWithTheNext) {
    auto const app = insert(plain_app("app"));
    std::vector<Job> jobs;
    add_job(jobs, [&](Transaction& t) -> Outcome {
        put(t, app, revoked_user("first"), true);
        throw std::runtime_error("a bug");
    });
    add_job(jobs, [&](Transaction& t) -> Outcome {
        put(t, app, revoked_user("second"), true);
        throw 42;
    });
    add_job(jobs, [&](Transaction& t) {
        put(t, app, revoked_user("third"), true);
        return Outcome::Commit;
    });
    auto const result = store().commit(jobs);
    EXPECT_THAT(result.jobs,
                testing::ElementsAre(JobResult::Failed, JobResult::Failed, JobResult::Committed));
    EXPECT_THAT(describe(result.changes), testing::ElementsAre("2: user 1/third user revoked"));
    EXPECT_THAT(query(app, {}), testing::ElementsAre("third"));
}

TEST_P(StoreContract, FailsTheJobThatChangesWhatDoesNotExist) {
    auto const app = insert(plain_app("app"));
    std::vector<Job> jobs;
    auto const add = [&](auto work) {
        add_job(jobs, [&, work](Transaction& t) {
            work(t);
            return Outcome::Commit;
        });
    };
    add([](Transaction& t) {
        auto unknown = plain_app("app");
        unknown.id = AppId(9);
        t.apps().update(unknown);
    });
    add([](Transaction& t) { t.apps().remove(AppId(9)); });
    add([](Transaction& t) { put(t, AppId(9), plain_user("john")); });
    add([app](Transaction& t) { t.users().erase(app, user_id("john")); });
    auto const result = store().commit(jobs);
    EXPECT_THAT(result.jobs, testing::Each(JobResult::Failed));
    EXPECT_THAT(result.changes, testing::IsEmpty());
}

TEST_P(StoreContract, CommitsNoneOfAGroupInWhichTheStoreFails) {
    auto const app = insert(plain_app("app"));
    std::vector<Job> jobs;
    add_job(jobs, [&](Transaction& t) {
        put(t, app, revoked_user("first"), true);
        return Outcome::Commit;
    });
    add_job(jobs, [&](Transaction& t) -> Outcome {
        put(t, app, revoked_user("second"), true);
        throw domain::StoreFailure("the disk is gone");
    });
    EXPECT_THROW(std::ignore = store().commit(jobs), domain::StoreFailure);
    EXPECT_THAT(query(app, {}), testing::IsEmpty());
    EXPECT_THAT(describe(put_users(app, {revoked_user("third")}, true).changes),
                testing::ElementsAre("2: user 1/third user revoked"));
}

TEST_P(StoreContract, CommitsAnEmptyGroupAndJobsThatOnlyRead) {
    EXPECT_TRUE(store().commit({}).jobs.empty());
    auto const result =
        commit_one(store(), [](Transaction& t) { EXPECT_TRUE(t.apps().all().empty()); });
    EXPECT_THAT(result.jobs, testing::ElementsAre(JobResult::Committed));
    EXPECT_TRUE(result.changes.empty());
}

TEST_P(StoreContract, LosesOnlyTheCommitThatFailsUnderAFailingStore) {
    auto const app = insert(plain_app("app"));
    test::FailingStore failing(store(), 2);
    auto const put_in = [&](std::string_view id) {
        std::ignore = commit_one(failing, [&](Transaction& t) { put(t, app, plain_user(id)); });
    };
    put_in("first");
    EXPECT_THROW(put_in("second"), domain::StoreFailure);
    put_in("third");
    EXPECT_THAT(query(app, {}), testing::ElementsAre("first", "third"));
}

// The log

TEST_P(StoreContract, LogsStandingsOnlyWhereTheyChanged) {
    auto const app = insert(plain_app("app"));
    EXPECT_TRUE(put_users(app, {plain_user("john")}, false).changes.empty());
    auto john = revoked_user("john");
    john.role = "admin";
    john.deactivated_at = kNow;
    john.deleted_at = kNow;
    EXPECT_THAT(describe(put_users(app, {john}, true).changes),
                testing::ElementsAre("2: user 1/john admin revoked deactivated deleted"));
    EXPECT_THAT(describe(put_users(app, {plain_user("john")}, true).changes),
                testing::ElementsAre("3: user 1/john user"));
}

TEST_P(StoreContract, LogsAnErasureOnlyWhereItChangesTheStanding) {
    auto const app = insert(plain_app("app"));
    put_users(app, {plain_user("ordinary")}, false);
    auto deleted = revoked_user("deleted");
    deleted.deleted_at = kNow;
    put_users(app, {revoked_user("revoked"), deleted}, true);
    auto const result = commit_one(store(), [&](Transaction& t) {
        t.users().erase(app, user_id("ordinary"));
        t.users().erase(app, user_id("revoked"));
        t.users().erase(app, user_id("deleted"));
    });
    EXPECT_THAT(describe(result.changes), testing::ElementsAre("4: user 1/deleted user revoked"));
}

TEST_P(StoreContract, NumbersChangesFromOneWithoutGapsAcrossJobsCommitsAndRestarts) {
    EXPECT_EQ(Snapshot(store()).sequence, 0);
    auto const app = insert(plain_app("app"));
    put_users(app, {revoked_user("a"), revoked_user("b")}, true);
    reopen();
    std::vector<Job> jobs;
    for (auto const outcome : {Outcome::Commit, Outcome::Rollback, Outcome::Commit}) {
        add_job(jobs, [&app, outcome](Transaction& t) {
            put(t, app, revoked_user("c"), true);
            return outcome;
        });
    }
    auto const result = store().commit(jobs);
    ASSERT_EQ(result.changes.size(), 2);
    EXPECT_EQ(result.changes[0].sequence, 4);
    EXPECT_EQ(result.changes[1].sequence, 5);
    EXPECT_EQ(Snapshot(store()).sequence, 5);
}

TEST_P(StoreContract, ReadsTheLogInOrderAndInPieces) {
    auto const app = insert(plain_app("app"));
    put_users(app, {revoked_user("a"), revoked_user("b"), revoked_user("c")}, true);
    reopen();
    EXPECT_THAT(log_after(0),
                testing::ElementsAre("1: app 1 Sample", "2: user 1/a user revoked",
                                     "3: user 1/b user revoked", "4: user 1/c user revoked"));
    EXPECT_THAT(log_after(1, 2),
                testing::ElementsAre("2: user 1/a user revoked", "3: user 1/b user revoked"));
    EXPECT_THAT(log_after(1, 0), testing::IsEmpty());
    EXPECT_THAT(log_after(4), testing::IsEmpty());
}

TEST_P(StoreContract, HasNoLogBehindItsEnd) {
    EXPECT_THAT(log_after(0), testing::IsEmpty());
    EXPECT_FALSE(store().changes_after(1, 10));
}

TEST_P(StoreContract, KeepsTheNewestEntriesOfTheLogAndSaysWhereItNoLongerGoesBack) {
    auto const app = insert(plain_app("app"));
    for (std::size_t i = 1; i < kLogMax; ++i) {
        put_users(app, {revoked_user("u" + std::to_string(i))}, true);
    }
    EXPECT_EQ(log_after(0).size(), kLogMax);
    put_users(app, {revoked_user("one-more")}, true);
    reopen();
    EXPECT_FALSE(store().changes_after(0, 100));
    EXPECT_EQ(log_after(1).size(), kLogMax);
    EXPECT_EQ(Snapshot(store()).sequence, kLogMax + 1);
}

TEST_P(StoreContract, HandsOutAppsInTheLogAsTheyAreNow) {
    auto app = plain_app("app");
    app.id = insert(app);
    app.name = "Renamed";
    std::ignore = commit_one(store(), [&](Transaction& t) { t.apps().update(app); });
    EXPECT_THAT(log_after(0), testing::ElementsAre("1: app 1 Renamed", "2: app 1 Renamed"));
}

TEST_P(StoreContract, HandsOutWhatWasLoggedOfARemovedAppAsItsRemoval) {
    auto const app = insert(plain_app("app"));
    put_users(app, {revoked_user("john")}, true);
    std::ignore = commit_one(store(), [&](Transaction& t) { t.apps().remove(app); });
    EXPECT_THAT(log_after(0), testing::ElementsAre("1: removed 1", "2: removed 1", "3: removed 1"));
}

// Snapshots

TEST_P(StoreContract, LoadsAppsAndUsersWhoseStandingIsNotOrdinary) {
    auto const full = full_app();
    auto const app = insert(full);
    auto const other = insert(plain_app("other"));
    auto deactivated = plain_user("deactivated");
    deactivated.deactivated_at = kNow;
    auto deleted = plain_user("deleted");
    deleted.deleted_at = kNow;
    auto admin = plain_user("admin");
    admin.role = "admin";
    auto all = revoked_user("all", kInstantMin);
    all.role = "";
    all.deactivated_at = kNow;
    all.deleted_at = kNow;
    put_users(app, {plain_user("john"), revoked_user("revoked"), deactivated, deleted, admin},
              true);
    put_users(other, {all, plain_user("revoked")}, true);
    reopen();

    Snapshot const snapshot(store());
    EXPECT_EQ(snapshot.sequence, 9);
    ASSERT_EQ(snapshot.apps.size(), 2);
    expect_same(snapshot.apps[0], full);
    EXPECT_EQ(snapshot.apps[1].id, other);
    decltype(snapshot.users) const expected = {
        {{app, "revoked"}, {.revoke_tokens_issued_before = kNow}},
        {{app, "deactivated"}, {.deactivated = true}},
        {{app, "deleted"}, {.deleted = true}},
        {{app, "admin"}, {.role = "admin"}},
        {{other, "all"},
         {.revoke_tokens_issued_before = kInstantMin,
          .deactivated = true,
          .deleted = true,
          .role = ""}},
    };
    EXPECT_EQ(snapshot.users, expected);
}

TEST_P(StoreContract, LoadsNothingOfUsersWhoAreOrdinaryAgain) {
    auto const app = insert(plain_app("app"));
    auto jane = plain_user("jane");
    jane.deactivated_at = kNow;
    put_users(app, {revoked_user("john"), jane}, true);
    put_users(app, {plain_user("john")}, true);
    erase(app, "jane");
    EXPECT_TRUE(Snapshot(store()).users.empty());
}

TEST_P(StoreContract, KeepsItsClusterId) {
    auto const id = store().cluster_id();
    EXPECT_EQ(id.size(), 36);
    reopen();
    EXPECT_EQ(store().cluster_id(), id);
}

}  // namespace
}  // namespace latchkey
