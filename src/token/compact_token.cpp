#include <latchkey/token/compact_token.hpp>

#include <latchkey/token/limits.hpp>

namespace latchkey::token {

std::expected<CompactToken, TokenError> CompactToken::parse(std::string_view text) noexcept {
    if (text.empty()) {
        return std::unexpected(TokenError::Missing);
    }
    if (text.size() > kTokenBytesMax) {
        return std::unexpected(TokenError::TooLong);
    }
    auto const first = text.find('.');
    auto const second = first == text.npos ? text.npos : text.find('.', first + 1);
    if (second == text.npos) {
        return std::unexpected(TokenError::WrongSegmentCount);
    }
    auto const header = text.substr(0, first);
    auto const payload = text.substr(first + 1, second - first - 1);
    auto const signature = text.substr(second + 1);
    if (header.empty() || payload.empty() || signature.empty() || signature.contains('.')) {
        return std::unexpected(TokenError::WrongSegmentCount);
    }
    return CompactToken(header, payload, signature);
}

}  // namespace latchkey::token
