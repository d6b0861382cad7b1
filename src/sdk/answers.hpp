#pragma once

#include "sdk/network.hpp"

#include <latchkey/sdk/error.hpp>

#include <boost/json/object.hpp>

#include <string>

/// What the server's refusals and the network's failures are to a caller (protocol section 5).
namespace latchkey::sdk {

/// The code on which a token is renewed, and the only one: expired or revoked.
inline constexpr int kTokenExpiredCode = 40;

/// Of an error object: `{"code", "message", "StatusCode", …}`. An object without a code is a
/// `BadAnswer`.
[[nodiscard]] Error read_error(boost::json::object const& error);

/// Of an answer whose status is no success: its body is an error object, or the answer is a
/// `BadAnswer`.
[[nodiscard]] Error read_error(Response const& response);

/// Of an exchange without an answer.
[[nodiscard]] Error to_error(Failure const& failure);

}  // namespace latchkey::sdk
