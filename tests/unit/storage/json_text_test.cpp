#include "storage/json_text.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>

namespace latchkey::storage {
namespace {

constexpr int kDoubles = 20'000;

double read_back(double number) {
    auto const text = format_json(boost::json::object{{"n", number}});
    return parse_json_object(text).value().at("n").as_double();
}

TEST(JsonText, ReadsEveryDoubleBackExactly) {
    std::mt19937_64 engine(20260101);
    for (int i = 0; i < kDoubles; ++i) {
        auto const number = std::bit_cast<double>(engine());
        if (std::isfinite(number)) {
            ASSERT_EQ(read_back(number), number);
        }
    }
    EXPECT_TRUE(std::signbit(read_back(-0.0)));
    EXPECT_EQ(read_back(1.0), 1.0);
}

TEST(JsonText, ReadsObjectsAndArraysOnlyAsWhatTheyAre) {
    EXPECT_TRUE(parse_json_object("{}"));
    EXPECT_FALSE(parse_json_object("[]"));
    EXPECT_TRUE(parse_json_array("[]"));
    EXPECT_FALSE(parse_json_array("{}"));
}

TEST(JsonText, RefusesDamagedText) {
    for (auto const* text : {"", "{", "{}x", "{\"a\":1", "{\"a\"}", "nul", "1"}) {
        EXPECT_FALSE(parse_json_object(text)) << text;
    }
}

std::string nested(int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) {
        text += "{\"a\":";
    }
    return text + "1" + std::string(static_cast<std::size_t>(depth), '}');
}

TEST(JsonText, RefusesTextNestedDeeperThanItsLimit) {
    EXPECT_TRUE(parse_json_object(nested(512)));
    EXPECT_FALSE(parse_json_object(nested(513)));
}

}  // namespace
}  // namespace latchkey::storage
