#include "sdk/server_tokens.hpp"

#include "sdk/json_text.hpp"
#include "wire/json.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/token/issue.hpp>
#include <latchkey/token/validity.hpp>
#include <latchkey/token/verifier.hpp>
#include <latchkey/wire/api_error.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <variant>

namespace latchkey::sdk {
namespace {

constexpr std::array<std::string_view, 4> kReservedClaims = {"user_id", "exp", "iat", "server"};

std::unexpected<Error> refuse(std::string message) {
    return std::unexpected(
        Error{.kind = Error::Kind::InvalidArgument, .message = std::move(message)});
}

/// Empty: it never expires.
Result<std::optional<Instant>> find_end(TokenOptions const& options, Instant issued_at) {
    auto const ends = (options.expires_in ? 1 : 0) + (options.expires_at ? 1 : 0);
    if (ends + (options.permanent ? 1 : 0) > 1) {
        return refuse("of expires_in, expires_at and permanent a token can have one");
    }
    if (options.permanent) {
        return std::nullopt;
    }
    if (options.expires_at) {
        return is_in_range(*options.expires_at)
                   ? Result<std::optional<Instant>>(options.expires_at)
                   : refuse("expires_at must lie between 1970 and 9999");
    }
    auto const lives = options.expires_in.value_or(token::kDefaultValidity);
    // Compared in seconds, for the longest length in seconds is too long for microseconds.
    auto const longest = std::chrono::floor<std::chrono::seconds>(kInstantMax - issued_at);
    if (lives < std::chrono::seconds(1) || lives > longest) {
        return refuse("expires_in must be a second at least, and end before the year 10000");
    }
    return issued_at + lives;
}

/// The members of the further claims, without braces.
Result<std::string> format_claims(TokenOptions const& options) {
    std::string members;
    for (auto const& [name, text] : options.claims) {
        if (std::ranges::find(kReservedClaims, name) != kReservedClaims.end()) {
            return refuse("user_id, exp, iat and server are no further claims");
        }
        auto const value = parse_json_value(text);
        if (!value) {
            return refuse("a claim is not the text of a JSON value");
        }
        if (!members.empty()) {
            members += ',';
        }
        wire::append_json_string(members, name);
        members += ':';
        wire::append_json(members, *value);
    }
    return members;
}

std::expected<token::Claims, token::TokenError> read_claims(token::Verifier& verifier,
                                                            std::string_view text,
                                                            token::HmacKey const& key) {
    auto const parts = token::CompactToken::parse(text);
    if (!parts) {
        return std::unexpected(parts.error());
    }
    auto const verified = verifier.verify(*parts, std::span(&key, 1));
    if (!verified) {
        return std::unexpected(verified.error());
    }
    return verified->claims;
}

std::unexpected<Error> refuse_token(token::TokenError cause, std::string_view api_key) {
    auto error = wire::to_api_error(cause, api_key);
    return std::unexpected(Error{.kind = Error::Kind::InvalidToken,
                                 .code = static_cast<int>(error.code),
                                 .http_status = 0,
                                 .message = std::move(error.message)});
}

}  // namespace

Result<std::string> create_token(std::string_view user_id, TokenOptions const& options,
                                 token::HmacKey const& key, Instant now) {
    auto id = UserId::parse(user_id);
    if (!id) {
        return refuse("a user id has 1 to 255 of the letters, digits, @, _ and -");
    }
    auto const issued_at = options.issued_at.value_or(now);
    if (!is_in_range(issued_at)) {
        return refuse("issued_at must lie between 1970 and 9999");
    }
    auto const expires_at = find_end(options, issued_at);
    if (!expires_at) {
        return std::unexpected(expires_at.error());
    }
    auto claims = format_claims(options);
    if (!claims) {
        return std::unexpected(std::move(claims).error());
    }
    auto text = token::issue_user_token({.user_id = *std::move(id),
                                         .issued_at = issued_at,
                                         .expires_at = *expires_at,
                                         .further_members = *std::move(claims)},
                                        key);
    // What claims may be has many sides (length, nesting, number, UTF-8, the type of `nbf`); the
    // verifier knows them all.
    token::Verifier verifier;
    if (auto const claimed = read_claims(verifier, text, key); !claimed) {
        return refuse("with these claims every server would refuse the token: " +
                      std::string(token::rule_name(claimed.error())));
    }
    return text;
}

Result<VerifiedToken> verify_token(std::string_view text, token::HmacKey const& key,
                                   std::string_view api_key, Instant now) {
    token::Verifier verifier;
    auto const claims = read_claims(verifier, text, key);
    if (!claims) {
        return refuse_token(claims.error(), api_key);
    }
    auto const& dates =
        std::visit([](auto const& who) -> token::TokenDates const& { return who.dates; }, *claims);
    if (auto const valid = token::check_dates(dates, now, token::kClockSkewMax); !valid) {
        return refuse_token(valid.error(), api_key);
    }
    auto const* const user = std::get_if<token::UserClaims>(&*claims);
    return VerifiedToken{.user_id = std::string(user != nullptr ? user->user_id : ""),
                         .role = std::string(user != nullptr ? user->role : ""),
                         .issued_at = dates.issued_at,
                         .expires_at = dates.expires_at};
}

}  // namespace latchkey::sdk
