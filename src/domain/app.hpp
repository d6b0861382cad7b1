#pragma once

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/base/secret.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace latchkey::domain {

enum class Mode : std::uint8_t { Development, Production };

/// One secret of an App: verifies tokens until it is retired; `domain/secrets.hpp`.
struct ApiSecret {
    std::int64_t id;  ///< counts up inside the App from 1; never given out again
    Secret secret;
    Instant created_at;
    std::optional<Instant> retires_at{};  ///< from then on what it signed is refused
};

/// What is left of a retired secret whose bytes are gone: for people to read.
struct ForgottenSecret {
    std::int64_t id;
    Instant created_at;
    Instant retired_at;

    bool operator==(ForgottenSecret const&) const = default;
};

/// A role beside those that every App has; `domain/roles.hpp`.
struct CustomRole {
    std::string name;
    Instant created_at;

    bool operator==(CustomRole const&) const = default;
};

enum class UniqueNames : std::uint8_t { No, App, Team };

/// A customer's application: owns users, a public key and secrets. Immutable once published; a
/// change makes a new one.
struct App {
    AppId id{};
    ApiKey api_key;
    std::string name;
    Mode mode = Mode::Development;
    std::vector<ApiSecret> secrets;  ///< newest first; at least one has no date to retire at
    Instant created_at;
    Instant updated_at;

    // What this server acts on; the names are those of the settings on the wire.
    std::optional<Instant> revoke_tokens_issued_before{};
    bool disable_auth_checks =
        false;  ///< honoured in development mode only: `auth_checks_disabled`
    bool disable_permissions_checks = false;
    bool guest_user_creation_disabled = false;
    bool multi_tenant_enabled = false;
    bool suspended = false;
    std::string suspended_explanation{};
    UniqueNames enforce_unique_usernames = UniqueNames::No;
    std::vector<std::string> user_search_disallowed_roles{};
    /// Role -> list of permission ids, those included that mean nothing here; `domain/grants.hpp`.
    boost::json::object grants{};
    std::vector<CustomRole> custom_roles{};  ///< oldest first

    std::vector<ForgottenSecret> forgotten_secrets{};  ///< newest first

    /// Settings that are stored and echoed and change nothing here; only those that were ever set.
    boost::json::object other_settings{};

    [[nodiscard]] bool auth_checks_disabled() const {
        return mode == Mode::Development && disable_auth_checks;
    }
    /// What signs new tokens: the newest secret that is not about to retire, for what is minted
    /// today shall be good until it expires.
    [[nodiscard]] ApiSecret const& signing_secret() const;
    /// A second one, secrets included, to be changed and stored.
    [[nodiscard]] App clone() const;
};

using AppSnapshot = std::shared_ptr<App const>;

}  // namespace latchkey::domain
