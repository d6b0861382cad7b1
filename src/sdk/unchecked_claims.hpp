#pragma once

#include <latchkey/base/instant.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::sdk {

/// What a token says of itself. A client has no secret and cannot check the signature: good for
/// sending the right token at the right time, and for nothing else.
struct UncheckedClaims {
    std::string user_id;
    /// Absent also where `exp` is no date: what that means is the server's to say.
    std::optional<Instant> expires_at{};
};

/// Developer tokens, which are written in padded standard base64, are read as well (protocol
/// section 1.5). The error says what is wrong and repeats nothing of the token.
[[nodiscard]] std::expected<UncheckedClaims, std::string> read_unchecked_claims(
    std::string_view token);

}  // namespace latchkey::sdk
