#include "cli/output.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace latchkey::cli {
namespace {

TEST(Printable, LeavesTextOfAnyScriptAsItIs) {
    for (auto const* text : {"", "John Doe", "Jürgen", "渡辺", "\xf0\x9f\x94\x91", "שלום"}) {
        EXPECT_EQ(printable(text), text);
    }
}

TEST(Printable, ReplacesWhatATerminalWouldObey) {
    EXPECT_EQ(printable("\x1b[2Ja\nb\rc\td\x7f"), "?[2Ja?b?c?d?");
    EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a?b");
    EXPECT_EQ(printable("\xc2\x80|\xc2\x9b|\xc2\x9f"), "?|?|?");  // C1
    EXPECT_EQ(printable("\xe2\x80\xaa|\xe2\x80\xae|\xe2\x81\xa6|\xe2\x81\xa9"), "?|?|?|?");
    EXPECT_EQ(printable("\xc2\xa0|\xe2\x80\xa9|\xe2\x80\xaf|\xe2\x81\xa5|\xe2\x81\xaa"),
              "\xc2\xa0|\xe2\x80\xa9|\xe2\x80\xaf|\xe2\x81\xa5|\xe2\x81\xaa");
}

TEST(Printable, ReadsNothingBehindACharacterThatIsCutOff) {
    EXPECT_EQ(printable("\xc2"), "\xc2");
    EXPECT_EQ(printable("\xe2\x80"), "\xe2\x80");
}

TEST(Shown, HasADashForNothing) {
    boost::json::object const from = {{"null", nullptr}, {"empty", ""}, {"zero", 0}, {"text", "a"}};
    EXPECT_EQ(shown(from, "null"), "-");
    EXPECT_EQ(shown(from, "empty"), "-");
    EXPECT_EQ(shown(from, "absent"), "-");
    EXPECT_EQ(shown(from, "zero"), "0");
    EXPECT_EQ(shown(from, "text"), "a");
}

TEST(WithQuery, LeavesOutWhatIsEmptyAndEncodesTheRest) {
    EXPECT_EQ(with_query("/a", {}), "/a");
    EXPECT_EQ(with_query("/a", {{"x", ""}, {"y", "1&2"}, {"z", "b c"}}), "/a?y=1%262&z=b%20c");
    EXPECT_EQ(with_query("/a", {{"n", number_text(0)}, {"m", number_text(7)}}), "/a?m=7");
    EXPECT_EQ(app_path("k/../e", "/users"), "/admin/v1/apps/k%2F..%2Fe/users");
}

}  // namespace
}  // namespace latchkey::cli
