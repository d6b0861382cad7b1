#pragma once

#include "api/endpoint.hpp"
#include "domain/node_state.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/token/verifier.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>

#include <expected>

namespace latchkey::api {

/// `POST /admin/v1/apps/{key}/tokens`: mints a user's token with the App's newest secret. Body:
/// `user_id`; `expires_in_s` (absent: an hour; 0: never expires). The token's `iat` is not before a
/// revocation in force, so that a fresh token is never void already.
[[nodiscard]] std::expected<StoreWork, wire::ApiError> mint_token(ApiKey key,
                                                                  boost::json::object const& body,
                                                                  Instant now);

/// What may be asked about a token: decided from node state; the store is asked only for what no
/// decision needs.
using TokenQuestion = Reply(domain::NodeState::Reader const& state, boost::json::object const& body,
                            Instant now, token::Verifier& verifier);

/// `POST /admin/v1/tokens/check`: the decision about a token, as every other path decides it. Body:
/// `api_key`, `token`, `auth_type` (absent: `jwt`). A refused token is a success that says so.
[[nodiscard]] Reply check_token(domain::NodeState::Reader const& state,
                                boost::json::object const& body, Instant now,
                                token::Verifier& verifier);

/// Appends the members of a verdict: `verdict`, then `kind` and `user_id`, or `code`, `rule` and
/// `message`.
void append_verdict(std::string& out,
                    std::expected<domain::Identity, domain::Refusal> const& decision,
                    std::string_view api_key);

}  // namespace latchkey::api
