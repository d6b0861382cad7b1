#pragma once

#include <latchkey/token/claims.hpp>
#include <latchkey/token/compact_token.hpp>
#include <latchkey/token/error.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>

namespace latchkey::token {

/// Checks tokens: from text to claims. Holds the memory for it, so that a check allocates nothing;
/// one for each thread.
///
/// HS256 only; the token chooses neither key nor algorithm (RFC 8725 section 3.1). The signature
/// comes before any claim. Whether a token is valid *now* is for `check_validity`.
class Verifier {
public:
    Verifier();
    ~Verifier();
    Verifier(Verifier const&) = delete;
    Verifier& operator=(Verifier const&) = delete;

    struct Verified {
        Claims claims;
        std::size_t key_index;  ///< which of `keys` made the MAC
    };

    /// Header, signature, then claims. Fails with the first cause in `TokenError`'s order, up to
    /// `UserIdMissing`. `keys` are the App's live secrets, the likeliest first; none: nothing
    /// verifies. The claims' views live until the next call.
    [[nodiscard]] std::expected<Verified, TokenError> verify(CompactToken const& token,
                                                             std::span<HmacKey const> keys);

    struct VerifiedBytes {
        std::span<std::uint8_t const> payload;
        std::size_t key_index;
    };

    /// The JWS layer alone: header and signature; the payload may be any bytes.
    [[nodiscard]] std::expected<VerifiedBytes, TokenError> verify_signature(
        CompactToken const& token, std::span<HmacKey const> keys);

    /// Reads a developer token: well-formed, not signed, for Apps whose auth checks are off.
    ///
    /// Clients without a secret make these, each in its own spelling: the payload may be standard
    /// or URL-safe base64, padded or not, and the third part may be any text. That leniency lives
    /// here and nowhere else. Never yields a server's claims: those fail with `SignatureMismatch`.
    /// Neither dates nor `role` are taken over. The views live until the next call.
    [[nodiscard]] std::expected<UserClaims, TokenError> read_developer_token(
        CompactToken const& token);

private:
    struct Workspace;
    std::unique_ptr<Workspace> workspace_;
};

}  // namespace latchkey::token
