#include "store_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace latchkey::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class StoreCommandsTest : public StoreFixture {
protected:
    StoreCommandsTest() {
        EXPECT_EQ(call({"app", "create", "Demo", "--api-key", "demo", "--mode", "production"}), 0);
    }

    std::string mint() {
        EXPECT_EQ(call({"token", "create", "--user", "john"}), 0);
        return out.substr(0, out.size() - 1);
    }
};

TEST_F(StoreCommandsTest, RevokeTheOnlyAppAndTakeThatBack) {
    auto const token = mint();
    EXPECT_EQ(call({"app", "revoke", "--before", "2999-01-01T00:00:00Z", "--dry-run"}), 0);
    EXPECT_THAT(out, HasSubstr("nothing was changed"));
    EXPECT_EQ(call({"token", "check", token}), 0);
    EXPECT_EQ(call({"app", "revoke", "demo", "--before", "2999-01-01T00:00:00Z"}), 0);
    EXPECT_EQ(call({"token", "explain", token}), 1);
    EXPECT_THAT(out, HasSubstr("refused: code 40, revoked_for_app"));
    EXPECT_THAT(out, HasSubstr("failed       revocation"));
    EXPECT_THAT(out, HasSubstr("to mend it: "));
    EXPECT_EQ(call({"app", "unrevoke"}), 0);
    EXPECT_EQ(call({"token", "explain", token}), 0);
    EXPECT_THAT(out, HasSubstr("accepted: user john"));
}

TEST_F(StoreCommandsTest, NameTheUserWhomNobodyKnows) {
    EXPECT_EQ(call({"user", "revoke", "nobody"}), 1);
    EXPECT_THAT(complaint, HasSubstr("nobody"));
}

TEST_F(StoreCommandsTest, CallWrongUsageThat) {
    EXPECT_EQ(call({"user", "revoke"}), 2);
    EXPECT_EQ(call({"app", "revoke", "--before", "yesterday"}), 2);
    EXPECT_EQ(call({"app", "unrevoke", "--before", "1h"}), 2);
    EXPECT_EQ(call({"token", "explain"}), 2);
    EXPECT_EQ(call({"app", "delete", "demo"}), 2);
    EXPECT_THAT(complaint, HasSubstr("--confirm"));
    EXPECT_EQ(call({"user", "deactivate"}), 2);
    EXPECT_EQ(call({"user", "show"}), 2);
    EXPECT_EQ(call({"user", "list", "--state", "asleep"}), 2);
    EXPECT_EQ(call({"audit", "list", "--before", "now"}), 2);
    EXPECT_EQ(call({"audit"}), 2);
}

TEST_F(StoreCommandsTest, SayInShortWhichNumbersTheyTake) {
    struct Row {
        std::vector<std::string> command;
        std::string max;
    };
    for (auto const& [command, max] :
         {Row{{"user", "list", "--limit"}, "100"}, Row{{"connection", "list", "--limit"}, "1000"},
          Row{{"audit", "list", "--limit"}, "100"},
          Row{{"audit", "list", "--before"}, "9223372036854775807"}}) {
        auto const with = [&](std::string const& number) {
            auto words = command;
            words.push_back(number);
            return words;
        };
        for (std::string const wrong : {"0", "-1", "now"}) {
            EXPECT_EQ(call(with(wrong)), 2) << max << ' ' << wrong;
            EXPECT_THAT(complaint, HasSubstr(wrong + " not in range 1 to " + max + ";"));
        }
        EXPECT_EQ(call(with(max)), 0) << max << ' ' << complaint;
    }
    EXPECT_EQ(call({"user", "list", "--limit", "101"}), 2);
}

TEST_F(StoreCommandsTest, MintNoTokenThatIsToEndAndNeverTo) {
    EXPECT_EQ(call({"token", "create", "--user", "john", "--expires-in", "1h", "--never-expires"}),
              2);
    EXPECT_EQ(out, "");
    EXPECT_THAT(complaint, AllOf(HasSubstr("--never-expires"), HasSubstr("--expires-in")));
    EXPECT_EQ(call({"token", "create", "--user", "john", "--never-expires"}), 0);
}

TEST_F(StoreCommandsTest, MakeUsersAndFindThem) {
    EXPECT_EQ(call({"user", "create", "john", "--name", "John Doe"}), 0);
    EXPECT_THAT(out, HasSubstr("john"));
    EXPECT_EQ(call({"user", "create", "jane"}), 0);
    EXPECT_EQ(call({"user", "create", "john"}), 1);
    EXPECT_THAT(complaint, HasSubstr("exists already"));

    EXPECT_EQ(call({"user", "list", "demo"}), 0);
    EXPECT_THAT(out, AllOf(HasSubstr("jane"), HasSubstr("john"), HasSubstr("John Doe")));
    EXPECT_EQ(complaint, "");
    EXPECT_EQ(call({"user", "list", "--search", "John D"}), 0);
    EXPECT_THAT(out, AllOf(HasSubstr("john"), Not(HasSubstr("jane"))));
    EXPECT_EQ(call({"user", "list", "--role", "nobody has it & more"}), 0);
    EXPECT_EQ(out, "");

    EXPECT_EQ(call({"user", "show", "john"}), 0);
    EXPECT_THAT(out, AllOf(HasSubstr("John Doe"), HasSubstr("deactivated_at               -")));
    EXPECT_EQ(json({"user", "show", "john"}).at("name"), "John Doe");
    EXPECT_EQ(call({"user", "show", "nobody"}), 1);
    EXPECT_EQ(call({"user", "show", "no/../body"}), 1);
    EXPECT_THAT(complaint, HasSubstr("there is no user"));
}

TEST_F(StoreCommandsTest, PageThroughUsers) {
    for (auto const* id : {"ada", "bob", "cem"}) {
        ASSERT_EQ(call({"user", "create", id}), 0);
    }
    auto const first = json({"user", "list", "--limit", "2"});
    EXPECT_EQ(first.at("users").as_array().size(), 2U);
    auto const next = std::string(first.at("next").as_string());
    EXPECT_EQ(call({"user", "list", "--limit", "2"}), 0);
    EXPECT_THAT(complaint, HasSubstr("--cursor " + next));
    auto const last = json({"user", "list", "--limit", "2", "--cursor", next});
    EXPECT_EQ(last.at("users").at(0).at("id"), "cem");
    EXPECT_TRUE(last.at("next").is_null());
    EXPECT_EQ(call({"user", "list", "--cursor", "no cursor"}), 1);
}

TEST_F(StoreCommandsTest, DeactivateUsersAndTakeThatBack) {
    for (auto const* id : {"john", "jane"}) {
        ASSERT_EQ(call({"user", "create", id}), 0);
    }
    EXPECT_EQ(call({"user", "deactivate", "john", "--dry-run"}), 0);
    EXPECT_THAT(out, AllOf(HasSubstr("would deactivate 1 user: john"), HasSubstr("would end 0"),
                           HasSubstr("nothing was changed")));
    EXPECT_EQ(json({"user", "list", "--state", "deactivated"}).at("users").as_array().size(), 0U);
    EXPECT_EQ(call({"user", "deactivate", "john"}), 0);
    EXPECT_THAT(out, AllOf(HasSubstr("deactivated 1 user: john\n"), Not(HasSubstr("void"))));
    EXPECT_EQ(call({"user", "deactivate", "john", "jane"}), 0);
    EXPECT_THAT(out, AllOf(HasSubstr("deactivated 1 user: jane"),
                           HasSubstr("1 user already deactivated: john")));
    EXPECT_EQ(call({"user", "list"}), 0);
    EXPECT_THAT(out, HasSubstr("deactivated"));
    EXPECT_EQ(json({"user", "reactivate", "john", "jane"}).at("changed").as_array().size(), 2U);
    EXPECT_EQ(call({"user", "reactivate", "john"}), 0);
    EXPECT_EQ(out, "1 user not deactivated: john\n");
    EXPECT_EQ(call({"user", "deactivate", "john", "nobody"}), 1);
    EXPECT_THAT(complaint, HasSubstr("nobody"));
    EXPECT_TRUE(json({"user", "show", "john"}).at("deactivated_at").is_null()) << "all, or none";
}

TEST_F(StoreCommandsTest, DeleteAnAppByItsName) {
    ASSERT_EQ(call({"user", "create", "john"}), 0);
    EXPECT_EQ(call({"app", "delete", "demo", "--dry-run"}), 0);
    EXPECT_THAT(out, AllOf(HasSubstr("would delete the app demo and its 1 user"),
                           HasSubstr("nothing was changed")));
    for (auto const* name : {"demo", "DEMO", "Dem"}) {
        EXPECT_EQ(call({"app", "delete", "demo", "--confirm", name}), 1) << name;
        EXPECT_THAT(complaint, HasSubstr("wants its name"));
    }
    EXPECT_EQ(call({"app", "delete", "demo", "--confirm", "Demo"}), 0);
    EXPECT_THAT(out, HasSubstr("deleted the app demo and its 1 user"));
    EXPECT_EQ(call({"app", "show", "demo"}), 1);
    EXPECT_TRUE(json({"app", "list"}).as_array().empty());
}

TEST_F(StoreCommandsTest, ShowWhoChangedWhat) {
    EXPECT_EQ(call({"app", "update", "demo", "--name", "Renamed"}), 0);
    EXPECT_EQ(call({"app", "update", "demo", "--name", "Renamed again"}), 0);
    EXPECT_EQ(call({"audit", "list", "--limit", "2"}), 0);
    EXPECT_THAT(out, AllOf(HasSubstr("app.update"), HasSubstr("local"),
                           HasSubstr(R"(name: "Renamed" -> "Renamed again")"),
                           Not(HasSubstr("app.create"))));
    EXPECT_THAT(complaint, HasSubstr("--before 2"));
    EXPECT_EQ(call({"audit", "list", "--before", "2"}), 0);
    EXPECT_THAT(out, AllOf(HasSubstr("app.create"), Not(HasSubstr("app.update"))));
    EXPECT_EQ(complaint, "");
    EXPECT_EQ(json({"audit", "list", "--action", "app.update", "--app", "demo"})
                  .at("entries")
                  .as_array()
                  .size(),
              2U);
    EXPECT_EQ(call({"audit", "list", "--actor", "nobody"}), 0);
    EXPECT_EQ(out, "");

    auto const newest = json({"audit", "list", "--limit", "1"}).at("entries").at(0);
    std::string const hash(newest.at("hash").as_string());
    EXPECT_EQ(hash.size(), 64U);
    EXPECT_EQ(call({"audit", "verify"}), 0);
    EXPECT_EQ(out, "whole (entries: 3)\nentry 3 has the hash " + hash + "\n");
    auto const verdict = json({"audit", "verify"});
    EXPECT_EQ(verdict.at("verified"), true);
    EXPECT_EQ(verdict.at("hash"), newest.at("hash"));
}

TEST_F(StoreCommandsTest, FindNobodyConnectedWhereNoServerRuns) {
    EXPECT_EQ(call({"connection", "list", "demo", "--user", "john"}), 0);
    EXPECT_EQ(out, "");
    EXPECT_EQ(json({"connection", "list"}).at("total"), 0);
    EXPECT_EQ(call({"connection", "list", "other"}), 1);
}

TEST_F(StoreCommandsTest, WantAKeyWhereThereAreSeveralApps) {
    EXPECT_EQ(call({"app", "create", "Other", "--api-key", "other"}), 0);
    EXPECT_EQ(call({"app", "revoke"}), 1);
    EXPECT_THAT(complaint, HasSubstr("there are 2 apps"));
    EXPECT_EQ(call({"app", "revoke", "other", "--json"}), 0);
    EXPECT_THAT(out, HasSubstr(R"("changed":true)"));
}

TEST_F(StoreCommandsTest, ShowNoControlCharacterOfAToken) {
    // {"a":"<U+009B>2J"}: what some terminals take for the start of a command.
    EXPECT_EQ(call({"token", "explain", "eyJhbGciOiJIUzI1NiJ9.eyJhIjoiwpsySiJ9.AAAA"}), 1);
    EXPECT_THAT(out, HasSubstr("UNVERIFIED"));
    EXPECT_THAT(out, HasSubstr("\"a\": \"?2J\""));
}

}  // namespace
}  // namespace latchkey::cli
