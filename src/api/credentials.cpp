#include "api/credentials.hpp"

#include "http/uri.hpp"

#include <cstddef>
#include <utility>

namespace latchkey::api {
namespace {

/// An IPv6 address with an IPv4 tail; a longer text is no address.
constexpr std::size_t kAddressTextMax = 45;

/// The query of the request that a proxy asks about; empty where there is none to be believed.
std::string_view forwarded_query(http::Request const& request, TrustedProxies const& proxies) {
    auto uri = request.field("x-original-uri");
    if (uri.empty()) {
        uri = request.field("x-forwarded-uri");
    }
    auto const question = uri.find('?');
    if (question == std::string_view::npos || !proxies.contains(request.peer_address)) {
        return {};
    }
    return uri.substr(question + 1);
}

}  // namespace

std::string_view query_parameter(std::string_view query, std::string_view name,
                                 std::string& storage) {
    auto const raw = http::find_query_parameter(query, name);
    if (!raw) {
        return {};
    }
    if (raw->find_first_of("%+") == std::string_view::npos) {
        return *raw;
    }
    auto decoded = http::decode_query_value(*raw);
    if (!decoded) {
        return {};
    }
    storage = *std::move(decoded);
    return storage;
}

std::string_view strip_bearer(std::string_view value) noexcept {
    constexpr std::string_view kScheme = "bearer ";
    if (value.size() < kScheme.size()) {
        return value;
    }
    for (std::size_t i = 0; i < kScheme.size(); ++i) {  // RFC 9110 section 11.1: any case
        auto const c = value[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) {
            return value;
        }
    }
    return value.substr(kScheme.size());
}

std::string_view connect_auth_type(http::Request const& request, std::string& storage) {
    auto const type = query_parameter(request.query, "stream-auth-type", storage);
    return type.empty() ? request.field("stream-auth-type") : type;
}

std::string_view client_address(http::Request const& request, TrustedProxies const& proxies) {
    if (!proxies.contains(request.peer_address)) {
        return request.peer_address;
    }
    auto last = request.field("x-forwarded-for");
    last = last.substr(last.rfind(',') + 1);  // all of it where there is no comma: npos + 1 is 0
    auto const begin = last.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    last = last.substr(begin, last.find_last_not_of(" \t") - begin + 1);
    return last.size() <= kAddressTextMax ? last : std::string_view();
}

std::string_view address_or_peer(http::Request const& request, TrustedProxies const& proxies) {
    auto const address = client_address(request, proxies);
    return address.empty() ? request.peer_address : address;
}

domain::Credentials find_forwarded_credentials(http::Request const& request,
                                               TrustedProxies const& proxies,
                                               ForwardedCredentials& storage) {
    domain::Credentials found = {
        .api_key = query_parameter(request.query, "api_key", storage.api_key),
        .auth_type = request.field("stream-auth-type"),
        .token = strip_bearer(request.field("authorization"))};
    if (found.api_key.empty()) {
        found.api_key = request.field("x-api-key");
    }
    if (found.api_key.empty() || found.token.empty()) {
        auto const query = forwarded_query(request, proxies);
        if (found.api_key.empty()) {
            found.api_key = query_parameter(query, "api_key", storage.api_key);
        }
        if (found.token.empty()) {
            found.token = query_parameter(query, "authorization", storage.token);
        }
        if (found.auth_type.empty()) {
            found.auth_type = query_parameter(query, "stream-auth-type", storage.auth_type);
        }
    }
    if (found.auth_type.empty()) {
        found.auth_type = "jwt";
    }
    return found;
}

}  // namespace latchkey::api
