#include "echo_server.hpp"
#include "http/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::net {
namespace {

using namespace latchkey::test;

/// Bytes on a fresh connection, the status that answers them, and whether the server then closes.
struct RawCase {
    std::string title;
    std::string bytes;
    int status;
    bool closes = true;
};

std::string with_body(std::string const& fields, std::string const& body) {
    return "POST /echo HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n\r\n" + body;
}
std::string with_field(std::string const& field) {
    return "GET /echo HTTP/1.1\r\nHost: localhost\r\n" + field + "\r\n\r\n";
}
std::string with_line(std::string const& line) { return line + "\r\nHost: localhost\r\n\r\n"; }

class RawHttp : public testing::TestWithParam<RawCase> {};

TEST_P(RawHttp, IsAnsweredAndClosedAsExpected) {
    auto const& [title, bytes, status, closes] = GetParam();
    EchoServer server;
    auto socket = server.connect();
    socket.send(bytes);
    EXPECT_EQ(read_answer(socket).status, status) << title;
    if (closes) {
        EXPECT_EQ(socket.read_until_closed(), "") << title;  // and nothing smuggled is answered
    } else {
        socket.send("GET /close HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(read_answer(socket).body, "bye") << title;
    }
}

std::string const kChunks = "4\r\nabcd\r\n0\r\n\r\n";
std::string const kSmuggled = "0\r\n\r\nGET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::vector<RawCase> framing_cases() {
    return {
        {"one Content-Length", with_body("Content-Length: 4", "abcd"), 200, false},
        {"two Content-Lengths", with_body("Content-Length: 3\r\nContent-Length: 4", "abcd"), 400},
        {"the same twice", with_body("Content-Length: 4\r\nContent-Length: 4", "abcd"), 400},
        {"a list of lengths", with_body("Content-Length: 4, 4", "abcd"), 400},
        {"plus", with_body("Content-Length: +4", "abcd"), 400},
        {"minus", with_body("Content-Length: -4", "abcd"), 400},
        {"hex", with_body("Content-Length: 0x4", "abcd"), 400},
        {"a space inside", with_body("Content-Length: 1 0", "aaaaaaaaaa"), 400},
        {"over 64 bits", with_body("Content-Length: 18446744073709551620", "abcd"), 400},
        {"empty length", with_body("Content-Length: ", ""), 400},
        {"space before the colon", with_body("Content-Length : 4", "abcd"), 400},
        {"CL.TE", with_body("Content-Length: 6\r\nTransfer-Encoding: chunked", kSmuggled), 400},
        {"TE.CL", with_body("Transfer-Encoding: chunked\r\nContent-Length: 4", kChunks), 400},
        {"chunked", with_body("Transfer-Encoding: chunked", kChunks), 200, false},
        {"Chunked", with_body("Transfer-Encoding: Chunked", kChunks), 200, false},
        {"a tab before chunked", with_body("Transfer-Encoding:\tchunked", kChunks), 200, false},
        {"chunked twice", with_body("Transfer-Encoding: chunked, chunked", kChunks), 501},
        {"chunked in two fields",
         with_body("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", kChunks), 400},
        {"identity", with_body("Transfer-Encoding: identity", "abcd"), 501},
        {"identity and length",
         with_body("Transfer-Encoding: identity\r\nContent-Length: 4", "abcd"), 400},
        {"gzip, chunked", with_body("Transfer-Encoding: gzip, chunked", kChunks), 501},
        {"xchunked", with_body("Transfer-Encoding: xchunked", kChunks), 501},
        {"HTTP/1.0 chunked",
         "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + kChunks, 400},
        {"folded coding", with_body("Transfer-Encoding:\r\n chunked", kChunks), 400},
        {"bare CR in an extension",
         with_body("Transfer-Encoding: chunked", "4;a\rb\r\nabcd\r\n0\r\n\r\n"), 400},
        {"bare LF behind a size", with_body("Transfer-Encoding: chunked", "4\nabcd\r\n0\r\n\r\n"),
         400},
        {"no CRLF behind a chunk", with_body("Transfer-Encoding: chunked", "4\r\nabcdXX0\r\n\r\n"),
         400},
        {"a size that is no number",
         with_body("Transfer-Encoding: chunked", "x\r\nabcd\r\n0\r\n\r\n"), 400},
        {"a size over 64 bits",
         with_body("Transfer-Encoding: chunked", "10000000000000004\r\nabcd\r\n0\r\n\r\n"), 400},
        {"a trailer", with_body("Transfer-Encoding: chunked", "0\r\nAuthorization: x\r\n\r\n"), 200,
         false},
        {"a trailer that would change the framing",
         with_body("Transfer-Encoding: chunked", "0\r\nContent-Length: 5\r\n\r\n"), 400},
        {"endless chunk extension",
         with_body("Transfer-Encoding: chunked", "4;" + std::string(20'000, 'x')), 400},
    };
}

std::vector<RawCase> syntax_cases() {
    std::string many;
    for (int i = 0; i < 1000; ++i) {
        many += "X-" + std::to_string(i) + ": 1\r\n";
    }
    return {
        {"two Hosts", with_field("Host: evil"), 400},
        {"no Host", "GET /echo HTTP/1.1\r\n\r\n", 400},
        {"no Host in HTTP/1.0", "GET /echo HTTP/1.0\r\n\r\n", 200},
        {"bare CR in a value", with_field("X: a\rAuthorization: b"), 400},
        {"bare LF in a value", with_field("X: a\nAuthorization: b"), 400},
        {"NUL in a value", with_field(std::string("X: a\0b", 6)), 400},
        {"space in a name", with_field("X Y: 1"), 400},
        {"empty name", with_field(": 1"), 400},
        {"no colon", with_field("XY"), 400},
        {"folded field", with_field("X: a\r\n b"), 400},
        {"space ahead of the first field", "GET /echo HTTP/1.1\r\n Host: foo\r\n\r\n", 400},
        {"empty value", with_field("X:"), 200, false},
        {"high bytes in a value", with_field("X: \xc3\xa4"), 200, false},
        {"one Authorization", with_field("Authorization: a"), 200, false},
        {"two Authorizations", with_field("Authorization: a\r\nAuthorization: b"), 400},
        {"HTTP/2.0", with_line("GET /echo HTTP/2.0"), 505},
        {"HTTP/1.2", with_line("GET /echo HTTP/1.2"), 505},
        {"http/1.1", with_line("GET /echo http/1.1"), 400},
        {"ICE/1.0", with_line("GET /echo ICE/1.0"), 400},
        {"a space behind the version", with_line("GET /echo HTTP/1.1 "), 400},
        {"two spaces", with_line("GET  /echo HTTP/1.1"), 400},
        {"no target", with_line("GET HTTP/1.1"), 400},
        {"no version", with_line("GET /echo"), 400},
        {"lower-case method", with_line("get /echo HTTP/1.1"), 501, false},
        {"fragment", with_line("GET /a#b HTTP/1.1"), 404, false},
        {"dot segments", with_line("GET /x/../echo HTTP/1.1"), 404, false},
        {"encoded slash", with_line("GET %2Fecho HTTP/1.1"), 400},
        {"absolute form", with_line("GET http://evil/echo HTTP/1.1"), 200, false},
        {"absolute form without a path", with_line("GET http://evil HTTP/1.1"), 404, false},
        {"another scheme", with_line("GET file:///echo HTTP/1.1"), 400},
        {"asterisk", with_line("OPTIONS * HTTP/1.1"), 404, false},
        {"asterisk with GET", with_line("GET * HTTP/1.1"), 400},
        {"CONNECT", with_line("CONNECT evil:80 HTTP/1.1"), 400},
        {"1,000 fields", "GET /echo HTTP/1.1\r\nHost: localhost\r\n" + many + "\r\n", 431},
        {"100 KB", with_field("X: " + std::string(100'000, 'a')), 431},
        {"unknown expectation", with_field("Expect: tea"), 417},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"garbage", "BAD\r\n\r\n", 400},
        {"close, Authorization", with_field("Connection: close, Authorization\r\nAuthorization: x"),
         200},
        {"compressed body",
         with_body("Content-Encoding: gzip\r\nContent-Length: 4", "\x1f\x8b\x08\x01"), 415},
        {"label of one SDK on plain JSON",
         with_body("Content-Encoding: application/gzip\r\nContent-Length: 2", "{}"), 200, false},
        {"compressed nothing", with_field("Content-Encoding: gzip"), 200, false},
    };
}

std::string name_of(testing::TestParamInfo<RawCase> const& info) {
    std::string name = std::to_string(info.index) + "_";
    for (char const c : info.param.title) {
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(Framing, RawHttp, testing::ValuesIn(framing_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Syntax, RawHttp, testing::ValuesIn(syntax_cases()), name_of);

TEST(RawHttpPipeline, AnswersTheGoodRequestAheadOfTheBadOne) {
    EchoServer server;
    auto socket = server.connect();
    socket.send(with_line("GET /echo HTTP/1.1") + "BAD\r\n\r\n" + with_line("GET /echo HTTP/1.1"));
    EXPECT_EQ(read_answer(socket).status, 200);
    EXPECT_EQ(read_answer(socket).status, 400);
    EXPECT_EQ(socket.read_until_closed(), "");
}

}  // namespace
}  // namespace latchkey::net
