#pragma once

#include "domain/app.hpp"
#include "domain/store.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/base/secret.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::domain {

inline constexpr std::size_t kSecretBytesMin = 32;  ///< shorter ones break Java's and .NET's checks
inline constexpr std::size_t kSecretBytesMax = 1024;
inline constexpr std::size_t kGeneratedSecretCharacters = 64;
inline constexpr std::size_t kGeneratedKeyCharacters = 12;
inline constexpr std::size_t kAppNameBytesMax = 255;

enum class SecretFlaw : std::uint8_t {
    TooShort,
    TooLong,
    Known,     ///< stands in public code, tutorials or lists of leaked secrets
    TooPlain,  ///< fewer than 10 different characters: one somebody typed
};

/// Whether a secret that an operator brings may guard an App. Empty: it may.
[[nodiscard]] std::optional<SecretFlaw> find_flaw(Secret const& secret);

struct NewApp {
    std::string name;
    Mode mode = Mode::Development;
    std::optional<ApiKey> api_key{};     ///< absent: made at random
    std::optional<Secret> api_secret{};  ///< absent: made at random; else free of flaws
};

enum class AppError : std::uint8_t { KeyTaken, NameInvalid, SecretFlawed };

/// Stores a new App with one secret. Returns it as stored. An App name is 1 to `kAppNameBytesMax`
/// bytes without control characters.
[[nodiscard]] std::expected<App, AppError> create_app(Transaction& transaction, NewApp content,
                                                      Instant now, RandomSource& random);

enum class UpdateAppError : std::uint8_t {
    AppUnknown,
    NameInvalid,
    AuthChecksInProduction,  ///< `disable_auth_checks` asked for while in production mode
};

/// Changes an App by `edit`. A switch to production mode clears `disable_auth_checks` in the same
/// write; to set it there is refused. Stores nothing where nothing changed. Returns it as it is.
/// `by` is kept as who changed the revocation; empty where it cannot change.
[[nodiscard]] std::expected<App, UpdateAppError> update_app(
    Transaction& transaction, AppId id, std::move_only_function<void(App&)> edit, Instant now,
    std::string_view by = {});

}  // namespace latchkey::domain
