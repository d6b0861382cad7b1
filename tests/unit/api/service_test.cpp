#include "support/response_shapes.hpp"
#include "support/test_node.hpp"

#include <gtest/gtest.h>

namespace latchkey::test {
namespace {

using http::Method;

std::string field_of(http::Response const& response, std::string const& name) {
    auto const at = response.fields.find(name + ": ");
    if (at == std::string::npos) {
        return "(absent)";
    }
    auto const from = at + name.size() + 2;
    return response.fields.substr(from, response.fields.find("\r\n", from) - from);
}

TEST(PublicService, AnswersAPreflightWithoutCredentials) {
    TestNode node;
    auto const answer = node.call({.method = Method::Options, .target = "/api/v2/anything"});
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(field_of(answer, "Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(field_of(answer, "Access-Control-Max-Age"), "86400");
    for (auto const* name : {"authorization", "content-type", "stream-auth-type", "x-stream-client",
                             "x-client-request-id", "accept"}) {
        EXPECT_NE(field_of(answer, "Access-Control-Allow-Headers").find(name), std::string::npos);
    }
}

TEST(PublicService, AnswersAnUnknownPathInTheApisShape) {
    TestNode node;
    auto const answer = node.call({.target = "/nothing?api_key=key"});
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(TestNode::code_of(answer), 16);
    EXPECT_EQ(missing_fields(TestNode::body_of(answer), Shape::Error), std::vector<std::string>());
    EXPECT_EQ(field_of(answer, "Access-Control-Allow-Origin"), "*");
    EXPECT_NE(field_of(answer, "X-RateLimit-Limit"), "(absent)");
}

TEST(PublicService, TellsWhichMethodsAPathHas) {
    TestNode node;
    auto const answer = node.call({.method = Method::Delete, .target = "/app?api_key=key"});
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(field_of(answer, "Allow"), "GET, HEAD, PATCH, OPTIONS");
}

TEST(PublicService, SaysThatItLivesAndWhetherItIsReady) {
    TestNode node;
    node.ready = false;
    EXPECT_EQ(node.call({.target = "/health/live"}).status, 200);
    EXPECT_EQ(node.call({.target = "/hi"}).status, 200);
    EXPECT_EQ(node.call({.target = "/health/ready"}).status, 503);
    node.ready = true;
    EXPECT_EQ(node.call({.target = "/health/ready"}).status, 200);
}

TEST(PublicService, PutsTheSameHeadersOnRefusalsAndSuccesses) {
    TestNode node;
    for (auto const& token : {server_token(), std::string("garbage")}) {
        auto const answer = node.call({.target = "/app?api_key=key", .token = token});
        EXPECT_EQ(field_of(answer, "Access-Control-Allow-Origin"), "*");
        EXPECT_EQ(field_of(answer, "Access-Control-Expose-Headers"),
                  "x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, retry-after");
        EXPECT_EQ(field_of(answer, "X-RateLimit-Limit"), "1000000");
    }
}

TEST(PublicService, AnswersWith503AndCodeMinus1WhileTheStoreIsLostOrOverrun) {
    TestNode node;
    TestRequest const write = {.method = Method::Patch,
                               .target = "/app?api_key=key",
                               .token = server_token(),
                               .body = R"({"multi_tenant_enabled":true})"};
    node.queue.lost = true;
    EXPECT_EQ(node.call(write).status, 503);
    EXPECT_EQ(TestNode::code_of(node.call(write)), -1);
    node.queue.lost = false;
    node.queue.full = true;
    EXPECT_EQ(node.call(write).status, 503);
    node.queue.full = false;
    EXPECT_EQ(node.call(write).status, 200);
}

TEST(PublicService, NeverLogsATokenOrASecret) {
    TestNode node;
    auto const token = user_token("john");
    (void)node.call({.target = "/app?api_key=key&authorization=" + token, .token = token});
    (void)node.call({.target = "/nothing?user_token=" + token, .token = token});
    EXPECT_TRUE(node.log.has("http.request"));
    EXPECT_EQ(node.log.text().find(token), std::string::npos);
    EXPECT_EQ(node.log.text().find("eyJ"), std::string::npos);
}

TEST(PublicService, DescribesRequestsItCouldNotReadInTheApisShape) {
    TestNode node;
    struct Row {
        int status;
        int code;
    };
    for (auto const& [status, code] :
         {Row{400, 4}, Row{408, 23}, Row{413, 22}, Row{431, 24}, Row{503, -1}}) {
        http::Response response;
        node.service.describe_error(status, "why", response);
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(TestNode::code_of(response), code);
        EXPECT_EQ(missing_fields(TestNode::body_of(response), Shape::Error),
                  std::vector<std::string>());
    }
}

}  // namespace
}  // namespace latchkey::test
