#pragma once

#include "domain/app.hpp"
#include "domain/store.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>
#include <latchkey/base/random_source.hpp>
#include <latchkey/base/secret.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

/// The secrets of an App over their lives: added, retired now or at a date, and forgotten.
///
/// A secret verifies until its date has come. From that instant on the tokens that it made are
/// refused, and the connections that they opened end. Its bytes are kept for a while longer, so
/// that whoever asks about such a token is told that its secret is retired; then they go, and only
/// the number and the dates stay.
namespace latchkey::domain {

/// A wrong signature costs a MAC for each secret that an App has.
inline constexpr std::size_t kSecretsMax = 16;
/// How long the bytes of a retired secret are kept.
inline constexpr std::chrono::hours kRetiredSecretKeptFor{24};
/// Of secrets that are no more, the newest are remembered.
inline constexpr std::size_t kForgottenSecretsMax = 100;
/// A date for a retirement that has just gone by counts as now; one longer ago is a mistake.
inline constexpr std::chrono::minutes kRetirementAgoMax{1};

enum class SecretState : std::uint8_t {
    Live,
    Retiring,  ///< live, and its date is set
    Retired,
};
[[nodiscard]] SecretState state_of(ApiSecret const& secret, Instant now);
[[nodiscard]] std::string_view name_of(SecretState state) noexcept;

/// Whether the tokens that a secret of the App made are refused by now. One that the App does not
/// have (any more) is.
[[nodiscard]] bool is_retired(App const& app, std::int64_t secret_id, Instant now);

/// How many secrets verify at `now`.
[[nodiscard]] std::size_t count_live_secrets(App const& app, Instant now);

/// The next date behind `now` at which a secret retires. Empty: none is set.
[[nodiscard]] std::optional<Instant> next_retirement(App const& app, Instant now);

enum class SecretError : std::uint8_t {
    AppUnknown,
    SecretUnknown,
    SecretFlawed,      ///< `find_flaw` says why
    SecretTaken,       ///< the App has it already
    TooManySecrets,    ///< `kSecretsMax` verify
    NoSecretStays,     ///< it is the last one without a date
    AlreadyRetired,    ///< its date has come: a later one, or none, would bring it back
    RetirementInPast,  ///< the date lies more than `kRetirementAgoMax` back
};

/// Adds a secret, which verifies from then on and signs new tokens; absent: made at random. Its
/// number is one above the highest that the App ever gave out. Returns the App as stored; the new
/// secret is the first.
[[nodiscard]] std::expected<App, SecretError> add_secret(Transaction& transaction, AppId id,
                                                         std::optional<Secret> given, Instant now,
                                                         RandomSource& random);

/// Retires a secret at an instant; absent: now. Sets another date where one is set that has not
/// come. Nothing happens to one that is retired already and shall be, by now. Returns the App as
/// it is from then on. With `DryRun::Yes` it would be.
enum class DryRun : bool { No, Yes };
[[nodiscard]] std::expected<App, SecretError> retire_secret(Transaction& transaction, AppId id,
                                                            std::int64_t secret_id,
                                                            std::optional<Instant> at, Instant now,
                                                            DryRun dry_run = DryRun::No);

/// Takes a retirement back whose date has not come. Nothing happens where none is set.
[[nodiscard]] std::expected<App, SecretError> unretire_secret(Transaction& transaction, AppId id,
                                                              std::int64_t secret_id, Instant now);

/// Whether an App has bytes of secrets that were retired at least `kRetiredSecretKeptFor` ago.
[[nodiscard]] bool has_secrets_to_forget(App const& app, Instant now);

/// Forgets those. Returns what was forgotten, newest first; nothing where there is no such App.
std::vector<ForgottenSecret> forget_retired_secrets(Transaction& transaction, AppId id,
                                                    Instant now);

}  // namespace latchkey::domain
