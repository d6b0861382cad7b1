#pragma once

#include "http/url.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// The texts of the authorization code flow (RFC 6749 section 4.1, OpenID Connect Core section 3.1)
/// with PKCE (RFC 7636). Pure.
namespace latchkey::oidc {

inline constexpr std::size_t kTokenAnswerBytesMax = std::size_t{64} * 1024;
inline constexpr std::size_t kCodeBytesMax = 4096;

/// `application/x-www-form-urlencoded`, each byte that is not unreserved (RFC 3986 section 2.3)
/// with a percent sign.
[[nodiscard]] std::string form_encode(std::string_view text);

/// `S256` of a verifier (RFC 7636 section 4.2).
[[nodiscard]] std::string code_challenge(std::string_view verifier);

struct AuthorizationRequest {
    std::string_view client_id;
    std::string_view redirect_uri;
    std::string_view state;
    std::string_view nonce;
    std::string_view verifier;
};
/// Where a browser is sent.
[[nodiscard]] std::string authorization_url(http::Url const& endpoint,
                                            AuthorizationRequest const& request);

struct CodeExchange {
    std::string_view code;
    std::string_view redirect_uri;
    std::string_view verifier;
    std::string_view client_id;
};
/// What the token endpoint is sent; with `client_id` in it where no secret speaks for the client.
enum class ClientKind : std::uint8_t { Confidential, Public };
[[nodiscard]] std::string exchange_body(CodeExchange const& exchange, ClientKind kind);

/// `Authorization` of a client with a secret (RFC 6749 section 2.3.1).
[[nodiscard]] std::string client_authorization(std::string_view client_id,
                                               std::string_view client_secret);

/// The `id_token` of a token endpoint's answer; the error says what is wrong with it, and repeats
/// nothing of it.
[[nodiscard]] std::expected<std::string, std::string_view> read_id_token(std::string_view answer);

}  // namespace latchkey::oidc
