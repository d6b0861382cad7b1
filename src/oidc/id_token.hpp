#pragma once

#include "oidc/jws.hpp"

#include <latchkey/base/instant.hpp>

#include <boost/json/object.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::oidc {

/// What a token of a provider has to say for us to believe it.
struct Expectations {
    std::string issuer;                  ///< `iss`, to the letter
    std::vector<std::string> audiences;  ///< one of them is in `aud`
    /// Whom the provider may have given the token to (`azp`), where it is made out to several.
    /// Empty: `audiences`.
    std::vector<std::string> authorized_parties{};
};

/// Reads the claims of a token whose signature was checked, and checks those that every token has
/// (OpenID Connect Core section 3.1.3.7, RFC 9068 section 4): no `events`, `iss`, `aud`, `azp`
/// where there are several audiences, `exp`, `nbf`, `iat`, and `nonce` where one is given. Fails
/// from `ClaimsNotJson` on. Pure.
[[nodiscard]] std::expected<boost::json::object, ProofError> check_claims(
    std::string_view payload, Expectations const& expected, Instant now,
    std::optional<std::string_view> nonce = std::nullopt);

}  // namespace latchkey::oidc
