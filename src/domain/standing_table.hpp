#pragma once

#include "domain/user.hpp"

#include <latchkey/base/random_source.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::domain {

/// The users of one App who are not ordinary, in 24 bytes each before the table's slack.
///
/// Keyed by a 128-bit SipHash of the user id under a random key: nobody outside can aim at a
/// collision, and by chance one comes in 2^64 users. Reading is thread-safe while nobody writes.
class StandingTable {
public:
    explicit StandingTable(RandomSource& random);

    [[nodiscard]] std::optional<UserStanding> find(std::string_view user_id) const;
    /// Remembers `standing`, or forgets the user where it is ordinary.
    void set(std::string_view user_id, UserStanding const& standing);
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    struct Fingerprint {
        std::array<unsigned char, 16> bytes;
        bool operator==(Fingerprint const&) const = default;
    };
    /// The fingerprint is evenly spread already: eight bytes of it are the hash.
    struct FingerprintHash {
        using is_avalanching = void;
        std::size_t operator()(Fingerprint const& fingerprint) const noexcept {
            std::size_t hash = 0;
            std::memcpy(&hash, fingerprint.bytes.data(), sizeof hash);
            return hash;
        }
    };
    template <class Value>
    using Map = boost::unordered_flat_map<Fingerprint, Value, FingerprintHash>;

    [[nodiscard]] Fingerprint fingerprint(std::string_view user_id) const;

    std::array<unsigned char, 16> key_{};
    Map<std::uint64_t> entries_;      ///< packed: see the source
    Map<std::string> unusual_roles_;  ///< of those whose role has no code of its own
};

}  // namespace latchkey::domain
