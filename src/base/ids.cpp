#include <latchkey/base/ids.hpp>

#include <array>

namespace latchkey {
namespace {

constexpr std::array<bool, 256> make_table(std::string_view punctuation) {
    std::array<bool, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        table[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
    for (char const c : punctuation) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}

constexpr auto kUserIdCharacters = make_table("@_-");
constexpr auto kApiKeyCharacters = make_table("_-");

bool consists_of(std::array<bool, 256> const& table, std::string_view text) noexcept {
    for (char const c : text) {
        if (!table[static_cast<unsigned char>(c)]) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool is_user_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= kUserIdBytesMax && consists_of(kUserIdCharacters, text);
}

std::optional<UserId> UserId::parse(std::string_view text) {
    if (!is_user_id(text)) {
        return std::nullopt;
    }
    return UserId(std::string(text));
}

std::optional<ApiKey> ApiKey::parse(std::string_view text) {
    if (text.empty() || text.size() > kApiKeyBytesMax || !consists_of(kApiKeyCharacters, text)) {
        return std::nullopt;
    }
    return ApiKey(std::string(text));
}

}  // namespace latchkey
