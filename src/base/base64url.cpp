#include <latchkey/base/base64url.hpp>

#include <array>

#if defined(__x86_64__)
#include <tmmintrin.h>
#endif

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

void put_group(std::uint32_t bits, std::uint8_t* to) {
    to[0] = static_cast<std::uint8_t>(bits >> 16);
    to[1] = static_cast<std::uint8_t>(bits >> 8);
    to[2] = static_cast<std::uint8_t>(bits);
}

#if defined(__x86_64__)

/// Characters in a block, and how many must be left for it to be read: the block's twelve bytes are
/// stored as sixteen, and the last four must not reach behind the output.
constexpr std::size_t kBlock = 16;
constexpr std::size_t kBlockRoom = 20;

/// For each lower half of a byte, the classes of upper halves with which it is foreign:
/// 1: 0x2_ (`-`), 2: 0x3_ (digits), 4: 0x4_ and 0x6_ (letters to `o`), 8: 0x5_ (`P` to `Z`, `_`),
/// 16: 0x7_ (`p` to `z`), 32: all others.
constexpr auto kForeignLow = [] {
    std::array<std::uint8_t, 16> table{};
    for (unsigned low = 0; low < 16; ++low) {
        table[low] = static_cast<std::uint8_t>(
            (low != 0xd ? 1 : 0) | (low > 9 ? 2 : 0) | (low == 0 ? 4 : 0) |
            (low > 0xa && low != 0xf ? 8 : 0) | (low > 0xa ? 16 : 0) | 32);
    }
    return table;
}();

/// Decodes `text` from its front, a block at a time; returns how many characters it took, and sets
/// `foreign` where one is not of the alphabet. A token's parts take a third of the time this way.
[[gnu::target("ssse3")]] std::size_t decode_blocks(std::string_view text, std::uint8_t* to,
                                                   bool& foreign) {
    auto const foreign_low = _mm_loadu_si128(reinterpret_cast<__m128i const*>(kForeignLow.data()));
    auto const class_of_high =
        _mm_setr_epi8(32, 32, 1, 2, 4, 8, 4, 16, 32, 32, 32, 32, 32, 32, 32, 32);
    // What turns a character into its six bits, by its upper half; `_` needs 33 more.
    auto const offset_of_high = _mm_setr_epi8(0, 0, 62 - '-', 52 - '0', -'A', -'A', 26 - 'a',
                                              26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0);
    auto const bytes_in_order =
        _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    auto const half = _mm_set1_epi8(0x0f);
    auto errors = _mm_setzero_si128();
    std::size_t taken = 0;
    for (; text.size() - taken >= kBlockRoom; taken += kBlock, to += kBlock / 4 * 3) {
        auto const in = _mm_loadu_si128(reinterpret_cast<__m128i const*>(text.data() + taken));
        auto const high = _mm_and_si128(_mm_srli_epi16(in, 4), half);
        auto const low = _mm_and_si128(in, half);
        errors = _mm_or_si128(errors, _mm_and_si128(_mm_shuffle_epi8(foreign_low, low),
                                                    _mm_shuffle_epi8(class_of_high, high)));
        auto const underscore =
            _mm_and_si128(_mm_cmpeq_epi8(in, _mm_set1_epi8('_')), _mm_set1_epi8(33));
        auto const sixes =
            _mm_add_epi8(_mm_add_epi8(in, underscore), _mm_shuffle_epi8(offset_of_high, high));
        // Two by two, six bits become twelve, then twenty-four, of which each lane has three bytes.
        auto const twelves = _mm_maddubs_epi16(sixes, _mm_set1_epi16(0x0140));
        auto const groups = _mm_madd_epi16(twelves, _mm_set1_epi32(0x0001'1000));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi8(groups, bytes_in_order));
    }
    foreign = _mm_movemask_epi8(_mm_cmpeq_epi8(errors, _mm_setzero_si128())) != 0xffff;
    return taken;
}

bool has_blocks() { return __builtin_cpu_supports("ssse3") != 0; }

#else

std::size_t decode_blocks(std::string_view, std::uint8_t*, bool&) { return 0; }

bool has_blocks() { return false; }

#endif

}  // namespace

std::size_t detail::decode(std::string_view text, std::span<std::uint8_t> out) noexcept {
    auto const tail = text.size() % 4;
    if (tail == 1 || out.size() < decoded_bytes_max(text.size())) {
        return kNotCanonical;
    }
    bool foreign = false;
    auto const taken = has_blocks() ? decode_blocks(text, out.data(), foreign) : 0;
    auto const* in = text.data() + taken;
    auto const* const end = text.data() + text.size();
    auto* to = out.data() + taken / 4 * 3;
    auto errors = foreign ? kBad : 0U;  // gathered and looked at once: no branch in the loop
    for (; end - in >= 4; in += 4, to += 3) {
        auto const bits = read_group(in);
        errors |= bits;
        put_group(bits, to);
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
