#include "api/admin_hosts.hpp"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::api {
namespace {

TEST(AdminHosts, TakeThisMachineAndAnyAddressUnlessTold) {
    for (auto const* host :
         {"localhost", "localhost:8081", "LocalHost:1", "localhost:", "127.0.0.1", "127.0.0.1:8081",
          "[::1]", "[::1]:8081", "192.0.2.7:8081", "[2001:db8::7]:8081", "0.0.0.0:8081"}) {
        EXPECT_TRUE(AdminHosts().contains(host)) << host;
    }
    for (auto const* host : {"evil.example",
                             "evil.example:8081",
                             "localhost.evil.example",
                             "evil.localhost",
                             "127.0.0.1.evil.example",
                             "127.1",
                             "2130706433",
                             "localhost:8081:1",
                             "localhost:x",
                             "localhost@evil.example",
                             "localhost ",
                             "::1",
                             ":8081",
                             "[::1",
                             "[::1]x",
                             "[::1].evil",
                             "[127.0.0.1]",
                             "[localhost]",
                             "[]",
                             "[evil.example]:8081",
                             "127.0.0.1/",
                             "127.0.0.1,"}) {
        EXPECT_FALSE(AdminHosts().contains(host)) << host;
    }
}

TEST(AdminHosts, TakeARequestWithoutAHostWhichNoBrowserMakes) {
    EXPECT_TRUE(AdminHosts().contains(""));
}

TEST(AdminHosts, TakeTheNamesThatTheyAreTold) {
    auto hosts = AdminHosts::parse("admin.example.com,  Latchkey ,xn--bcher-kva.example");
    ASSERT_TRUE(hosts);
    for (auto const* host : {"admin.example.com", "ADMIN.example.com:443", "latchkey:8081",
                             "xn--bcher-kva.example", "localhost:8081", "[::1]:8081"}) {
        EXPECT_TRUE(hosts->contains(host)) << host;
    }
    for (auto const* host : {"example.com", "a.admin.example.com", "admin.example.com.evil.example",
                             "admin.example.com.", "admin-example.com", "latchkey2"}) {
        EXPECT_FALSE(hosts->contains(host)) << host;
    }
    EXPECT_FALSE(hosts->contains("inside"));
    hosts->add("inside");
    EXPECT_TRUE(hosts->contains("inside:8081"));
}

TEST(AdminHosts, RefuseAListWithAnythingElseInIt) {
    EXPECT_TRUE(AdminHosts::parse(""));
    EXPECT_TRUE(AdminHosts::parse("  "));
    for (auto const* text : {"a.example,", ",", "a.example,,b.example", "a.example b.example",
                             "a.example:443", "https://a.example", "*.example", "*", "[::1]"}) {
        EXPECT_FALSE(AdminHosts::parse(text)) << text;
    }
    EXPECT_TRUE(AdminHosts::parse(std::string(253, 'a')));
    EXPECT_FALSE(AdminHosts::parse(std::string(254, 'a')));
}

}  // namespace
}  // namespace latchkey::api
