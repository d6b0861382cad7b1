#include "http/message.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace latchkey::http {
namespace {

TEST(RequestField, IsTheFirstOfItsNameInAnyCase) {
    std::vector<Field> const fields{{"Host", "a"}, {"stream-auth-type", "jwt"}, {"HOST", "b"}};
    Request request;
    request.fields = fields;
    EXPECT_EQ(request.field("hOsT"), "a");
    EXPECT_EQ(request.field("Stream-Auth-Type"), "jwt");
    EXPECT_EQ(request.field("Stream-Auth"), "");
}

TEST(ResponseAddField, WritesOneLineEach) {
    Response response;
    response.add_field("Retry-After", "1");
    response.add_field("Location", "http://a/");
    EXPECT_EQ(response.fields, "Retry-After: 1\r\nLocation: http://a/\r\n");
}

TEST(ResponseAddField, RefusesWhatWouldSplitTheResponse) {
    Response response;
    EXPECT_THROW(response.add_field("X", "a\r\nY: b"), std::invalid_argument);
    EXPECT_THROW(response.add_field("X", std::string_view("a\0b", 3)), std::invalid_argument);
    EXPECT_THROW(response.add_field("X: a", "b"), std::invalid_argument);
    EXPECT_THROW(response.add_field("", "b"), std::invalid_argument);
    EXPECT_EQ(response.fields, "");
}

TEST(ResponseClear, ForgetsEverything) {
    Response response;
    response.status = 404;
    response.add_field("X", "y");
    response.body = "z";
    response.close = true;
    response.clear();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.fields + response.body, "");
    EXPECT_FALSE(response.close);
}

TEST(ReasonPhrase, IsNeverEmpty) {
    EXPECT_EQ(reason_phrase(413), "Content Too Large");
    EXPECT_EQ(reason_phrase(299), "Unknown");
}

}  // namespace
}  // namespace latchkey::http
