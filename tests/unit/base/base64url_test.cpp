#include <latchkey/base/base64url.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace latchkey::base64url {
namespace {

std::optional<std::string> decode_text(std::string_view text) {
    std::vector<std::uint8_t> bytes(decoded_bytes_max(text.size()));
    auto const size = decode(text, bytes);
    return size
               ? std::optional(std::string(bytes.begin(), bytes.begin() + static_cast<long>(*size)))
               : std::nullopt;
}

struct Spelling {
    std::string bytes;
    std::string_view text;
};

// RFC 4648 section 10 without the padding, RFC 7515 appendix C, and what tells the alphabets apart.
Spelling const kSpellings[] = {
    {"", ""},
    {"f", "Zg"},
    {"fo", "Zm8"},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg"},
    {"fooba", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy"},
    {"\x03\xec\xff\xe0\xc1", "A-z_4ME"},
    {"\xfb\xff\xbe", "-_--"},
    {std::string("\0\0\0", 3), "AAAA"},
    {"\xff\xff\xff\xff", "_____w"},
};

TEST(Base64UrlEncode, WritesTheOneSpelling) {
    for (auto const& [bytes, text] : kSpellings) {
        EXPECT_EQ(encode(bytes), text);
    }
}

TEST(Base64UrlDecode, ReadsTheOneSpelling) {
    for (auto const& [bytes, text] : kSpellings) {
        EXPECT_EQ(decode_text(text), bytes) << text;
    }
}

TEST(Base64UrlDecode, RefusesPaddingAndLengthsThatCannotBe) {
    for (std::string_view const text : {"Zg=", "Zg==", "Zm8=", "Zm9v=", "=", "====", "A", "Zm9vY",
                                        "Zm9vYmFyZ", "Zm9vYmFyZm9vY"}) {
        EXPECT_EQ(decode_text(text), std::nullopt) << text;
    }
}

TEST(Base64UrlDecode, RefusesBitsLeftOverInTheLastCharacter) {
    EXPECT_TRUE(decode_text("Zg"));
    for (std::string_view const text : {"Zh", "Zi", "Zk", "Zo", "Z_", "Zm9", "Zm-", "Zm9vYh"}) {
        EXPECT_EQ(decode_text(text), std::nullopt) << text;
    }
}

TEST(Base64UrlDecode, RefusesEveryForeignByteAtEveryPlace) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (std::size_t const length : {2U, 4U, 7U, 16U, 20U, 23U, 36U, 43U}) {
        for (std::size_t at = 0; at < length; ++at) {
            std::string text(length, 'A');
            for (unsigned c = 0; c < 256; ++c) {
                text[at] = static_cast<char>(c);
                auto const is_last_of_partial = at + 1 == length && length % 4 != 0;
                auto const foreign = kAlphabet.find(text[at]) == kAlphabet.npos;
                if (foreign || !is_last_of_partial) {
                    EXPECT_EQ(decode_text(text).has_value(), !foreign) << length << ' ' << at;
                }
            }
        }
    }
}

TEST(Base64UrlDecode, TakesBackWhatEncodeWroteAtEveryLength) {
    std::mt19937 random(1);
    for (std::size_t length = 0; length < 200; ++length) {
        std::string bytes(length, '\0');
        std::ranges::generate(bytes, [&] { return static_cast<char>(random() & 0xff); });
        EXPECT_EQ(decode_text(encode(bytes)), bytes) << length;
    }
}

TEST(Base64UrlDecode, WritesNoFurtherThanTheRoomItAskedFor) {
    for (std::size_t length = 0; length < 64; ++length) {
        auto const text = encode(std::string(length, 'x'));
        auto const room = decoded_bytes_max(text.size());
        ASSERT_GE(room, length);
        std::vector<std::uint8_t> bytes(room + 16, 0xa5);
        EXPECT_EQ(decode(text, std::span(bytes).first(room)), length);
        EXPECT_TRUE(std::all_of(bytes.begin() + static_cast<long>(room), bytes.end(),
                                [](std::uint8_t byte) { return byte == 0xa5; }));
    }
}

}  // namespace
}  // namespace latchkey::base64url
