#include <latchkey/base/base64url.hpp>

#include <array>
#include <bit>
#include <cstring>

namespace latchkey::base64url {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint32_t kBad = 0xff000000U;

using Table = std::array<std::uint32_t, 256>;

/// One table for each place in a group of four: the six bits where they belong, or `kBad`.
constexpr Table make_table(unsigned shift) {
    Table table{};
    table.fill(kBad);
    for (std::uint32_t value = 0; value < 64; ++value) {
        table[static_cast<unsigned char>(kAlphabet[value])] = value << shift;
    }
    return table;
}

constexpr Table kFirst = make_table(18);
constexpr Table kSecond = make_table(12);
constexpr Table kThird = make_table(6);
constexpr Table kFourth = make_table(0);

/// The 24 bits of the four characters at `in`; `kBad` among them where one is foreign.
std::uint32_t read_group(char const* in) {
    auto at = [in](std::size_t i) { return static_cast<unsigned char>(in[i]); };
    return kFirst[at(0)] | kSecond[at(1)] | kThird[at(2)] | kFourth[at(3)];
}

/// Stores the upper six bytes of `bits`, and two of scratch behind them, in one go.
void put_six(std::uint64_t bits, std::uint8_t* to) {
    static_assert(std::endian::native == std::endian::little);
    auto const word = __builtin_bswap64(bits);
    std::memcpy(to, &word, sizeof word);
}

void put_three(std::uint32_t bits, std::uint8_t* to) {
    to[0] = static_cast<std::uint8_t>(bits >> 16);
    to[1] = static_cast<std::uint8_t>(bits >> 8);
    to[2] = static_cast<std::uint8_t>(bits);
}

}  // namespace

std::size_t detail::decode(std::string_view text, std::span<std::uint8_t> out) noexcept {
    auto const tail = text.size() % 4;
    if (tail == 1 || out.size() < decoded_bytes_max(text.size())) {
        return kNotCanonical;
    }
    auto const* in = text.data();
    auto const* const end = in + text.size();
    auto* to = out.data();
    std::uint32_t errors = 0;  // gathered and looked at once: no branch in the loop
    for (; end - in >= 8; in += 8, to += 6) {
        auto const first = read_group(in);
        auto const second = read_group(in + 4);
        errors |= first | second;
        put_six(std::uint64_t{first} << 40 | std::uint64_t{second & ~kBad} << 16, to);
    }
    if (end - in >= 4) {
        auto const bits = read_group(in);
        errors |= bits;
        put_three(bits, to);
        in += 4;
        to += 3;
    }
    // RFC 4648 section 3.5: the bits that a last, shorter group does not need must be zero.
    if (tail != 0) {
        auto at = [in](std::size_t i) { return static_cast<unsigned char>(in[i]); };
        auto const bits =
            kFirst[at(0)] | kSecond[at(1)] | (tail == 3 ? kThird[at(2)] : std::uint32_t{});
        auto const unused = tail == 3 ? 0xc0U : 0xf000U;
        errors |= bits | ((bits & unused) != 0 ? kBad : 0U);
        *to++ = static_cast<std::uint8_t>(bits >> 16);
        if (tail == 3) {
            *to++ = static_cast<std::uint8_t>(bits >> 8);
        }
    }
    if ((errors & kBad) != 0) {
        return kNotCanonical;
    }
    return static_cast<std::size_t>(to - out.data());
}

std::string encode(std::span<std::uint8_t const> bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (auto const byte : bytes) {
        bits = bits << 8 | byte;
        for (count += 8; count >= 6; count -= 6) {
            text += kAlphabet[bits >> (count - 6) & 63];
        }
    }
    if (count > 0) {
        text += kAlphabet[bits << (6 - count) & 63];
    }
    return text;
}

std::string encode(std::string_view bytes) {
    return encode(std::span(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size()));
}

}  // namespace latchkey::base64url
