#include "api/user_filter.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace latchkey::api {
namespace {

using domain::Comparison;
using domain::UserCondition;
using domain::UserField;
using domain::UserFilter;

std::expected<domain::UserQuery, wire::ApiError> parse(std::string const& text) {
    return parse_user_query(boost::json::parse(text).as_object());
}

/// The conditions of a filter, in order, however they are grouped.
void collect(UserFilter const& filter, std::vector<UserCondition>& to) {
    if (auto const* condition = std::get_if<UserCondition>(&filter.node)) {
        to.push_back(*condition);
        return;
    }
    for (auto const& part : std::get<UserFilter::Group>(filter.node).parts) {
        collect(part, to);
    }
}
std::vector<UserCondition> conditions(std::string const& filter) {
    auto const query = parse(R"({"filter_conditions":)" + filter + "}");
    EXPECT_TRUE(query) << filter;
    std::vector<UserCondition> result;
    if (query) {
        collect(query->filter, result);
    }
    return result;
}

TEST(ParseUserQuery, ReadsAPlainValueAsEqualityAndAListAsAChoice) {
    auto const equal = conditions(R"({"id":"john"})");
    EXPECT_EQ(equal.at(0).field, UserField::Id);
    EXPECT_EQ(equal.at(0).comparison, Comparison::Equal);
    EXPECT_EQ(conditions(R"({"id":["a","b"]})").at(0).comparison, Comparison::In);
}

TEST(ParseUserQuery, ReadsEveryOperator) {
    for (auto const& [name, comparison] : {std::pair{"$eq", Comparison::Equal},
                                           {"$ne", Comparison::NotEqual},
                                           {"$lt", Comparison::Less},
                                           {"$lte", Comparison::LessOrEqual},
                                           {"$gt", Comparison::Greater},
                                           {"$gte", Comparison::GreaterOrEqual},
                                           {"$autocomplete", Comparison::Autocomplete}}) {
        EXPECT_EQ(conditions(R"({"name":{")" + std::string(name) + R"(":"x"}})").at(0).comparison,
                  comparison);
    }
    EXPECT_EQ(conditions(R"({"name":{"$nin":["x"]}})").at(0).comparison, Comparison::NotIn);
    EXPECT_EQ(conditions(R"({"name":{"$exists":false}})").at(0).comparison, Comparison::Exists);
}

TEST(ParseUserQuery, JoinsSeveralConditions) {
    EXPECT_EQ(conditions(R"({"role":"admin","created_at":{"$gt":"2026-01-01T00:00:00Z",
        "$lt":1767312000000000000}})")
                  .size(),
              3U);
    EXPECT_EQ(conditions(R"({"$or":[{"id":"a"},{"$and":[{"id":"b"},{"name":"c"}]}]})").size(), 3U);
}

TEST(ParseUserQuery, TakesOtherNamesAsCustomData) {
    auto const plain = conditions(R"({"color":"blue"})").at(0);
    EXPECT_EQ(plain.field, UserField::Custom);
    EXPECT_EQ(plain.custom_key, "color");
    EXPECT_EQ(conditions(R"({"custom.color":"blue"})").at(0).custom_key, "color");
}

TEST(ParseUserQuery, RefusesWhatItCannotCompare) {
    for (auto const* filter :
         {R"({"id":5})", R"({"id":{"$regex":"x"}})", R"({"id":{}})", R"({"created_at":"soon"})",
          R"({"$or":{"id":"a"}})", R"({"$xor":[]})", R"({"$or":["a"]})", R"({"id":{"$in":"a"}})",
          R"({"role":{"$autocomplete":"x"}})", R"({"name":{"$exists":"yes"}})"}) {
        EXPECT_FALSE(parse(R"({"filter_conditions":)" + std::string(filter) + "}")) << filter;
    }
}

TEST(ParseUserQuery, RefusesAFilterOfTooManyConditions) {
    auto const filter = [](std::size_t count) {
        std::string text = R"({"filter_conditions":{"$or":[)";
        for (std::size_t i = 1; i < count; ++i) {
            text += i == 1 ? R"({"id":"a"})" : R"(,{"id":"a"})";
        }
        return text + "]}}";
    };
    EXPECT_TRUE(parse(filter(domain::kFilterNodesMax)));
    EXPECT_FALSE(parse(filter(domain::kFilterNodesMax + 1)));
}

TEST(ParseUserQuery, HoldsLimitAndOffsetToTheirBounds) {
    EXPECT_EQ(parse("{}")->limit, domain::kQueryLimitDefault);
    EXPECT_EQ(parse(R"({"limit":100,"offset":1000})")->limit, 100U);
    for (auto const* text : {R"({"limit":101})", R"({"offset":1001})", R"({"limit":-1})",
                             R"({"limit":"5"})", R"({"limit":1.5})"}) {
        EXPECT_FALSE(parse(text)) << text;
    }
}

TEST(ParseUserQuery, ReadsSorts) {
    auto const query =
        parse(R"({"sort":[{"field":"created_at","direction":-1},{"field":"id","direction":1}]})");
    ASSERT_EQ(query->sorts.size(), 2U);
    EXPECT_TRUE(query->sorts[0].descending);
    EXPECT_FALSE(query->sorts[1].descending);
    for (
        auto const* text :
        {R"({"sort":[{"field":"teams"}]})", R"({"sort":[{"field":"color"}]})", R"({"sort":{}})",
         R"({"sort":[{"field":"id","direction":2}]})",
         R"({"sort":[{"field":"id"},{"field":"id"},{"field":"id"},{"field":"id"},{"field":"id"},{"field":"id"}]})"}) {
        EXPECT_FALSE(parse(text)) << text;
    }
}

}  // namespace
}  // namespace latchkey::api
