#include "token/json_object_reader.hpp"

#include <latchkey/token/limits.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::token {
namespace {

struct Member {
    std::string name;
    JsonKind kind;
    std::string text;

    bool operator==(Member const&) const = default;
};

std::optional<std::vector<Member>> read(std::string_view text) {
    auto padded = std::string(text) + std::string(JsonObjectReader::kPadding, ' ');
    JsonObjectReader reader(text.size());
    std::vector<std::string> names;
    std::deque<JsonValue> values;
    auto const is_object =
        reader.read({reinterpret_cast<std::uint8_t const*>(padded.data()), text.size()},
                    [&](std::string_view name) -> JsonValue& {
                        names.emplace_back(name);
                        return values.emplace_back();
                    });
    if (!is_object) {
        return std::nullopt;
    }
    std::vector<Member> members;
    members.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        members.push_back({names[i], values[i].kind, std::string(values[i].text)});
    }
    return members;
}

/// What a string means that is written between quotes as `inner`.
std::optional<std::string> read_string(std::string const& inner) {
    auto const members = read("{\"x\":\"" + inner + "\"}");
    return members ? std::optional(members->at(0).text) : std::nullopt;
}

std::string nested_arrays(std::size_t depth) {
    return "{\"x\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + '}';
}

std::string nested_objects(std::size_t depth) {
    std::string text = "0";
    for (std::size_t i = 0; i < depth; ++i) {
        text = "{\"x\":" + text + '}';
    }
    return text;
}

TEST(JsonObjectReader, HandsOutMembersInOrderWithTheirKinds) {
    auto const members = read(
        " \t\r\n{ \"a\" : \"text\" , \"\":1.5e+3,\"b\":true,\"c\":false,\"d\":null,"
        "\"e\":[1,{\"f\":[]},\"\"],\"f\":{\"a\":{},\"b\":2} } \n");
    ASSERT_TRUE(members);
    std::vector<Member> const expected{
        {"a", JsonKind::String, "text"}, {"", JsonKind::Number, "1.5e+3"},
        {"b", JsonKind::True, ""},       {"c", JsonKind::False, ""},
        {"d", JsonKind::Null, ""},       {"e", JsonKind::Array, ""},
        {"f", JsonKind::Object, ""},
    };
    EXPECT_EQ(*members, expected);
}

TEST(JsonObjectReader, ReadsAnEmptyObject) {
    EXPECT_EQ(read("{}")->size(), 0U);
    EXPECT_EQ(read(" { } ")->size(), 0U);
}

TEST(JsonObjectReader, RefusesEverythingThatIsNotOneObject) {
    for (std::string const text : {"",
                                   " ",
                                   "1",
                                   "null",
                                   "true",
                                   "\"x\"",
                                   "[]",
                                   "[{}]",
                                   "{",
                                   "}",
                                   "{}{}",
                                   "{} x",
                                   "{},",
                                   "{]",
                                   "{\"a\"}",
                                   "{\"a\":}",
                                   "{\"a\":1",
                                   "{\"a\":1,",
                                   "{\"a\":1,}",
                                   "{,\"a\":1}",
                                   "{\"a\":1,,\"b\":2}",
                                   "{\"a\" 1}",
                                   "{\"a\"::1}",
                                   "{\"a\":1 \"b\":2}",
                                   "{\"a\":1\"b\":2}",
                                   "{\"a\":true\"b\"}",
                                   "{\"a\":\"b\"c}",
                                   "{\"a\":\"b\"\"c\"}",
                                   "{\"a\":\"b\"1}",
                                   "{\"a\"b:1}",
                                   "{\"a\":1\v}",
                                   "{\"a\":1\f}",
                                   "{\"a\":null\xa0}",
                                   "{a:1}",
                                   "{'a':1}",
                                   "{1:1}",
                                   "{\"a\":1}/**/",
                                   "{/**/\"a\":1}",
                                   "{\"a",
                                   "{\"a\":\"b",
                                   "{\"a\":1}}",
                                   "{{}}",
                                   "{\"a\":[}",
                                   "{\"a\":[1}",
                                   "{\"a\":[1,]}",
                                   "{\"a\":[,1]}",
                                   "{\"a\":[1 2]}",
                                   "{\"a\":{]}",
                                   "{\"a\":{\"b\"}}",
                                   "{\"a\":{\"b\":1,}}",
                                   "{\"a\":[\"b\":1]}",
                                   "\xef\xbb\xbf{}"}) {
        EXPECT_FALSE(read(text)) << text;
    }
}

TEST(JsonObjectReader, RefusesANulAnywhere) {
    std::string const text = R"({"a":"b","c":[1,null]})";
    ASSERT_TRUE(read(text));
    for (std::size_t i = 0; i <= text.size(); ++i) {
        auto with_nul = text;
        with_nul.insert(i, 1, '\0');
        EXPECT_FALSE(read(with_nul)) << i;
    }
}

TEST(JsonObjectReader, RefusesAnObjectCutAtAnyLength) {
    std::string const text = R"({"a":"b\u00e9\ud83d\ude00","c":[1.5e3,null,{"d":false}]})";
    ASSERT_TRUE(read(text));
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_FALSE(read(text.substr(0, length))) << length;
    }
}

TEST(JsonObjectReader, ChecksTheFormOfEveryNumberAlsoInValuesThatAreSkipped) {
    for (std::string const number : {"0", "-0", "1", "-1", "10", "0.5", "-0.5e5", "1e5", "1E+5",
                                     "1e-5", "1e400", "123456789012345678901234567890"}) {
        EXPECT_TRUE(read("{\"x\":" + number + "}")) << number;
        EXPECT_TRUE(read("{\"x\":[[" + number + "]]}")) << number;
    }
    for (std::string const number :
         {"-",         "+1",   "01",    "-01",   "1.",   ".5",  "-.5", "1e",
          "1e+",       "1.e5", "1.5.5", "1e5.5", "0x10", "1_0", "NaN", "Infinity",
          "-Infinity", "1f",   "٣",     "--1",   "1-",   "00"}) {
        EXPECT_FALSE(read("{\"x\":" + number + "}")) << number;
        EXPECT_FALSE(read("{\"x\":[[" + number + "]]}")) << number;
    }
    EXPECT_TRUE(read("{\"x\":" + std::string(400, '7') + "}"));
}

TEST(JsonObjectReader, ChecksTheFormOfLiterals) {
    for (std::string const literal :
         {"True", "TRUE", "tru", "truee", "t", "fals", "nul", "nulll", "undefined", "true false"}) {
        EXPECT_FALSE(read("{\"x\":" + literal + "}")) << literal;
        EXPECT_FALSE(read("{\"x\":{\"y\":" + literal + "}}")) << literal;
    }
}

TEST(JsonObjectReader, ResolvesEscapesInNamesAndStrings) {
    EXPECT_EQ(read_string(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(read_string(R"(\u0041\u00e9\u20AC\ud83d\uDE00x)"), "A\u00e9\u20ac\U0001F600x");
    EXPECT_EQ(read_string(R"(a\u0000b)"), std::string("a\0b", 3));
    EXPECT_EQ(read_string(R"(\uffff\udbff\udfff)"), "\uffff\U0010ffff");
    EXPECT_EQ(read(R"({"\u0075ser_id":1})")->at(0).name, "user_id");
}

TEST(JsonObjectReader, RefusesEscapesThatJsonDoesNotHave) {
    for (std::string const inner :
         {R"(\)", R"(\a)", R"(\')", R"(\0)", R"(\x41)", R"(\u)", R"(\u004)", R"(\u004g)",
          R"(\U0041)", R"(\u 041)", R"(\u-041)", R"(\u{41})", "\\\n"}) {
        EXPECT_FALSE(read_string(inner)) << inner;
        EXPECT_FALSE(read("{\"x\":[\"" + inner + "\"]}")) << inner;
    }
}

TEST(JsonObjectReader, RefusesHalfOfASurrogatePair) {
    EXPECT_TRUE(read_string(R"(\ud800\udc00)"));
    EXPECT_TRUE(read_string(R"(\ud7ff\ue000)"));
    EXPECT_EQ(read_string(R"(\\ud800)"), R"(\ud800)");
    for (std::string const inner :
         {R"(\ud800)", R"(\udbff)", R"(\udc00)", R"(\udfff)", R"(\ud800x)", R"(\ud800\n)",
          R"(\ud800\u0041)", R"(\ud800\ud800)", R"(\udc00\ud800)", R"(\ud800\udc0)",
          R"(\uD800\uE000)", R"(\\\uDFFF)", R"(\ud800\\udc00)", R"(\ud800\udc00\udc00)"}) {
        EXPECT_FALSE(read_string(inner)) << inner;
        EXPECT_FALSE(read("{\"x\":[\"" + inner + "\"]}")) << inner;
        EXPECT_FALSE(read("{\"" + inner + "\":1}")) << inner;
    }
}

TEST(JsonObjectReader, RefusesControlCharactersInStrings) {
    for (char c = 0; c < 0x20; ++c) {
        EXPECT_FALSE(read_string(std::string(1, c))) << static_cast<int>(c);
        EXPECT_FALSE(read_string("\\n" + std::string(1, c))) << static_cast<int>(c);
    }
    EXPECT_TRUE(read_string(" "));
    EXPECT_TRUE(read_string("\x7f"));
}

TEST(JsonObjectReader, TakesWellFormedUtf8Only) {
    // RFC 3629 section 4: the first and last of each row of its table, and their neighbours.
    for (std::string const text :
         {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xec\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80",
          "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_EQ(read_string(text), text);
        EXPECT_EQ(read_string("\\n" + text), "\n" + text);
    }
    for (std::string const text :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0", "\xe0\x9f\xbf",
          "\xe0\xa0", "\xe0\xa0\xc0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xef\xbf",
          "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe",
          "\xff"}) {
        EXPECT_FALSE(read_string(text));
        EXPECT_FALSE(read("{\"x\":[\"" + text + "\"]}"));
        EXPECT_FALSE(read("{\"" + text + "\":1}"));
    }
}

TEST(JsonObjectReader, ReadsTextsOfAnyLengthUpToItsLimit) {
    // The parser works in blocks of 64 bytes, and the reader fills them up.
    for (std::size_t length = 0; length < 300; ++length) {
        auto const inner = std::string(length, 'a');
        EXPECT_EQ(read_string(inner), inner);
        EXPECT_FALSE(read("{\"x\":\"" + inner + "\"} x"));
        EXPECT_FALSE(read("{\"x\":\"" + inner));
    }
}

TEST(JsonObjectReader, KeepsNothingOfOneTextForTheNext) {
    auto const padding = std::string(JsonObjectReader::kPadding, ' ');
    JsonObjectReader reader(64);
    auto is_object = [&](std::string const& text) {
        auto const padded = text + padding;
        JsonValue ignored;
        return reader.read({reinterpret_cast<std::uint8_t const*>(padded.data()), text.size()},
                           [&](std::string_view) -> JsonValue& { return ignored; });
    };
    for (std::string const text : {R"({"a":[[{"b":"\u00e9"}]]})", "{}", R"({"a":1})"}) {
        EXPECT_TRUE(is_object(text)) << text;
        EXPECT_FALSE(is_object(text.substr(0, text.size() - 1))) << text;
        EXPECT_FALSE(is_object("")) << text;
        EXPECT_TRUE(is_object(text)) << text;
    }
}

TEST(JsonObjectReader, TakesNestingUpToTheLimitAndRefusesOneLevelMore) {
    EXPECT_TRUE(read(nested_arrays(kJsonDepthMax)));
    EXPECT_FALSE(read(nested_arrays(kJsonDepthMax + 1)));
    EXPECT_TRUE(read(nested_objects(kJsonDepthMax)));
    EXPECT_FALSE(read(nested_objects(kJsonDepthMax + 1)));
    EXPECT_FALSE(read("{\"x\":" + std::string(6000, '[')));
}

}  // namespace
}  // namespace latchkey::token
