#include "api/browser_call.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace latchkey::api {
namespace {

using http::Field;

/// 0: let through.
int status_of(std::vector<Field> fields, CallKind kind, bool over_tls = false) {
    fields.push_back({"Host", "latchkey.test:8081"});
    auto const checked = check_browser_call({.fields = fields}, over_tls, kind);
    return checked ? 0 : checked.error().http_status;
}

constexpr Field kJson{"Content-Type", "application/json"};

TEST(CheckBrowserCall, LetsThisListenersPagesChangeThings) {
    EXPECT_EQ(status_of({kJson}, CallKind::Change), 0);
    EXPECT_EQ(
        status_of(
            {kJson, {"Origin", "http://latchkey.test:8081"}, {"Sec-Fetch-Site", "same-origin"}},
            CallKind::Change),
        0);
}

TEST(CheckBrowserCall, RefusesAChangeThatAFormCouldSend) {
    EXPECT_EQ(status_of({}, CallKind::Change), 415);
    for (auto const* type :
         {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a",
          "text/plain; application/json", "application/jsonp"}) {
        EXPECT_EQ(status_of({{"Content-Type", type}}, CallKind::Change), 415) << type;
    }
    for (auto const* type : {"application/json; charset=utf-8", "Application/JSON"}) {
        EXPECT_EQ(status_of({{"Content-Type", type}}, CallKind::Change), 0) << type;
    }
}

TEST(CheckBrowserCall, RefusesWhatPagesOfOtherOriginsSend) {
    for (auto const* origin :
         {"http://evil.test", "http://latchkey.test", "http://latchkey.test:8080",
          "http://latchkey.test:80811", "http://a.latchkey.test:8081", "null", "latchkey.test:8081",
          "ftp://latchkey.test:8081", "http://", "http://latchkey.test:8081/"}) {
        for (auto const kind : {CallKind::Read, CallKind::Change, CallKind::WebSocket}) {
            EXPECT_EQ(status_of({kJson, {"Origin", origin}}, kind), 403) << origin;
        }
    }
    for (auto const* origin : {"http://latchkey.test:8081", "https://LATCHKEY.test:8081"}) {
        EXPECT_EQ(status_of({kJson, {"Origin", origin}}, CallKind::Change), 0) << origin;
    }
}

TEST(CheckBrowserCall, WantsAnOriginOverTlsWhereTheCallWasOverTls) {
    EXPECT_EQ(status_of({kJson, {"Origin", "http://latchkey.test:8081"}}, CallKind::Change, true),
              403);
    EXPECT_EQ(status_of({kJson, {"Origin", "https://latchkey.test:8081"}}, CallKind::Change, true),
              0);
}

TEST(CheckBrowserCall, RefusesWhatTheBrowserSaysComesFromAnotherSite) {
    for (auto const* site : {"cross-site", "same-site", "anything"}) {
        for (auto const kind : {CallKind::Read, CallKind::Change}) {
            EXPECT_EQ(status_of({kJson, {"Sec-Fetch-Site", site}}, kind), 403) << site;
        }
    }
    EXPECT_EQ(status_of({kJson, {"Sec-Fetch-Site", "none"}}, CallKind::Change), 403);
    EXPECT_EQ(status_of({{"Sec-Fetch-Site", "none"}}, CallKind::Read), 0) << "typed by hand";
    EXPECT_EQ(status_of({{"Sec-Fetch-Site", "same-origin"}}, CallKind::Read), 0);
}

TEST(CheckBrowserCall, WantsAnOriginOfAWebSocket) {
    EXPECT_EQ(status_of({}, CallKind::WebSocket), 403);
    EXPECT_EQ(status_of({{"Origin", "http://latchkey.test:8081"}}, CallKind::WebSocket), 0);
}

TEST(SessionCookie, IsFoundAmongOthers) {
    auto const find = [](std::string_view cookies, bool over_tls = false) {
        std::vector<Field> const fields = {{"Cookie", cookies}};
        return session_cookie({.fields = fields}, over_tls);
    };
    EXPECT_EQ(find("latchkey-session=abc"), "abc");
    EXPECT_EQ(find("a=b; latchkey-session=abc; c=d"), "abc");
    EXPECT_EQ(find("a=latchkey-session=abc"), "");
    EXPECT_EQ(find("xlatchkey-session=abc; latchkey-sessio=abc"), "");
    EXPECT_EQ(find(""), "");
    EXPECT_EQ(session_cookie({}, false), "");
}

TEST(SessionCookie, HasAnotherNameOverTlsWhichNoOtherHostCanSet) {
    std::vector<Field> const fields = {
        {"Cookie", "latchkey-session=plain; __Host-latchkey-session=tls"}};
    EXPECT_EQ(session_cookie({.fields = fields}, false), "plain");
    EXPECT_EQ(session_cookie({.fields = fields}, true), "tls");
}

TEST(SessionCookie, IsOutOfReachOfPagesAndOtherSites) {
    EXPECT_EQ(set_session_cookie("abc", false),
              "Set-Cookie: latchkey-session=abc; Path=/; HttpOnly; SameSite=Strict\r\n");
    EXPECT_EQ(
        set_session_cookie("abc", true),
        "Set-Cookie: __Host-latchkey-session=abc; Path=/; HttpOnly; SameSite=Strict; Secure\r\n");
    EXPECT_EQ(clear_session_cookie(false),
              "Set-Cookie: latchkey-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0\r\n");
}

TEST(CameOverTls, IsSaidByTrustedProxiesAlone) {
    auto const proxies = *TrustedProxies::parse("127.0.0.1");
    auto const over_tls = [&](std::string_view said, std::string_view peer) {
        std::vector<Field> const fields = {{"X-Forwarded-Proto", said}};
        return came_over_tls({.fields = fields, .peer_address = peer}, proxies);
    };
    EXPECT_TRUE(over_tls("https", "127.0.0.1"));
    EXPECT_TRUE(over_tls("HTTPS", "127.0.0.1"));
    EXPECT_TRUE(over_tls("http, https", "127.0.0.1"));
    EXPECT_FALSE(over_tls("https, http", "127.0.0.1"));
    EXPECT_FALSE(over_tls("http", "127.0.0.1"));
    EXPECT_FALSE(over_tls("", "127.0.0.1"));
    EXPECT_FALSE(over_tls("https", "10.0.0.1"));
}

}  // namespace
}  // namespace latchkey::api
