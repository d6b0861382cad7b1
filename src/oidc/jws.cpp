#include "oidc/jws.hpp"

#include "http/ascii.hpp"
#include "oidc/limits.hpp"
#include "wire/json.hpp"

#include <latchkey/base/base64url.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace latchkey::oidc {
namespace {

using std::unexpected;

/// Empty where `text` is not canonical base64url.
std::optional<std::string> decode(std::string_view text) {
    std::string bytes(base64url::decoded_bytes_max(text.size()), '\0');
    auto const size =
        base64url::decode(text, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    if (!size) {
        return std::nullopt;
    }
    bytes.resize(*size);
    return bytes;
}

/// The three parts; empty where there are more or fewer, or one is empty.
std::optional<std::array<std::string_view, 3>> split(std::string_view text) {
    auto const first = text.find('.');
    auto const last = text.rfind('.');
    if (first == text.npos || first == last || text.find('.', first + 1) != last) {
        return std::nullopt;
    }
    std::array const parts = {text.substr(0, first), text.substr(first + 1, last - first - 1),
                              text.substr(last + 1)};
    return std::ranges::any_of(parts, &std::string_view::empty) ? std::nullopt
                                                                : std::optional(parts);
}

/// RFC 7515 section 4.1.9: media types, so the case does not matter, and `application/` may be left
/// out. Of RFC 9068 section 2.1 the access tokens; other kinds, such as a logout token, are signed
/// by the same keys and prove nothing about who is calling.
bool is_type_allowed(std::string_view type) {
    constexpr std::string_view kPrefix = "application/";
    if (type.size() > kPrefix.size() &&
        http::equals_ignoring_case(type.substr(0, kPrefix.size()), kPrefix)) {
        type.remove_prefix(kPrefix.size());
    }
    return http::equals_ignoring_case(type, "jwt") || http::equals_ignoring_case(type, "at+jwt");
}

struct Header {
    Algorithm algorithm;
    std::optional<std::string> key_id;
};

/// `jwk`, `jku`, `x5c` and the like are passed over: a token does not bring its key.
std::expected<Header, ProofError> read_header(std::string_view text,
                                              std::span<Algorithm const> allowed) {
    auto const header = wire::parse_json_object(text);
    if (!header) {
        return unexpected(ProofError::NotAToken);
    }
    if (header->contains("crit") || header->contains("b64")) {
        return unexpected(ProofError::HeaderCritical);
    }
    if (auto const* type = header->if_contains("typ");
        type != nullptr && !(type->is_string() && is_type_allowed(type->get_string()))) {
        return unexpected(ProofError::TypeNotAllowed);
    }
    auto const* name = header->if_contains("alg");
    auto const algorithm =
        name != nullptr && name->is_string() ? parse_algorithm(name->get_string()) : std::nullopt;
    if (!algorithm || std::ranges::find(allowed, *algorithm) == allowed.end()) {
        return unexpected(ProofError::AlgorithmNotAllowed);
    }
    auto const* id = header->if_contains("kid");
    if (id == nullptr) {
        return Header{.algorithm = *algorithm, .key_id = std::nullopt};
    }
    if (!id->is_string() || id->get_string().size() > kKeyIdBytesMax) {
        return unexpected(ProofError::NotAToken);
    }
    return Header{.algorithm = *algorithm, .key_id = std::string(id->get_string())};
}

}  // namespace

std::string_view rule_name(ProofError error) noexcept {
    switch (error) {
        case ProofError::Missing: return "missing";
        case ProofError::TooLong: return "too_long";
        case ProofError::NotAToken: return "not_a_token";
        case ProofError::HeaderCritical: return "header_critical";
        case ProofError::TypeNotAllowed: return "type_not_allowed";
        case ProofError::AlgorithmNotAllowed: return "algorithm_not_allowed";
        case ProofError::KeyUnknown: return "key_unknown";
        case ProofError::SignatureMismatch: return "signature_mismatch";
        case ProofError::ClaimsNotJson: return "claims_not_json";
        case ProofError::EventToken: return "event_token";
        case ProofError::IssuerMismatch: return "issuer_mismatch";
        case ProofError::AudienceMismatch: return "audience_mismatch";
        case ProofError::AuthorizedParty: return "authorized_party";
        case ProofError::ExpiryMissing: return "expiry_missing";
        case ProofError::DateInvalid: return "date_invalid";
        case ProofError::Expired: return "expired";
        case ProofError::NotYetValid: return "not_yet_valid";
        case ProofError::IssuedInFuture: return "issued_in_future";
        case ProofError::NonceMismatch: return "nonce_mismatch";
    }
    std::unreachable();
}

std::string_view describe(ProofError error) noexcept {
    switch (error) {
        case ProofError::Missing:
            return "no token of the identity provider was sent: put it into Authorization, behind "
                   "Bearer";
        case ProofError::TooLong: return "the token is longer than 16384 bytes";
        case ProofError::NotAToken: return "the token cannot be read: it is not a signed JWT";
        case ProofError::HeaderCritical:
            return "the header parameters crit and b64 are not supported";
        case ProofError::TypeNotAllowed:
            return "the token is neither an ID token nor an access token (typ)";
        case ProofError::AlgorithmNotAllowed:
            return "the token's algorithm is not one that this provider takes (alg)";
        case ProofError::KeyUnknown:
            return "the identity provider has no key such as the token names (kid)";
        case ProofError::SignatureMismatch: return "the token's signature is not valid";
        case ProofError::ClaimsNotJson: return "the token's claims are not a JSON object";
        case ProofError::EventToken:
            return "the token is a logout or security event token (events)";
        case ProofError::IssuerMismatch: return "the token is of another issuer (iss)";
        case ProofError::AudienceMismatch: return "the token is made out to others (aud)";
        case ProofError::AuthorizedParty:
            return "the token is made out to several, and was given to another client (azp)";
        case ProofError::ExpiryMissing: return "the token does not expire (exp)";
        case ProofError::DateInvalid:
            return "exp, nbf and iat want seconds since 1970, up to the year 9999";
        case ProofError::Expired: return "the token of the identity provider has expired (exp)";
        case ProofError::NotYetValid: return "the token is not valid yet (nbf)";
        case ProofError::IssuedInFuture: return "the token was issued in the future (iat)";
        case ProofError::NonceMismatch: return "the token has another nonce than was sent";
    }
    std::unreachable();
}

std::expected<SignedToken, ProofError> SignedToken::parse(std::string_view text,
                                                          std::span<Algorithm const> allowed) {
    if (text.empty()) {
        return unexpected(ProofError::Missing);
    }
    if (text.size() > kIdTokenBytesMax) {
        return unexpected(ProofError::TooLong);
    }
    auto const parts = split(text);
    if (!parts) {
        return unexpected(ProofError::NotAToken);
    }
    auto const header_text = decode((*parts)[0]);
    auto payload = decode((*parts)[1]);
    auto signature = decode((*parts)[2]);
    if (!header_text || !payload || !signature) {
        return unexpected(ProofError::NotAToken);
    }
    auto header = read_header(*header_text, allowed);
    if (!header) {
        return unexpected(header.error());
    }
    SignedToken token;
    token.algorithm_ = header->algorithm;
    token.key_id_ = std::move(header->key_id);
    token.signing_input_ = text.substr(0, text.rfind('.'));
    token.payload_ = *std::move(payload);
    token.signature_ = *std::move(signature);
    return token;
}

std::expected<std::string, ProofError> SignedToken::verify(JwkSet const& keys) const {
    PublicKey::Bytes const signature = {reinterpret_cast<std::uint8_t const*>(signature_.data()),
                                        signature_.size()};
    std::size_t tried = 0;
    for (auto const& candidate : keys.keys()) {
        if (candidate.key.algorithm() != algorithm_ ||
            (candidate.id && key_id_ && *candidate.id != *key_id_)) {
            continue;
        }
        if (++tried > kKeysTriedMax) {
            break;
        }
        if (candidate.key.verify(signing_input_, signature)) {
            return payload_;
        }
    }
    return unexpected(tried == 0 ? ProofError::KeyUnknown : ProofError::SignatureMismatch);
}

}  // namespace latchkey::oidc
