#include "api/setup_code.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace latchkey::api {
namespace {

/// Without I, L, O and U, which are read as something else: 5 bits a character.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kCharacters = 16;
constexpr std::size_t kGroup = 4;
constexpr std::size_t kGivenBytesMax = 64;
constexpr std::size_t kKeyBytes = 32;

std::string make_text(RandomSource& random) {
    std::array<std::byte, kCharacters> bytes{};
    random.fill(bytes);
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i != 0 && i % kGroup == 0) {
            text += '-';
        }
        text += kAlphabet[std::to_integer<std::size_t>(bytes.at(i)) % kAlphabet.size()];
    }
    return text;
}

std::string random_key(RandomSource& random) {
    std::string key(kKeyBytes, '\0');
    random.fill(std::as_writable_bytes(std::span(key)));
    return key;
}

/// One spelling of what people write.
std::string normalize(std::string_view given) {
    std::string text;
    for (char c : given) {
        if (c >= 'a' && c <= 'z') {
            c = static_cast<char>(c - 'a' + 'A');
        }
        if (c == 'O') {
            c = '0';
        } else if (c == 'I' || c == 'L') {
            c = '1';
        }
        if (c != '-' && c != ' ') {
            text += c;
        }
    }
    return text;
}

}  // namespace

SetupCode::SetupCode(RandomSource& random)
    : text_(make_text(random)),
      key_(random_key(random)),
      mac_(key_.mac(normalize(text_.reveal()))) {}

bool SetupCode::matches(std::string_view given) const {
    return given.size() <= kGivenBytesMax && key_.verify(normalize(given), mac_);
}

}  // namespace latchkey::api
