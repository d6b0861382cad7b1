#pragma once

#include <latchkey/base/base64url.hpp>
#include <latchkey/token/verifier.hpp>

#include <array>
#include <expected>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>

/// Makes tokens of any content, and says briefly what becomes of them.
namespace latchkey::token {

/// What a failed expectation prints.
inline void PrintTo(TokenError error, std::ostream* out) { *out << rule_name(error); }

namespace test {

inline constexpr std::string_view kSecret = "a-secret-of-the-tests-32-bytes-long";
inline constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

/// Signs two texts that are base64url, or are not, on purpose.
inline std::string sign_parts(std::string_view header, std::string_view payload,
                              std::string_view secret = kSecret) {
    auto const input = std::string(header) + '.' + std::string(payload);
    return input + '.' + base64url::encode(HmacKey(secret).mac(input));
}

inline std::string sign(std::string_view header, std::string_view claims,
                        std::string_view secret = kSecret) {
    return sign_parts(base64url::encode(header), base64url::encode(claims), secret);
}

inline std::string sign_claims(std::string_view claims) { return sign(kHeader, claims); }

/// Who a token speaks for, `"server"` for a backend; or why it is refused. Claims are copied, so
/// that they outlive the verifier.
struct Outcome {
    std::string who;
    std::string role;
    TokenDates dates;
    std::size_t key_index = 0;
};

inline std::expected<Outcome, TokenError> verify(std::string_view text,
                                                 std::span<HmacKey const> keys) {
    auto const token = CompactToken::parse(text);
    if (!token) {
        return std::unexpected(token.error());
    }
    Verifier verifier;
    auto const verified = verifier.verify(*token, keys);
    if (!verified) {
        return std::unexpected(verified.error());
    }
    if (auto const* const user = std::get_if<UserClaims>(&verified->claims)) {
        return Outcome{std::string(user->user_id), std::string(user->role), user->dates,
                       verified->key_index};
    }
    return Outcome{"server", "", std::get<ServerClaims>(verified->claims).dates,
                   verified->key_index};
}

inline std::expected<Outcome, TokenError> verify(std::string_view text) {
    std::array const keys{HmacKey(kSecret)};
    return verify(text, keys);
}

/// The user id, `server`, or the name of the rule that refused: for tables.
inline std::string verdict(std::string_view text) {
    auto const outcome = verify(text);
    return outcome ? outcome->who : std::string(rule_name(outcome.error()));
}

inline std::string verdict_on_claims(std::string_view claims) {
    return verdict(sign_claims(claims));
}

inline std::string verdict_on_header(std::string_view header) {
    return verdict(sign(header, R"({"user_id":"john"})"));
}

}  // namespace test
}  // namespace latchkey::token
