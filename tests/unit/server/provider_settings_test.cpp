#include "server/provider_settings.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <variant>

namespace latchkey::server {
namespace {

using testing::HasSubstr;
using testing::Not;

using Providers = std::expected<std::vector<api::TokenProviderSettings>, SettingError>;

Providers read(std::string const& text) {
    auto const table = toml::parse(text);
    return read_token_providers(*table.get(kTokenProviderKey), "latchkey.toml: token_provider");
}

std::string oidc(std::string const& more = {}) {
    return "[token_provider.idp]\ntype = \"oidc\"\napp = \"key\"\n"
           "issuer = \"https://id.example.com\"\naudience = \"app\"\n" +
           more;
}

std::string webhook(std::string const& more = {}) {
    return "[token_provider.hook]\ntype = \"webhook\"\napp = \"key\"\n"
           "url = \"https://shop.example.com/token\"\n" +
           more;
}

std::string const kSecret = "secret = \"0123456789-0123456789-0123456789\"\n";

std::string error_of(std::string const& text) {
    auto const providers = read(text);
    return providers ? "nothing is wrong" : providers.error().message;
}

TEST(ReadTokenProviders, TakesAnOidcProviderWithItsDefaults) {
    auto const providers = read(oidc());
    ASSERT_TRUE(providers);
    auto const& settings = providers->front();
    EXPECT_EQ(settings.name, "idp");
    EXPECT_EQ(settings.app.text(), "key");
    EXPECT_EQ(settings.lifetime, std::chrono::hours(1));
    EXPECT_EQ(settings.jitter_percent, 10U);
    EXPECT_TRUE(settings.allowed_origins.empty());
    auto const& source = std::get<api::OidcSource>(settings.source);
    EXPECT_EQ(source.expected.issuer, "https://id.example.com");
    EXPECT_EQ(source.expected.audiences, std::vector<std::string>{"app"});
    EXPECT_EQ(source.algorithms.size(), 3U);
    EXPECT_EQ(source.claims.user_id, "sub");
    EXPECT_EQ(source.claims.role, std::nullopt);
}

TEST(ReadTokenProviders, TakesEverySettingOfAnOidcProvider) {
    auto const providers = read(oidc(R"(
authorized_parties = ["page"]
algorithms = "ES256"
user_id_claim = "uid"
name_claim = "nick"
image_claim = "icon"
role_claim = "groups"
user_id_prefix = "idp-"
user_id_encoding = "base64url"
lifetime = "15m"
jitter = "5%"
allowed_origins = ["https://app.example.com", "http://localhost:3000"]
rate_limit_per_address = 10
rate_limit_per_user = 2
role_map = { ops = "admin" }
)"));
    ASSERT_TRUE(providers) << providers.error().message;
    auto const& settings = providers->front();
    EXPECT_EQ(settings.user_id_prefix, "idp-");
    EXPECT_EQ(settings.user_id_encoding, api::UserIdEncoding::Base64Url);
    EXPECT_EQ(settings.lifetime, std::chrono::minutes(15));
    EXPECT_EQ(settings.jitter_percent, 5U);
    EXPECT_EQ(settings.allowed_origins.size(), 2U);
    EXPECT_EQ(settings.per_address, 10U);
    EXPECT_EQ(settings.per_user, 2U);
    EXPECT_EQ(settings.role_map.at("ops"), "admin");
    auto const& source = std::get<api::OidcSource>(settings.source);
    EXPECT_EQ(source.expected.authorized_parties, std::vector<std::string>{"page"});
    EXPECT_EQ(source.algorithms, std::vector{oidc::Algorithm::ES256});
    EXPECT_EQ(source.claims.user_id, "uid");
    EXPECT_EQ(source.claims.name, "nick");
    EXPECT_EQ(source.claims.image, "icon");
    EXPECT_EQ(source.claims.role, "groups");
}

TEST(ReadTokenProviders, TakesAWebhook) {
    auto const providers =
        read(webhook(kSecret + "forward_headers = [\"Cookie\"]\ntimeout = \"3s\"\n"));
    ASSERT_TRUE(providers) << providers.error().message;
    auto const& source = std::get<api::WebhookSource>(providers->front().source);
    EXPECT_EQ(source.url.host, "shop.example.com");
    EXPECT_EQ(source.secret.reveal(), "0123456789-0123456789-0123456789");
    EXPECT_EQ(source.forwarded_fields, std::vector<std::string>{"cookie"});
    EXPECT_EQ(source.deadline, std::chrono::seconds(3));
}

TEST(ReadTokenProviders, ReadsTheSecretFromAFile) {
    test::TemporaryDirectory const directory;
    auto const path = directory.path() / "secret";
    std::ofstream(path) << "0123456789-0123456789-0123456789\n";
    auto const providers = read(webhook("secret_file = \"" + path.string() + "\"\n"));
    ASSERT_TRUE(providers) << providers.error().message;
    EXPECT_EQ(std::get<api::WebhookSource>(providers->front().source).secret.reveal(),
              "0123456789-0123456789-0123456789");
    EXPECT_THAT(error_of(webhook("secret_file = \"/nowhere/secret\"\n")), HasSubstr("secret_file"));
    EXPECT_THAT(error_of(webhook(kSecret + "secret_file = \"x\"\n")), HasSubstr("give one"));
    EXPECT_THAT(error_of(webhook()), HasSubstr("secret is missing"));
}

TEST(ReadTokenProviders, NamesWhatAnUnknownKeyWasMeantToBe) {
    EXPECT_THAT(error_of(oidc("role_clam = \"x\"\n")), HasSubstr("was role_claim meant?"));
    // What is right for the one type is not for the other.
    EXPECT_THAT(error_of(oidc(kSecret)), HasSubstr("secret is not a setting"));
    EXPECT_THAT(error_of(webhook(kSecret + "issuer = \"x\"\n")),
                HasSubstr("issuer is not a setting"));
}

TEST(ReadTokenProviders, NamesTheSettingThatCannotBeUsed) {
    for (auto const& [line, named] :
         {std::pair{"lifetime = \"0s\"", "lifetime"},
          {"lifetime = 3600", "lifetime"},
          {"lifetime = \"366d\"", "lifetime"},
          {"jitter = \"51%\"", "jitter"},
          {"jitter = \"5\"", "jitter"},
          {"algorithms = [\"HS256\"]", "algorithms"},
          {"algorithms = [\"none\"]", "algorithms"},
          {"algorithms = []", "algorithms"},
          {"user_id_prefix = \"a b\"", "user_id_prefix"},
          {"user_id_encoding = \"hex\"", "user_id_encoding"},
          {"role_map = \"admin\"", "role_map"},
          {"role_map = { x = \"anonymous\" }", "role_map"},
          {"role_map = { x = \"a b\" }", "role_map"},
          {"role_claim = \"\"", "role_claim"},
          {"name_claim = 1", "name_claim"},
          {"allowed_origins = [\"app.example.com\"]", "allowed_origins"},
          {"allowed_origins = [\"https://app.example.com/\"]", "allowed_origins"},
          {"allowed_origins = [\"https://App.example.com\"]", "allowed_origins"},
          {"allowed_origins = [\"*\", \"https://app.example.com\"]", "allowed_origins"},
          {"allowed_origins = [\"https://*.example.com\"]", "allowed_origins"},
          {"allowed_origins = [\"capacitor://localhost/\"]", "allowed_origins"},
          {"allowed_origins = [\"Capacitor://localhost\"]", "allowed_origins"},
          {"allowed_origins = [\"file://\"]", "allowed_origins"},
          {"allowed_origins = [\"://localhost\"]", "allowed_origins"},
          {"allowed_origins = [\"null\"]", "allowed_origins"},
          {"rate_limit_per_user = 0", "rate_limit_per_user"},
          {"rate_limit_per_address = 1000001", "rate_limit_per_address"},
          {"ca_file = \"/nowhere/ca.pem\"", "ca_file"}}) {
        EXPECT_THAT(error_of(oidc(std::string(line) + "\n")),
                    HasSubstr("token_provider.idp." + std::string(named)))
            << line;
    }
    EXPECT_TRUE(
        read(oidc("allowed_origins = \"*\"\nlifetime = \"365d\"\njitter = \"0%\"\n"
                  "rate_limit_per_address = 1000000\n")));
}

TEST(ReadTokenProviders, TakesOriginsAsBrowsersWriteThem) {
    auto const with = [](std::string const& origin) {
        return error_of(oidc("allowed_origins = [\"" + origin + "\"]\n"));
    };
    for (auto const* origin :
         {"https://app.example.com", "https://app.example.com:8443", "http://localhost:3000",
          "http://[::1]:3000", "https://app.example.com:80", "capacitor://localhost",
          "ionic://localhost", "chrome-extension://abcdef"}) {
        EXPECT_EQ(with(origin), "nothing is wrong") << origin;
    }
    for (auto const* origin : {"https://app.example.com:443", "http://localhost:80",
                               "http://[::1]:80", "https://app.example.com:08443"}) {
        EXPECT_THAT(with(origin), HasSubstr("names a port as no browser does")) << origin;
    }
}

TEST(ReadTokenProviders, WantsWhatAProofIsWorthlessWithout) {
    auto const text = oidc();
    for (auto const* key : {"type", "app", "issuer", "audience"}) {
        auto without = text;
        auto const at = without.find(std::string("\n") + key + " =") + 1;
        without.erase(at, without.find('\n', at) - at + 1);
        EXPECT_THAT(error_of(without), HasSubstr(std::string(key) + " is missing"));
    }
    EXPECT_THAT(error_of("[token_provider.x]\ntype = \"oidc\"\napp = \"a b\"\n"),
                HasSubstr(".app"));
    EXPECT_THAT(error_of("[token_provider.x]\ntype = \"saml\"\napp = \"key\"\n"),
                HasSubstr("is one of: oidc, webhook"));
}

TEST(ReadTokenProviders, SendsNoProofOverAnOpenLine) {
    auto const with = [](std::string const& url) {
        return error_of("[token_provider.hook]\ntype = \"webhook\"\napp = \"key\"\nurl = \"" + url +
                        "\"\n" + kSecret);
    };
    EXPECT_EQ(with("http://127.0.0.1:9000/hook"), "nothing is wrong");
    EXPECT_THAT(with("http://shop.example.com/hook"), HasSubstr("wants https"));
    EXPECT_THAT(with("shop.example.com"), HasSubstr(".url"));
}

TEST(ReadTokenProviders, ForwardsNothingThatIsOursToSay) {
    for (auto const* name : {"Authorization", "Host", "Content-Length", "X-Latchkey-Signature",
                             "X-Forwarded-For", "a b", "Idempotency-Key"}) {
        EXPECT_THAT(error_of(webhook(kSecret + "forward_headers = [\"" + name + "\"]\n")),
                    HasSubstr("forward_headers"))
            << name;
    }
    std::string names;
    for (std::size_t i = 0; i < kForwardedFieldsMax; ++i) {
        names += "\"x-" + std::to_string(i) + "\",";
    }
    EXPECT_TRUE(read(webhook(kSecret + "forward_headers = [" + names + "]\n")));
    EXPECT_FALSE(read(webhook(kSecret + "forward_headers = [" + names + "\"x\"]\n")));
}

TEST(ReadTokenProviders, BoundsSecretsNamesAndNumbers) {
    EXPECT_TRUE(read(webhook("secret = \"" + std::string(kWebhookSecretBytesMin, 's') + "\"\n")));
    auto const error =
        error_of(webhook("secret = \"" + std::string(kWebhookSecretBytesMin - 1, 's') + "\"\n"));
    EXPECT_THAT(error, HasSubstr("32 bytes"));
    EXPECT_THAT(error, Not(HasSubstr("ssss")));
    for (auto const* name : {"Idp", "\"a b\""}) {
        EXPECT_THAT(error_of(std::string("[token_provider.") + name + "]\ntype = \"oidc\"\n"),
                    HasSubstr("a name has"));
    }
    std::string many;
    for (std::size_t i = 0; i < api::kTokenProvidersMax; ++i) {
        auto one = oidc();
        one.replace(one.find("idp"), 3, "p" + std::to_string(i));
        many += one;
    }
    EXPECT_EQ(read(many)->size(), api::kTokenProvidersMax);
    EXPECT_FALSE(read(many + oidc()));
    EXPECT_FALSE(read("token_provider = 1\n"));
    EXPECT_FALSE(read("[token_provider]\nidp = 1\n"));
}

}  // namespace
}  // namespace latchkey::server
