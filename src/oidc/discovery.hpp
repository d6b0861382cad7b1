#pragma once

#include "http/url.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::oidc {

/// Where a provider has what (OpenID Connect Discovery section 3). An endpoint is absent where the
/// document names none, or none to trust: whose keys alone matter need not care about it.
struct Discovery {
    http::Url jwks;
    std::optional<http::Url> authorization_endpoint{};
    std::optional<http::Url> token_endpoint{};
};

enum class DiscoveryError : std::uint8_t {
    TooLong,         ///< over `kDiscoveryBytesMax`
    NotJson,         ///< not one JSON object
    IssuerMismatch,  ///< `issuer` is not the one that was asked (section 4.3)
    KeysUrlMissing,  ///< no `jwks_uri`
    /// `jwks_uri` is no URL, or not of https, or of this machine where the issuer is elsewhere.
    KeysUrlNotAllowed,
};
[[nodiscard]] std::string_view describe(DiscoveryError error) noexcept;

/// An issuer's URL as a setting has it: https without query or fragment; http for this machine only
/// (`http::is_loopback_host`), where nobody can listen in. The error says what is wrong with it.
[[nodiscard]] std::expected<http::Url, std::string> parse_issuer(std::string_view text);

/// A URL that a proof or a secret is sent to: of https, or of this machine.
[[nodiscard]] std::expected<http::Url, std::string> parse_trusted_url(std::string_view text);

/// Where the document is (section 4): behind the issuer's path.
[[nodiscard]] http::Url discovery_url(http::Url issuer);

/// `issuer` is the setting, to the letter.
[[nodiscard]] std::expected<Discovery, DiscoveryError> parse_discovery(std::string_view text,
                                                                       std::string_view issuer);

}  // namespace latchkey::oidc
