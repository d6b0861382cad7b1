#pragma once

#include "http/url.hpp"
#include "oidc/algorithm.hpp"
#include "oidc/id_token.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/secret.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace latchkey::api {

inline constexpr std::size_t kTokenProvidersMax = 32;  ///< of one server
inline constexpr std::size_t kProviderNameBytesMax = 64;
inline constexpr std::chrono::seconds kProvidedLifetimeMin{1};
inline constexpr std::chrono::seconds kProvidedLifetimeMax = std::chrono::hours{24 * 365};
inline constexpr std::uint32_t kProviderRateMax = 1'000'000;

/// `/token/NAME`: 1 to 64 of a-z 0-9 _ -
[[nodiscard]] bool is_provider_name(std::string_view text) noexcept;

/// How the text that names a user becomes a user id, which has no other characters than
/// A-Z a-z 0-9 @ _ -
enum class UserIdEncoding : std::uint8_t {
    None,       ///< as it stands; what is no user id is refused
    Base64Url,  ///< of its bytes, without padding
};

/// Which claims say what about a user.
struct ClaimMapping {
    std::string user_id = "sub";
    std::string name = "name";
    std::string image = "picture";
    std::optional<std::string> role{};  ///< absent: a token says nothing about roles
};

/// A token of the integrator's identity provider is the proof.
struct OidcSource {
    oidc::Expectations expected;
    std::vector<oidc::Algorithm> algorithms{oidc::kAlgorithms.begin(), oidc::kAlgorithms.end()};
    ClaimMapping claims{};
};

/// The integrator's own service judges the proof.
struct WebhookSource {
    http::Url url;
    Secret secret;                                ///< signs what is sent there
    std::vector<std::string> forwarded_fields{};  ///< beside Authorization; in lower case
    std::chrono::milliseconds deadline{5000};     ///< for all tries together
};

struct TokenProviderSettings {
    std::string name;
    ApiKey app;
    std::variant<OidcSource, WebhookSource> source;
    std::string ca_file{};  ///< PEM, whom to trust on the way there; empty: whom the system trusts
    std::string user_id_prefix{};
    UserIdEncoding user_id_encoding = UserIdEncoding::None;
    /// What a role that a proof names is called here. A role of the App, and `user`, need no entry;
    /// all others come by one or not at all.
    std::map<std::string, std::string, std::less<>> role_map{};
    std::chrono::seconds lifetime{3600};
    unsigned jitter_percent = 10;                ///< tokens live up to so much shorter
    std::vector<std::string> allowed_origins{};  ///< CORS; `*` alone: all
    std::uint32_t per_address = 600;             ///< requests a minute
    std::uint32_t per_user = 60;                 ///< requests a minute, their proof good
};

}  // namespace latchkey::api
