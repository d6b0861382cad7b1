#pragma once

#include "oidc/algorithm.hpp"
#include "oidc/jwk_set.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::oidc {

/// Why somebody else's token is refused, in the order in which the checks are made.
enum class ProofError : std::uint8_t {
    Missing,              ///< no token at all
    TooLong,              ///< over `kIdTokenBytesMax`
    NotAToken,            ///< not three parts of canonical base64url, the header no JSON object
    HeaderCritical,       ///< `crit` or `b64`: extensions are not understood
    TypeNotAllowed,       ///< `typ` is neither absent nor `JWT` or `at+jwt`
    AlgorithmNotAllowed,  ///< `alg` is none of those that are configured
    KeyUnknown,           ///< the provider has no key of that `kid` and algorithm
    SignatureMismatch,    ///< none of the keys made this signature
    ClaimsNotJson,        ///< the claims are not one JSON object, or a name stands twice in one
    EventToken,           ///< has `events`: tells of something, and proves nothing about who calls
    IssuerMismatch,       ///< `iss` is absent, or not the provider
    AudienceMismatch,     ///< `aud` does not name us
    AuthorizedParty,      ///< made out to several, and `azp` is nobody that is configured
    ExpiryMissing,        ///< no `exp`
    DateInvalid,          ///< `exp`, `nbf` or `iat` is not a number of seconds in range
    Expired,              ///< `exp` has come
    NotYetValid,          ///< `nbf` has not come
    IssuedInFuture,       ///< `iat` lies ahead
    NonceMismatch,        ///< a nonce was given, and `nonce` is another, or absent
};
/// A text for whoever sent the token; repeats nothing of it.
[[nodiscard]] std::string_view describe(ProofError error) noexcept;
/// The stable name of the rule that decided, in snake case.
[[nodiscard]] std::string_view rule_name(ProofError error) noexcept;

/// A compact JWS (RFC 7515 section 7.1) whose header was read, its signature not checked yet: what
/// is needed to find the key, and nothing of its claims. Owns all of it: it may wait for keys.
class SignedToken {
public:
    /// `allowed` comes from the configuration: a token does not choose its algorithm (RFC 8725
    /// section 3.1). Fails up to `AlgorithmNotAllowed`.
    [[nodiscard]] static std::expected<SignedToken, ProofError> parse(
        std::string_view text, std::span<Algorithm const> allowed);

    [[nodiscard]] std::optional<std::string> const& key_id() const noexcept { return key_id_; }

    /// The payload, once one of `keys` that has the token's algorithm, and its `kid` where both
    /// have one, verifies the signature. Fails with `KeyUnknown` or `SignatureMismatch`.
    [[nodiscard]] std::expected<std::string, ProofError> verify(JwkSet const& keys) const;

private:
    SignedToken() = default;

    Algorithm algorithm_{};
    std::optional<std::string> key_id_;
    std::string signing_input_;  ///< header, dot and payload
    std::string payload_;        ///< decoded
    std::string signature_;      ///< decoded
};

}  // namespace latchkey::oidc
