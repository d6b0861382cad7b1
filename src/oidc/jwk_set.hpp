#pragma once

#include "oidc/public_key.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::oidc {

/// A key of a provider that can verify a token's signature.
struct SigningKey {
    std::optional<std::string> id;  ///< `kid`
    PublicKey key;
};

/// Reads one JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2). Empty where it is no
/// public key of one of `kAlgorithms`, not meant for signatures (`use`, `key_ops`), for another
/// algorithm than its type is used with here (`alg`), or not well-formed.
[[nodiscard]] std::optional<SigningKey> parse_jwk(boost::json::object const& jwk);

enum class JwkSetError : std::uint8_t {
    TooLong,      ///< over `kJwksBytesMax`
    NotJson,      ///< not one JSON object, or a name stands twice in one
    NoKeys,       ///< no list `keys`
    TooManyKeys,  ///< over `kJwksKeysMax`
    NoUsableKey,
};
[[nodiscard]] std::string_view describe(JwkSetError error) noexcept;

/// The keys that a provider signs with (RFC 7517 section 5). Immutable.
class JwkSet {
public:
    /// Passes over keys that are no use here, as section 5 wants it: a provider may have keys for
    /// other purposes, and of types that came later. Never empty.
    [[nodiscard]] static std::expected<JwkSet, JwkSetError> parse(std::string_view text);

    [[nodiscard]] std::vector<SigningKey> const& keys() const noexcept { return keys_; }
    /// Whether one of these has that very id.
    [[nodiscard]] bool knows(std::string_view key_id) const noexcept;
    /// Whether a token that names `key_id` may be of one of these: one has that id, or none at all.
    [[nodiscard]] bool may_have_signed(std::string_view key_id) const noexcept;

private:
    explicit JwkSet(std::vector<SigningKey> keys) : keys_(std::move(keys)) {}
    std::vector<SigningKey> keys_;
};

}  // namespace latchkey::oidc
