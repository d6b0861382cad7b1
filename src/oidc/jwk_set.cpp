#include "oidc/jwk_set.hpp"

#include "oidc/limits.hpp"
#include "wire/json.hpp"

#include <latchkey/base/base64url.hpp>

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace latchkey::oidc {
namespace {

using boost::json::object;
using Bytes = std::vector<std::uint8_t>;

/// A member that is a text; empty where it is absent or something else.
std::optional<std::string_view> text_member(object const& from, std::string_view name) {
    auto const* found = from.if_contains(name);
    if (found == nullptr || !found->is_string()) {
        return std::nullopt;
    }
    return std::string_view(found->get_string());
}

std::optional<Bytes> bytes_member(object const& from, std::string_view name) {
    constexpr std::size_t kCharactersMax = kRsaBitsMax / 6 + 2;
    auto const text = text_member(from, name);
    if (!text || text->size() > kCharactersMax) {
        return std::nullopt;
    }
    Bytes bytes(base64url::decoded_bytes_max(text->size()));
    auto const size = base64url::decode(*text, bytes);
    if (!size) {
        return std::nullopt;
    }
    bytes.resize(*size);
    return bytes;
}

/// RFC 7518 section 6.2.1.2: "the length of this octet string MUST be the full size of a
/// coordinate".
std::optional<std::array<std::uint8_t, 32>> coordinate_member(object const& from,
                                                              std::string_view name) {
    auto const bytes = bytes_member(from, name);
    std::array<std::uint8_t, 32> coordinate{};
    if (!bytes || bytes->size() != coordinate.size()) {
        return std::nullopt;
    }
    std::ranges::copy(*bytes, coordinate.begin());
    return coordinate;
}

std::optional<PublicKey> read_rsa(object const& jwk) {
    auto const n = bytes_member(jwk, "n");
    auto const e = bytes_member(jwk, "e");
    return n && e ? PublicKey::rsa(*n, *e) : std::nullopt;
}

std::optional<PublicKey> read_ec(object const& jwk) {
    auto const x = coordinate_member(jwk, "x");
    auto const y = coordinate_member(jwk, "y");
    return text_member(jwk, "crv") == "P-256" && x && y ? PublicKey::p256(*x, *y) : std::nullopt;
}

std::optional<PublicKey> read_okp(object const& jwk) {
    auto const x = coordinate_member(jwk, "x");
    return text_member(jwk, "crv") == "Ed25519" && x ? PublicKey::ed25519(*x) : std::nullopt;
}

std::optional<PublicKey> read_key(object const& jwk) {
    auto const type = text_member(jwk, "kty");
    return type == "RSA"   ? read_rsa(jwk)
           : type == "EC"  ? read_ec(jwk)
           : type == "OKP" ? read_okp(jwk)
                           : std::nullopt;
}

/// RFC 7517 sections 4.2 and 4.3: each may be absent; what is there has to allow it.
bool is_for_signatures(object const& jwk) {
    if (jwk.contains("use") && text_member(jwk, "use") != "sig") {
        return false;
    }
    auto const* operations = jwk.if_contains("key_ops");
    if (operations == nullptr) {
        return true;
    }
    auto const* list = operations->if_array();
    return list != nullptr && std::ranges::any_of(*list, [](boost::json::value const& operation) {
               return operation.is_string() && operation.get_string() == "verify";
           });
}

}  // namespace

std::optional<SigningKey> parse_jwk(object const& jwk) {
    if (!is_for_signatures(jwk)) {
        return std::nullopt;
    }
    auto const key = read_key(jwk);
    if (!key ||
        (jwk.contains("alg") && text_member(jwk, "alg") != algorithm_name(key->algorithm()))) {
        return std::nullopt;
    }
    std::optional<std::string> id;
    if (jwk.contains("kid")) {
        auto const text = text_member(jwk, "kid");
        if (!text || text->empty() || text->size() > kKeyIdBytesMax) {
            return std::nullopt;
        }
        id = *text;
    }
    return SigningKey{.id = std::move(id), .key = *key};
}

std::string_view describe(JwkSetError error) noexcept {
    switch (error) {
        case JwkSetError::TooLong: return "the key set is too long";
        case JwkSetError::NotJson: return "the key set is not a JSON object";
        case JwkSetError::NoKeys: return "the key set has no list of keys";
        case JwkSetError::TooManyKeys: return "the key set has too many keys";
        case JwkSetError::NoUsableKey:
            return "the key set has no key for RS256, ES256 or EdDSA signatures";
    }
    std::unreachable();
}

std::expected<JwkSet, JwkSetError> JwkSet::parse(std::string_view text) {
    if (text.size() > kJwksBytesMax) {
        return std::unexpected(JwkSetError::TooLong);
    }
    auto const document = wire::parse_json_object(text);
    if (!document) {
        return std::unexpected(JwkSetError::NotJson);
    }
    auto const* member = document->if_contains("keys");
    auto const* list = member == nullptr ? nullptr : member->if_array();
    if (list == nullptr) {
        return std::unexpected(JwkSetError::NoKeys);
    }
    if (list->size() > kJwksKeysMax) {
        return std::unexpected(JwkSetError::TooManyKeys);
    }
    std::vector<SigningKey> keys;
    for (auto const& entry : *list) {
        auto const* jwk = entry.if_object();
        if (auto key = jwk == nullptr ? std::nullopt : parse_jwk(*jwk)) {
            keys.push_back(*std::move(key));
        }
    }
    if (keys.empty()) {
        return std::unexpected(JwkSetError::NoUsableKey);
    }
    return JwkSet(std::move(keys));
}

bool JwkSet::knows(std::string_view key_id) const noexcept {
    return std::ranges::any_of(keys_, [key_id](SigningKey const& key) { return key.id == key_id; });
}

bool JwkSet::may_have_signed(std::string_view key_id) const noexcept {
    return std::ranges::any_of(
        keys_, [key_id](SigningKey const& key) { return !key.id || *key.id == key_id; });
}

}  // namespace latchkey::oidc
