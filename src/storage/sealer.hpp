#pragma once

#include <latchkey/base/random_source.hpp>
#include <latchkey/base/secret.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::storage {

inline constexpr std::size_t kMasterKeyBytes = 32;
inline constexpr std::string_view kMasterKeyFileName = "master.key";

/// Seals secrets at rest: XChaCha20-Poly1305 under the master key, a random nonce for each.
///
/// A sealed text opens only in the context it was sealed for, so that rows of a database cannot be
/// swapped for each other. Thread-safe.
class Sealer {
public:
    /// `random` outlives this object.
    /// @throws domain::StoreFailure where `master_key` has not `kMasterKeyBytes` bytes.
    Sealer(Secret master_key, RandomSource& random);

    /// Bytes to be stored. `context` says what and whose the secret is.
    [[nodiscard]] std::string seal(std::string_view plain, std::string_view context) const;

    /// Empty where `sealed` was changed, was sealed under another key, or for another context.
    [[nodiscard]] std::optional<Secret> open(std::string_view sealed,
                                             std::string_view context) const;

    /// A key of its own for `purpose`, `kMasterKeyBytes` long: always the same one under this
    /// master key, which it does not give away.
    [[nodiscard]] Secret derive_key(std::string_view purpose) const;

private:
    Secret master_key_;
    RandomSource& random_;
};

/// Reads a master key as it is written down: 64 hex digits, with or without one line break behind
/// them. Empty where `text` is anything else.
[[nodiscard]] std::optional<Secret> parse_master_key(std::string_view text);

/// The key file of an embedded store: read where it exists, else made, mode 0600. It appears whole
/// or not at all, and is on the disk when this returns.
/// @throws domain::StoreFailure where it is malformed, where others than its owner can read it, or
/// where it is missing though `directory` has a store that was sealed under it.
[[nodiscard]] Secret load_or_create_master_key(std::filesystem::path const& directory,
                                               RandomSource& random);

}  // namespace latchkey::storage
