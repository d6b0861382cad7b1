#include "api/client_names.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace latchkey::test {
namespace {

using api::client_name;
using api::ClientNames;

std::string name_of(std::string_view query, std::vector<http::Field> const& fields = {}) {
    return client_name({.method = http::Method::Get, .query = query, .fields = fields});
}
std::string sent(std::string_view header) { return name_of({}, {{"X-Stream-Client", header}}); }

TEST(ClientName, IsWhatTheClientSaysOfItself) {
    std::vector<http::Field> const both = {{"User-Agent", "curl/8"}, {"X-Stream-Client", "swift"}};
    EXPECT_EQ(name_of("api_key=key&X-Stream-Client=stream%2Djs", both), "stream-js");
    EXPECT_EQ(name_of("api_key=key", both), "swift");
    EXPECT_EQ(name_of("", {{"User-Agent", "curl/8"}}), "curl/8");
    EXPECT_EQ(name_of("", {}), "");
}

TEST(ClientName, HasAtMost128BytesAndEndsBehindAWholeCharacter) {
    EXPECT_EQ(sent(std::string(128, 'a')), std::string(128, 'a'));
    EXPECT_EQ(sent(std::string(129, 'a')), std::string(128, 'a'));
    EXPECT_EQ(sent(std::string(126, 'a') + "é"), std::string(126, 'a') + "é");
    EXPECT_EQ(sent(std::string(127, 'a') + "é"), std::string(127, 'a'));
}

TEST(ClientName, KeepsStrangeTextAndReplacesControlCharacters) {
    EXPECT_EQ(sent("<script>alert(1)</script>"), "<script>alert(1)</script>");
    EXPECT_EQ(sent("田中さん \U0001F511"), "田中さん \U0001F511");
    EXPECT_EQ(name_of("X-Stream-Client=a%0D%0Ab%00%1B%7F"), "a??b???");
}

TEST(ClientName, ReplacesBytesThatAreNoUtf8) {
    EXPECT_EQ(sent("a\xffz"), "a?z");
    EXPECT_EQ(sent("\xc0\xaf"), "??");            // overlong
    EXPECT_EQ(sent("\xed\xa0\x80"), "???");       // a surrogate
    EXPECT_EQ(sent("\xf4\x90\x80\x80"), "????");  // behind U+10FFFF
    EXPECT_EQ(sent("\xe2\x82"), "??");            // cut short
    EXPECT_EQ(sent("\xe2\x82\xac"), "€");
}

TEST(ClientNamesTable, KeepsEachNameOnceWhileSomebodyHasIt) {
    ClientNames names;
    auto const first = names.take("swift");
    EXPECT_EQ(names.take("swift"), first);
    auto const other = names.take("android");
    EXPECT_NE(other, first);
    EXPECT_EQ(names.find(first), "swift");
    names.give_back(first);
    EXPECT_EQ(names.find(first), "swift");
    names.give_back(first);
    EXPECT_EQ(names.take("unity"), first);  // the place is free again
    EXPECT_EQ(names.find(first), "unity");
    EXPECT_EQ(names.find(other), "android");
}

TEST(ClientNamesTable, GivesNoNumberToWhoHasNoName) {
    ClientNames names;
    EXPECT_EQ(names.take(""), 0);
    EXPECT_EQ(names.find(0), "");
    names.give_back(0);
}

TEST(ClientNamesTable, IsFullAtItsLimitAndTakesKnownNamesStill) {
    ClientNames names;
    ClientNames::Number last = 0;
    for (std::size_t i = 0; i < ClientNames::kNamesMax; ++i) {
        last = names.take("client " + std::to_string(i));
        ASSERT_NE(last, 0);
    }
    EXPECT_EQ(names.take("one more"), 0);
    EXPECT_NE(names.take("client 0"), 0);
    names.give_back(last);
    EXPECT_EQ(names.take("one more"), last);
}

}  // namespace
}  // namespace latchkey::test
