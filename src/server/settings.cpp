#include "server/settings.hpp"

#include "oidc/discovery.hpp"
#include "server/provider_settings.hpp"
#include "storage/sealer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <numeric>
#include <utility>

namespace latchkey::server {
namespace {

constexpr std::size_t kSecretFileBytesMax = 4096;

/// Empty: taken. Else what is wanted, to be put behind the setting's name.
using Wanted = std::optional<std::string>;

Wanted read_host_port(std::string const& text, HostPort& to) {
    auto parsed = parse_host_port(text);
    if (!parsed) {
        return "wants host:port, as 127.0.0.1:8080";
    }
    to = *std::move(parsed);
    return {};
}

Wanted read_switch(std::string const& text, bool& to) {
    if (text != "true" && text != "false") {
        return "is true or false";
    }
    to = text == "true";
    return {};
}

/// A whole number and nothing else; false where it is none, or out of bounds.
template <class Number>
bool read_number(std::string const& text, Number& to, Number min, Number max) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    return error == std::errc() && end == text.data() + text.size() && to >= min && to <= max;
}

Wanted read_loops(std::string const& text, std::size_t& to) {
    if (!read_number(text, to, std::size_t{0}, kLoopsMax)) {
        return fmt::format("wants a whole number up to {}; 0: one for each core", kLoopsMax);
    }
    return {};
}

Wanted read_multiplier(std::string const& text, Settings& to) {
    constexpr auto kMax = api::RateLimitSettings::kMultiplierMax;
    if (!read_number(text, to.rate_limits.multiplier, std::uint32_t{1}, kMax)) {
        return fmt::format("wants a whole number from 1 to {}", kMax);
    }
    return {};
}

template <class Enum, std::size_t N>
Wanted read_choice(std::string const& text, Enum& to,
                   std::array<std::pair<std::string_view, Enum>, N> const& choices) {
    std::vector<std::string> names;
    for (auto const& [name, value] : choices) {
        if (text == name) {
            to = value;
            return {};
        }
        names.emplace_back(name);
    }
    auto const nearest = nearest_name(text, names);
    return fmt::format("is one of: {}{}", fmt::join(names, ", "),
                       nearest.empty() ? std::string() : fmt::format("; was {} meant?", nearest));
}

Wanted read_log_format(std::string const& text, Settings& to) {
    return read_choice(text, to.log_format,
                       std::array{std::pair{std::string_view("text"), LogFormat::Text},
                                  std::pair{std::string_view("json"), LogFormat::Json}});
}

Wanted read_log_level(std::string const& text, Settings& to) {
    return read_choice(text, to.log_level,
                       std::array{std::pair{std::string_view("debug"), LogLevel::Debug},
                                  std::pair{std::string_view("info"), LogLevel::Info},
                                  std::pair{std::string_view("warning"), LogLevel::Warning},
                                  std::pair{std::string_view("error"), LogLevel::Error}});
}

Wanted read_app_mode(std::string const& text, Settings& to) {
    return read_choice(
        text, to.app_mode,
        std::array{std::pair{std::string_view("development"), domain::Mode::Development},
                   std::pair{std::string_view("production"), domain::Mode::Production}});
}

Wanted read_api_key(std::string const& text, Settings& to) {
    to.api_key = ApiKey::parse(text);
    return to.api_key ? Wanted() : "wants 1 to 64 of the characters A-Z a-z 0-9 _ -";
}

Wanted read_master_key(std::string const& text, Settings& to) {
    to.master_key = storage::parse_master_key(text);
    return to.master_key ? Wanted() : "wants 64 hex digits";
}

Wanted read_proxies(std::string const& text, Settings& to) {
    auto proxies = api::TrustedProxies::parse(text);
    if (!proxies) {
        return "wants addresses and networks with commas, as 127.0.0.0/8, ::1";
    }
    to.trusted_proxies = *std::move(proxies);
    return {};
}

api::OperatorOidcSettings& oidc_of(Settings& settings) {
    return settings.admin_oidc ? *settings.admin_oidc : settings.admin_oidc.emplace();
}

Wanted read_oidc_issuer(std::string const& text, Settings& to) {
    auto const issuer = oidc::parse_issuer(text);
    if (!issuer) {
        return issuer.error();
    }
    oidc_of(to).issuer = text;
    return {};
}

Wanted read_admin_public_url(std::string const& text, Settings& to) {
    auto const url = oidc::parse_trusted_url(text);
    if (!url || !url->path.empty() || text.contains('?')) {
        return "wants a URL such as https://admin.example.com, without a path";
    }
    to.admin_public_url = text;
    return {};
}

/// Those of operators' sign-in go together.
std::optional<SettingError> complete_oidc(Settings& settings) {
    auto& oidc = settings.admin_oidc;
    if (!oidc) {
        return std::nullopt;
    }
    if (oidc->issuer.empty() || oidc->client_id.empty()) {
        return SettingError{
            "admin-oidc-issuer and admin-oidc-client-id go together: give both or neither"};
    }
    if (oidc->name.empty()) {
        oidc->name = http::parse_url(oidc->issuer)->host;
    }
    oidc->public_url = settings.admin_public_url;
    return std::nullopt;
}

Wanted read_admin_hosts(std::string const& text, Settings& to) {
    auto hosts = api::AdminHosts::parse(text);
    if (!hosts) {
        return "wants names with commas and without ports, as admin.example.com, latchkey";
    }
    to.admin_hosts = *std::move(hosts);
    return {};
}

struct Row {
    SettingRow shown;
    Wanted (*read)(std::string const&, Settings&);
};

constexpr auto kRows = std::to_array<Row>({
    {{"listen", SettingKind::Plain, "HOST:PORT", "address of the public API [127.0.0.1:8080]"},
     [](std::string const& text, Settings& to) { return read_host_port(text, to.listen); }},
    {{"admin-listen", SettingKind::Plain, "HOST:PORT",
      "address of the admin API, for operators [127.0.0.1:8081]"},
     [](std::string const& text, Settings& to) { return read_host_port(text, to.admin_listen); }},
    {{"admin-public-url", SettingKind::Plain, "URL",
      "where browsers reach the admin listener, for an identity provider to send them back to; "
      "else as the browser says"},
     read_admin_public_url},
    {{"admin-oidc-issuer", SettingKind::Plain, "URL",
      "identity provider that operators may sign in by"},
     read_oidc_issuer},
    {{"admin-oidc-client-id", SettingKind::Plain, "ID", "what this server is called there"},
     [](std::string const& text, Settings& to) -> Wanted {
         oidc_of(to).client_id = text;
         return {};
     }},
    {{"admin-oidc-client-secret", SettingKind::Secret, "SECRET",
      "what it shows there; without one it is a public client"},
     [](std::string const& text, Settings& to) -> Wanted {
         oidc_of(to).client_secret.emplace(text);
         return {};
     }},
    {{"admin-oidc-name", SettingKind::Plain, "NAME",
      "what the sign-in page calls the identity provider [its host]"},
     [](std::string const& text, Settings& to) -> Wanted {
         oidc_of(to).name = text;
         return {};
     }},
    {{"admin-hosts", SettingKind::Plain, "LIST",
      "names that the admin listener is called by, beside localhost and IP addresses"},
     read_admin_hosts},
    {{"data", SettingKind::Plain, "DIR", "folder of the embedded store [./latchkey-data]"},
     [](std::string const& text, Settings& to) -> Wanted {
         to.data = text;
         return text.empty() ? Wanted("wants a folder") : Wanted();
     }},
    {{"loops", SettingKind::Plain, "N", "event loops, each a thread; 0: one for each core [0]"},
     [](std::string const& text, Settings& to) { return read_loops(text, to.loops); }},
    {{"log-format", SettingKind::Plain, "text|json", "how a log line is written [text]"},
     read_log_format},
    {{"log-level", SettingKind::Plain, "debug|info|warning|error",
      "what is logged; debug: each request too [info]"},
     read_log_level},
    {{"empty-app-patch-undoes-revocation", SettingKind::Switch, "true|false",
      "whether PATCH app without any value undoes the app's revocation, as the documented undo of "
      "several SDKs needs [true]"},
     [](std::string const& text, Settings& to) {
         return read_switch(text, to.empty_app_patch_undoes_revocation);
     }},
    {{"trusted-proxies", SettingKind::Plain, "LIST",
      "proxies that ask /authz/check about others' requests and name those in X-Original-URI or "
      "X-Forwarded-Uri [127.0.0.0/8, ::1]"},
     read_proxies},
    {{"rate-limits", SettingKind::Switch, "true|false",
      "refuse requests over a limit with 429; else they are only counted [true]"},
     [](std::string const& text, Settings& to) {
         return read_switch(text, to.rate_limits.enforced);
     }},
    {{"rate-limits-exempt-servers", SettingKind::Switch, "true|false",
      "let backends, which hold the secret, make as many requests as they like [true]"},
     [](std::string const& text, Settings& to) {
         return read_switch(text, to.rate_limits.servers_exempt);
     }},
    {{"rate-limit-multiplier", SettingKind::Plain, "N",
      "apps and users get this many times the numbers of the protocol [100]"},
     read_multiplier},
    {{"show-secret", SettingKind::Switch, "true|false",
      "print the secret of a generated first app also where the output is no terminal [false]"},
     [](std::string const& text, Settings& to) { return read_switch(text, to.show_secret); }},
    {{"api-key", SettingKind::Plain, "KEY", "key of the first app; made at random without it"},
     read_api_key},
    {{"api-secret", SettingKind::Secret, "SECRET", "secret that goes with api-key"},
     [](std::string const& text, Settings& to) -> Wanted {
         to.api_secret.emplace(text);
         return {};
     }},
    {{"app-mode", SettingKind::Plain, "development|production",
      "mode of the first app [development]"},
     read_app_mode},
    {{"master-key", SettingKind::Secret, "HEX",
      "64 hex digits that seal secrets at rest; without it the data folder has a key file"},
     read_master_key},
});

constexpr auto kShownRows = [] {
    std::array<SettingRow, kRows.size()> rows{};
    std::ranges::transform(kRows, rows.begin(), &Row::shown);
    return rows;
}();

std::string environment_name(std::string_view name) {
    std::string variable = "LATCHKEY_";
    for (char const c : name) {
        variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return variable;
}

std::string file_key(std::string_view name) {
    std::string key(name);
    std::ranges::replace(key, '-', '_');
    return key;
}

/// The values of a settings file, by the names of the table.
using FileValues = std::map<std::string, std::string>;

std::vector<std::string> known_file_keys() {
    std::vector<std::string> keys;
    for (auto const& row : kRows) {
        keys.push_back(file_key(row.shown.name));
        if (row.shown.kind == SettingKind::Secret) {
            keys.push_back(file_key(row.shown.name) + "_file");
        }
    }
    return keys;
}

std::expected<std::string, SettingError> file_value(toml::node const& node,
                                                    std::string const& origin) {
    if (auto const text = node.value_exact<std::string>()) {
        return *text;
    }
    if (auto const flag = node.value_exact<bool>()) {
        return *flag ? "true" : "false";
    }
    if (auto const number = node.value_exact<std::int64_t>()) {
        return std::to_string(*number);
    }
    return std::unexpected(SettingError{origin + " wants a text, a number, true or false"});
}

/// What a settings file holds.
struct FileContent {
    FileValues values{};
    std::vector<api::TokenProviderSettings> token_providers{};
};

std::expected<FileContent, SettingError> read_file(std::filesystem::path const& path) {
    if (!std::filesystem::exists(path)) {
        return std::unexpected(
            SettingError{fmt::format("there is no settings file {}", path.string())});
    }
    toml::table table;
    try {
        table = toml::parse_file(path.string());
    } catch (toml::parse_error const& error) {
        return std::unexpected(SettingError{fmt::format(
            "{} line {}: {}", path.string(), error.source().begin.line, error.description())});
    }
    auto known = known_file_keys();
    known.emplace_back(kTokenProviderKey);
    FileContent content;
    for (auto const& [key, node] : table) {
        std::string const name(key.str());
        auto const origin = fmt::format("{}: {}", path.string(), name);
        if (std::ranges::find(known, name) == known.end()) {
            auto const nearest = nearest_name(name, known);
            return std::unexpected(SettingError{fmt::format(
                "{} is not a setting{}", origin,
                nearest.empty() ? std::string() : fmt::format(": was {} meant?", nearest))});
        }
        if (name == kTokenProviderKey) {
            auto providers = read_token_providers(node, origin);
            if (!providers) {
                return std::unexpected(std::move(providers).error());
            }
            content.token_providers = *std::move(providers);
            continue;
        }
        auto value = file_value(node, origin);
        if (!value) {
            return std::unexpected(std::move(value).error());
        }
        content.values[name] = *std::move(value);
    }
    return content;
}

std::expected<FileContent, SettingError> read_file_where_given(SettingSources const& sources) {
    constexpr std::string_view kUsualFile = "latchkey.toml";
    auto path = sources.config_file;
    if (!path) {
        if (auto const variable = sources.environment("LATCHKEY_CONFIG")) {
            path = *variable;
        }
    }
    if (path) {
        return read_file(*path);
    }
    if (std::filesystem::exists(kUsualFile)) {
        return read_file(kUsualFile);
    }
    return FileContent{};
}

struct Value {
    std::string text;
    std::string origin;  ///< for errors: `--listen`, `LATCHKEY_LISTEN`, `latchkey.toml: listen`
};

/// The value of the highest source that has one.
std::expected<std::optional<Value>, SettingError> find_value(SettingRow const& row,
                                                             SettingSources const& sources,
                                                             FileValues const& file) {
    std::string const name(row.name);
    if (auto const flag = sources.flags.find(name); flag != sources.flags.end()) {
        return Value{flag->second, "--" + name};
    }
    auto const secret_file =
        [&](std::string const& path,
            std::string const& origin) -> std::expected<std::optional<Value>, SettingError> {
        auto text = read_secret_file(path, origin);
        if (!text) {
            return std::unexpected(std::move(text).error());
        }
        return Value{*std::move(text), origin};
    };
    auto const variable = environment_name(name);
    if (auto text = sources.environment(variable)) {
        return Value{*std::move(text), variable};
    }
    if (row.kind == SettingKind::Secret) {
        if (auto const path = sources.environment(variable + "_FILE")) {
            return secret_file(*path, variable + "_FILE");
        }
    }
    auto const key = file_key(name);
    if (auto const found = file.find(key); found != file.end()) {
        return Value{found->second, "the settings file: " + key};
    }
    if (auto const found = file.find(key + "_file"); found != file.end()) {
        return secret_file(found->second, "the settings file: " + key + "_file");
    }
    return std::nullopt;
}

/// How many single-letter edits lie between two names (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            auto const replaced = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::expected<std::string, SettingError> read_secret_file(std::string const& path,
                                                          std::string const& origin) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kSecretFileBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.empty() || text.size() > kSecretFileBytesMax) {
        return std::unexpected(
            SettingError{fmt::format("{}: cannot read a secret from the file {}", origin, path)});
    }
    if (text.ends_with('\n')) {  // editors and `echo` put one there
        text.pop_back();
    }
    return text;
}

std::optional<HostPort> parse_host_port(std::string_view text) {
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) {
        return std::nullopt;
    }
    auto host = text.substr(0, colon);
    auto const port_text = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return std::nullopt;  // an IPv6 address without brackets: which colon is the port's?
    }
    std::uint16_t port = 0;
    auto const [end, error] =
        std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
    if (host.empty() || error != std::errc() || end != port_text.data() + port_text.size()) {
        return std::nullopt;
    }
    return HostPort{.host = std::string(host), .port = port};
}

std::span<SettingRow const> setting_rows() { return kShownRows; }

std::expected<Settings, SettingError> load_settings(SettingSources const& sources) {
    auto file = read_file_where_given(sources);
    if (!file) {
        return std::unexpected(file.error());
    }
    Settings settings;
    settings.token_providers = std::move(file->token_providers);
    for (auto const& row : kRows) {
        auto const found = find_value(row.shown, sources, file->values);
        if (!found) {
            return std::unexpected(found.error());
        }
        auto const& value = *found;
        if (!value) {
            continue;
        }
        if (auto const wanted = row.read(value->text, settings)) {
            return std::unexpected(SettingError{value->origin + " " + *wanted});
        }
    }
    if (auto error = complete_oidc(settings)) {
        return std::unexpected(*std::move(error));
    }
    settings.admin_hosts.add(settings.admin_listen.host);
    if (settings.admin_public_url) {
        settings.admin_hosts.add(http::parse_url(*settings.admin_public_url)->host);
    }
    if (settings.api_key.has_value() != settings.api_secret.has_value()) {
        return std::unexpected(SettingError{
            "LATCHKEY_API_KEY and LATCHKEY_API_SECRET go together: give both or neither"});
    }
    return settings;
}

std::string nearest_name(std::string_view text, std::span<std::string const> known) {
    std::string nearest;
    auto best = text.size() / 2 + 1;  // farther than half of it is another word
    for (auto const& name : known) {
        if (auto const edits = distance(text, name); edits < best) {
            best = edits;
            nearest = name;
        }
    }
    return nearest;
}

}  // namespace latchkey::server
