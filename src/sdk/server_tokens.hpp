#pragma once

#include <latchkey/base/instant.hpp>
#include <latchkey/sdk/error.hpp>
#include <latchkey/sdk/server_client.hpp>
#include <latchkey/token/hmac_key.hpp>

#include <string>
#include <string_view>

/// `ServerClient`'s part that sends nothing.
namespace latchkey::sdk {

/// `InvalidArgument` where the user id, the dates or a claim cannot be, or the whole is no token
/// that `verify_token` would take.
[[nodiscard]] Result<std::string> create_token(std::string_view user_id,
                                               TokenOptions const& options,
                                               token::HmacKey const& key, Instant now);

/// Signature, then dates. `InvalidToken`, with the code and the text that a server has for it;
/// `api_key` is named in the text about a bad signature.
[[nodiscard]] Result<VerifiedToken> verify_token(std::string_view text, token::HmacKey const& key,
                                                 std::string_view api_key, Instant now);

}  // namespace latchkey::sdk
