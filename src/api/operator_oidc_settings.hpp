#pragma once

#include <latchkey/base/secret.hpp>

#include <optional>
#include <string>

namespace latchkey::api {

class OutgoingHttp;

/// How operators sign in by an identity provider.
struct OperatorOidcSettings {
    std::string issuer;  ///< `oidc::parse_issuer` takes it
    std::string client_id;
    std::optional<Secret> client_secret{};  ///< absent: a public client
    std::string name;                       ///< for people: on the button
    /// Where browsers reach the admin listener, `https://…` without a slash at its end; absent: as
    /// the request says. The provider knows where it may send people back to.
    std::optional<std::string> public_url{};
};

/// The same, and the way to the provider.
struct OperatorOidcSource {
    OperatorOidcSettings const& settings;
    OutgoingHttp& http;
};

}  // namespace latchkey::api
