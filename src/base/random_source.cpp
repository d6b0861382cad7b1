#include <latchkey/base/random_source.hpp>

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace latchkey {
namespace {

constexpr std::size_t kGetentropyBytesMax = 256;  // getentropy(3) gives no more at a time

}  // namespace

void SystemRandomSource::fill(std::span<std::byte> out) {
    while (!out.empty()) {
        auto const part = out.first(std::min(out.size(), kGetentropyBytesMax));
        if (::getentropy(part.data(), part.size()) != 0) {
            throw std::system_error(errno, std::generic_category(), "getentropy");
        }
        out = out.subspan(part.size());
    }
}

std::string format_uuid(std::span<std::byte const, 16> bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text += '-';
        }
        auto const value = std::to_integer<unsigned>(bytes[i]);
        text += kDigits[value >> 4];
        text += kDigits[value & 15];
    }
    return text;
}

std::string make_uuid(RandomSource& random) {
    std::array<std::byte, 16> bytes{};
    random.fill(bytes);
    // RFC 9562 section 4: the version in the upper half of byte 6, the variant in the top of
    // byte 8.
    bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
    bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
    return format_uuid(bytes);
}

std::string make_random_text(RandomSource& random, std::size_t length) {
    constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    constexpr unsigned kEvenBelow = 256 / kAlphabet.size() * kAlphabet.size();
    std::string text;
    text.reserve(length);
    std::array<std::byte, 64> bytes{};
    while (text.size() < length) {
        random.fill(bytes);
        for (auto const byte : bytes) {
            // Bytes above the last full run of the alphabet would favour its first letters.
            auto const value = std::to_integer<unsigned>(byte);
            if (value < kEvenBelow && text.size() < length) {
                text += kAlphabet[value % kAlphabet.size()];
            }
        }
    }
    return text;
}

}  // namespace latchkey
