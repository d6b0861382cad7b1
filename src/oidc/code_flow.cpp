#include "oidc/code_flow.hpp"

#include "wire/json.hpp"

#include <latchkey/base/base64url.hpp>

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace latchkey::oidc {
namespace {

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~").contains(c);
}

void add(std::string& form, std::string_view name, std::string_view value) {
    if (!form.empty()) {
        form += '&';
    }
    form.append(name).append("=").append(form_encode(value));
}

/// RFC 4648 section 4, with padding.
std::string to_base64(std::string_view bytes) {
    auto text = base64url::encode(bytes);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    return text.append((4 - text.size() % 4) % 4, '=');
}

}  // namespace

std::string form_encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string encoded;
    for (char const c : text) {
        if (is_unreserved(c)) {
            encoded += c;
            continue;
        }
        auto const byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += kHex[byte >> 4U];
        encoded += kHex[byte & 15U];
    }
    return encoded;
}

std::string code_challenge(std::string_view verifier) {
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> hash{};
    SHA256(reinterpret_cast<unsigned char const*>(verifier.data()), verifier.size(), hash.data());
    return base64url::encode(hash);
}

std::string authorization_url(http::Url const& endpoint, AuthorizationRequest const& request) {
    auto form = endpoint.query;
    add(form, "response_type", "code");
    add(form, "client_id", request.client_id);
    add(form, "redirect_uri", request.redirect_uri);
    add(form, "scope", "openid");
    add(form, "state", request.state);
    add(form, "nonce", request.nonce);
    add(form, "code_challenge", code_challenge(request.verifier));
    add(form, "code_challenge_method", "S256");
    auto url = endpoint;
    url.query = std::move(form);
    return url.text();
}

std::string exchange_body(CodeExchange const& exchange, ClientKind kind) {
    std::string form;
    add(form, "grant_type", "authorization_code");
    add(form, "code", exchange.code);
    add(form, "redirect_uri", exchange.redirect_uri);
    add(form, "code_verifier", exchange.verifier);
    if (kind == ClientKind::Public) {
        add(form, "client_id", exchange.client_id);
    }
    return form;
}

std::string client_authorization(std::string_view client_id, std::string_view client_secret) {
    return "Basic " + to_base64(form_encode(client_id) + ':' + form_encode(client_secret));
}

std::expected<std::string, std::string_view> read_id_token(std::string_view answer) {
    if (answer.size() > kTokenAnswerBytesMax) {
        return std::unexpected("the token endpoint's answer is too long");
    }
    auto const members = wire::parse_json_object(answer);
    if (!members) {
        return std::unexpected("the token endpoint's answer is not a JSON object");
    }
    auto const* token = members->if_contains("id_token");
    if (token == nullptr || !token->is_string()) {
        return std::unexpected("the token endpoint's answer has no id_token");
    }
    return std::string(token->get_string());
}

}  // namespace latchkey::oidc
