#include "api/trusted_proxies.hpp"

#include <gtest/gtest.h>

namespace latchkey::api {
namespace {

TEST(TrustedProxies, TrustsNobodyUnlessTold) {
    EXPECT_FALSE(TrustedProxies().contains("127.0.0.1"));
    EXPECT_FALSE(TrustedProxies::parse("")->contains("127.0.0.1"));
}

TEST(TrustedProxies, TakesAddressesAndNetworksOfBothKinds) {
    auto const proxies =
        TrustedProxies::parse("127.0.0.0/8, ::1,10.1.2.3, 192.168.4.0/22,fd00::/8");
    ASSERT_TRUE(proxies);
    for (auto const* inside : {"127.0.0.1", "127.255.255.255", "::1", "10.1.2.3", "192.168.7.255",
                               "fdff::1", "::ffff:10.1.2.3"}) {
        EXPECT_TRUE(proxies->contains(inside)) << inside;
    }
    for (auto const* outside : {"128.0.0.1", "126.255.255.255", "::2", "10.1.2.4", "192.168.8.0",
                                "192.168.3.255", "fe00::1", "", "no address", "10.1.2.3 "}) {
        EXPECT_FALSE(proxies->contains(outside)) << outside;
    }
}

TEST(TrustedProxies, CanTrustEverybody) {
    EXPECT_TRUE(TrustedProxies::parse("0.0.0.0/0")->contains("203.0.113.9"));
    EXPECT_FALSE(TrustedProxies::parse("0.0.0.0/0")->contains("2001:db8::1"));
    EXPECT_TRUE(TrustedProxies::parse("::/0")->contains("203.0.113.9"));
}

TEST(TrustedProxies, RefusesAListWithAnythingElseInIt) {
    for (auto const* text : {"localhost", "127.0.0.1/33", "::1/129", "127.0.0.1/", "127.0.0.1/x",
                             "127.0.0.1/-1", "127.0.0.1,,::1", ",", "127.0.0/8", "1.2.3.4.5"}) {
        EXPECT_FALSE(TrustedProxies::parse(text)) << text;
    }
}

}  // namespace
}  // namespace latchkey::api
