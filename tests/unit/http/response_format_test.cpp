#include "http/response_format.hpp"

#include <gtest/gtest.h>

namespace latchkey::http {
namespace {

constexpr std::string_view kDate = "Thu, 01 Jan 2026 00:00:00 GMT";

std::string format(Response const& response, ConnectionField connection = ConnectionField::None,
                   bool head_only = false) {
    std::string out;
    append_response(out, response,
                    {.date = kDate, .connection = connection, .head_only = head_only});
    return out;
}

TEST(AppendResponse, IsJsonUnlessItSaysOtherwise) {
    Response response;
    response.body = "{}";
    EXPECT_EQ(format(response),
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n"
              "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n{}");
    response.add_field("X-Content-Type", "no");
    response.add_field("content-type", "text/html");
    EXPECT_EQ(format(response),
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
              "X-Content-Type: no\r\ncontent-type: text/html\r\n\r\n{}");
}

TEST(AppendResponse, HasNoLengthWhereThereCanBeNoBody) {
    Response response;
    response.status = 204;
    EXPECT_EQ(format(response),
              "HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n");
}

TEST(AppendResponse, AnswersHeadWithTheFieldsOfGet) {
    Response response;
    response.body = "{}";
    auto const whole = format(response);
    EXPECT_EQ(format(response, ConnectionField::None, true), whole.substr(0, whole.size() - 2));
}

TEST(AppendResponse, SaysHowTheConnectionGoesOn) {
    EXPECT_TRUE(format({}, ConnectionField::Close).ends_with("\r\nConnection: close\r\n\r\n"));
    EXPECT_TRUE(format({}, ConnectionField::KeepAlive).ends_with("Connection: keep-alive\r\n\r\n"));
}

TEST(FormatHttpDate, IsThatOfTheSpecification) {
    EXPECT_EQ(format_http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(format_http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(format_http_date(253'402'300'799), "Fri, 31 Dec 9999 23:59:59 GMT");
}

}  // namespace
}  // namespace latchkey::http
