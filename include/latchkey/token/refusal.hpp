#pragma once

#include <latchkey/token/error.hpp>

#include <string>
#include <string_view>

namespace latchkey::token {

/// What may be said of a refused token to whoever sent it: it repeats nothing of token or secret.
struct TokenRefusal {
    /// Stable, and what programs decide by: 40 expired or revoked (a new token helps, and on no
    /// other code), 41 not valid yet, 42 issued in the future, 43 not signed with the App's secret,
    /// 5 not readable.
    int code;
    std::string_view rule;  ///< `rule_name`: stable too, and one for each cause
    std::string message;    ///< for people; docs/reference/errors.md lists them all
};

/// What the server answers, too. `api_key` is named in the text of a bad signature, as far as it
/// could be a key; empty: none is named. Thread-safe.
[[nodiscard]] TokenRefusal describe_refusal(TokenError error, std::string_view api_key = {});

}  // namespace latchkey::token
