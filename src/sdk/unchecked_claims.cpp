#include "sdk/unchecked_claims.hpp"

#include "wire/json.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/token/compact_token.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace latchkey::sdk {
namespace {

/// Empty where `text` is neither base64url nor standard base64, padded or not.
std::optional<std::string> decode_either_alphabet(std::string_view text) {
    std::string canonical(text.substr(0, text.find_last_not_of('=') + 1));
    std::ranges::replace(canonical, '+', '-');
    std::ranges::replace(canonical, '/', '_');
    std::string decoded(base64url::decoded_bytes_max(canonical.size()), '\0');
    auto const bytes = base64url::decode(
        canonical, {reinterpret_cast<std::uint8_t*>(decoded.data()), decoded.size()});
    if (!bytes) {
        return std::nullopt;
    }
    decoded.resize(*bytes);
    return decoded;
}

/// NumericDate: seconds, fractions allowed (RFC 7519 section 2).
std::optional<Instant> read_numeric_date(boost::json::value const* value) {
    if (value == nullptr || !value->is_number()) {
        return std::nullopt;
    }
    auto const seconds = value->to_number<double>();
    constexpr std::chrono::duration<double> kMax =
        kInstantMax.time_since_epoch() - std::chrono::seconds(1);
    if (!(seconds >= 0 && seconds <= kMax.count())) {
        return std::nullopt;
    }
    return Instant(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::duration<double>(seconds)));
}

}  // namespace

std::expected<UncheckedClaims, std::string> read_unchecked_claims(std::string_view token) {
    auto const parts = token::CompactToken::parse(token);
    if (!parts) {
        return std::unexpected("it does not have the three parts of a token");
    }
    auto const payload = decode_either_alphabet(parts->payload());
    auto const claims =
        payload ? wire::parse_json_object(*payload) : std::unexpected(wire::JsonError::Malformed);
    if (!claims) {
        return std::unexpected("its claims cannot be read");
    }
    auto const* const user_id = claims->if_contains("user_id");
    if (user_id == nullptr || !user_id->is_string()) {
        return std::unexpected("it names no user_id, so it is no user's token");
    }
    return UncheckedClaims{.user_id = std::string(user_id->get_string()),
                           .expires_at = read_numeric_date(claims->if_contains("exp"))};
}

}  // namespace latchkey::sdk
