#pragma once

#include "api/endpoint.hpp"
#include "api/node.hpp"
#include "api/token_provider/token_providers.hpp"
#include "http/service.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/wire/api_error.hpp>

#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace latchkey::api {

/// The way of one request for a token: from the route to the store, over whoever judges the proof.
///
/// Nothing here is on the way of any other request.
inline constexpr std::string_view kTokenPath = "/token/";

/// The header lines of CORS for one provider (Fetch standard, section 3.2): each has its own
/// origins, none unless the settings say so. Empty where the request names no origin, or one that
/// is not allowed.
[[nodiscard]] std::string token_cors_fields(TokenProvider const& provider,
                                            http::Request const& request);
/// The same for a preflight.
[[nodiscard]] std::string token_preflight_fields(TokenProvider const& provider,
                                                 http::Request const& request);

/// Refuses with 403/17 what a page made a browser send that may not ask: an `Origin` that is not
/// allowed, or, where a browser sends none, `Sec-Fetch-Site` of another site. CORS alone would keep
/// the answer from such a page, and let its request through, with its visitor's cookies. Apps and
/// servers send neither.
[[nodiscard]] std::expected<void, wire::ApiError> check_token_page(TokenProvider const& provider,
                                                                   http::Request const& request);

/// The result, and how many tokens the caller has left.
using TokenGiven = std::move_only_function<http::Response(Result const&, RateStatus const&)>;

/// Answers a request that may be asked of `provider`, which outlives it; `rate` is that of the
/// caller's address. `finish` runs on the loop. A token is held back until its `iat` has come
/// (`TokenProvider::kHeldBackMax`).
void give_token(Node const& node, http::Loop& loop, http::Exchange& exchange,
                TokenProvider& provider, std::string_view address, RateStatus const& rate,
                TokenGiven finish);

}  // namespace latchkey::api
