#include "api/credentials.hpp"

#include "http/ascii.hpp"
#include "http/uri.hpp"

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <utility>

namespace latchkey::api {
namespace {

/// An IPv6 address with an IPv4 tail; a longer text is no address.
constexpr std::size_t kAddressTextMax = 45;

/// `9.9.9.9` of `9.9.9.9:1234` and of `::ffff:9.9.9.9`, `2001:db8::1` of `[2001:db8::1]:443`; what
/// is no address stays what it is.
std::string_view bare_address(std::string_view text) {
    if (text.starts_with('[')) {
        auto const end = std::min(text.find(']'), text.size());
        text = text.substr(1, end - 1);
    } else if (text.find(':') == text.rfind(':')) {  // one of them is not enough for IPv6
        text = text.substr(0, text.find(':'));
    }
    constexpr std::string_view kMapped = "::ffff:";  // RFC 4291 section 2.5.5.2
    bool const is_mapped =
        text.contains('.') && http::equals_ignoring_case(text.substr(0, kMapped.size()), kMapped);
    return is_mapped ? text.substr(kMapped.size()) : text;
}

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
        return bare_address(request.peer_address);
    }
    // Each proxy puts whom it was called by at the end, of this field or in another of its own.
    std::string_view address;
    for (auto const& field : std::views::reverse(request.fields)) {
        if (!http::equals_ignoring_case(field.name, "x-forwarded-for")) {
            continue;
        }
        auto left = field.value.size();
        while (left != std::string_view::npos) {
            auto const list = field.value.substr(0, left);
            left = list.rfind(',');
            address = bare_address(http::trim(list.substr(left + 1)));  // npos + 1 is 0
            if (address.empty() || address.size() > kAddressTextMax) {
                return {};
            }
            if (!proxies.contains(address)) {
                return address;
            }
        }
    }
    return address;  // all of them are trusted: the client is the first
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
