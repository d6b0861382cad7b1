#include "http/handshake.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace latchkey::http {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

std::expected<Upgrade, HeadError> check(std::vector<Field> const& fields,
                                        Method method = Method::Get) {
    Request request;
    request.method = method;
    request.fields = fields;
    return check_upgrade(request);
}

TEST(CheckUpgrade, TakesAHandshakeThatIsInOrder) {
    auto const upgrade = check({{"sec-websocket-KEY", kKey}, {"Sec-WebSocket-Version", "13"}});
    ASSERT_TRUE(upgrade.has_value());
    EXPECT_EQ(upgrade->key, kKey);
    EXPECT_FALSE(upgrade->offers_subprotocol);
}

TEST(CheckUpgrade, RefusesEachPartThatIsNot) {
    struct Row {
        std::vector<Field> fields;
        int status;
    };
    Field const version{"Sec-WebSocket-Version", "13"};
    Field const key{"Sec-WebSocket-Key", kKey};
    for (auto const& [fields, status] : std::vector<Row>{
             {{key}, 426},
             {{key, {"Sec-WebSocket-Version", "8"}}, 426},
             {{key, {"Sec-WebSocket-Version", "13, 8"}}, 426},
             {{key, version, version}, 400},
             {{version}, 400},
             {{version, key, key}, 400},
             {{version, {"Sec-WebSocket-Key", ""}}, 400},
             {{version, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j"}}, 400},       // 15 bytes
             {{version, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZWE="}}, 400},   // 17 bytes
             {{version, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZR=="}}, 400},   // stray bits
             {{version, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ-=="}}, 400},   // base64url
             {{version, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ"}}, 400}}) {  // no padding
        auto const upgrade = check(fields);
        ASSERT_FALSE(upgrade.has_value());
        EXPECT_EQ(upgrade.error().status, status);
    }
    EXPECT_EQ(check({key, version}, Method::Post).error().status, 400);
}

TEST(CheckUpgrade, SeesTheSubprotocolInAnyPlaceOfItsList) {
    Field const version{"Sec-WebSocket-Version", "13"};
    Field const key{"Sec-WebSocket-Key", kKey};
    for (auto const& [list, offered] : {std::pair{"wss", true}, std::pair{"chat, wss", true},
                                        std::pair{"WSS", false}, std::pair{"wsss", false}}) {
        auto const upgrade = check({key, version, {"Sec-WebSocket-Protocol", list}});
        EXPECT_EQ(upgrade->offers_subprotocol, offered) << list;
    }
}

TEST(AcceptKey, IsThatOfTheSpecification) {
    EXPECT_EQ(accept_key(kKey), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 section 1.3
}

TEST(AppendSwitchingProtocols, EchoesTheSubprotocolOnlyWhereItIsOffered) {
    std::string out;
    append_switching_protocols(out, {.key = kKey});
    EXPECT_EQ(out,
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    std::string with;
    append_switching_protocols(with, {.key = kKey, .offers_subprotocol = true});
    EXPECT_TRUE(with.ends_with("\r\nSec-WebSocket-Protocol: wss\r\n\r\n"));
}

TEST(AddUpgradeRequiredFields, NameTheVersion) {
    Response response;
    add_upgrade_required_fields(response);
    EXPECT_EQ(response.fields, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
}

}  // namespace
}  // namespace latchkey::http
