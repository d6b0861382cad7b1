#pragma once

#include "api/trusted_proxies.hpp"
#include "domain/authenticate.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace latchkey::api {

/// A query parameter, decoded; empty where it is absent or its encoding is broken. Text that needs
/// no decoding is not copied: `storage` is only used where it does.
[[nodiscard]] std::string_view query_parameter(std::string_view query, std::string_view name,
                                               std::string& storage);

/// A token as a header has it, `Bearer ` in front or not (protocol section 2.1).
[[nodiscard]] std::string_view strip_bearer(std::string_view value) noexcept;

/// `stream-auth-type` of a connect: in the query, else in a header.
[[nodiscard]] std::string_view connect_auth_type(http::Request const& request,
                                                 std::string& storage);

/// Where a client calls from, as far as it is known: the peer's address, and behind a trusted proxy
/// the last one in `X-Forwarded-For`, which is the one that the proxy put there; where that one is
/// trusted itself, the one before it, and so on. Empty where such a proxy says nothing, for its own
/// address stands for everybody. Without a port, and an IPv4 address in IPv6 as itself.
[[nodiscard]] std::string_view client_address(http::Request const& request,
                                              TrustedProxies const& proxies);

/// The same, but the other end of the socket where nothing else is known: for people to read, and
/// where one count for all behind such a proxy is better than none.
[[nodiscard]] std::string_view address_or_peer(http::Request const& request,
                                               TrustedProxies const& proxies);

/// Where decoded parameters of `find_forwarded_credentials` are kept.
struct ForwardedCredentials {
    std::string api_key;
    std::string auth_type;
    std::string token;
};

/// The credentials that a service or a proxy asks about with `/authz/check`: each from the request
/// itself (`Authorization`, `api_key` in the query or `X-Api-Key`, `stream-auth-type`), else, from
/// a trusted proxy, from the query of the request that it names in `X-Original-URI` or
/// `X-Forwarded-Uri`. An auth type that is not given is `jwt`. Views into the request and
/// `storage`.
[[nodiscard]] domain::Credentials find_forwarded_credentials(http::Request const& request,
                                                             TrustedProxies const& proxies,
                                                             ForwardedCredentials& storage);

}  // namespace latchkey::api
