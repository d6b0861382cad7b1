#include "oidc/discovery.hpp"

#include "oidc/limits.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace latchkey::oidc {
namespace {

using boost::json::object;

std::string document(object members, std::string_view issuer = "https://id.example.com") {
    members["issuer"] = issuer;
    return boost::json::serialize(members);
}

TEST(ParseIssuer, WantsHttpsButForThisMachine) {
    for (auto const* text : {"https://id.example.com", "https://id.example.com/realms/one",
                             "http://127.0.0.1:3000", "http://localhost", "http://[::1]:3000/"}) {
        EXPECT_TRUE(parse_issuer(text)) << text;
    }
    for (auto const* text :
         {"", "id.example.com", "http://id.example.com", "http://10.0.0.1", "ftp://127.0.0.1",
          "https://id.example.com?x", "https://id.example.com#x", "https://u:p@id.example.com",
          "http://127.0.0.1.example.com"}) {
        EXPECT_FALSE(parse_issuer(text)) << text;
    }
}

TEST(DiscoveryUrl, LiesBehindThePathOfTheIssuer) {
    auto const target = [](std::string_view issuer) {
        return discovery_url(*parse_issuer(issuer)).target();
    };
    EXPECT_EQ(target("https://id.example.com"), "/.well-known/openid-configuration");
    EXPECT_EQ(target("https://id.example.com/"), "/.well-known/openid-configuration");
    EXPECT_EQ(target("https://id.example.com/a"), "/a/.well-known/openid-configuration");
}

TEST(ParseDiscovery, FindsWhatAProviderHasWhere) {
    auto const found =
        parse_discovery(document({{"jwks_uri", "https://keys.example.com/set"},
                                  {"authorization_endpoint", "https://id.example.com/auth"},
                                  {"token_endpoint", "https://id.example.com/token"},
                                  {"something", {"else"}}}),
                        "https://id.example.com");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->jwks.host, "keys.example.com");
    EXPECT_EQ(found->authorization_endpoint->path, "/auth");
    EXPECT_EQ(found->token_endpoint->path, "/token");
}

TEST(ParseDiscovery, NeedsNoMoreThanTheKeys) {
    auto const found = parse_discovery(document({{"jwks_uri", "https://id.example.com/keys"}}),
                                       "https://id.example.com");
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->token_endpoint);
}

TEST(ParseDiscovery, SaysWhatIsWrong) {
    auto const error = [](std::string const& text) {
        return parse_discovery(text, "https://id.example.com").error();
    };
    EXPECT_EQ(error("x"), DiscoveryError::NotJson);
    EXPECT_EQ(error("{}"), DiscoveryError::IssuerMismatch);
    EXPECT_EQ(error(document({}, "https://id.example.com/")), DiscoveryError::IssuerMismatch);
    EXPECT_EQ(error(document({})), DiscoveryError::KeysUrlMissing);
    EXPECT_EQ(error(document({{"jwks_uri", 1}})), DiscoveryError::KeysUrlNotAllowed);
    EXPECT_EQ(error(document({{"jwks_uri", "http://id.example.com/keys"}})),
              DiscoveryError::KeysUrlNotAllowed);
}

TEST(ParseDiscovery, NamesTheMemberThatIsWrong) {
    for (auto const& [error, member] : {std::pair{DiscoveryError::IssuerMismatch, "issuer"},
                                        {DiscoveryError::KeysUrlMissing, "jwks_uri"},
                                        {DiscoveryError::KeysUrlNotAllowed, "jwks_uri"}}) {
        EXPECT_TRUE(describe(error).contains(member)) << describe(error);
    }
}

TEST(ParseDiscovery, LeavesOutEndpointsThatAreNoneToTrust) {
    for (boost::json::value const& endpoint :
         {boost::json::value("urn:kubernetes:programmatic_authorization"),
          boost::json::value("http://id.example.com/there"),
          boost::json::value("http://127.0.0.1/there"), boost::json::value(""),
          boost::json::value(nullptr), boost::json::value(1)}) {
        auto const found = parse_discovery(document({{"jwks_uri", "https://id.example.com/keys"},
                                                     {"authorization_endpoint", endpoint},
                                                     {"token_endpoint", endpoint}}),
                                           "https://id.example.com");
        ASSERT_TRUE(found) << endpoint;
        EXPECT_EQ(found->jwks.path, "/keys");
        EXPECT_FALSE(found->authorization_endpoint) << endpoint;
        EXPECT_FALSE(found->token_endpoint) << endpoint;
    }
}

TEST(ParseDiscovery, LetsNoProviderElsewhereNameThisMachine) {
    object const local = {{"jwks_uri", "http://127.0.0.1:1/keys"}};
    EXPECT_EQ(parse_discovery(document(local), "https://id.example.com").error(),
              DiscoveryError::KeysUrlNotAllowed);
    EXPECT_TRUE(parse_discovery(document(local, "http://127.0.0.1:2"), "http://127.0.0.1:2"));
}

TEST(ParseDiscovery, IsBounded) {
    auto text = document({{"jwks_uri", "https://id.example.com/keys"}});
    text.resize(kDiscoveryBytesMax, ' ');
    EXPECT_TRUE(parse_discovery(text, "https://id.example.com"));
    EXPECT_EQ(parse_discovery(text + ' ', "https://id.example.com").error(),
              DiscoveryError::TooLong);
}

}  // namespace
}  // namespace latchkey::oidc
