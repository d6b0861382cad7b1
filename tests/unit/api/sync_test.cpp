#include "support/test_node.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::test {
namespace {

using http::Method;

std::string cids(int count) {
    std::string list;
    for (int i = 0; i < count; ++i) {
        list += i == 0 ? "" : ",";
        list += "\"messaging:" + std::to_string(i) + '"';
    }
    return R"({"last_sync_at":"2026-01-01T00:00:00Z","channel_cids":[)" + list + "]}";
}

class SyncTest : public testing::Test {
protected:
    TestNode node;

    http::Response sync(std::string body, std::string token = user_token("john"),
                        std::string path = "/sync") {
        return node.call({.method = Method::Post,
                          .target = path + "?api_key=key",
                          .token = std::move(token),
                          .body = std::move(body)});
    }
};

TEST_F(SyncTest, TellsUsersAndServersThatNothingHappened) {
    for (auto const* path : {"/sync", "/api/v2/chat/sync"}) {
        for (auto const& token : {user_token("john"), server_token()}) {
            auto const answer = sync(cids(1), token, path);
            EXPECT_EQ(answer.status, 201) << path;
            EXPECT_TRUE(TestNode::body_of(answer).at("events").as_array().empty());
        }
    }
    EXPECT_EQ(sync(cids(1), "").status, 401);
    EXPECT_EQ(sync(cids(1), server_token(), "/api/v2/sync").status, 404);
    EXPECT_EQ(sync(cids(1), server_token(), "/chat/sync").status, 404);
}

TEST_F(SyncTest, TakesOneTo255Channels) {
    EXPECT_EQ(sync(cids(0)).status, 400);
    EXPECT_EQ(sync(cids(1)).status, 201);
    EXPECT_EQ(sync(cids(255)).status, 201);
    EXPECT_EQ(sync(cids(256)).status, 400);
}

TEST_F(SyncTest, RefusesWhatItCannotRead) {
    for (auto const* body : {"", "[]", "{}", R"({"channel_cids":["a:b"]})",
                             R"({"last_sync_at":"2026-01-01T00:00:00Z"})",
                             R"({"channel_cids":"a:b","last_sync_at":"2026-01-01T00:00:00Z"})",
                             R"({"channel_cids":[1],"last_sync_at":"2026-01-01T00:00:00Z"})",
                             R"({"channel_cids":[""],"last_sync_at":"2026-01-01T00:00:00Z"})",
                             R"({"channel_cids":["a:b"],"last_sync_at":"yesterday"})",
                             R"({"channel_cids":["a:b"],"last_sync_at":null})"}) {
        auto const answer = sync(body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(TestNode::code_of(answer), 4) << body;
    }
}

}  // namespace
}  // namespace latchkey::test
