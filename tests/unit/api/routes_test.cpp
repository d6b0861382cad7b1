#include "api/routes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::api {
namespace {

using http::Method;
using wire::Style;

TEST(FindRoute, ServesBothStylesOfTheProtocol) {
    auto const legacy = find_route(Method::Get, "/app");
    auto const v2 = find_route(Method::Get, "/api/v2/app");
    EXPECT_EQ(legacy->operation, Operation::GetApp);
    EXPECT_EQ(legacy->style, Style::Legacy);
    EXPECT_EQ(v2->operation, Operation::GetApp);
    EXPECT_EQ(v2->style, Style::V2);
}

TEST(FindRoute, ServesHeadLikeGet) {
    EXPECT_EQ(find_route(Method::Head, "/hi")->operation, Operation::Hi);
}

TEST(FindRoute, TakesEachPathAsItIsWrittenOnly) {
    for (auto const* path :
         {"", "/", "/App", "/app/", "//app", "/api/v2", "/api/v2/", "/api/v2app", "/api/v2/hi",
          "/api/v2/api/v2/app", "/x/../app", "/api%2Fv2/app", "/api/v2/authz/check"}) {
        EXPECT_FALSE(find_route(Method::Get, path)) << path;
        EXPECT_EQ(allowed_methods(path), "") << path;
    }
}

TEST(AllowedMethods, ListsWhatAPathHas) {
    EXPECT_FALSE(find_route(Method::Delete, "/users"));
    EXPECT_EQ(allowed_methods("/users"), "GET, HEAD, POST, PATCH, OPTIONS");
    EXPECT_EQ(allowed_methods("/api/v2/app"), "GET, HEAD, PATCH, OPTIONS");
}

TEST(FindRoute, HandsOutTheIdOfAPath) {
    auto const match = find_route(Method::Post, "/api/v2/users/john/deactivate");
    EXPECT_EQ(match->operation, Operation::DeactivateUser);
    EXPECT_EQ(match->id, "john");
    EXPECT_EQ(find_route(Method::Post, "/users/deactivate")->operation, Operation::DeactivateUsers);
    EXPECT_EQ(find_route(Method::Delete, "/users/john")->id, "john");
}

TEST(FindRoute, WantsAnIdOfOneSegment) {
    for (auto const* path : {"/users//deactivate", "/users/a/b/deactivate",
                             "/users/john/deactivate/", "/tasks/", "/tasks/a/b"}) {
        EXPECT_FALSE(find_route(Method::Post, path)) << path;
        EXPECT_FALSE(find_route(Method::Get, path)) << path;
    }
    EXPECT_FALSE(find_route(Method::Delete, "/api/v2/users/john"));
}

TEST(Routes, AllLeadToThemselves) {
    for (auto const& route : routes()) {
        auto const prefix = route.styles == Styles::V2Only ? "/api/v2" : "";
        auto const match = find_route(route.method, prefix + std::string(route.path));
        ASSERT_TRUE(match) << route.path;
        EXPECT_EQ(match->operation, route.operation) << route.path;
    }
}

}  // namespace
}  // namespace latchkey::api
