#include "api/admin_json.hpp"

#include "api/admin_call.hpp"
#include "api/credentials.hpp"
#include "api/errors.hpp"
#include "domain/user_listing.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <latchkey/base/base64url.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace latchkey::api::admin {
namespace {

using boost::json::object;
using wire::ApiError;

ApiError user_ids_error() {
    return wire::input_error(
        "user_ids wants a list of 1 to " + std::to_string(kUserIdsMax) + " user ids", "user_ids",
        "not such a list");
}

std::string_view describe(domain::SecretFlaw flaw) {
    switch (flaw) {
        case domain::SecretFlaw::TooShort: return "an api_secret has at least 32 bytes";
        case domain::SecretFlaw::TooLong: return "an api_secret has at most 1024 bytes";
        case domain::SecretFlaw::Known:
            return "this api_secret is public knowledge: it stands in code or tutorials on the net";
        case domain::SecretFlaw::TooPlain:
            return "this api_secret is too plain: it has fewer than 10 different characters";
    }
    std::unreachable();
}

}  // namespace

ApiError flawed_secret(domain::SecretFlaw flaw) {
    return wire::input_error(std::string(describe(flaw)), "api_secret", "unfit");
}

boost::json::value const* find_member(object const& body, std::string_view name) {
    auto const* found = body.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

std::expected<std::optional<std::string>, ApiError> text_member(object const& body,
                                                                std::string_view name) {
    auto const* found = find_member(body, name);
    if (found == nullptr) {
        return std::nullopt;
    }
    if (!found->is_string()) {
        return std::unexpected(
            wire::input_error(std::string(name) + " is a text", std::string(name), "wrong type"));
    }
    return std::string(found->get_string());
}

std::expected<std::optional<bool>, ApiError> flag_member(object const& body,
                                                         std::string_view name) {
    auto const* found = find_member(body, name);
    if (found == nullptr) {
        return std::nullopt;
    }
    if (!found->is_bool()) {
        return std::unexpected(wire::input_error(std::string(name) + " is true or false",
                                                 std::string(name), "wrong type"));
    }
    return found->get_bool();
}

std::expected<std::optional<Instant>, ApiError> date_member(object const& body,
                                                            std::string_view name) {
    auto const* found = find_member(body, name);
    if (found == nullptr) {
        return std::nullopt;
    }
    auto const date = wire::parse_request_date(*found);
    if (!date) {
        return std::unexpected(
            wire::input_error(std::string(name) + " wants a date, as 2026-01-31T23:59:59Z",
                              std::string(name), "no date"));
    }
    return date;
}

std::expected<std::optional<Instant>, ApiError> date_or_now_member(object const& body,
                                                                   std::string_view name) {
    auto const* found = body.if_contains(name);
    if (found != nullptr && found->is_null()) {
        return std::unexpected(
            wire::input_error(std::string(name) + " wants a date: leave it out where you mean now",
                              std::string(name), "null"));
    }
    return date_member(body, name);
}

std::expected<std::vector<UserId>, ApiError> parse_user_ids(object const& body) {
    auto const* list = find_member(body, "user_ids");
    if (list == nullptr || !list->is_array() || list->get_array().empty() ||
        list->get_array().size() > kUserIdsMax) {
        return std::unexpected(user_ids_error());
    }
    std::vector<UserId> ids;
    for (auto const& entry : list->get_array()) {
        auto id = entry.is_string() ? UserId::parse(entry.get_string()) : std::nullopt;
        if (!id) {
            return std::unexpected(user_ids_error());
        }
        if (std::ranges::find(ids, *id) == ids.end()) {
            ids.push_back(*std::move(id));
        }
    }
    return ids;
}

ApiError no_such_app() {
    return {.code = wire::ErrorCode::DoesNotExistError,
            .http_status = 404,
            .message = "there is no app with this api_key"};
}

std::expected<domain::AppSnapshot, ApiError> find_known_app(AdminCall const& call) {
    auto const state = call.world.tokens.read();
    auto const* app = state.find_app(call.key());
    if (app == nullptr) {
        return std::unexpected(no_such_app());
    }
    return app->app;
}

std::expected<domain::App, ApiError> find_app(domain::Transaction& transaction,
                                              std::string_view key) {
    auto const parsed = ApiKey::parse(key);
    auto app = parsed ? transaction.apps().find_by_key(*parsed) : std::nullopt;
    if (!app) {
        return std::unexpected(no_such_app());
    }
    return *std::move(app);
}

std::expected<std::vector<domain::User>, ApiError> find_users(domain::Transaction& transaction,
                                                              domain::App const& app,
                                                              std::vector<UserId> const& ids) {
    using Cause = domain::EditFailure::Cause;
    auto users = transaction.users().find(app.id, ids);
    for (auto const& id : ids) {
        auto const found = std::ranges::find(users, id, &domain::User::id);
        if (found == users.end()) {
            return std::unexpected(
                to_api_error(domain::EditFailure{.cause = Cause::UserUnknown, .user_id = id}));
        }
        if (found->deleted_at) {
            return std::unexpected(
                to_api_error(domain::EditFailure{.cause = Cause::UserDeleted, .user_id = id}));
        }
    }
    return users;
}

std::expected<std::optional<std::uint64_t>, ApiError> number_parameter(std::string_view query,
                                                                       std::string_view name,
                                                                       std::uint64_t max) {
    std::string storage;
    auto const text = query_parameter(query, name, storage);
    if (text.empty()) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    auto const* const end = text.data() + text.size();
    auto const read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number == 0 || number > max) {
        return std::unexpected(wire::input_error(
            std::string(name) + " wants a number from 1 to " + std::to_string(max),
            std::string(name), "out of range"));
    }
    return number;
}

std::expected<std::size_t, ApiError> read_limit(std::string_view query, std::size_t otherwise,
                                                std::size_t max) {
    auto const limit = number_parameter(query, "limit", max);
    if (!limit) {
        return std::unexpected(limit.error());
    }
    return limit->value_or(otherwise);
}

std::optional<std::string> decode_cursor(std::string_view text) {
    std::vector<std::uint8_t> bytes(base64url::decoded_bytes_max(text.size()));
    auto const size = base64url::decode(text, bytes);
    if (!size || *size == 0) {
        return std::nullopt;
    }
    return std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*size));
}

ApiError no_such_cursor() {
    return wire::input_error("cursor wants what `next` of a page before said", "cursor",
                             "not such a cursor");
}

ApiError wants_server() { return wire::input_error("this wants a running server"); }

void append_nullable_date(std::string& out, std::optional<Instant> date) {
    if (date) {
        wire::append_date(out, *date, wire::Style::Legacy);
    } else {
        out += "null";
    }
}

void append_ids(std::string& out, std::string_view name, std::vector<std::string> const& ids) {
    out += ",\"";
    out += name;
    out += "\":[";
    for (auto const& id : ids) {
        out += &id == &ids.front() ? "" : ",";
        wire::append_json_string(out, id);
    }
    out += ']';
}

void append_ends(std::string& out, Presence::Covered const& ends) {
    out += ",\"ends\":{\"users\":";
    wire::append_json_number(out, static_cast<std::int64_t>(ends.users));
    out += ",\"tokens\":";
    wire::append_json_number(out, static_cast<std::int64_t>(ends.tokens));
    out += ",\"connections\":";
    wire::append_json_number(out, static_cast<std::int64_t>(ends.connections));
    out += '}';
}

}  // namespace latchkey::api::admin
