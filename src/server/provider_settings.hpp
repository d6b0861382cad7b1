#pragma once

#include "api/token_provider/settings.hpp"
#include "server/settings.hpp"

#include <toml++/toml.h>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::server {

inline constexpr std::string_view kTokenProviderKey = "token_provider";
inline constexpr std::size_t kWebhookSecretBytesMin = 32;
inline constexpr std::size_t kForwardedFieldsMax = 16;
inline constexpr std::size_t kProviderListMax = 64;  ///< entries in one list or map
inline constexpr unsigned kJitterPercentMax = 50;
inline constexpr std::chrono::seconds kWebhookDeadlineMin{1};
/// Below what an answer may be put off at most, so that the caller is told why.
inline constexpr std::chrono::seconds kWebhookDeadlineMax{20};

/// Reads `[token_provider.NAME]`, one table for each. `origin` names the file and the key in
/// errors, which repeat no secret.
[[nodiscard]] std::expected<std::vector<api::TokenProviderSettings>, SettingError>
read_token_providers(toml::node const& node, std::string const& origin);

}  // namespace latchkey::server
