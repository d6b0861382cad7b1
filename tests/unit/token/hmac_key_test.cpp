#include <latchkey/token/hmac_key.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

namespace latchkey::token {
namespace {

static_assert(!std::is_copy_constructible_v<HmacKey> && !std::is_copy_assignable_v<HmacKey>);
static_assert(std::is_nothrow_move_constructible_v<HmacKey>);

std::string hex(HmacKey::Mac const& mac) {
    std::string text;
    for (auto const byte : mac) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

struct MacCase {
    std::string key;
    std::string text;
    std::string_view mac;
};

// RFC 4231 sections 4.2, 4.3, 4.4, 4.5, 4.7 and 4.8; case 5 (4.6) truncates, which JWS does not.
MacCase const kRfc4231[] = {
    {std::string(20, '\x0b'), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
     "\x18\x19",
     std::string(50, '\xcd'), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {std::string(131, '\xaa'),
     "This is a test using a larger than block-size key and a larger than block-size data. The key "
     "needs to be hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

TEST(HmacKeyMac, GivesTheValuesOfRfc4231) {
    for (auto const& [key, text, mac] : kRfc4231) {
        EXPECT_EQ(hex(HmacKey(key).mac(text)), mac);
    }
}

TEST(HmacKeyMac, MayBeAskedAgain) {
    HmacKey const key("Jefe");
    auto const first = key.mac("what do ya want for nothing?");
    EXPECT_EQ(hex(key.mac("what do ya want for nothing?")), hex(first));
    EXPECT_NE(hex(key.mac("")), hex(first));
}

TEST(HmacKeyVerify, AcceptsTheMacAndRefusesItWithAnyBitFlipped) {
    HmacKey const key("secret");
    auto const mac = key.mac("text");
    EXPECT_TRUE(key.verify("text", mac));
    EXPECT_FALSE(key.verify("texT", mac));
    for (std::size_t bit = 0; bit < mac.size() * 8; ++bit) {
        auto flipped = mac;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(key.verify("text", flipped)) << bit;
    }
}

TEST(HmacKey, KeepsWorkingWhereItIsMovedTo) {
    HmacKey first("secret");
    auto const mac = first.mac("text");
    HmacKey second(std::move(first));
    EXPECT_TRUE(second.verify("text", mac));
    HmacKey third("another");
    third = std::move(second);
    EXPECT_TRUE(third.verify("text", mac));
}

TEST(HmacKey, LeavesNothingOfTheKeyInTheObjectThatWasMovedFrom) {
    auto is_wiped = [](HmacKey const& key) {
        unsigned char bytes[sizeof key];
        std::memcpy(bytes, static_cast<void const*>(&key), sizeof key);
        return std::ranges::all_of(bytes, [](unsigned char byte) { return byte == 0; });
    };
    HmacKey first("secret");
    EXPECT_FALSE(is_wiped(first));
    HmacKey second(std::move(first));
    EXPECT_TRUE(is_wiped(first));  // NOLINT(bugprone-use-after-move): what the test is about
    first = std::move(second);
    EXPECT_TRUE(is_wiped(second));  // NOLINT(bugprone-use-after-move)
    EXPECT_FALSE(is_wiped(first));
}

}  // namespace
}  // namespace latchkey::token
