#include "http/url.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace latchkey::http {
namespace {

TEST(ParseUrl, TakesAUrlApart) {
    EXPECT_EQ(parse_url("https://id.example.com"),
              (Url{.tls = true, .host = "id.example.com", .port = 443, .path = {}, .query = {}}));
    EXPECT_EQ(parse_url("HTTP://127.0.0.1:8080/token/hook?tenant=1&x"),
              (Url{.tls = false,
                   .host = "127.0.0.1",
                   .port = 8080,
                   .path = "/token/hook",
                   .query = "tenant=1&x"}));
    EXPECT_EQ(parse_url("https://[::1]:8443/")->host, "::1");
    EXPECT_EQ(parse_url("https://example.com?x=1")->query, "x=1");
}

TEST(ParseUrl, SaysWhatIsWrong) {
    std::string const label(253, 'a');
    EXPECT_TRUE(parse_url("https://" + label));
    for (auto const& [text, error] : {std::pair{std::string(), UrlError::Scheme},
                                      {"example.com", UrlError::Scheme},
                                      {"ftp://example.com", UrlError::Scheme},
                                      {"https://example.com/#top", UrlError::Fragment},
                                      {"https://me:secret@example.com", UrlError::UserInfo},
                                      {"https://", UrlError::Host},
                                      {"https:///path", UrlError::Host},
                                      {"https://-example.com", UrlError::Host},
                                      {"https://" + label + "a", UrlError::Host},
                                      {"https://[::1", UrlError::Host},
                                      {"https://[example.com]", UrlError::Host},
                                      {"https://example.com:", UrlError::Port},
                                      {"https://example.com:0", UrlError::Port},
                                      {"https://example.com:65536", UrlError::Port},
                                      {"https://[::1]8443", UrlError::Port},
                                      {"https://example.com/a b", UrlError::Path},
                                      {"https://example.com/?q=\"", UrlError::Path}}) {
        auto const url = parse_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error(), error) << text;
    }
}

TEST(UrlTarget, IsWhatARequestLineHas) {
    EXPECT_EQ(parse_url("https://example.com")->target(), "/");
    EXPECT_EQ(parse_url("https://example.com/a/b")->target(), "/a/b");
    EXPECT_EQ(parse_url("https://example.com?x=1")->target(), "/?x=1");
}

TEST(UrlText, IsTheUrlAgain) {
    for (auto const* text : {"https://example.com/", "http://127.0.0.1:8080/a?b=c",
                             "https://[::1]:8443/x", "http://example.com:443/"}) {
        EXPECT_EQ(parse_url(text)->text(), text);
    }
    EXPECT_EQ(parse_url("https://example.com:443")->text(), "https://example.com/");
}

TEST(IsLoopbackHost, KnowsThisMachineByItsNamesOnly) {
    for (auto const* host : {"localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "::1"}) {
        EXPECT_TRUE(is_loopback_host(host)) << host;
    }
    for (auto const* host : {"", "localhost.example.com", "127.0.0.1.example.com",
                             "127.example.com", "127.0.0", "128.0.0.1", "::2", "10.0.0.1"}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
}

}  // namespace
}  // namespace latchkey::http
