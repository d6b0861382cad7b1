#pragma once

#include "api/admin_hosts.hpp"
#include "api/operator_oidc_settings.hpp"
#include "api/rate_limits.hpp"
#include "api/token_provider/settings.hpp"
#include "api/trusted_proxies.hpp"
#include "domain/app.hpp"

#include <latchkey/base/event_log.hpp>
#include <latchkey/base/ids.hpp>
#include <latchkey/base/secret.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Settings from flag, environment and file, in that order of precedence; one table names them all.
namespace latchkey::server {

enum class LogFormat : std::uint8_t { Text, Json };

struct HostPort {
    std::string host;
    std::uint16_t port;
};

/// `host:port`, `[v6]:port`; port 0: any that is free.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);

inline constexpr std::size_t kLoopsMax = 256;

struct Settings {
    HostPort listen{.host = "127.0.0.1", .port = 8080};
    HostPort admin_listen{.host = "127.0.0.1", .port = 8081};
    /// The hosts of `admin_listen` and `admin_public_url` among them.
    api::AdminHosts admin_hosts{};
    std::filesystem::path data = "latchkey-data";
    std::size_t loops = 0;  ///< 0: one for each core
    LogFormat log_format = LogFormat::Text;
    LogLevel log_level = LogLevel::Info;
    bool empty_app_patch_undoes_revocation = true;
    /// Who may say, in X-Original-URI or X-Forwarded-Uri, what a request was that they ask about.
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): the text is a list of networks
    api::TrustedProxies trusted_proxies = *api::TrustedProxies::parse("127.0.0.0/8, ::1");
    api::RateLimitSettings rate_limits{};
    bool show_secret = false;
    std::optional<std::string> admin_public_url{};              ///< without a slash at its end
    std::optional<api::OperatorOidcSettings> admin_oidc{};      ///< absent: by password only
    std::vector<api::TokenProviderSettings> token_providers{};  ///< of the settings file alone

    // The first App, or one to be joined.
    std::optional<ApiKey> api_key;
    std::optional<Secret> api_secret;
    domain::Mode app_mode = domain::Mode::Development;

    std::optional<Secret> master_key;  ///< absent: a key file in the data directory
};

enum class SettingKind : std::uint8_t {
    Plain,
    Secret,  ///< no flag, for command lines are public; a file can hold it: `NAME-file`
    Switch,  ///< true or false; as a flag it may stand alone
};

/// One setting: `--listen`, `LATCHKEY_LISTEN`, `listen` in the file.
struct SettingRow {
    std::string_view name;  ///< as the flag has it, without dashes in front
    SettingKind kind;
    std::string_view value_name;
    std::string_view help;
};
[[nodiscard]] std::span<SettingRow const> setting_rows();

/// A setting that cannot be used; the text says which one, where it came from, and what was meant.
struct SettingError {
    std::string message;
};

/// Where values come from. Names are those of `SettingRow`.
struct SettingSources {
    std::map<std::string, std::string> flags;
    /// Reads one variable; empty where it is not set.
    std::function<std::optional<std::string>(std::string const&)> environment;
    /// A settings file given by flag or `LATCHKEY_CONFIG`; else `latchkey.toml` here, where it
    /// exists.
    std::optional<std::filesystem::path> config_file;
};

[[nodiscard]] std::expected<Settings, SettingError> load_settings(SettingSources const& sources);

/// The text of a file that holds one secret, without the line break at its end. `origin` names the
/// setting in the error.
[[nodiscard]] std::expected<std::string, SettingError> read_secret_file(std::string const& path,
                                                                        std::string const& origin);

/// The known name that `text` was probably meant to be; empty where none is near.
[[nodiscard]] std::string nearest_name(std::string_view text, std::span<std::string const> known);

}  // namespace latchkey::server
