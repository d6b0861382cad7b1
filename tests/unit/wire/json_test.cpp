#include "wire/json.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace latchkey::wire {
namespace {

std::string nested(std::size_t depth, char open, char close) {
    std::string text = R"({"a":)";
    text.append(depth - 1, open).append(depth - 1, close);
    return text + '}';
}

std::string names(std::size_t count) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) {
        text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
    }
    return text + '}';
}

std::string nested_objects(std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i + 1 < depth; ++i) {
        text += R"({"a":)";
    }
    return text + "{}" + std::string(depth - 1, '}');
}

struct Refused {
    std::string_view text;
    JsonError error;
};

class RefusedJson : public testing::TestWithParam<Refused> {};

TEST_P(RefusedJson, IsRefusedForItsOwnReason) {
    auto const result = parse_json_object(GetParam().text);
    ASSERT_FALSE(result) << GetParam().text;
    EXPECT_EQ(result.error(), GetParam().error) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    ParseJsonObject, RefusedJson,
    testing::Values(
        Refused{"", JsonError::Malformed}, Refused{"  \n", JsonError::Malformed},
        Refused{"{", JsonError::Malformed}, Refused{"{}x", JsonError::Malformed},
        Refused{"{}{}", JsonError::Malformed}, Refused{"{},", JsonError::Malformed},
        Refused{"{'a':1}", JsonError::Malformed}, Refused{"{\"a\":1,}", JsonError::Malformed},
        Refused{"{\"a\":01}", JsonError::Malformed}, Refused{"{\"a\":+1}", JsonError::Malformed},
        Refused{"{\"a\":1.}", JsonError::Malformed}, Refused{"{\"a\":NaN}", JsonError::Malformed},
        Refused{"{\"a\":\"\t\"}", JsonError::Malformed},
        Refused{"\xEF\xBB\xBF{}", JsonError::Malformed},
        Refused{"{\"a\":\"\xFF\"}", JsonError::Malformed},
        Refused{"{\"a\":\"\xED\xA0\x80\"}", JsonError::Malformed},
        Refused{"{\"\xC0\x80\":1}", JsonError::Malformed},
        Refused{R"({"a":"\ud800"})", JsonError::Malformed},
        Refused{R"({"a":"\udc00"})", JsonError::Malformed},
        Refused{R"({"\udc00":1})", JsonError::Malformed},
        Refused{R"({"a":"\ud800\u0041"})", JsonError::Malformed},
        Refused{std::string_view("{}\0", 3), JsonError::Malformed},
        Refused{"[]", JsonError::NotAnObject}, Refused{"null", JsonError::NotAnObject},
        Refused{"7", JsonError::NotAnObject}, Refused{"\"a\"", JsonError::NotAnObject},
        Refused{R"({"a":1,"a":1})", JsonError::DuplicateName},
        Refused{R"({"a":1,"\u0061":2})", JsonError::DuplicateName},
        Refused{R"({"x":[{"y":{"a":1,"a":1}}]})", JsonError::DuplicateName},
        Refused{R"({"a":18446744073709551616})", JsonError::NumberTooLarge},
        Refused{R"({"a":-9223372036854775809})", JsonError::NumberTooLarge},
        Refused{R"({"a":1e999})", JsonError::NumberTooLarge},
        Refused{R"({"a":-1e999})", JsonError::NumberTooLarge}));

class AcceptedJson : public testing::TestWithParam<std::string_view> {};

TEST_P(AcceptedJson, ComesBackAsItWas) {
    auto const result = parse_json_object(GetParam());
    ASSERT_TRUE(result) << GetParam() << ": " << describe(result.error());
    std::string written;
    append_json(written, *result);
    EXPECT_EQ(written, GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    ParseJsonObject, AcceptedJson,
    testing::Values("{}", R"({"":null})", R"({"a":1,"b":{"a":1}})", R"({"a":[{"x":1},{"x":1}]})",
                    R"({"a":18446744073709551615,"b":-9223372036854775808})",
                    R"({"a":1.5,"b":100.0,"c":-0.0,"d":1e+300,"e":5e-324})",
                    R"({"a":"\"\\\b\f\n\r\t\u0001 ü 😀 €","b":true,"c":false})",
                    R"({"a":"\u0000","b":"\u2028\u2029"})"));

TEST(ParseJsonObject, ReadsWhatIsEscapedInsideNamesAndTexts) {
    auto const result = parse_json_object(R"( { "\u00e4" : "\ud83d\ude00\/" } )");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->at("ä").as_string(), "😀/");
}

TEST(ParseJsonObject, TakesIntegersExactlyAndKeepsThemApartFromDecimals) {
    auto const result = parse_json_object(
        R"({"min":-9223372036854775808,"max":18446744073709551615,"zero":-0,"decimal":1.0})");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->at("min").as_int64(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(result->at("max").as_uint64(), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(result->at("zero").as_int64(), 0);
    EXPECT_TRUE(result->at("decimal").is_double());
}

TEST(ParseJsonObject, TakesThirtyTwoLevelsAndNotOneMore) {
    EXPECT_TRUE(parse_json_object(nested(kRequestJsonDepthMax, '[', ']')));
    EXPECT_EQ(parse_json_object(nested(kRequestJsonDepthMax + 1, '[', ']')).error(),
              JsonError::TooDeep);
    EXPECT_TRUE(parse_json_object(nested_objects(kRequestJsonDepthMax)));
    EXPECT_EQ(parse_json_object(nested_objects(kRequestJsonDepthMax + 1)).error(),
              JsonError::TooDeep);
    EXPECT_EQ(parse_json_object(nested(100'000, '[', ']')).error(), JsonError::TooDeep);
}

TEST(ParseJsonObject, TakesAsManyNamesAsTheLimitAndNotOneMore) {
    EXPECT_TRUE(parse_json_object(names(kRequestJsonNamesMax)));
    EXPECT_EQ(parse_json_object(names(kRequestJsonNamesMax + 1)).error(), JsonError::TooManyNames);
}

TEST(ParseJsonObject, RefusesEveryPrefixOfAText) {
    constexpr std::string_view kText =
        R"({"users":[{"id":"u1","set":{"a.b":[1,2.5e3,null,true]}}]})";
    for (std::size_t length = 0; length < kText.size(); ++length) {
        EXPECT_FALSE(parse_json_object(kText.substr(0, length))) << length;
    }
    EXPECT_TRUE(parse_json_object(kText));
}

TEST(DescribeJsonError, BeginsAsTheDocumentationDoesForEachCause) {
    for (auto const error :
         {JsonError::Malformed, JsonError::NotAnObject, JsonError::DuplicateName,
          JsonError::TooDeep, JsonError::TooManyNames, JsonError::NumberTooLarge}) {
        EXPECT_TRUE(describe(error).starts_with("invalid json data")) << describe(error);
    }
    EXPECT_TRUE(describe(JsonError::TooDeep).contains(std::to_string(kRequestJsonDepthMax)));
    EXPECT_TRUE(describe(JsonError::TooManyNames).contains(std::to_string(kRequestJsonNamesMax)));
}

TEST(AppendJsonString, EscapesWhatJsonAndScriptsDemandAndNothingElse) {
    using namespace std::string_view_literals;
    std::string out = "x";
    append_json_string(out, "a\"\\/\x01\x1f\x7f\0€\xE2\x80\xA8z\xE2\x80\xA9"sv);
    EXPECT_EQ(out, "x\"a\\\"\\\\/\\u0001\\u001f\x7f\\u0000€\\u2028z\\u2029\"");
}

TEST(AppendJsonString, SurvivesACharacterCutAtTheEnd) {
    for (std::string_view const text : {"\xE2", "\xE2\x80"}) {
        std::string out;
        append_json_string(out, text);
        EXPECT_EQ(out, '"' + std::string(text) + '"');
    }
}

TEST(AppendJson, CarriesEveryDoubleWithoutLoss) {
    for (double const number : {0.1, 1.0 / 3.0, 123456789.123456789, 1e22, 1e-7, 4.9e-324,
                                std::numeric_limits<double>::max()}) {
        std::string out;
        append_json(out, boost::json::object{{"x", number}});
        auto const result = parse_json_object(out);
        ASSERT_TRUE(result) << out;
        ASSERT_TRUE(result->at("x").is_double()) << out;
        EXPECT_EQ(result->at("x").as_double(), number);
    }
}

TEST(AppendJson, WritesNullForWhatJsonCannotSay) {
    std::string out;
    append_json(out, boost::json::value(std::numeric_limits<double>::infinity()));
    append_json(out, boost::json::value(std::numeric_limits<double>::quiet_NaN()));
    EXPECT_EQ(out, "nullnull");
}

}  // namespace
}  // namespace latchkey::wire
