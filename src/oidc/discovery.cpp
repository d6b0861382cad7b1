#include "oidc/discovery.hpp"

#include "oidc/limits.hpp"
#include "wire/json.hpp"

#include <utility>

namespace latchkey::oidc {
namespace {

std::string describe(http::UrlError error) {
    switch (error) {
        using enum http::UrlError;
        case Scheme: return "wants a URL that begins with https://";
        case Fragment: return "wants a URL without a fragment";
        case UserInfo: return "wants a URL without user and password";
        case Host: return "names no host";
        case Port: return "wants a port from 1 to 65535";
        case Path: return "has a character that is not allowed in a URL";
    }
    std::unreachable();
}

/// The URL of a member; empty where there is none, or none to trust. A provider elsewhere has no
/// business sending us to a service on this machine.
std::optional<http::Url> read_url(boost::json::object const& from, std::string_view name,
                                  bool issuer_is_here) {
    auto const* member = from.if_contains(name);
    if (member == nullptr || !member->is_string()) {
        return std::nullopt;
    }
    auto url = parse_trusted_url(member->get_string());
    if (!url || (!issuer_is_here && http::is_loopback_host(url->host))) {
        return std::nullopt;
    }
    return *std::move(url);
}

}  // namespace

std::string_view describe(DiscoveryError error) noexcept {
    switch (error) {
        case DiscoveryError::TooLong: return "the discovery document is too long";
        case DiscoveryError::NotJson: return "the discovery document is not a JSON object";
        case DiscoveryError::IssuerMismatch:
            return "the discovery document's issuer is another than the setting says";
        case DiscoveryError::KeysUrlMissing: return "the discovery document names no jwks_uri";
        case DiscoveryError::KeysUrlNotAllowed:
            return "the discovery document's jwks_uri is no https URL, or one of this machine";
    }
    std::unreachable();
}

std::expected<http::Url, std::string> parse_trusted_url(std::string_view text) {
    auto url = http::parse_url(text);
    if (!url) {
        return std::unexpected(describe(url.error()));
    }
    if (!url->tls && !http::is_loopback_host(url->host)) {
        return std::unexpected("wants https; http is for this machine alone");
    }
    return *std::move(url);
}

std::expected<http::Url, std::string> parse_issuer(std::string_view text) {
    auto url = parse_trusted_url(text);
    if (url && text.contains('?')) {
        return std::unexpected("wants a URL without a query");
    }
    return url;
}

http::Url discovery_url(http::Url issuer) {
    if (issuer.path.ends_with('/')) {
        issuer.path.pop_back();
    }
    issuer.path += "/.well-known/openid-configuration";
    return issuer;
}

std::expected<Discovery, DiscoveryError> parse_discovery(std::string_view text,
                                                         std::string_view issuer) {
    if (text.size() > kDiscoveryBytesMax) {
        return std::unexpected(DiscoveryError::TooLong);
    }
    auto const document = wire::parse_json_object(text);
    if (!document) {
        return std::unexpected(DiscoveryError::NotJson);
    }
    auto const* named = document->if_contains("issuer");
    if (named == nullptr || !named->is_string() || named->get_string() != issuer) {
        return std::unexpected(DiscoveryError::IssuerMismatch);
    }
    auto const issuer_url = parse_issuer(issuer);
    bool const issuer_is_here = issuer_url && http::is_loopback_host(issuer_url->host);
    if (!document->contains("jwks_uri")) {
        return std::unexpected(DiscoveryError::KeysUrlMissing);
    }
    auto jwks = read_url(*document, "jwks_uri", issuer_is_here);
    if (!jwks) {
        return std::unexpected(DiscoveryError::KeysUrlNotAllowed);
    }
    return Discovery{
        .jwks = *std::move(jwks),
        .authorization_endpoint = read_url(*document, "authorization_endpoint", issuer_is_here),
        .token_endpoint = read_url(*document, "token_endpoint", issuer_is_here)};
}

}  // namespace latchkey::oidc
