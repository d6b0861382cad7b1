#include "storage/sqlite/sqlite_store.hpp"

#include "storage/sqlite/ballast.hpp"
#include "storage/sqlite/migrations.hpp"
#include "storage/sqlite/schema.hpp"
#include "unit/storage/store_fixture.hpp"

#include <sqlite3.h>

namespace latchkey {
namespace {

namespace fs = std::filesystem;
using test::failure_of;
using testing::HasSubstr;
using testing::Not;

Secret key_of(char fill) { return Secret(std::string(storage::kMasterKeyBytes, fill)); }

class SqliteStoreTest : public test::StoreFixture {
protected:
    /// Runs `sql` on the closed store's file, as somebody with another program might.
    void tamper(char const* sql) {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(path("latchkey.db").c_str(), &handle), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(handle);
        EXPECT_EQ(sqlite3_close(handle), SQLITE_OK);
    }

    std::string open_failure() {
        return failure_of([&] { open(); });
    }
};

TEST_F(SqliteStoreTest, MakesPrivateFiles) {
    auto const store = open();
    insert_app(*store);
    for (auto const* name : {"latchkey.db", "latchkey.db-wal", "lock", "master.key", "ballast"}) {
        EXPECT_EQ(fs::status(path(name)).permissions(), fs::perms(0600)) << name;
    }
    EXPECT_FALSE(fs::exists(path("latchkey.db-shm")));
}

TEST_F(SqliteStoreTest, IsRefusedASecondTime) {
    auto const store = open();
    EXPECT_THAT(open_failure(), HasSubstr("another latchkey"));
    insert_app(*store);
}

TEST_F(SqliteStoreTest, RefusesAFileOfANewerVersionAndLeavesItAlone) {
    open();
    auto const newer = std::to_string(storage::migrations().size() + 1);
    tamper(("PRAGMA user_version=" + newer).c_str());
    auto const before = test::read_file(path("latchkey.db"));
    EXPECT_THAT(open_failure(), HasSubstr("newer version"));
    EXPECT_EQ(test::read_file(path("latchkey.db")), before);
    tamper(("PRAGMA user_version=" + std::to_string(storage::migrations().size())).c_str());
    EXPECT_EQ(open_failure(), "");
}

TEST_F(SqliteStoreTest, BringsAFileOfTheFirstVersionUpToDate) {
    open();
    tamper(
        "DROP TABLE erased_users; DROP TABLE revocation_origins; DROP TABLE accounts;"
        "DROP TABLE audit_log; DROP TABLE audit_head; PRAGMA user_version=1");
    auto const store = open();
    auto const app = insert_app(*store);
    put_user(*store, app, test::revoked_user("john"));
    std::ignore = test::commit_one(*store, [&](domain::Transaction& t) {
        t.users().erase(app, test::user_id("john"));
        EXPECT_EQ(t.users().find_erased_revocation(app, test::user_id("john")), test::kNow);
    });
}

TEST_F(SqliteStoreTest, BringsAFileFromBeforeTheAuditLogUpToDateAndKeepsItsData) {
    {
        auto const store = open();
        put_user(*store, insert_app(*store), test::plain_user("john"));
    }
    tamper(
        "DROP TABLE accounts; DROP TABLE audit_log; DROP TABLE audit_head; PRAGMA user_version=3");
    for (std::uint64_t entries : {1U, 2U}) {
        auto const store = open();
        EXPECT_EQ(count_users(*store, AppId(1)), 1U);
        std::ignore = test::commit_one(*store, [&](domain::Transaction& t) {
            t.audit().append({.at = test::kNow, .action = "app.update"});
            auto const verdict = t.audit().verify();
            EXPECT_EQ(verdict.entries, entries);
            EXPECT_EQ(verdict.why, "");
            EXPECT_EQ(t.accounts().all().size(), 0U);
        });
    }
}

TEST_F(SqliteStoreTest, RefusesAnotherProgramsFileAndLeavesItAlone) {
    std::ignore = storage::DataDirectory::open(path());
    tamper("CREATE TABLE notes (text); INSERT INTO notes VALUES ('kept')");
    auto const before = test::read_file(path("latchkey.db"));
    auto const failure = failure_of([&] { open(key_of('k')); });
    EXPECT_THAT(failure, HasSubstr("another program"));
    EXPECT_EQ(test::read_file(path("latchkey.db")), before);
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabase) {
    open();
    test::write_file(path("latchkey.db"), std::string(8192, 'x'));
    EXPECT_THAT(open_failure(), HasSubstr("no latchkey store"));
}

TEST_F(SqliteStoreTest, RefusesADamagedFile) {
    open();
    auto content = test::read_file(path("latchkey.db"));
    content.replace(100, content.size() - 100, content.size() - 100, '\x55');
    test::write_file(path("latchkey.db"), content);
    EXPECT_THAT(open_failure(), HasSubstr("restore a backup"));
}

TEST_F(SqliteStoreTest, FinishesAFirstStartThatWasCutShort) {
    open();
    fs::remove(path("latchkey.db"));
    test::write_file(path("latchkey.db"), "");
    auto const store = open();
    EXPECT_EQ(insert_app(*store), AppId(1));
}

TEST_F(SqliteStoreTest, RefusesTheWrongMasterKeyEvenWithoutApps) {
    open(key_of('k'));
    EXPECT_THAT(failure_of([&] { open(key_of('l')); }), HasSubstr("not the one"));
    EXPECT_EQ(failure_of([&] { open(key_of('k')); }), "");
}

TEST_F(SqliteStoreTest, RefusesASecretThatWasSwappedWithAnothers) {
    {
        auto const store = open();
        insert_app(*store, "one");
        insert_app(*store, "two");
    }
    tamper(
        "UPDATE app_secrets SET sealed = (SELECT sealed FROM app_secrets WHERE app_id = 2)"
        " WHERE app_id = 1");
    auto const store = open();
    test::Discard reader;
    EXPECT_THAT(failure_of([&] { std::ignore = store->load(reader); }), HasSubstr("sealed secret"));
}

TEST_F(SqliteStoreTest, RefusesASecretThatWasChanged) {
    {
        auto const store = open();
        insert_app(*store);
    }
    tamper("UPDATE app_secrets SET sealed = CAST(x'00' || substr(sealed, 2) AS BLOB)");
    auto const store = open();
    test::Discard reader;
    EXPECT_THROW(std::ignore = store->load(reader), domain::StoreFailure);
}

TEST_F(SqliteStoreTest, RefusesUserDataThatWasDamaged) {
    {
        auto const store = open();
        put_user(*store, insert_app(*store), test::plain_user("john"));
    }
    tamper("UPDATE users SET custom = '{'");
    auto const store = open();
    EXPECT_THAT(failure_of([&] { count_users(*store, AppId(1)); }), HasSubstr("users"));
}

TEST_F(SqliteStoreTest, RefusesGrantsAndRolesThatWereDamaged) {
    {
        auto const store = open();
        insert_app(*store);
    }
    for (auto const* settings :
         {R"({"grants":[]})", R"({"grants":{"user":{}}})", R"({"grants":{"user":[5]}})",
          R"({"custom_roles":{}})", R"({"custom_roles":["support"]})",
          R"({"custom_roles":[["support"]]})", R"({"custom_roles":[["support","today"]]})"}) {
        tamper(("UPDATE apps SET other_settings = '" + std::string(settings) + "'").c_str());
        auto const store = open();
        test::Discard reader;
        EXPECT_THAT(failure_of([&] { std::ignore = store->load(reader); }), HasSubstr("apps"))
            << settings;
    }
    tamper(R"(UPDATE apps SET other_settings =
        '{"grants":{"user":["x"]},"custom_roles":[["support",0]]}')");
    auto const store = open();
    test::Discard reader;
    EXPECT_EQ(failure_of([&] { std::ignore = store->load(reader); }), "");
}

TEST_F(SqliteStoreTest, NeverWritesASecretInClear) {
    auto const is_in_clear = [&] {
        for (auto const& entry : fs::directory_iterator(path())) {
            if (test::read_file(entry.path()).contains(test::kSampleSecret)) {
                return true;
            }
        }
        return false;
    };
    {
        auto const store = open();
        insert_app(*store);
        EXPECT_TRUE(test::read_file(path("latchkey.db-wal")).contains("Sample"));
        EXPECT_FALSE(is_in_clear());
    }
    EXPECT_TRUE(test::read_file(path("latchkey.db")).contains("Sample"));
    EXPECT_FALSE(is_in_clear());
}

TEST_F(SqliteStoreTest, LogsAJobThatThrew) {
    auto const store = open();
    std::ignore = test::commit_one(
        *store, [](domain::Transaction&) { throw std::runtime_error("what the bug said"); });
    EXPECT_TRUE(log_.has("store.job_failed"));
    EXPECT_THAT(log_.text(), HasSubstr("what the bug said"));
}

TEST_F(SqliteStoreTest, SyncsNothingForJobsThatOnlyRead) {
    auto const store = open();
    auto const app = insert_app(*store);
    auto const size = fs::file_size(path("latchkey.db-wal"));
    EXPECT_EQ(count_users(*store, app), 0);
    EXPECT_EQ(fs::file_size(path("latchkey.db-wal")), size);
    put_user(*store, app, test::plain_user("john"));
    EXPECT_GT(fs::file_size(path("latchkey.db-wal")), size);
}

TEST_F(SqliteStoreTest, KeepsItsWriteAheadLogFromGrowingWithoutEnd) {
    constexpr int kCommits = 20;  // of 5 MB each
    constexpr std::uintmax_t kLogBytesMax = 72U << 20U;
    auto const store = open();
    auto const app = insert_app(*store);
    auto user = test::plain_user("john");
    user.custom["text"] = std::string(5'000'000, 'x');
    for (int i = 0; i < kCommits; ++i) {
        put_user(*store, app, user);
    }
    EXPECT_LT(fs::file_size(path("latchkey.db-wal")), kLogBytesMax);
}

TEST_F(SqliteStoreTest, HoldsBallastFromItsStart) {
    open();
    EXPECT_EQ(fs::file_size(path("ballast")), storage::kBallastBytes);
    fs::remove(path("ballast"));
    open();
    EXPECT_TRUE(fs::exists(path("ballast")));
}

}  // namespace
}  // namespace latchkey
