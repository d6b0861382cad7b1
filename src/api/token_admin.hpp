#pragma once

#include "api/endpoint.hpp"
#include "domain/node_state.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/token/verifier.hpp>

#include <boost/json/object.hpp>

#include <expected>

namespace latchkey::api {

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
