#include "domain/audit.hpp"
#include "unit/storage/store_fixture.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey {
namespace {

using domain::ActorKind;
using domain::AuditVerdict;
using testing::HasSubstr;

constexpr std::uint64_t kEntries = 6;

/// A store whose audit log has entries 1 to `kEntries`, and somebody with another program.
class AuditTampering : public test::StoreFixture {
protected:
    AuditTampering() {
        auto const store = open();
        for (std::uint64_t i = 1; i <= kEntries; ++i) {
            append(*store, "users.revoke");
        }
    }

    static void append(domain::Store& store, std::string_view action) {
        std::ignore = test::commit_one(store, [&](domain::Transaction& transaction) {
            transaction.audit().append({.at = test::kNow,
                                        .actor_kind = ActorKind::Server,
                                        .actor = "backend",
                                        .address = "192.0.2.1",
                                        .action = std::string(action),
                                        .app = "key",
                                        .target = "john",
                                        .before = {{"revoked", false}},
                                        .after = {{"revoked", true}}});
        });
    }

    void tamper(std::string const& sql) {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(path("latchkey.db").c_str(), &handle), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(handle);
        EXPECT_EQ(sqlite3_close(handle), SQLITE_OK);
    }

    static AuditVerdict verify(domain::Store& store) {
        AuditVerdict verdict;
        std::ignore = test::commit_one(store, [&](domain::Transaction& transaction) {
            verdict = transaction.audit().verify();
        });
        return verdict;
    }

    /// Of entry `number`, as it is listed; empty: there is none.
    static std::string hash_of(domain::Store& store, std::uint64_t number) {
        std::string hash;
        std::ignore = test::commit_one(store, [&](domain::Transaction& transaction) {
            auto const entries =
                transaction.audit().query({.before_number = number + 1, .limit = 1});
            if (!entries.empty() && entries.front().number == number) {
                hash = entries.front().hash;
            }
        });
        return hash;
    }

    AuditVerdict verify() {
        auto const store = open();
        return verify(*store);
    }

    /// Expects the log to be bad from `number` on, and to stay so when it is written to.
    void expect_bad(std::uint64_t number, std::string_view why) {
        auto const store = open();
        auto const verdict = verify(*store);
        EXPECT_EQ(verdict.first_bad, number);
        EXPECT_EQ(verdict.entries, number - 1);
        EXPECT_THAT(verdict.why, HasSubstr(why));
        append(*store, "app.update");
        EXPECT_EQ(verify(*store).first_bad, number);
    }

    void expect_whole() {
        auto const verdict = verify();
        EXPECT_EQ(verdict.entries, kEntries);
        EXPECT_EQ(verdict.first_bad, std::nullopt) << verdict.why;
    }
};

TEST_F(AuditTampering, LeavesALogWholeThatItOnlyRead) {
    tamper("SELECT * FROM audit_log; VACUUM");
    expect_whole();
}

class AlteredColumn : public AuditTampering, public testing::WithParamInterface<char const*> {};

TEST_P(AlteredColumn, Shows) {
    tamper("CREATE TABLE kept AS SELECT * FROM audit_log");
    tamper("UPDATE audit_log SET " + std::string(GetParam()) + " WHERE number = 3");
    {
        auto const verdict = verify();
        EXPECT_EQ(verdict.first_bad, 3U);
        EXPECT_THAT(verdict.why, HasSubstr("entry 3"));
    }
    // What was there is what was signed, and nothing else about the file matters.
    tamper(
        "UPDATE audit_log SET (at, actor_kind, actor, address, action, app, target, before, after,"
        " hash) = (SELECT at, actor_kind, actor, address, action, app, target, before, after, hash"
        " FROM kept WHERE kept.number = 3) WHERE number = 3");
    expect_whole();
}

INSTANTIATE_TEST_SUITE_P(
    OfARow, AlteredColumn,
    testing::Values("at = at + 1", "actor_kind = 1", "actor = 'Backend'", "address = ''",
                    "action = 'users.unrevoke'", "app = 'Key'", "target = 'john jane'",
                    R"(before = '{"revoked":true}')", R"(after = '{"revoked":true }')",
                    "after = '{'", "hash = zeroblob(32)", "hash = zeroblob(31)",
                    "hash = (SELECT hash FROM audit_log WHERE number = 2)",
                    // A text moved from the end of one column to the start of the next.
                    "actor = 'backen', address = 'd192.0.2.1'"));

TEST_F(AuditTampering, ShowsWhereARowWasRemoved) {
    tamper("DELETE FROM audit_log WHERE number = 3");
    expect_bad(3, "entry 3 is missing");
}

TEST_F(AuditTampering, ShowsWhereARowWasRemovedAndTheOthersMovedUp) {
    tamper("DELETE FROM audit_log WHERE number = 3");
    for (int number = 4; number <= 6; ++number) {
        auto const text = std::to_string(number);
        tamper("UPDATE audit_log SET number = number - 1 WHERE number = " + text);
    }
    expect_bad(3, "entry 3");
}

TEST_F(AuditTampering, ShowsWhereTheFirstRowWasRemoved) {
    tamper("DELETE FROM audit_log WHERE number = 1");
    expect_bad(1, "entry 1 is missing");
}

TEST_F(AuditTampering, ShowsARemovedTail) {
    tamper("DELETE FROM audit_log WHERE number >= 5");
    EXPECT_THAT(verify().why, HasSubstr("the entries 5 to 6 are missing"));
    expect_bad(5, "");
}

TEST_F(AuditTampering, ShowsThatAllRowsWereRemoved) {
    tamper("DELETE FROM audit_log");
    expect_bad(1, "");
}

TEST_F(AuditTampering, ShowsARemovedTailAlsoWhereTheHeadWasMovedBack) {
    tamper(
        "DELETE FROM audit_log WHERE number >= 5;"
        "UPDATE audit_head SET number = 4,"
        " hash = (SELECT hash FROM audit_log WHERE number = 4)");
    expect_bad(5, "altered");
}

TEST_F(AuditTampering, ShowsARemovedTailAlsoWhereTheHeadIsGone) {
    tamper("DELETE FROM audit_log WHERE number >= 5; DELETE FROM audit_head");
    expect_bad(5, "gone");
}

TEST_F(AuditTampering, ShowsTwoRowsThatWereSwapped) {
    tamper(
        "UPDATE audit_log SET number = -1 WHERE number = 2;"
        "UPDATE audit_log SET number = 2 WHERE number = 4;"
        "UPDATE audit_log SET number = 4 WHERE number = -1");
    expect_bad(2, "entry 2");
}

TEST_F(AuditTampering, ShowsARowThatWasAdded) {
    constexpr auto kCopy =
        " , at, actor_kind, actor, address, action, app, target, before, after, hash FROM audit_log"
        " WHERE number = 6";
    tamper("INSERT INTO audit_log SELECT 7" + std::string(kCopy));
    EXPECT_EQ(verify().first_bad, 7U);
    tamper("DELETE FROM audit_log WHERE number = 7");
    expect_whole();
    tamper("INSERT INTO audit_log SELECT 0" + std::string(kCopy));
    EXPECT_EQ(verify().first_bad, 1U);
    tamper("DELETE FROM audit_log WHERE number = 0");
    expect_whole();
    tamper("INSERT INTO audit_log SELECT 9223372036854775807" + std::string(kCopy));
    auto const store = open();
    EXPECT_THAT(verify(*store).why, HasSubstr("entry 7 is missing"));
    append(*store, "app.update");
    EXPECT_THAT(verify(*store).why, HasSubstr("entry 8 is missing"));
}

TEST_F(AuditTampering, ShowsAHeadThatWasAltered) {
    tamper("UPDATE audit_head SET number = 9223372036854775807");
    expect_bad(7, "altered");
}

TEST_F(AuditTampering, ShowsAnOlderHeadThatWasPutBack) {
    tamper("CREATE TABLE kept AS SELECT * FROM audit_head");
    {
        auto const store = open();
        append(*store, "app.update");
        EXPECT_EQ(verify(*store).first_bad, std::nullopt);
    }
    tamper("UPDATE audit_head SET (number, hash, seal) = (SELECT number, hash, seal FROM kept)");
    auto const verdict = verify();
    EXPECT_EQ(verdict.first_bad, kEntries + 1);
    EXPECT_THAT(verdict.why, HasSubstr("older"));
}

TEST_F(AuditTampering, ShowsALogThatIsAnotherStores) {
    tamper("UPDATE meta SET cluster_id = '00000000-0000-4000-8000-000000000000'");
    EXPECT_EQ(verify().first_bad, 1U);
}

class RemovedTable : public AuditTampering, public testing::WithParamInterface<char const*> {};

TEST_P(RemovedTable, IsDamageThatHasAName) {
    tamper("DROP TABLE " + std::string(GetParam()));
    auto const failure = test::failure_of([&] { std::ignore = open(); });
    EXPECT_THAT(failure, HasSubstr("latchkey.db is damaged"));
    EXPECT_THAT(failure, HasSubstr("no such table: " + std::string(GetParam())));
    EXPECT_THAT(failure, HasSubstr("restore a backup"));
}

INSTANTIATE_TEST_SUITE_P(OfTheLog, RemovedTable, testing::Values("audit_log", "audit_head"));

/// What a chain inside one file cannot show: docs/concepts/audit.md says so, and what to do.
TEST_F(AuditTampering, ShowsAnEndCutOffTogetherWithAnOlderHeadToWhoNotedANewerEntry) {
    tamper("CREATE TABLE kept AS SELECT * FROM audit_head");
    AuditVerdict noted;
    {
        auto const store = open();
        append(*store, "app.revoke");
        append(*store, "app.unrevoke");
        noted = verify(*store);
        EXPECT_EQ(noted.entries, kEntries + 2);
        EXPECT_EQ(noted.hash, hash_of(*store, kEntries + 2));
    }
    tamper(
        "DELETE FROM audit_log WHERE number > 6;"
        "UPDATE audit_head SET (number, hash, seal) = (SELECT number, hash, seal FROM kept)");
    expect_whole();
    auto const store = open();
    EXPECT_EQ(hash_of(*store, noted.entries), "") << "it is gone";
    append(*store, "app.update");
    append(*store, "app.update");
    EXPECT_EQ(verify(*store).first_bad, std::nullopt);
    EXPECT_NE(hash_of(*store, noted.entries), noted.hash) << "another is in its place";
}

TEST_F(AuditTampering, HidesNoOtherEntry) {
    tamper(R"(UPDATE audit_log SET before = '{', actor_kind = 99 WHERE number = 3)");
    auto const store = open();
    std::ignore = test::commit_one(*store, [&](domain::Transaction& transaction) {
        auto const entries = transaction.audit().query({});
        ASSERT_EQ(entries.size(), kEntries);
        EXPECT_EQ(entries.at(3).record.before, boost::json::object());
        EXPECT_EQ(entries.at(2).record.before, boost::json::object({{"revoked", false}}));
    });
}

}  // namespace
}  // namespace latchkey
