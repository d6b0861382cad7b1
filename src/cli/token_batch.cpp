#include "cli/token_batch.hpp"

#include "api/token_admin.hpp"
#include "domain/authenticate.hpp"
#include "domain/node_state.hpp"
#include "wire/dates.hpp"
#include "wire/json.hpp"

#include <latchkey/base/base64url.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/token/verifier.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

namespace latchkey::cli {
namespace {

using boost::json::object;
using boost::json::value;

/// A line that does not say what it should; the text names the member.
struct LineError {
    std::string message;
};

/// The key of an App whose line names none: vectors of other people's have no such thing.
constexpr std::string_view kUnnamedApp = "batch";

value const* find(object const& from, std::string_view name) {
    auto const* found = from.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

std::string_view text(object const& from, std::string_view name) {
    auto const* found = find(from, name);
    if (found == nullptr) {
        return {};
    }
    if (!found->is_string()) {
        throw LineError{std::string(name) + " is a text"};
    }
    return found->get_string();
}

bool flag(object const& from, std::string_view name) {
    auto const* found = find(from, name);
    if (found != nullptr && !found->is_bool()) {
        throw LineError{std::string(name) + " is true or false"};
    }
    return found != nullptr && found->get_bool();
}

std::optional<Instant> date(object const& from, std::string_view name) {
    auto const* found = find(from, name);
    if (found == nullptr) {
        return std::nullopt;
    }
    auto const parsed = wire::parse_request_date(*found);
    if (!parsed) {
        throw LineError{std::string(name) + " is not a date"};
    }
    return parsed;
}

object const* member_object(object const& from, std::string_view name) {
    auto const* found = find(from, name);
    if (found != nullptr && !found->is_object()) {
        throw LineError{std::string(name) + " is an object"};
    }
    return found == nullptr ? nullptr : &found->get_object();
}

/// Standard or URL-safe base64, padded or not: a convenience for whoever writes the lines.
Secret decode_secret(std::string_view given) {
    std::string encoded(given.substr(0, given.find_last_not_of('=') + 1));
    std::ranges::replace(encoded, '+', '-');
    std::ranges::replace(encoded, '/', '_');
    std::vector<std::uint8_t> bytes(base64url::decoded_bytes_max(encoded.size()));
    auto const size = base64url::decode(encoded, bytes);
    if (!size) {
        throw LineError{"secrets_base64 is a list of base64 texts"};
    }
    return Secret(std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*size)));
}

std::vector<domain::ApiSecret> secrets_of(object const& app) {
    std::vector<domain::ApiSecret> secrets;
    for (std::string_view const name : {"secrets", "secrets_base64"}) {
        auto const* list = find(app, name);
        if (list == nullptr) {
            continue;
        }
        if (!list->is_array()) {
            throw LineError{std::string(name) + " is a list"};
        }
        for (auto const& entry : list->get_array()) {
            if (!entry.is_string()) {
                throw LineError{std::string(name) + " is a list of texts"};
            }
            std::string_view const secret = entry.get_string();
            secrets.push_back(
                {.id = static_cast<std::int64_t>(secrets.size()) + 1,
                 .secret = name == "secrets" ? Secret(std::string(secret)) : decode_secret(secret),
                 .created_at = {}});
        }
    }
    return secrets;
}

domain::App app_of(object const& from) {
    auto const named = text(from, "api_key");
    auto key = ApiKey::parse(named.empty() ? kUnnamedApp : named);
    if (!key) {
        throw LineError{"app.api_key wants 1 to 64 of the characters A-Z a-z 0-9 _ -"};
    }
    auto const mode = text(from, "mode");
    if (!mode.empty() && mode != "production" && mode != "development") {
        throw LineError{"app.mode is development or production"};
    }
    return {.id = AppId{1},
            .api_key = *std::move(key),
            .name = "batch",
            .mode = mode == "development" ? domain::Mode::Development : domain::Mode::Production,
            .secrets = secrets_of(from),
            .created_at = {},
            .updated_at = {},
            .revoke_tokens_issued_before = date(from, "revoke_tokens_issued_before"),
            .disable_auth_checks = flag(from, "disable_auth_checks"),
            .suspended = flag(from, "suspended")};
}

std::vector<token::HmacKey> keys_of(domain::App const& app) {
    std::vector<token::HmacKey> keys;
    keys.reserve(app.secrets.size());
    for (auto const& secret : app.secrets) {
        keys.emplace_back(secret.secret.reveal());
    }
    return keys;
}

/// Who the token is about, for the line's `user` is that one, unless it names another.
std::optional<std::string> user_id_in(std::string_view token_text, domain::App const& app,
                                      token::Verifier& verifier) {
    auto const compact = token::CompactToken::parse(token_text);
    if (!compact) {
        return std::nullopt;
    }
    if (auto const verified = verifier.verify(*compact, keys_of(app))) {
        auto const* claims = std::get_if<token::UserClaims>(&verified->claims);
        return claims == nullptr ? std::nullopt : std::optional(std::string(claims->user_id));
    }
    auto const developer = verifier.read_developer_token(*compact);
    return developer ? std::optional(std::string(developer->user_id)) : std::nullopt;
}

domain::UserStanding standing_of(object const& user) {
    auto const role = text(user, "role");
    return {.revoke_tokens_issued_before = date(user, "revoke_tokens_issued_before"),
            .deactivated = date(user, "deactivated_at").has_value(),
            .deleted = date(user, "deleted_at").has_value(),
            .role = std::string(role.empty() ? domain::kRoleUser : role)};
}

/// The JWS layer alone, for vectors whose payloads are no claims.
void append_jws_verdict(std::string& out, domain::App const& app, std::string_view token_text,
                        token::Verifier& verifier) {
    auto const compact = token::CompactToken::parse(token_text);
    auto const refused = !compact ? std::optional(compact.error()) : [&] {
        auto const verified = verifier.verify_signature(*compact, keys_of(app));
        return verified ? std::nullopt : std::optional(verified.error());
    }();
    if (refused) {
        api::append_verdict(out, std::unexpected(domain::Refusal{*refused}), app.api_key.text());
    } else {
        out += R"("verdict":"accept")";
    }
}

void append_decision(std::string& out, object const& line) {
    SystemRandomSource random;
    token::Verifier verifier;
    domain::NodeState state(1, random);
    auto const* app_object = member_object(line, "app");
    std::optional<std::string> api_key;
    auto const token_text = text(line, "token");
    if (app_object != nullptr) {
        auto app = std::make_shared<domain::App const>(app_of(*app_object));
        api_key = app->api_key.text();
        if (text(line, "layer") == "jws") {
            append_jws_verdict(out, *app, token_text, verifier);
            return;
        }
        std::vector<domain::Change> changes = {{.sequence = 1, .what = domain::AppChanged{app}}};
        if (auto const* user = member_object(line, "user")) {
            auto const named = text(*user, "id");
            auto const id = named.empty() ? user_id_in(token_text, *app, verifier)
                                          : std::optional(std::string(named));
            if (id) {
                changes.push_back(
                    {.sequence = 2,
                     .what = domain::UserStandingChanged{app->id, *id, standing_of(*user)}});
            }
        }
        state.apply(changes);
    }
    if (find(line, "api_key") != nullptr || !api_key) {
        api_key = text(line, "api_key");
    }
    auto const auth_type = text(line, "auth_type");
    auto const now = date(line, "now");
    if (!now) {
        throw LineError{"now is missing"};
    }
    // A line without an App asks about a key that nobody has; an empty one would be another error.
    domain::Credentials const credentials = {
        .api_key =
            app_object == nullptr && api_key->empty() ? std::string_view("unknown") : *api_key,
        .auth_type = auth_type.empty() ? std::string_view("jwt") : auth_type,
        .token = token_text};
    api::append_verdict(out, domain::authenticate(state.read(0), credentials, *now, verifier),
                        credentials.api_key);
}

std::string format_line_error(std::string_view id, std::string_view message) {
    std::string out = R"({"id":)" + std::string(id) +
                      R"(,"verdict":"reject","code":4,"rule":"line_malformed","message":)";
    wire::append_json_string(out, message);
    return out + '}';
}

/// Reads up to a line break. False: the input has ended. A longer line is cut, the rest dropped.
bool read_line(std::istream& in, std::string& line) {
    line.clear();
    bool any = false;
    for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
        any = true;
        if (c == '\n') {
            return true;
        }
        if (line.size() <= kBatchLineBytesMax) {
            line += static_cast<char>(c);
        }
    }
    return any;
}

}  // namespace

std::string check_batch_line(std::string_view line) {
    if (line.size() > kBatchLineBytesMax) {
        return format_line_error("null", "the line is too long");
    }
    auto const json = wire::parse_json_object(line);
    if (!json) {
        return format_line_error("null", wire::describe(json.error()));
    }
    auto const* id = json->if_contains("id");
    auto const id_text = id == nullptr ? std::string("null") : boost::json::serialize(*id);
    try {
        std::string out = R"({"id":)" + id_text + ',';
        append_decision(out, *json);
        return out + '}';
    } catch (LineError const& error) {
        return format_line_error(id_text, error.message);
    }
}

void check_batch(std::istream& in, std::ostream& out) {
    for (std::string line; read_line(in, line);) {
        out << check_batch_line(line) << '\n';
    }
    out.flush();
}

}  // namespace latchkey::cli
