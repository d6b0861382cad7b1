#include "sdk/base_url.hpp"

#include <gtest/gtest.h>

namespace latchkey::sdk {
namespace {

TEST(ParseBaseUrl, ReadsSchemeHostPortAndPrefix) {
    struct Row {
        std::string_view text;
        BaseUrl url;
    };
    for (auto const& [text, url] : {
             Row{"http://localhost", {.tls = false, .host = "localhost", .port = 80}},
             Row{"https://localhost", {.tls = true, .host = "localhost", .port = 443}},
             Row{"HTTPS://Chat.Example.com",
                 {.tls = true, .host = "Chat.Example.com", .port = 443}},
             Row{"http://127.0.0.1:3030", {.tls = false, .host = "127.0.0.1", .port = 3030}},
             Row{"http://h:1", {.tls = false, .host = "h", .port = 1}},
             Row{"http://h:65535", {.tls = false, .host = "h", .port = 65535}},
             Row{"http://[::1]", {.tls = false, .host = "::1", .port = 80}},
             Row{"https://[fe80::1]:8443", {.tls = true, .host = "fe80::1", .port = 8443}},
             Row{"http://my_container:80", {.tls = false, .host = "my_container", .port = 80}},
             Row{"http://h/", {.tls = false, .host = "h", .port = 80}},
             Row{"http://h//", {.tls = false, .host = "h", .port = 80}},
             Row{"http://h/chat", {.tls = false, .host = "h", .port = 80, .path_prefix = "/chat"}},
             Row{"http://h:8/a/b%20c/",
                 {.tls = false, .host = "h", .port = 8, .path_prefix = "/a/b%20c"}},
         }) {
        auto const parsed = parse_base_url(text);
        ASSERT_TRUE(parsed.has_value()) << text;
        EXPECT_EQ(*parsed, url) << text;
    }
}

TEST(ParseBaseUrl, RefusesWhatIsNoPlaceOfAServer) {
    for (std::string_view const text : {
             "",
             "localhost",
             "localhost:3030",
             "//localhost",
             "ftp://localhost",
             "ws://localhost",
             "http:/localhost",
             "http://",
             "http:///path",
             "http://:80",
             "http://h:",
             "http://h:0",
             "http://h:65536",
             "http://h:-1",
             "http://h:80x",
             "http://h:8 0",
             "http:// h",
             "http://h h",
             "http://h\r\nX: y",
             "http://-h",
             "http://.h",
             "http://h%41",
             "http://[::1",
             "http://[]",
             "http://[h]",
             "http://[::1]80",
             "http://[::1%25eth0]",
             "http://::1",
             "http://h?",
             "http://h/?a=b",
             "http://h#",
             "http://h/p#f",
             "http://h/a b",
             "http://h/a\tb",
             "http://h/\"",
             "http://h/\xc3\xa4",
             "http://u@h",
             "http://u:p@h",
             "http://@h",
         }) {
        EXPECT_FALSE(parse_base_url(text).has_value()) << text;
    }
}

TEST(ParseBaseUrl, BoundsTheHost) {
    EXPECT_TRUE(parse_base_url("http://" + std::string(253, 'h')).has_value());
    EXPECT_FALSE(parse_base_url("http://" + std::string(254, 'h')).has_value());
}

TEST(ParseBaseUrl, RepeatsNoPasswordInItsError) {
    auto const parsed = parse_base_url("https://user:hunter2@h");
    ASSERT_FALSE(parsed.has_value());
    EXPECT_FALSE(parsed.error().contains("hunter2"));
}

}  // namespace
}  // namespace latchkey::sdk
