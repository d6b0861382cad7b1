#pragma once

#include "api/token_provider/settings.hpp"
#include "domain/app.hpp"
#include "domain/user.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/wire/api_error.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::api {

/// Roles of one proof that are looked at.
inline constexpr std::size_t kProvidedRolesMax = 256;

/// The user that a proof stands for, and what it says of it. Absent: it says nothing of that.
struct ProvidedUser {
    UserId id;
    std::optional<std::string> name{};
    std::optional<std::string> image{};
    /// As the proof names them; empty and absent differ: who has lost all of them is a plain user.
    std::optional<std::vector<std::string>> roles{};
    std::optional<std::chrono::seconds> lifetime{};  ///< of the token, in place of the setting

    bool operator==(ProvidedUser const&) const = default;
};

/// Of a token's claims, which were checked before. Fails with 401/5 where the claim that names the
/// user is not there, makes no user id, or is an email that is not verified; a name or an image
/// that is too long, or no text, is passed over. No claim is repeated in an error.
[[nodiscard]] std::expected<ProvidedUser, wire::ApiError> user_of_claims(
    boost::json::object const& claims, TokenProviderSettings const& settings);

/// Of a webhook's answer: `{"user_id","name","image","role","expires_in_s"}`, all but the first
/// optional, `role` a text or a list of texts. The error is for the operator's log, and repeats
/// nothing of the answer.
[[nodiscard]] std::expected<ProvidedUser, std::string> user_of_answer(
    std::string_view body, TokenProviderSettings const& settings);

/// The role that a user gets for those that its proof names: the first that the map has, or that is
/// one of the App's own, or `user`; where there is none, `user`. A proof's own word makes nobody
/// `admin`, `moderator` or `guest`: that takes an entry in the map.
[[nodiscard]] std::string choose_role(domain::App const& app, std::vector<std::string> const& named,
                                      TokenProviderSettings const& settings);

/// Writes what the proof says into the user; what it says nothing of stays.
void describe_user(ProvidedUser const& provided, domain::App const& app,
                   TokenProviderSettings const& settings, domain::User& user);

}  // namespace latchkey::api
