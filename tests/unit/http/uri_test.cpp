#include "http/uri.hpp"

#include "http/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::http {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(FindQueryParameter, TellsAbsentFromEmpty) {
    EXPECT_EQ(find_query_parameter("", "a"), std::nullopt);
    EXPECT_EQ(find_query_parameter("a", "a"), "");
    EXPECT_EQ(find_query_parameter("a=", "a"), "");
    EXPECT_EQ(find_query_parameter("ab=1", "a"), std::nullopt);
    EXPECT_EQ(find_query_parameter("b=1&&a=%20=x&a=2", "a"), "%20=x");
}

TEST(FindQueryParameter, LooksAtAsManyAsTheLimitAndNotOneMore) {
    std::string query;
    for (std::size_t i = 1; i < kQueryParametersMax; ++i) {
        query += "x&";
    }
    EXPECT_EQ(find_query_parameter(query + "a=1", "a"), "1");
    EXPECT_EQ(find_query_parameter("x&" + query + "a=1", "a"), std::nullopt);
}

TEST(DecodeQueryValue, UndoesPercentAndPlus) {
    EXPECT_EQ(decode_query_value("a%20b+c%2B%7b%C3%a4"), "a b c+{\xc3\xa4");
    EXPECT_EQ(decode_query_value("%00"), std::string("\0", 1));
    for (auto const* const bad : {"%", "%4", "%g0", "%0g", "a%", "%%41"}) {
        EXPECT_EQ(decode_query_value(bad), std::nullopt) << bad;
    }
}

TEST(DecodePathSegment, LeavesPlusAlone) { EXPECT_EQ(decode_path_segment("a+b%2f"), "a+b/"); }

TEST(RedactTarget, KeepsWhatIsHarmless) {
    EXPECT_EQ(redact_target("/api/v2/users?api_key=k&limit=10&flag"),
              "/api/v2/users?api_key=k&limit=10&flag");
}

TEST(PercentEncode, LeavesOnlyUnreservedCharacters) {
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("{\"a b\":\"+&=%/\"}"), "%7B%22a%20b%22%3A%22%2B%26%3D%25%2F%22%7D");
    EXPECT_EQ(percent_encode("\xc3\xa4"), "%C3%A4");
}

TEST(RedactTarget, CutsOutCredentialsAndClaims) {
    for (auto const* const query :
         {"authorization=SECRET", "Authorization=SECRET", "%61uthorization=SECRET", "token=SECRET",
          "json=%7BSECRET", "payload=SECRET", "user_token=SECRET", "x=1&token=SECRET",
          "other=eyJSECRET", "eyJSECRET", "eyJSECRET=1", "%zz=SECRET"}) {
        auto const out = redact_target("/connect?" + std::string(query));
        EXPECT_THAT(out, Not(HasSubstr("SECRET"))) << query;
        EXPECT_THAT(out, HasSubstr("[cut]")) << query;
    }
    EXPECT_EQ(redact_target("/token/eyJSECRET/x"), "/token/[cut]/x");
}

TEST(RedactTarget, EscapesWhatCouldForgeALine) {
    EXPECT_EQ(redact_target("/a\r\n\x7f\xc3"), "/a\\x0D\\x0A\\x7F\\xC3");
}

TEST(RedactTarget, IsNeverLongerThanItsLimit) {
    EXPECT_EQ(redact_target("/" + std::string(255, 'a')).size(), kLoggedTargetBytesMax);
    auto const cut = redact_target("/" + std::string(256, 'a'));
    EXPECT_EQ(cut.size(), kLoggedTargetBytesMax);
    EXPECT_TRUE(cut.ends_with("..."));
    EXPECT_EQ(redact_target("/?" + std::string(100'000, '&')).size(), kLoggedTargetBytesMax);
}

}  // namespace
}  // namespace latchkey::http
