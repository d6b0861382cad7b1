#pragma once

#include "api/presence.hpp"
#include "domain/app.hpp"
#include "domain/apps.hpp"
#include "domain/store.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What bodies and answers of the admin API have in common.
namespace latchkey::api {
struct AdminCall;
}

namespace latchkey::api::admin {

inline constexpr std::size_t kUserIdsMax = 100;  ///< in one call

/// A member that is there and not null; else null.
[[nodiscard]] boost::json::value const* find_member(boost::json::object const& body,
                                                    std::string_view name);

/// A member that is a text; empty where it is absent or null.
[[nodiscard]] std::expected<std::optional<std::string>, wire::ApiError> text_member(
    boost::json::object const& body, std::string_view name);

/// A member that is true or false; empty where it is absent or null.
[[nodiscard]] std::expected<std::optional<bool>, wire::ApiError> flag_member(
    boost::json::object const& body, std::string_view name);

/// A member that is a date; empty where it is absent or null.
[[nodiscard]] std::expected<std::optional<Instant>, wire::ApiError> date_member(
    boost::json::object const& body, std::string_view name);

/// The same where absent means now. Null is refused: it is what a program sends that had no date,
/// and that may have been a mistake.
[[nodiscard]] std::expected<std::optional<Instant>, wire::ApiError> date_or_now_member(
    boost::json::object const& body, std::string_view name);

/// `user_ids`: 1 to `kUserIdsMax` of them, each once.
[[nodiscard]] std::expected<std::vector<UserId>, wire::ApiError> parse_user_ids(
    boost::json::object const& body);

/// 404/16.
[[nodiscard]] wire::ApiError no_such_app();
/// 400/4, and why the secret is none.
[[nodiscard]] wire::ApiError flawed_secret(domain::SecretFlaw flaw);

/// The App that the path names, as node state knows it; else 404.
[[nodiscard]] std::expected<domain::AppSnapshot, wire::ApiError> find_known_app(
    AdminCall const& call);
/// The App with this API key, as the path has it; else 404.
[[nodiscard]] std::expected<domain::App, wire::ApiError> find_app(domain::Transaction& transaction,
                                                                  std::string_view key);

/// All of them in the order of `ids`, none deleted; else the error that names the first who is not.
[[nodiscard]] std::expected<std::vector<domain::User>, wire::ApiError> find_users(
    domain::Transaction& transaction, domain::App const& app, std::vector<UserId> const& ids);

/// A parameter of a query that is a number from 1 to `max`; empty where it is absent or says
/// nothing.
[[nodiscard]] std::expected<std::optional<std::uint64_t>, wire::ApiError> number_parameter(
    std::string_view query, std::string_view name, std::uint64_t max);

/// `limit` of a list: 1 to `max`, and `otherwise` where it is absent.
[[nodiscard]] std::expected<std::size_t, wire::ApiError> read_limit(std::string_view query,
                                                                    std::size_t otherwise,
                                                                    std::size_t max);

/// What base64url in a cursor stands for; empty where it is none or says nothing.
[[nodiscard]] std::optional<std::string> decode_cursor(std::string_view text);
[[nodiscard]] wire::ApiError no_such_cursor();

/// What only a running server knows or can do, asked of the store alone.
[[nodiscard]] wire::ApiError wants_server();

// Each appends a value, or a member with the comma in front of it.
void append_nullable_date(std::string& out, std::optional<Instant> date);
void append_ids(std::string& out, std::string_view name, std::vector<std::string> const& ids);

/// What something ends, or would, of what is open now: connections, and the users and the tokens
/// that they were opened with.
void append_ends(std::string& out, Presence::Covered const& ends);

}  // namespace latchkey::api::admin
