#include "http/path_pattern.hpp"

#include <gtest/gtest.h>

namespace latchkey::http {
namespace {

TEST(MatchPath, TakesAPathAsItIsWrittenOnly) {
    EXPECT_TRUE(match_path("/app", "/app"));
    for (auto const* path : {"", "/", "app", "/App", "/app/", "//app", "/app/x", "/ap", "/%61pp"}) {
        EXPECT_FALSE(match_path("/app", path)) << path;
    }
}

TEST(MatchPath, TellsWhatStandsForEachParameterNotDecoded) {
    auto const one = match_path("/users/{id}/export", "/users/a%2Fb/export");
    ASSERT_TRUE(one);
    EXPECT_EQ(*one, (PathParameters{"a%2Fb", ""}));
    auto const two = match_path("/apps/{key}/users/{id}", "/apps/key/users/john");
    ASSERT_TRUE(two);
    EXPECT_EQ(*two, (PathParameters{"key", "john"}));
    EXPECT_EQ(match_path("/app", "/app"), PathParameters());
}

TEST(MatchPath, WantsOneSegmentThatIsNotEmptyForAParameter) {
    EXPECT_TRUE(match_path("/users/{id}", "/users/{id}"));
    for (auto const* path : {"/users", "/users/", "/users//", "/users/a/", "/users/a/b"}) {
        EXPECT_FALSE(match_path("/users/{id}", path)) << path;
    }
    EXPECT_TRUE(match_path("/users/{id}/export", "/users/export/export"));
    EXPECT_FALSE(match_path("/users/{id}/export", "/users//export"));
    EXPECT_FALSE(match_path("/users/{id}/export", "/users/export"));
}

TEST(IsPathPattern, WantsTwoParametersAtMost) {
    EXPECT_TRUE(is_path_pattern("/{a}/b/{c}"));
    EXPECT_FALSE(is_path_pattern("/{a}/{b}/{c}"));
    EXPECT_FALSE(is_path_pattern("a"));
}

TEST(ServedMethods, HaveHeadBesideGetAndNothingThatIsNoRoutes) {
    EXPECT_EQ(served_methods(Method::Get), "GET, HEAD");
    EXPECT_EQ(served_methods(Method::Delete), "DELETE");
    EXPECT_EQ(served_methods(Method::Other), "");
}

}  // namespace
}  // namespace latchkey::http
