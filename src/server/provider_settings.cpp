#include "server/provider_settings.hpp"

#include "domain/user.hpp"
#include "http/ascii.hpp"
#include "oidc/discovery.hpp"
#include "server/durations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

namespace latchkey::server {
namespace {

using api::OidcSource;
using api::TokenProviderSettings;
using api::WebhookSource;

constexpr auto kCommonKeys = std::to_array<std::string_view>(
    {"type", "app", "ca_file", "user_id_prefix", "user_id_encoding", "role_map", "lifetime",
     "jitter", "allowed_origins", "rate_limit_per_address", "rate_limit_per_user"});
constexpr auto kOidcKeys =
    std::to_array<std::string_view>({"issuer", "audience", "authorized_parties", "algorithms",
                                     "user_id_claim", "name_claim", "image_claim", "role_claim"});
constexpr auto kWebhookKeys =
    std::to_array<std::string_view>({"url", "secret", "secret_file", "forward_headers", "timeout"});

/// One provider's table. Keeps the first thing that is wrong with it; until it is asked for, values
/// that cannot be used read as absent.
class Table {
public:
    Table(toml::table const& table, std::string origin)
        : table_(table), origin_(std::move(origin)) {}

    [[nodiscard]] std::optional<SettingError> const& error() const { return error_; }
    [[nodiscard]] std::string origin_of(std::string_view key) const {
        return fmt::format("{}.{}", origin_, key);
    }
    [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }

    void fail(std::string_view key, std::string_view wanted) {
        if (!error_) {
            error_ = SettingError{fmt::format("{} {}", origin_of(key), wanted)};
        }
    }

    void check_keys(std::vector<std::string> const& known) {
        for (auto const& [key, node] : table_) {
            std::string const name(key.str());
            if (std::ranges::find(known, name) == known.end()) {
                auto const nearest = nearest_name(name, known);
                fail(name, "is not a setting" +
                               (nearest.empty() ? std::string() : ": was " + nearest + " meant?"));
            }
        }
    }

    std::optional<std::string> text(std::string_view key) {
        auto const* node = table_.get(key);
        if (node == nullptr) {
            return std::nullopt;
        }
        auto text = node->value_exact<std::string>();
        if (!text || text->empty()) {
            fail(key, "wants a text");
            return std::nullopt;
        }
        return text;
    }

    std::string needed_text(std::string_view key) {
        if (!has(key)) {
            fail(key, "is missing");
        }
        return text(key).value_or(std::string());
    }

    /// A text, or a list of texts.
    std::optional<std::vector<std::string>> texts(std::string_view key) {
        auto const* node = table_.get(key);
        if (node == nullptr) {
            return std::nullopt;
        }
        if (auto one = node->value_exact<std::string>(); one && !one->empty()) {
            return std::vector{*std::move(one)};
        }
        auto const* list = node->as_array();
        std::vector<std::string> texts;
        if (list != nullptr && list->size() <= kProviderListMax) {
            for (auto const& entry : *list) {
                if (auto text = entry.value_exact<std::string>(); text && !text->empty()) {
                    texts.push_back(*std::move(text));
                }
            }
        }
        if (list == nullptr || texts.size() != list->size()) {
            fail(key, fmt::format("wants a list of texts, at most {}", kProviderListMax));
            return std::nullopt;
        }
        return texts;
    }

    std::optional<std::chrono::seconds> duration(std::string_view key, std::chrono::seconds min,
                                                 std::chrono::seconds max) {
        auto const written = text(key);
        if (!written) {
            return std::nullopt;
        }
        auto const parsed = parse_duration(*written);
        if (!parsed || *parsed < min || *parsed > max) {
            fail(key, fmt::format("wants a length of time such as 90s, 30m, 1h or 7d, from {} to "
                                  "{} seconds",
                                  min.count(), max.count()));
            return std::nullopt;
        }
        return parsed;
    }

    std::optional<std::uint32_t> number(std::string_view key, std::uint32_t max) {
        auto const* node = table_.get(key);
        if (node == nullptr) {
            return std::nullopt;
        }
        auto const value = node->value_exact<std::int64_t>();
        if (!value || *value < 1 || *value > std::int64_t{max}) {
            fail(key, fmt::format("wants a whole number from 1 to {}", max));
            return std::nullopt;
        }
        return static_cast<std::uint32_t>(*value);
    }

    std::map<std::string, std::string, std::less<>> text_map(std::string_view key) {
        std::map<std::string, std::string, std::less<>> map;
        auto const* node = table_.get(key);
        if (node == nullptr) {
            return map;
        }
        auto const* entries = node->as_table();
        if (entries == nullptr || entries->size() > kProviderListMax) {
            fail(key, fmt::format("wants a table of texts, at most {}", kProviderListMax));
            return map;
        }
        for (auto const& [name, entry] : *entries) {
            if (auto text = entry.value_exact<std::string>()) {
                map.emplace(name.str(), *std::move(text));
            } else {
                fail(key, "wants texts in its table");
            }
        }
        return map;
    }

private:
    toml::table const& table_;
    std::string origin_;
    std::optional<SettingError> error_;
};

template <class Value, class Read>
void assign(Value& to, std::optional<Read>&& from) {
    if (from) {
        to = *std::move(from);
    }
}

std::vector<std::string> known_keys(std::span<std::string_view const> more) {
    std::vector<std::string> keys(kCommonKeys.begin(), kCommonKeys.end());
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
}

std::vector<oidc::Algorithm> read_algorithms(Table& table) {
    auto const names = table.texts("algorithms");
    if (!names) {
        return {oidc::kAlgorithms.begin(), oidc::kAlgorithms.end()};
    }
    std::vector<oidc::Algorithm> algorithms;
    for (auto const& name : *names) {
        if (auto const algorithm = oidc::parse_algorithm(name)) {
            algorithms.push_back(*algorithm);
        } else {
            table.fail("algorithms", "is of RS256, ES256 and EdDSA");
        }
    }
    if (algorithms.empty()) {
        table.fail("algorithms", "wants one at least");
    }
    return algorithms;
}

OidcSource read_oidc(Table& table) {
    table.check_keys(known_keys(kOidcKeys));
    OidcSource source{.expected = {.issuer = table.needed_text("issuer"), .audiences = {}}};
    if (auto const issuer = oidc::parse_issuer(source.expected.issuer); !issuer) {
        table.fail("issuer", issuer.error());
    }
    if (!table.has("audience")) {
        // Without it a token for any other client of the provider would do.
        table.fail("audience", "is missing");
    }
    assign(source.expected.audiences, table.texts("audience"));
    if (source.expected.audiences.empty()) {
        table.fail("audience", "wants one at least");
    }
    assign(source.expected.authorized_parties, table.texts("authorized_parties"));
    source.algorithms = read_algorithms(table);
    assign(source.claims.user_id, table.text("user_id_claim"));
    assign(source.claims.name, table.text("name_claim"));
    assign(source.claims.image, table.text("image_claim"));
    source.claims.role = table.text("role_claim");
    return source;
}

Secret read_secret(Table& table) {
    auto text = table.text("secret");
    if (text && table.has("secret_file")) {
        table.fail("secret", "and secret_file are two of one kind: give one");
    }
    if (!text) {
        if (auto const path = table.text("secret_file")) {
            auto read = read_secret_file(*path, table.origin_of("secret_file"));
            if (read) {
                text = *std::move(read);
            } else {
                table.fail("secret_file", "names a file that no secret can be read from");
            }
        }
    }
    if (!text) {
        table.fail("secret", "is missing; secret_file does as well");
        return Secret({});
    }
    if (text->size() < kWebhookSecretBytesMin) {
        table.fail("secret", fmt::format("wants {} bytes at least", kWebhookSecretBytesMin));
    }
    return Secret(*std::move(text));
}

/// Those that are ours to set, and those of HTTP itself.
bool may_be_forwarded(std::string_view name) {
    constexpr auto kOthers = std::to_array<std::string_view>(
        {"accept", "authorization", "connection", "content-length", "content-type", "expect",
         "host", "idempotency-key", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
         "user-agent", "x-forwarded-for"});
    return !name.empty() && std::ranges::all_of(name, http::is_token_character) &&
           std::ranges::find(kOthers, name) == kOthers.end() && !name.starts_with("x-latchkey-");
}

std::vector<std::string> read_forwarded(Table& table) {
    auto names = table.texts("forward_headers").value_or(std::vector<std::string>());
    if (names.size() > kForwardedFieldsMax) {
        table.fail("forward_headers", fmt::format("wants {} at most", kForwardedFieldsMax));
    }
    for (auto& name : names) {
        std::ranges::transform(name, name.begin(), http::to_lower);
        if (!may_be_forwarded(name)) {
            table.fail("forward_headers", "has a name that cannot be forwarded: " + name);
        }
    }
    return names;
}

WebhookSource read_webhook(Table& table) {
    table.check_keys(known_keys(kWebhookKeys));
    auto url = oidc::parse_trusted_url(table.needed_text("url"));
    if (!url) {
        table.fail("url", url.error());
    }
    WebhookSource source{.url = std::move(url).value_or(http::Url()),
                         .secret = read_secret(table),
                         .forwarded_fields = read_forwarded(table)};
    assign(source.deadline, table.duration("timeout", kWebhookDeadlineMin, kWebhookDeadlineMax));
    return source;
}

void read_roles(Table& table, TokenProviderSettings& settings) {
    settings.role_map = table.text_map("role_map");
    for (auto const& [named, role] : settings.role_map) {
        if (!is_user_id(role) || role == domain::kRoleAnonymous) {
            table.fail("role_map", "maps to what no user can be");
        }
    }
}

unsigned read_jitter(Table& table, unsigned usual) {
    auto const text = table.text("jitter");
    if (!text) {
        return usual;
    }
    unsigned percent = 0;
    auto const* const end = text->data() + text->size();
    auto const [stop, error] = std::from_chars(text->data(), end, percent);
    if (error != std::errc() || std::string_view(stop, end) != "%" || percent > kJitterPercentMax) {
        table.fail("jitter", fmt::format("wants 0% to {}%", kJitterPercentMax));
    }
    return percent;
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Of an app that has its pages in itself and shows them in a web view: `capacitor://localhost`.
bool is_app_origin(std::string_view text) {
    auto const end = text.find("://");
    if (end == text.npos || end == 0 || text.front() < 'a' || text.front() > 'z') {
        return false;
    }
    auto const scheme = text.substr(0, end);  // RFC 3986 section 3.1
    auto const host = text.substr(end + 3);
    return scheme != "http" && scheme != "https" && !host.empty() &&
           std::ranges::all_of(scheme,
                               [](char c) {
                                   return is_lower_or_digit(c) ||
                                          std::string_view("+-.").contains(c);
                               }) &&
           std::ranges::all_of(host, [](char c) {
               return is_lower_or_digit(c) || std::string_view("-._").contains(c);
           });
}

/// What keeps `text` from being an origin as browsers write it (RFC 6454 section 6.2), in lower
/// case, with no port that its scheme implies and no slash behind it. Empty: nothing.
std::string_view origin_fault(std::string_view text) {
    auto const url = http::parse_url(text);
    bool const is_page = url && url->path.empty() && !text.contains('?') &&
                         std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!is_page) {
        return is_app_origin(text) ? ""
                                   : "wants origins such as https://app.example.com or "
                                     "capacitor://localhost, or \"*\" alone";
    }
    return url->text() == std::string(text) + '/' ? ""
                                                  : "names a port as no browser does: leave out "
                                                    ":443 behind https, and :80 behind http";
}

void read_origins(Table& table, TokenProviderSettings& settings) {
    assign(settings.allowed_origins, table.texts("allowed_origins"));
    auto const& origins = settings.allowed_origins;
    if (origins == std::vector<std::string>{"*"}) {
        return;
    }
    for (auto const& origin : origins) {
        if (auto const fault = origin_fault(origin); !fault.empty()) {
            table.fail("allowed_origins", fault);
        }
    }
}

void read_user_ids(Table& table, TokenProviderSettings& settings) {
    assign(settings.user_id_prefix, table.text("user_id_prefix"));
    auto const& prefix = settings.user_id_prefix;
    if (!prefix.empty() && (!is_user_id(prefix) || prefix.size() > api::kProviderNameBytesMax)) {
        table.fail("user_id_prefix", "wants up to 64 of the characters A-Z a-z 0-9 @ _ -");
    }
    auto const encoding = table.text("user_id_encoding");
    if (encoding == "base64url") {
        settings.user_id_encoding = api::UserIdEncoding::Base64Url;
    } else if (encoding && encoding != "none") {
        table.fail("user_id_encoding", "is one of: none, base64url");
    }
}

std::variant<OidcSource, WebhookSource> read_source(Table& table) {
    auto const type = table.needed_text("type");
    if (type == "webhook") {
        return read_webhook(table);
    }
    if (type != "oidc") {
        table.fail("type", "is one of: oidc, webhook");
    }
    return read_oidc(table);
}

std::expected<TokenProviderSettings, SettingError> read_provider(std::string name,
                                                                 toml::table const& from,
                                                                 std::string origin) {
    Table table(from, std::move(origin));
    auto const key = ApiKey::parse(table.needed_text("app"));
    if (!key) {
        table.fail("app", "wants an app's API key");
    }
    auto source = read_source(table);
    if (table.error()) {
        return std::unexpected(*table.error());
    }
    TokenProviderSettings settings{
        .name = std::move(name), .app = *key, .source = std::move(source)};
    assign(settings.ca_file, table.text("ca_file"));
    if (!settings.ca_file.empty() && !std::filesystem::exists(settings.ca_file)) {
        table.fail("ca_file", "names a file that is not there");
    }
    read_user_ids(table, settings);
    read_roles(table, settings);
    read_origins(table, settings);
    assign(settings.lifetime,
           table.duration("lifetime", api::kProvidedLifetimeMin, api::kProvidedLifetimeMax));
    settings.jitter_percent = read_jitter(table, settings.jitter_percent);
    assign(settings.per_address, table.number("rate_limit_per_address", api::kProviderRateMax));
    assign(settings.per_user, table.number("rate_limit_per_user", api::kProviderRateMax));
    if (table.error()) {
        return std::unexpected(*table.error());
    }
    return settings;
}

}  // namespace

std::expected<std::vector<TokenProviderSettings>, SettingError> read_token_providers(
    toml::node const& node, std::string const& origin) {
    auto const* tables = node.as_table();
    if (tables == nullptr) {
        return std::unexpected(
            SettingError{origin + " wants a table for each provider: [token_provider.NAME]"});
    }
    if (tables->size() > api::kTokenProvidersMax) {
        return std::unexpected(
            SettingError{fmt::format("{} has more than {}", origin, api::kTokenProvidersMax)});
    }
    std::vector<TokenProviderSettings> providers;
    for (auto const& [key, entry] : *tables) {
        std::string name(key.str());
        auto const place = fmt::format("{}.{}", origin, name);
        if (!api::is_provider_name(name)) {
            return std::unexpected(
                SettingError{place + ": a name has 1 to 64 of the characters a-z 0-9 _ -"});
        }
        auto const* table = entry.as_table();
        if (table == nullptr) {
            return std::unexpected(SettingError{place + " wants a table"});
        }
        auto provider = read_provider(std::move(name), *table, place);
        if (!provider) {
            return std::unexpected(std::move(provider).error());
        }
        providers.push_back(*std::move(provider));
    }
    return providers;
}

}  // namespace latchkey::server
