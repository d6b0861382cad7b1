#include "sdk/api_call.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::sdk {
namespace {

using testing::Contains;
using testing::Pair;
using testing::StartsWith;

constexpr Caller kCaller{.api_key = "key-1", .token = "a.b.c", .request_id = "id-1"};

TEST(ToRequest, CarriesTheCallersCredentials) {
    auto const request = to_request({.method = "GET", .path = "/api/v2/app"}, kCaller);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.target, "/api/v2/app?api_key=key-1");
    EXPECT_THAT(request.fields, Contains(Pair("Authorization", "a.b.c")));
    EXPECT_THAT(request.fields, Contains(Pair("stream-auth-type", "jwt")));
    EXPECT_THAT(request.fields, Contains(Pair("x-client-request-id", "id-1")));
    EXPECT_THAT(request.fields, Contains(Pair("X-Stream-Client", StartsWith("latchkey-cpp-0."))));
    EXPECT_EQ(request.fields.size(), 4U);
    EXPECT_EQ(request.body, "");
}

TEST(ToRequest, LabelsABodyAndKeepsAQuery) {
    auto const request = to_request(
        {.method = "POST", .path = "/users?payload=x", .body = "{}", .repeat = Repeat::Harmless},
        kCaller);
    EXPECT_EQ(request.target, "/users?payload=x&api_key=key-1");
    EXPECT_EQ(request.body, "{}");
    EXPECT_THAT(request.fields, Contains(Pair("Content-Type", "application/json")));
}

TEST(ToRequest, TellsTheNetworkWhetherItMayRepeat) {
    auto const repeatable = [](Repeat repeat) {
        return to_request({.method = "GET", .path = "/", .repeat = repeat}, kCaller).repeatable;
    };
    EXPECT_TRUE(repeatable(Repeat::Harmless));
    EXPECT_FALSE(repeatable(Repeat::OnlyIfUnsent));
}

TEST(MayRepeat, IsSoForPassingAnswersToHarmlessCallsOnly) {
    for (int const status : {429, 502, 503, 504}) {
        EXPECT_TRUE(may_repeat(Repeat::Harmless, Response{.status = status})) << status;
        EXPECT_FALSE(may_repeat(Repeat::OnlyIfUnsent, Response{.status = status})) << status;
    }
    for (int const status : {200, 301, 400, 401, 403, 404, 408, 413, 428, 430, 500, 501, 505}) {
        EXPECT_FALSE(may_repeat(Repeat::Harmless, Response{.status = status})) << status;
    }
}

TEST(MayRepeat, IsSoForLostConnectionsWhereTheServerCannotHaveSeenTheCallOrItIsHarmless) {
    using enum Error::Kind;
    auto const after = [](Repeat repeat, Error::Kind kind, bool sent) {
        return may_repeat(repeat, std::unexpected(Failure{kind, "", sent}));
    };
    for (auto const kind : {CannotConnect, Disconnected}) {
        EXPECT_TRUE(after(Repeat::Harmless, kind, false));
        EXPECT_TRUE(after(Repeat::Harmless, kind, true));
        EXPECT_TRUE(after(Repeat::OnlyIfUnsent, kind, false));
        EXPECT_FALSE(after(Repeat::OnlyIfUnsent, kind, true));
    }
    for (auto const kind : {TlsRefused, TimedOut, BadAnswer, Stopped}) {
        EXPECT_FALSE(after(Repeat::Harmless, kind, false));
    }
}

}  // namespace
}  // namespace latchkey::sdk
