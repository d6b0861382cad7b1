#include "api/operator_oidc.hpp"

#include "api/admin_service.hpp"
#include "support/foreign_key.hpp"
#include "support/scripted_http.hpp"
#include "support/test_node.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace latchkey::api {
namespace {

using boost::json::object;
using test::ForeignKey;
using test::kNow;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr std::string_view kIssuer = "https://id.example.com";

/// A sign-in that a browser began.
struct Begun {
    std::string location;
    std::string cookie;  ///< `name=value`

    [[nodiscard]] std::string cookie_name() const { return cookie.substr(0, cookie.find('=')); }
    [[nodiscard]] std::string parameter(std::string_view name) const {
        auto const at = location.find('&' + std::string(name) + '=') + name.size() + 2;
        return location.substr(at, location.find('&', at) - at);
    }
};

class OperatorOidcTest : public testing::Test {
protected:
    static ForeignKey const& key() {
        static auto const made = ForeignKey::p256();
        return made;
    }

    test::TestNode node;
    test::ScriptedHttp http;
    OperatorOidcSettings settings{.issuer = std::string(kIssuer),
                                  .client_id = "dashboard",
                                  .client_secret = Secret("client-secret"),
                                  .name = "Example"};
    OperatorOidcSource source{.settings = settings, .http = http};
    std::unique_ptr<AdminService> service;

    void SetUp() override {
        node.node.operator_oidc = &source;
        service = std::make_unique<AdminService>(node.node, node.loop, 0, Secret("credential"));
        node.commit([](domain::Transaction& transaction) {
            EXPECT_TRUE(transaction.accounts().insert({.name = "oscar",
                                                       .role = domain::OperatorRole::Operator,
                                                       .oidc_subject = "oscar-at-idp",
                                                       .created_at = kNow,
                                                       .updated_at = kNow}));
            return domain::Outcome::Commit;
        });
    }

    std::unique_ptr<test::TestExchange> ask(std::string path, std::string_view cookie = {},
                                            std::vector<http::Field> fields = {}) {
        fields.push_back({"Host", "localhost:8081"});
        if (!cookie.empty()) {
            fields.push_back({"Cookie", cookie});
        }
        auto exchange = std::make_unique<test::TestExchange>(
            test::TestRequest{.target = "/admin/v1/session/oidc" + std::move(path),
                              .auth_type = "",
                              .fields = std::move(fields)});
        service->handle(*exchange);
        node.settle();
        return exchange;
    }
    static std::string field_of(test::TestExchange const& exchange, std::string_view name) {
        auto const& fields = exchange.answer_given().fields;
        auto const at = fields.find(std::string(name) + ": ");
        return at == fields.npos ? std::string()
                                 : fields.substr(at + name.size() + 2,
                                                 fields.find("\r\n", at) - at - name.size() - 2);
    }
    void serve_document() {
        http.answer(200, boost::json::serialize(
                             object{{"issuer", kIssuer},
                                    {"jwks_uri", "https://id.example.com/keys"},
                                    {"authorization_endpoint", "https://id.example.com/auth?x=1"},
                                    {"token_endpoint", "https://id.example.com/token"}}));
        node.settle();
    }
    Begun begin_from(std::string const& address) { return begin({{"X-Forwarded-For", address}}); }
    Begun begin(std::vector<http::Field> fields = {}) {
        auto const exchange = ask("", {}, std::move(fields));
        if (http.is_asked()) {
            serve_document();
        }
        EXPECT_EQ(exchange->answer_given().status, 302);
        auto const cookie = field_of(*exchange, "Set-Cookie");
        return {.location = field_of(*exchange, "Location"),
                .cookie = cookie.substr(0, cookie.find(';'))};
    }
    bool can_come_back(Begun const& begun) {
        auto const back = come_back(begun);
        if (http.is_asked()) {
            serve_token(claims_of(begun));
        }
        return back->answer_given().status == 200;
    }
    std::unique_ptr<test::TestExchange> come_back(Begun const& begun) {
        return ask("/callback?code=c-1&state=" + begun.parameter("state"), begun.cookie);
    }
    object claims_of(Begun const& begun) {
        auto const now = std::chrono::floor<std::chrono::seconds>(node.clock.now());
        auto const seconds = now.time_since_epoch().count();
        return {{"iss", kIssuer},        {"aud", "dashboard"},
                {"sub", "oscar-at-idp"}, {"nonce", std::string_view(begun.parameter("nonce"))},
                {"iat", seconds},        {"exp", seconds + 60}};
    }
    /// The token endpoint's answer, and the keys where they are asked for.
    void serve_token(object const& claims) {
        http.answer(200, boost::json::serialize(
                             object{{"id_token", std::string_view(key().token("one", claims))}}));
        node.settle();
        while (http.is_asked()) {
            if (http.sent.back().url.path == "/keys") {
                http.answer(200, test::key_set({key().jwk("one")}));
            } else {
                serve_document();
            }
            node.settle();
        }
    }
    int status_with(std::string_view name, boost::json::value value) {
        auto const begun = begin();
        auto const back = come_back(begun);
        auto claims = claims_of(begun);
        claims[name] = std::move(value);
        serve_token(claims);
        return back->answer_given().status;
    }
};

TEST_F(OperatorOidcTest, SignsInByWhatTheProviderSaysOfTheBrowser) {
    auto const begun = begin();
    EXPECT_THAT(begun.location, HasSubstr("https://id.example.com/auth?x=1&response_type=code"));
    EXPECT_EQ(begun.parameter("redirect_uri"),
              "http%3A%2F%2Flocalhost%3A8081%2Fadmin%2Fv1%2Fsession%2Foidc%2Fcallback");
    EXPECT_EQ(begun.parameter("state").size(), 43U);
    auto const back = come_back(begun);
    EXPECT_EQ(http.sent.back().url.path, "/token");
    EXPECT_FALSE(http.sent.back().repeatable);  // a code counts once
    EXPECT_EQ(http.field("Authorization"), "Basic ZGFzaGJvYXJkOmNsaWVudC1zZWNyZXQ=");
    EXPECT_THAT(http.sent.back().body, HasSubstr("code=c-1"));
    serve_token(claims_of(begun));
    EXPECT_EQ(back->answer_given().status, 200) << back->answer_given().body;
    EXPECT_THAT(back->answer_given().fields, HasSubstr("Set-Cookie: latchkey-session="));
    EXPECT_THAT(back->answer_given().fields, HasSubstr("SameSite=Strict"));
    EXPECT_THAT(back->answer_given().fields,
                HasSubstr("Set-Cookie: " + begun.cookie_name() +
                          "=; Path=/admin/v1/session/oidc; Max-Age=0; HttpOnly; SameSite=Lax"));
    EXPECT_THAT(back->answer_given().body, HasSubstr("url=/"));
    EXPECT_EQ(http.sent.size(), 3U);  // the document, the token and the keys, each once
}

TEST_F(OperatorOidcTest, LetsSignInsInTwoTabsBothEnd) {
    auto const one = begin();
    auto const two = begin();
    EXPECT_NE(one.cookie_name(), two.cookie_name());
    auto const both = one.cookie + "; " + two.cookie;
    for (auto const* begun : {&one, &two}) {
        auto const back = ask("/callback?code=c-1&state=" + begun->parameter("state"), both);
        serve_token(claims_of(*begun));
        EXPECT_EQ(back->answer_given().status, 200);
    }
}

TEST_F(OperatorOidcTest, FindsAKeyThatTheProviderTurnedTo) {
    EXPECT_TRUE(can_come_back(begin()));
    auto const begun = begin();
    auto const back = come_back(begun);
    auto const next = ForeignKey::p256();
    http.answer(200, boost::json::serialize(
                         object{{"id_token", std::string_view(next.token("", claims_of(begun)))}}));
    node.settle();
    ASSERT_TRUE(http.is_asked());
    EXPECT_EQ(http.sent.back().url.path, "/keys");
    http.answer(200, test::key_set({next.jwk()}));
    node.settle();
    EXPECT_EQ(back->answer_given().status, 200) << back->answer_given().body;
}

TEST_F(OperatorOidcTest, RefusesATokenThatIsNotForThisSignIn) {
    EXPECT_EQ(status_with("sub", "oscar-at-idp"), 200);
    EXPECT_EQ(status_with("nonce", "another"), 401);
    EXPECT_EQ(status_with("aud", "another"), 401);
    EXPECT_EQ(status_with("iss", "https://evil.example.com"), 401);
    EXPECT_EQ(status_with("sub", "nobody-here"), 401);
    EXPECT_EQ(status_with("sub", 1), 401);
    EXPECT_EQ(status_with("exp", 1), 401);
    EXPECT_EQ(status_with("events", object()), 401);
}

TEST_F(OperatorOidcTest, TakesAnAnswerOnceAndFromTheBrowserThatAsked) {
    auto const begun = begin();
    auto const other = begin();
    auto const others_value = other.cookie.substr(other.cookie.find('='));
    for (auto const& cookie : {std::string(), other.cookie, begun.cookie_name() + others_value}) {
        auto const refused = come_back({.location = begun.location, .cookie = cookie});
        EXPECT_EQ(refused->answer_given().status, 401) << cookie;
        EXPECT_THAT(refused->answer_given().fields, Not(HasSubstr("Set-Cookie")));
    }
    auto const back = come_back(begun);
    serve_token(claims_of(begun));
    EXPECT_EQ(back->answer_given().status, 200);
    EXPECT_EQ(come_back(begun)->answer_given().status, 401);
    EXPECT_FALSE(http.is_asked());
}

TEST_F(OperatorOidcTest, WaitsForNobodyForEver) {
    auto const begun = begin();
    node.clock.advance(OperatorOidc::kUnderWayFor - 1us);
    auto const back = come_back(begun);
    serve_token(claims_of(begun));
    EXPECT_EQ(back->answer_given().status, 200);
    auto const late = begin();
    node.clock.advance(OperatorOidc::kUnderWayFor);
    EXPECT_EQ(come_back(late)->answer_given().status, 401);
}

TEST_F(OperatorOidcTest, KeepsOnlySoManySignInsUnderWay) {
    auto const first = begin();
    node.clock.advance(1s);
    auto const second = begin();
    node.clock.advance(1s);
    for (std::size_t i = 2; i <= OperatorOidc::kUnderWayMax; ++i) {
        begin_from("10.0.0." + std::to_string(i % 250));
    }
    EXPECT_FALSE(can_come_back(first));
    EXPECT_TRUE(can_come_back(second));
}

TEST_F(OperatorOidcTest, LetsAnAddressEndNoOtherAddressesSignIns) {
    auto const others = begin_from("10.0.0.1");
    node.clock.advance(1s);
    auto const first = begin_from("2001:db8::1");
    node.clock.advance(1s);
    auto const second = begin_from("2001:db8::2");  // of the same network
    node.clock.advance(1s);
    for (std::size_t i = 2; i < OperatorOidc::kUnderWayPerAddressMax; ++i) {
        begin_from("2001:db8::3");
    }
    auto const kept = begin_from("10.0.0.1");
    EXPECT_TRUE(can_come_back(kept));
    begin_from("2001:db8::3");
    EXPECT_FALSE(can_come_back(first));
    EXPECT_TRUE(can_come_back(second));
    EXPECT_TRUE(can_come_back(others));
}

TEST_F(OperatorOidcTest, SaysWhatADocumentLacksThatHasNoCodeFlow) {
    for (std::string_view const lacked : {"authorization_endpoint", "token_endpoint"}) {
        auto const exchange = ask("");
        object document{{"issuer", kIssuer},
                        {"jwks_uri", "https://id.example.com/keys"},
                        {"authorization_endpoint", "https://id.example.com/auth"},
                        {"token_endpoint", "https://id.example.com/token"}};
        document[lacked] = "urn:example:none";
        http.answer(200, boost::json::serialize(document));
        node.settle();
        EXPECT_EQ(exchange->answer_given().status, 502);
        EXPECT_THAT(node.log.text(), HasSubstr("no " + std::string(lacked)));
        node.clock.advance(ProviderKeys::kDiscoveryFresh);
    }
}

TEST_F(OperatorOidcTest, SaysSoWhereTheProviderCannotBeReached) {
    auto const exchange = ask("");
    http.answer(std::unexpected(OutgoingFailure::NotConnected));
    node.settle();
    EXPECT_EQ(exchange->answer_given().status, 502);
    auto const begun = begin();
    auto const back = come_back(begun);
    http.answer(400, R"({"error":"invalid_grant"})");
    node.settle();
    EXPECT_EQ(back->answer_given().status, 401);
    EXPECT_THAT(back->answer_given().fields, Not(HasSubstr("latchkey-session")));
    EXPECT_THAT(back->answer_given().fields, HasSubstr(begun.cookie_name() + "=; "));
    EXPECT_THAT(node.log.text(), Not(HasSubstr("client-secret")));
}

TEST_F(OperatorOidcTest, RefusesAReturnWithoutACode) {
    auto const begun = begin();
    auto const back =
        ask("/callback?error=access_denied&state=" + begun.parameter("state"), begun.cookie);
    EXPECT_EQ(back->answer_given().status, 401);
    EXPECT_EQ(ask("/callback")->answer_given().status, 401);
}

TEST_F(OperatorOidcTest, BindsOverTlsByACookieOfTlsAlone) {
    auto const begun = begin({{"X-Forwarded-Proto", "https"}});
    EXPECT_TRUE(begun.cookie.starts_with("__Secure-latchkey-oidc-")) << begun.cookie;
    EXPECT_THAT(begun.parameter("redirect_uri"), HasSubstr("https%3A%2F%2Flocalhost"));
}

TEST_F(OperatorOidcTest, IsNotThereUnlessTheSettingsSaySo) {
    node.node.operator_oidc = nullptr;
    service = std::make_unique<AdminService>(node.node, node.loop, 0, Secret("credential"));
    EXPECT_EQ(ask("")->answer_given().status, 404);
    EXPECT_EQ(ask("/callback?state=x&code=y")->answer_given().status, 404);
}

TEST_F(OperatorOidcTest, UsesThePublicUrlOfTheSettings) {
    settings.public_url = "https://admin.example.com";
    EXPECT_THAT(begin().parameter("redirect_uri"),
                HasSubstr("https%3A%2F%2Fadmin.example.com%2Fadmin%2Fv1"));
}

}  // namespace
}  // namespace latchkey::api
