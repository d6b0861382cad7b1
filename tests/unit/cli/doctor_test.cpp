#include "store_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>

namespace latchkey::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// `latchkey doctor` on a store without a server.
class DoctorTest : public StoreFixture {
protected:
    DoctorTest() { EXPECT_EQ(call({"app", "create", "Demo", "--api-key", "demo"}), 0); }

    void tamper(char const* sql) {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open((data() / "latchkey.db").c_str(), &handle), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
        EXPECT_EQ(sqlite3_close(handle), SQLITE_OK);
    }
};

TEST_F(DoctorTest, FindsNothingWrongWithAStoreAsItIsMade) {
    EXPECT_EQ(call({"doctor"}), 0);
    EXPECT_THAT(out, AllOf(HasSubstr("ok     data directory"), HasSubstr("ok     files"),
                           HasSubstr("ok     ballast"), HasSubstr("ok     store"),
                           HasSubstr("ok     master key"),
                           HasSubstr("ok     audit log       whole (entries: 1)"),
                           Not(HasSubstr("FAILED"))));
}

TEST_F(DoctorTest, PrintsJson) {
    auto const report = json({"doctor"}).as_object();
    EXPECT_EQ(report.at("ok"), true);
    EXPECT_EQ(report.at("checks").as_array().size(), 6U);
}

TEST_F(DoctorTest, FindsAnAlteredAuditLog) {
    tamper("UPDATE audit_log SET actor = 'somebody else'");
    EXPECT_EQ(call({"doctor"}), 1);
    EXPECT_THAT(out, HasSubstr("FAILED audit log       entry 1 is not what was written"));
    EXPECT_EQ(call({"audit", "verify"}), 1);
    EXPECT_THAT(out, HasSubstr("NOT as it was written: entry 1 is not what was written"));
    EXPECT_EQ(call({"audit", "verify", "--json"}), 1);
    EXPECT_THAT(out, HasSubstr(R"("first_bad":1)"));
}

TEST_F(DoctorTest, FindsFilesThatOthersCanUse) {
    fs::permissions(data() / "latchkey.db", fs::perms(0640));
    EXPECT_EQ(call({"doctor"}), 1);
    EXPECT_THAT(out, AllOf(HasSubstr("FAILED files"), HasSubstr("latchkey.db: chmod 600")));
    fs::permissions(data() / "latchkey.db", fs::perms(0600));
    fs::permissions(data(), fs::perms(0750));
    EXPECT_EQ(call({"doctor"}), 1);
    EXPECT_THAT(out, AllOf(HasSubstr("FAILED data directory"), HasSubstr("chmod 700")));
    fs::permissions(data(), fs::perms(0700));
    EXPECT_EQ(call({"doctor"}), 0);
}

TEST_F(DoctorTest, FindsThatNoBallastIsHeld) {
    fs::remove(data() / "ballast");
    EXPECT_EQ(call({"doctor"}), 1);
    EXPECT_THAT(out, HasSubstr("FAILED ballast"));
}

TEST_F(DoctorTest, FindsThatTheMasterKeyIsAnother) {
    fs::remove(data() / "master.key");
    EXPECT_EQ(call({"doctor"}), 1);
    EXPECT_THAT(out, AllOf(HasSubstr("FAILED store"), HasSubstr("master.key is missing")));
}

TEST_F(DoctorTest, FindsADamagedSecret) {
    tamper("UPDATE app_secrets SET sealed = zeroblob(80)");
    EXPECT_EQ(call({"doctor"}), 1);
    EXPECT_THAT(out, AllOf(HasSubstr("FAILED master key"), HasSubstr("ok     audit log")));
}

TEST_F(DoctorTest, FindsAnIndexThatIsDamaged) {
    tamper(
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage ="
        " (SELECT rootpage FROM sqlite_schema WHERE name = 'audit_log_by_app')"
        " WHERE name = 'users_by_name'");
    EXPECT_EQ(call({"doctor"}), 1);
    EXPECT_THAT(out, HasSubstr("FAILED store"));
}

TEST_F(DoctorTest, FindsThatATableOfTheAuditLogIsGone) {
    tamper("DROP TABLE audit_head");
    EXPECT_EQ(call({"doctor"}), 1);
    EXPECT_THAT(out, AllOf(HasSubstr("ok     files"), HasSubstr("FAILED store"),
                           HasSubstr("is damaged"), HasSubstr("no such table: audit_head")));
    EXPECT_EQ(complaint, "");
    tamper("DROP TABLE audit_log");
    EXPECT_EQ(call({"doctor"}), 1);
    EXPECT_THAT(out, AllOf(HasSubstr("FAILED store"), HasSubstr("no such table: audit_")));
    EXPECT_EQ(complaint, "");
}

TEST_F(DoctorTest, SaysThatThereIsNoStore) {
    fs::remove_all(data());
    EXPECT_EQ(call({"doctor"}), 1);
    EXPECT_THAT(out, AllOf(HasSubstr("FAILED store"), HasSubstr("there is no store")));
}

}  // namespace
}  // namespace latchkey::cli
