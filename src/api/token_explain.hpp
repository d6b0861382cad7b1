#pragma once

#include "api/endpoint.hpp"
#include "domain/node_state.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/token/verifier.hpp>

#include <boost/json/object.hpp>

#include <string>

namespace latchkey::api {

/// `POST /admin/v1/tokens/explain`: the decision about a token, step by step, what an SDK does with
/// it and how to mend it (docs/concepts/explain.md). Body: `api_key`, `token`, `auth_type` (absent:
/// `jwt`), `now` (a date; absent: now). The same `authenticate` decides; here it is only told.
///
/// Where revocations are in force the store is asked who set them, and when.
///
/// The answer shows the token's claims, to whoever holds the credential of the admin API; it never
/// shows its signature or a secret.
[[nodiscard]] Reply explain_token(domain::NodeState::Reader const& state,
                                  boost::json::object const& body, Instant now,
                                  token::Verifier& verifier);

/// How far `instant` lies from `now`, for people: `3 h 12 min ago`, `in 10 s`, `now`.
[[nodiscard]] std::string words_for(Instant instant, Instant now);

}  // namespace latchkey::api
