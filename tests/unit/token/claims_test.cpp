#include "signing.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/token/limits.hpp>

#include <gtest/gtest.h>

namespace latchkey::token {
namespace {

using namespace std::chrono_literals;
using test::verdict_on_claims;

TEST(Verify, ReadsAUsersClaims) {
    auto const outcome = test::verify(test::sign_claims(
        R"({"user_id":"john","role":"admin","exp":1767229200.5,"nbf":1e9,"iat":1767225600})"));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->who, "john");
    EXPECT_EQ(outcome->role, "admin");
    TokenDates const dates{.expires_at = Instant(1767229200500ms),
                           .not_before = Instant(1000000000s),
                           .issued_at = Instant(1767225600s)};
    EXPECT_EQ(outcome->dates, dates);
}

TEST(Verify, LeavesAbsentDatesAbsent) {
    auto const outcome = test::verify(test::sign_claims(R"({"user_id":"john"})"));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->dates, TokenDates{});
}

TEST(Verify, TakesUserIdsOfEveryAllowedCharacter) {
    std::string const longest(kUserIdBytesMax, 'a');
    for (std::string const& id :
         {std::string("a"), std::string("0"), std::string("Z9"), std::string("user@example"),
          std::string("__proto__"), std::string("server"), std::string("-"), longest,
          std::string(kAnonymousUserId)}) {
        EXPECT_EQ(verdict_on_claims(R"({"user_id":")" + id + "\"}"), id);
    }
}

TEST(Verify, RefusesUserIdsThatAreNotIds) {
    for (std::string const& id :
         {std::string(), std::string(" "), std::string("john.doe"), std::string("john doe"),
          std::string("../john"), std::string("!Anon"), std::string("!anon "), std::string("!"),
          std::string("j\u043ehn"), std::string(R"(john\u0000)"), std::string(R"(john\n)"),
          std::string(R"(john\u200b)"), std::string(kUserIdBytesMax + 1, 'a')}) {
        EXPECT_EQ(verdict_on_claims(R"({"user_id":")" + id + "\"}"), "user_id_invalid") << id;
    }
}

TEST(Verify, RefusesAUserIdThatIsNotText) {
    for (std::string const value : {"null", "0", "1.5", "true", R"(["john"])", R"({"a":"john"})"}) {
        EXPECT_EQ(verdict_on_claims(R"({"user_id":)" + value + '}'), "user_id_not_text") << value;
    }
}

TEST(Verify, ReadsNamesWithTheirEscapesResolved) {
    EXPECT_EQ(verdict_on_claims(R"({"\u0075ser_id":"j\u006fhn"})"), "john");
    EXPECT_EQ(verdict_on_claims(R"({"\u0075ser_id":"john","user_id":"jane"})"),
              "claim_duplicate_name");
}

TEST(Verify, TakesDatesInEverySpellingOfANumber) {
    for (std::string const date : {"0", "0.0", "-0", "1e9", "1767229200", "1767229200.5",
                                   "17672292E2", "253402300799", "253402300799.999999"}) {
        for (std::string const name : {"exp", "nbf", "iat"}) {
            EXPECT_EQ(verdict_on_claims(R"({"user_id":"john",")" + name + "\":" + date + '}'),
                      "john")
                << name << ' ' << date;
        }
    }
}

TEST(Verify, RefusesDatesOutOfRange) {
    for (std::string const& date :
         {std::string("-1"), std::string("-0.000001"), std::string("253402300800"),
          std::string("253402300799.9999999"), std::string("1e400"), std::string("-1e400"),
          std::string("1767229200000"), std::string("9223372036854775808"),
          std::string(5800, '9')}) {
        for (std::string const name : {"exp", "nbf", "iat"}) {
            EXPECT_EQ(verdict_on_claims(R"({"user_id":"john",")" + name + "\":" + date + '}'),
                      "date_out_of_range")
                << name << ' ' << date;
        }
    }
}

TEST(Verify, RefusesDatesThatAreNotNumbers) {
    for (std::string const date : {"null", "true", "false", R"("1767229200")", R"("")",
                                   R"("2099-01-01T00:00:00Z")", "[1767229200]", "{}"}) {
        for (std::string const name : {"exp", "nbf", "iat"}) {
            EXPECT_EQ(verdict_on_claims(R"({"user_id":"john",")" + name + "\":" + date + '}'),
                      "date_not_number")
                << name << ' ' << date;
        }
    }
}

TEST(Verify, TakesTheRoleWhereItIsTextAndIgnoresItElse) {
    struct Row {
        std::string_view role;
        std::string_view read;
    };
    for (auto const& [role, read] : {Row{R"("admin")", "admin"}, Row{R"("")", ""}, Row{"null", ""},
                                     Row{"5", ""}, Row{R"(["admin"])", ""}}) {
        auto const claims = R"({"user_id":"john","role":)" + std::string(role) + '}';
        auto const outcome = test::verify(test::sign_claims(claims));
        ASSERT_TRUE(outcome) << role;
        EXPECT_EQ(outcome->role, read);
    }
}

TEST(Verify, TakesForAServerWhatSaysNothingButServerAndDates) {
    for (std::string_view const claims :
         {R"({})", R"({"server":true})", R"({"iat":1,"server":true})",
          R"({"nbf":1,"exp":2000000000,"iat":1})"}) {
        EXPECT_EQ(verdict_on_claims(claims), "server") << claims;
    }
    auto const outcome = test::verify(test::sign_claims(R"({"exp":2,"server":true})"));
    EXPECT_EQ(outcome->dates, TokenDates{.expires_at = Instant(2s)});
}

TEST(Verify, DoesNotTakeAMisspeltUserForAServer) {
    for (std::string_view const claims :
         {R"({"sub":"john"})", R"({"userId":"john"})", R"({"USER_ID":"john"})",
          R"({"user_id ":"john"})", R"({"user_id\u0000":"john"})", R"({"id":"john","server":true})",
          R"({"role":"admin"})", R"({"role":null})", R"({"":1})", R"({"server":true,"x":null})"}) {
        EXPECT_EQ(verdict_on_claims(claims), "user_id_missing") << claims;
    }
}

TEST(Verify, TellsServerFromUserByABooleanOnly) {
    struct Row {
        std::string_view claims;
        std::string_view verdict;
    };
    for (auto const& [claims, verdict] : {
             Row{R"({"server":true,"user_id":"john"})", "server_with_user_id"},
             Row{R"({"server":false,"user_id":"john"})", "john"},
             Row{R"({"server":false})", "server_not_true"},
             Row{R"({"server":false,"sub":"john"})", "server_not_true"},
             Row{R"({"server":1})", "server_not_true"},
             Row{R"({"server":null})", "server_not_true"},
             Row{R"({"server":"true"})", "server_not_true"},
             Row{R"({"server":{}})", "server_not_true"},
             Row{R"({"server":1,"user_id":"john"})", "server_not_true"},
             Row{R"({"server":null,"user_id":"john"})", "server_not_true"},
         }) {
        EXPECT_EQ(verdict_on_claims(claims), verdict) << claims;
    }
}

TEST(Verify, RefusesAClaimThatStandsTwice) {
    for (std::string_view const claims :
         {R"({"user_id":"john","user_id":"john"})", R"({"user_id":"john","exp":1,"exp":2})",
          R"({"server":true,"server":true})", R"({"user_id":"john","x":1,"x":2})",
          R"({"user_id":"john","x":1,"\u0078":2})", R"({"user_id":"john","":1,"":1})",
          R"({"user_id":5,"user_id":5,"exp":"x"})"}) {
        EXPECT_EQ(verdict_on_claims(claims), "claim_duplicate_name") << claims;
    }
    EXPECT_EQ(verdict_on_claims(R"({"user_id":"john","x":{"y":1,"y":2},"X":1})"), "john");
}

TEST(Verify, TakesAsManyClaimsAsTheLimitAndRefusesOneMore) {
    auto with_claims = [](std::size_t count, std::string const& last) {
        std::string claims = R"({"user_id":"john")";
        for (std::size_t i = 2; i < count; ++i) {
            claims += ",\"AaAaAaBB" + std::to_string(1000 + i) + "\":1";
        }
        return claims + ",\"" + last + "\":1}";
    };
    EXPECT_EQ(verdict_on_claims(with_claims(kClaimsMax, "z")), "john");
    EXPECT_EQ(verdict_on_claims(with_claims(kClaimsMax, "AaAaAaBB1127")), "claim_duplicate_name");
    EXPECT_EQ(verdict_on_claims(with_claims(kClaimsMax + 1, "z")), "too_many_claims");
    EXPECT_EQ(verdict_on_claims(with_claims(kClaimsMax + 40, "z")), "too_many_claims");
    EXPECT_EQ(verdict_on_claims(with_claims(kClaimsMax + 40, "z") + 'x'), "claims_not_json");
}

TEST(Verify, RefusesClaimsThatAreNotOneObject) {
    for (std::string_view const claims :
         {"1", "null", "[]", R"([{"user_id":"john"}])", R"({"user_id":"john"}{})",
          R"({"user_id":"john")", R"({"user_id":"john","x":01})", R"({"user_id":"john","x":[+1]})",
          R"({"user_id":"john","x":"\q"})", R"({"user_id":"\ud800"})",
          R"({"user_id":5,"user_id":5,"x":Infinity})", "\xef\xbb\xbf{\"user_id\":\"john\"}",
          "{\"user_id\":\"john\",\"x\":{\"y\":\"\xed\xa0\x80\"}}",
          "{\"user_id\":\"john\",\"x\":\"a\tb\"}"}) {
        EXPECT_EQ(verdict_on_claims(claims), "claims_not_json") << claims;
    }
}

TEST(Verify, TakesClaimsAtTheDepthLimitAndRefusesOneLevelMore) {
    auto nested = [](std::size_t depth) {
        return R"({"user_id":"john","x":)" + std::string(depth - 1, '[') +
               std::string(depth - 1, ']') + '}';
    };
    EXPECT_EQ(verdict_on_claims(nested(kJsonDepthMax)), "john");
    EXPECT_EQ(verdict_on_claims(nested(kJsonDepthMax + 1)), "claims_not_json");
}

TEST(Verify, TakesATokenAsLongAsTheLimit) {
    // Each three bytes of claims make four characters; the rest of the token takes 81.
    auto with_padding = [](std::size_t bytes) {
        return test::sign_claims(R"({"user_id":"john","x":")" + std::string(bytes, 'a') + "\"}");
    };
    std::size_t bytes = 6000;
    while (with_padding(bytes + 1).size() <= kTokenBytesMax) {
        ++bytes;
    }
    EXPECT_EQ(test::verdict(with_padding(bytes)), "john");
    EXPECT_EQ(test::verdict(with_padding(bytes + 1)), "too_long");
}

TEST(Verify, ReportsTheFirstCauseInTheOrderOfTheChecks) {
    EXPECT_EQ(verdict_on_claims(R"({"exp":"x","user_id":5})"), "user_id_not_text");
    EXPECT_EQ(verdict_on_claims(R"({"exp":-1,"user_id":"."})"), "user_id_invalid");
    EXPECT_EQ(verdict_on_claims(R"({"exp":-1,"iat":"x","server":1})"), "date_not_number");
    EXPECT_EQ(verdict_on_claims(R"({"exp":-1,"server":1,"sub":1})"), "date_out_of_range");
}

TEST(Verify, KeepsClaimsOfOneTokenOutOfTheNext) {
    std::array const keys{HmacKey(test::kSecret)};
    Verifier verifier;
    auto const full = test::sign_claims(R"({"user_id":"john","role":"admin","exp":9,"x":1})");
    auto const bare = test::sign_claims(R"({"user_id":"jane"})");
    auto const server = test::sign_claims("{}");
    ASSERT_TRUE(verifier.verify(*CompactToken::parse(full), keys));
    auto const second = verifier.verify(*CompactToken::parse(bare), keys);
    ASSERT_TRUE(second);
    auto const& user = std::get<UserClaims>(second->claims);
    EXPECT_EQ(user.user_id, "jane");
    EXPECT_EQ(user.role, "");
    EXPECT_EQ(user.dates, TokenDates{});
    auto const third = verifier.verify(*CompactToken::parse(server), keys);
    ASSERT_TRUE(third);
    EXPECT_TRUE(std::holds_alternative<ServerClaims>(third->claims));
}

}  // namespace
}  // namespace latchkey::token
