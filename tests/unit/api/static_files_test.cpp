#include "api/static_files.hpp"

#include "api/admin_service.hpp"
#include "support/test_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace latchkey::test {
namespace {

using api::StaticFile;
using http::Method;
using testing::HasSubstr;
using testing::Not;

constexpr std::array<StaticFile, 3> kFiles = {{
    {.path = "/index.html",
     .content_type = "text/html; charset=utf-8",
     .bytes = "<!doctype html>",
     .gzip_bytes = "packed page",
     .etag = "\"page\"",
     .immutable = false},
    {.path = "/assets/main-1a2b.js",
     .content_type = "text/javascript; charset=utf-8",
     .bytes = "start()",
     .gzip_bytes = "packed script",
     .etag = "\"script\"",
     .immutable = true},
    {.path = "/icon.png",
     .content_type = "image/png",
     .bytes = "pixels",
     .gzip_bytes = {},
     .etag = "\"icon\"",
     .immutable = false},
}};

class StaticFilesTest : public testing::Test {
protected:
    TestNode node;

    http::Response ask(std::span<StaticFile const> files, Method method, std::string const& path,
                       std::vector<http::Field> const& fields = {}) {
        api::AdminService service(node.node, node.loop, 0, Secret("the credential"), files);
        TestExchange exchange(
            {.method = method, .target = path, .auth_type = "", .body = {}, .fields = fields});
        service.handle(exchange);
        EXPECT_TRUE(exchange.answered());
        return exchange.answer_given();
    }
    http::Response get(std::string const& path, std::vector<http::Field> const& fields = {}) {
        return ask(kFiles, Method::Get, path, fields);
    }
    bool is_gzip(std::string_view accepted) {
        auto const answer = get("/assets/main-1a2b.js", {{"Accept-Encoding", accepted}});
        EXPECT_EQ(answer.fields.contains("Content-Encoding: gzip\r\n"),
                  answer.body == "packed script")
            << accepted;
        return answer.body == "packed script";
    }
};

TEST_F(StaticFilesTest, AreServedToEverybodyAsTheyAre) {
    auto const script = get("/assets/main-1a2b.js");
    EXPECT_EQ(script.status, 200);
    EXPECT_EQ(script.body, "start()");
    EXPECT_THAT(script.fields, HasSubstr("Content-Type: text/javascript; charset=utf-8\r\n"));
    EXPECT_THAT(script.fields, HasSubstr("Vary: Accept-Encoding\r\n"));
    EXPECT_EQ(ask(kFiles, Method::Head, "/assets/main-1a2b.js").fields, script.fields);
    EXPECT_THAT(get("/icon.png").fields, Not(HasSubstr("Vary")));
}

TEST_F(StaticFilesTest, MayBeKeptForeverOnlyWhereTheNameSaysWhatIsInThem) {
    EXPECT_THAT(get("/assets/main-1a2b.js").fields,
                HasSubstr("Cache-Control: public, max-age=31536000, immutable\r\n"));
    for (auto const* path : {"/", "/icon.png"}) {
        EXPECT_THAT(get(path).fields, HasSubstr("Cache-Control: no-cache\r\n")) << path;
    }
}

TEST_F(StaticFilesTest, KeepTheBrowserFromLoadingAnythingElse) {
    for (auto const* path : {"/", "/icon.png", "/assets/main-1a2b.js"}) {
        auto const fields = get(path).fields;
        EXPECT_THAT(fields, HasSubstr("Content-Security-Policy: default-src 'none'; "
                                      "script-src 'self'; style-src 'self'; img-src 'self' data:; "
                                      "connect-src 'self'; font-src 'self'; form-action 'self'; "
                                      "base-uri 'none'; frame-ancestors 'none'\r\n"));
        EXPECT_THAT(fields, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
        EXPECT_THAT(fields, HasSubstr("Referrer-Policy: no-referrer\r\n"));
        EXPECT_THAT(fields, HasSubstr("X-Frame-Options: DENY\r\n"));
        EXPECT_THAT(fields, HasSubstr("Cross-Origin-Opener-Policy: same-origin\r\n"));
    }
}

TEST_F(StaticFilesTest, AreCompressedForWhoeverTakesThat) {
    for (auto const* accepted : {"gzip", "deflate, gzip;q=1.0, *;q=0.5", "br, GZIP", "x-gzip", "*",
                                 "gzip ; q=0.001", "br;q=1, *;q=0.1"}) {
        EXPECT_TRUE(is_gzip(accepted)) << accepted;
    }
    for (auto const* accepted : {"", "identity", "gzip;q=0", "gzip;q=0.000, br", "*;q=0",
                                 "*, gzip;q=0", "gzipped", "deflate, br"}) {
        EXPECT_FALSE(is_gzip(accepted)) << accepted;
    }
    auto const icon = get("/icon.png", {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(icon.body, "pixels");
}

TEST_F(StaticFilesTest, AreNotSentAgainToWhoeverHasThem) {
    for (auto const* known : {"\"page\"", "W/\"page\"", "\"other\", \"page\"", "*"}) {
        auto const answer = get("/", {{"If-None-Match", known}});
        EXPECT_EQ(answer.status, 304) << known;
        EXPECT_EQ(answer.body, "") << known;
        EXPECT_THAT(answer.fields, HasSubstr("ETag: \"page\"\r\n")) << known;
        EXPECT_THAT(answer.fields, HasSubstr("Vary: Accept-Encoding\r\n")) << known;
    }
    for (auto const* known : {"", "\"other\"", "\"page-gzip\""}) {
        EXPECT_EQ(get("/", {{"If-None-Match", known}}).status, 200) << known;
    }
    EXPECT_EQ(get("/", {{"If-None-Match", "\"page-gzip\""}, {"Accept-Encoding", "gzip"}}).status,
              304);
    EXPECT_EQ(get("/", {{"If-None-Match", "\"page\""}, {"Accept-Encoding", "gzip"}}).status, 200);
}

TEST_F(StaticFilesTest, ShowThePageAtTheRoot) {
    for (auto const* path : {"/", "/index.html"}) {
        EXPECT_EQ(get(path).body, "<!doctype html>") << path;
    }
}

TEST_F(StaticFilesTest, AreNotMadeUp) {
    for (auto const* path : {"/assets/main-0000.js", "/favicon.ico", "/a/b.css", "/.env",
                             "/assets/../icon.png", "/apps", "/api/v2/app", "/users", "/admin",
                             "/health", "/health/", "/health/other", "/metrics/other"}) {
        EXPECT_EQ(get(path).status, 404) << path;
    }
    EXPECT_EQ(get("/admin/v1/nothing").status, 401);
}

TEST_F(StaticFilesTest, AreReadAndNothingElse) {
    for (auto const method : {Method::Post, Method::Put, Method::Delete, Method::Options}) {
        auto const refused = ask(kFiles, method, "/");
        EXPECT_EQ(refused.status, 405);
        EXPECT_THAT(refused.fields, HasSubstr("Allow: GET, HEAD\r\n"));
    }
}

TEST_F(StaticFilesTest, SayHowToHaveADashboardWhereThereIsNone) {
    auto const page = ask({}, Method::Get, "/");
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("built without the dashboard"));
    EXPECT_THAT(page.body, HasSubstr("-DLATCHKEY_DASHBOARD=ON"));
    EXPECT_THAT(page.fields, HasSubstr("Content-Security-Policy: default-src 'none'"));
    EXPECT_EQ(ask({}, Method::Get, "/apps").status, 404);
}

}  // namespace
}  // namespace latchkey::test
