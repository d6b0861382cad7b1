#include "http/head_check.hpp"

#include "http/limits.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace latchkey::http {
namespace {

struct Head {
    std::vector<Field> fields{{"Host", "localhost"}};
    std::string_view method = "GET";
    std::string_view target = "/";
    Version version = Version::Http11;
    bool folded = false;

    [[nodiscard]] Head with(std::string_view name, std::string_view value) const {
        auto copy = *this;
        copy.fields.push_back({name, value});
        return copy;
    }
    [[nodiscard]] std::expected<HeadFacts, HeadError> check() const {
        return check_head({.method = method,
                           .target = target,
                           .version = version,
                           .fields = fields,
                           .folded = folded});
    }
    [[nodiscard]] int status() const {
        auto const facts = check();
        return facts ? 200 : facts.error().status;
    }
};

TEST(CheckHead, RefusesFieldsWhoseRepetitionTwoReadersWouldTakeDifferently) {
    for (auto const& [name, value] :
         {std::pair{"Authorization", "a"}, std::pair{"content-length", "4"},
          std::pair{"Transfer-Encoding", "chunked"}, std::pair{"Expect", "100-continue"},
          std::pair{"Content-Encoding", "identity"}}) {
        auto const once = Head{}.with(name, value);
        EXPECT_EQ(once.status(), 200) << name;
        EXPECT_EQ(once.with(name, value).status(), 400) << name;
    }
    EXPECT_EQ(Head{}.with("HOST", "localhost").status(), 400);
    EXPECT_EQ(Head{}.with("Cookie", "a").with("Cookie", "b").status(), 200);
}

TEST(CheckHead, WantsAHostInHttp11Only) {
    Head head;
    head.fields.clear();
    EXPECT_EQ(head.status(), 400);
    head.version = Version::Http10;
    EXPECT_EQ(head.status(), 200);
}

TEST(CheckHead, TakesFieldsUpToTheLimitAndNotOneMore) {
    Head head;
    head.fields.resize(kHeaderFieldsMax, {"Host", "a"});
    for (std::size_t i = 1; i < head.fields.size(); ++i) {
        head.fields[i].name = "X";
    }
    EXPECT_EQ(head.status(), 200);
    EXPECT_EQ(head.with("X", "y").status(), 431);
}

TEST(CheckHead, TakesOneFramingAndNoDoubtfulOne) {
    for (auto const& [value, status] :
         {std::pair{"0", 200}, std::pair{"4", 200}, std::pair{"004", 200}, std::pair{"", 400},
          std::pair{"+4", 400}, std::pair{"4,4", 400}, std::pair{"0x4", 400}}) {
        EXPECT_EQ(Head{}.with("Content-Length", value).status(), status) << value;
    }
    for (auto const& [value, status] :
         {std::pair{"chunked", 200}, std::pair{"Chunked", 200}, std::pair{"identity", 501},
          std::pair{"gzip, chunked", 501}, std::pair{"", 501}}) {
        EXPECT_EQ(Head{}.with("Transfer-Encoding", value).status(), status) << value;
    }
    auto chunked = Head{}.with("Transfer-Encoding", "chunked");
    EXPECT_EQ(chunked.with("Content-Length", "0").status(), 400);
    chunked.version = Version::Http10;
    EXPECT_EQ(chunked.status(), 400);
}

TEST(CheckHead, RefusesFoldedFields) {
    Head head;
    head.folded = true;
    EXPECT_EQ(head.status(), 400);
}

TEST(CheckHead, KnowsWhetherThereIsABody) {
    EXPECT_FALSE(Head{}.check()->has_body);
    EXPECT_FALSE(Head{}.with("Content-Length", "00").check()->has_body);
    EXPECT_TRUE(Head{}.with("Content-Length", "1").check()->has_body);
    EXPECT_TRUE(Head{}.with("Transfer-Encoding", "chunked").check()->has_body);
}

TEST(CheckHead, MeetsOneExpectation) {
    auto const asks = Head{}.with("Expect", "100-Continue");
    EXPECT_FALSE(asks.check()->expects_continue);
    EXPECT_TRUE(asks.with("Content-Length", "1").check()->expects_continue);
    EXPECT_EQ(Head{}.with("Expect", "tea").status(), 417);
}

TEST(CheckHead, RefusesCompressedBodiesButNotTheLabelOfOneSdk) {
    auto const body = Head{}.with("Content-Length", "2");
    for (auto const& [coding, status] :
         {std::pair{"gzip", 415}, std::pair{"GZIP", 415}, std::pair{"deflate", 415},
          std::pair{"br", 415}, std::pair{"identity, gzip", 415}, std::pair{"identity", 200},
          std::pair{"application/gzip", 200}}) {
        EXPECT_EQ(body.with("Content-Encoding", coding).status(), status) << coding;
    }
    EXPECT_EQ(Head{}.with("Content-Encoding", "gzip").status(), 200);
}

TEST(CheckHead, SplitsTheTarget) {
    struct Row {
        std::string_view target, path, query;
    };
    for (auto const& [target, path, query] :
         {Row{"/", "/", ""}, Row{"/a?b=c?d", "/a", "b=c?d"}, Row{"/a?", "/a", ""},
          Row{"http://host:80/a?b", "/a", "b"}, Row{"HTTPS://host", "/", ""},
          Row{"http://host?q", "/", "q"}, Row{R"(/c?json={"a":"b"})", "/c", R"(json={"a":"b"})"}}) {
        Head head;
        head.target = target;
        auto const facts = head.check();
        ASSERT_TRUE(facts.has_value()) << target;
        EXPECT_EQ(facts->path, path);
        EXPECT_EQ(facts->query, query);
    }
    for (std::string_view const target : {"a", "*", "ftp://host/", "host:80", "://", ""}) {
        Head head;
        head.target = target;
        EXPECT_EQ(head.status(), 400) << target;
    }
}

TEST(CheckHead, KnowsMethodsByTheirExactNames) {
    for (auto const& [name, method] :
         {std::pair{"GET", Method::Get}, std::pair{"HEAD", Method::Head},
          std::pair{"POST", Method::Post}, std::pair{"PUT", Method::Put},
          std::pair{"PATCH", Method::Patch}, std::pair{"DELETE", Method::Delete},
          std::pair{"OPTIONS", Method::Options}, std::pair{"get", Method::Other},
          std::pair{"BREW", Method::Other}}) {
        Head head;
        head.method = name;
        EXPECT_EQ(head.check()->method, method) << name;
    }
}

TEST(CheckHead, KnowsWhetherTheConnectionGoesOn) {
    Head old;
    old.version = Version::Http10;
    EXPECT_TRUE(Head{}.check()->keep_alive);
    EXPECT_FALSE(Head{}.with("Connection", "x, Close").check()->keep_alive);
    EXPECT_FALSE(old.check()->keep_alive);
    EXPECT_TRUE(old.with("Connection", "Keep-Alive").check()->keep_alive);
    EXPECT_FALSE(
        old.with("Connection", "keep-alive").with("Connection", "close").check()->keep_alive);
}

TEST(CheckHead, SeesAnUpgradeOnlyWithItsConnectionOption) {
    auto upgrade = Head{}.with("Upgrade", "h2c, WebSocket");
    EXPECT_FALSE(upgrade.check()->upgrades_websocket);
    upgrade = upgrade.with("Connection", "keep-alive, Upgrade");
    EXPECT_TRUE(upgrade.check()->upgrades_websocket);
    upgrade.version = Version::Http10;
    EXPECT_FALSE(upgrade.check()->upgrades_websocket);
    EXPECT_FALSE(
        Head{}.with("Upgrade", "h2c").with("Connection", "upgrade").check()->upgrades_websocket);
}

TEST(RefusedLineStatus, Is505ForOtherVersionsOfHttp) {
    for (auto const& [line, status] :
         {std::pair{"GET / HTTP/2.0", 505}, std::pair{"PRI * HTTP/2.0", 505},
          std::pair{"GET / HTTP/1.2", 505}, std::pair{"GET / http/1.1", 400},
          std::pair{"GET / HTTP/1.1 ", 400}, std::pair{"GET / HTTP/x.y", 400},
          std::pair{"", 400}}) {
        EXPECT_EQ(refused_line_status(line), status) << line;
    }
}

}  // namespace
}  // namespace latchkey::http
