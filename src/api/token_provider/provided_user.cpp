#include "api/token_provider/provided_user.hpp"

#include "domain/roles.hpp"
#include "wire/json.hpp"
#include "wire/user_requests.hpp"

#include <latchkey/base/base64url.hpp>

#include <boost/json/array.hpp>

#include <algorithm>
#include <utility>

namespace latchkey::api {
namespace {

using boost::json::object;

wire::ApiError refused(std::string message) {
    return {.code = wire::ErrorCode::AuthenticationError,
            .http_status = 401,
            .message = std::move(message)};
}

std::optional<UserId> make_user_id(std::string_view named, TokenProviderSettings const& settings) {
    if (named.empty()) {
        return std::nullopt;
    }
    // What is too long for an id is not worth encoding.
    auto const text =
        settings.user_id_encoding == UserIdEncoding::Base64Url && named.size() <= kUserIdBytesMax
            ? base64url::encode(named)
            : std::string(named);
    return UserId::parse(settings.user_id_prefix + text);
}

/// What users may be called: kinder than the API, for nobody who signs in wrote this.
std::optional<std::string> usable_text(boost::json::value const* value, std::size_t bytes_max) {
    if (value == nullptr || !value->is_string() || value->get_string().size() > bytes_max ||
        std::string_view(value->get_string()).contains('\0')) {
        return std::nullopt;
    }
    return std::string(value->get_string());
}

/// A text, or a list of texts; what is neither names no role.
std::vector<std::string> read_roles(boost::json::value const* value) {
    std::vector<std::string> roles;
    auto const add = [&roles](boost::json::value const& entry) {
        if (entry.is_string() && roles.size() < kProvidedRolesMax) {
            roles.emplace_back(entry.get_string());
        }
    };
    if (value == nullptr) {
        return roles;
    }
    if (auto const* list = value->if_array()) {
        std::ranges::for_each(*list, add);
    } else {
        add(*value);
    }
    return roles;
}

/// Null as good as absent.
boost::json::value const* find_member(object const& from, std::string_view name) {
    auto const* found = from.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

/// Whether the claim that names the user is an e-mail address that the provider did not check
/// (OpenID Connect Core, section 5.1): anybody may have entered it. Some write the flag as a text.
bool is_unverified_email(object const& claims, ClaimMapping const& mapping) {
    auto const* verified = find_member(claims, "email_verified");
    if (mapping.user_id != "email" || verified == nullptr) {
        return false;
    }
    bool const is_true = verified->is_bool()
                             ? verified->get_bool()
                             : verified->is_string() && verified->get_string() == "true";
    return !is_true;
}

std::string_view encoding_advice(TokenProviderSettings const& settings) {
    return settings.user_id_encoding == UserIdEncoding::None
               ? "; user_id_encoding = \"base64url\" makes an id of any text"
               : "";
}

}  // namespace

bool is_provider_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= kProviderNameBytesMax &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
           });
}

std::expected<ProvidedUser, wire::ApiError> user_of_claims(object const& claims,
                                                           TokenProviderSettings const& settings) {
    auto const& mapping = std::get<OidcSource>(settings.source).claims;
    auto const* named = claims.if_contains(mapping.user_id);
    if (named == nullptr || !named->is_string()) {
        return std::unexpected(
            refused("the token has no text in the claim that names the user: " + mapping.user_id));
    }
    if (is_unverified_email(claims, mapping)) {
        return std::unexpected(refused("the token says that its email is not verified"));
    }
    auto id = make_user_id(named->get_string(), settings);
    if (!id) {
        return std::unexpected(
            refused("the claim " + mapping.user_id +
                    " makes no user id, which has 1 to 255 of the characters A-Z a-z 0-9 @ _ -" +
                    std::string(encoding_advice(settings))));
    }
    ProvidedUser user{.id = *std::move(id)};
    user.name = usable_text(claims.if_contains(mapping.name), wire::kUserNameBytesMax);
    user.image = usable_text(claims.if_contains(mapping.image), wire::kUserImageBytesMax);
    if (mapping.role) {
        user.roles = read_roles(claims.if_contains(*mapping.role));
    }
    return user;
}

std::expected<ProvidedUser, std::string> user_of_answer(std::string_view body,
                                                        TokenProviderSettings const& settings) {
    auto const answer = wire::parse_json_object(body);
    if (!answer) {
        return std::unexpected("it is not one JSON object");
    }
    auto const* named = find_member(*answer, "user_id");
    if (named == nullptr || !named->is_string()) {
        return std::unexpected("it has no text user_id");
    }
    auto id = make_user_id(named->get_string(), settings);
    if (!id) {
        return std::unexpected("its user_id makes no user id" +
                               std::string(encoding_advice(settings)));
    }
    ProvidedUser user{.id = *std::move(id)};
    for (auto const& [name, to, bytes_max] :
         {std::tuple{"name", &user.name, wire::kUserNameBytesMax},
          {"image", &user.image, wire::kUserImageBytesMax}}) {
        if (auto const* value = find_member(*answer, name)) {
            *to = usable_text(value, bytes_max);
            if (!*to) {
                return std::unexpected(std::string("its ") + name + " is no text, or too long");
            }
        }
    }
    if (auto const* role = find_member(*answer, "role")) {
        if (!role->is_string() && !role->is_array()) {
            return std::unexpected("its role is neither a text nor a list of texts");
        }
        user.roles = read_roles(role);
    }
    if (auto const* lifetime = find_member(*answer, "expires_in_s")) {
        if (!lifetime->is_int64() || lifetime->get_int64() < kProvidedLifetimeMin.count() ||
            lifetime->get_int64() > kProvidedLifetimeMax.count()) {
            return std::unexpected("its expires_in_s is no number from 1 to 31536000");
        }
        user.lifetime = std::chrono::seconds(lifetime->get_int64());
    }
    return user;
}

std::string choose_role(domain::App const& app, std::vector<std::string> const& named,
                        TokenProviderSettings const& settings) {
    auto const exists = [&app](std::string_view role) {
        return domain::is_built_in_role(role) || domain::is_custom_role(app, role);
    };
    for (auto const& role : named) {
        auto const mapped = settings.role_map.find(role);
        if (mapped != settings.role_map.end() && exists(mapped->second)) {
            return mapped->second;
        }
        if (mapped == settings.role_map.end() &&
            (role == domain::kRoleUser || domain::is_custom_role(app, role))) {
            return role;
        }
    }
    return std::string(domain::kRoleUser);
}

void describe_user(ProvidedUser const& provided, domain::App const& app,
                   TokenProviderSettings const& settings, domain::User& user) {
    if (provided.name) {
        user.name = provided.name;
    }
    if (provided.image) {
        user.image = provided.image;
    }
    if (provided.roles) {
        user.role = choose_role(app, *provided.roles, settings);
    }
}

}  // namespace latchkey::api
