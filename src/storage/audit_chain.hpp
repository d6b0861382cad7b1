#pragma once

#include "domain/audit.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/base/secret.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What makes an altered audit log show: a keyed hash over each entry and the hash before it.
namespace latchkey::storage {

inline constexpr std::size_t kAuditKeyBytes = 32;
inline constexpr std::size_t kAuditHashBytes = 32;
inline constexpr std::string_view kAuditKeyPurpose = "latchkey audit log";

using AuditHash = std::array<char, kAuditHashBytes>;

[[nodiscard]] inline std::string_view bytes_of(AuditHash const& hash) noexcept {
    return {hash.data(), hash.size()};
}
[[nodiscard]] std::string format_hex(AuditHash const& hash);

/// An entry as its columns hold it. What is hashed is what is stored, so that a column that no
/// longer reads as what it was shows like any other change.
struct AuditRow {
    std::int64_t number = 0;
    Instant at;
    std::int64_t actor_kind = 0;
    std::string_view actor;
    std::string_view address;
    std::string_view action;
    std::string_view app;
    std::string_view target;
    std::string_view before;  ///< JSON
    std::string_view after;
};

/// The last entry's number and hash as they are kept apart from it.
struct AuditHead {
    std::int64_t number = 0;
    AuditHash hash{};
    AuditHash seal{};
};

/// The keyed hashes of one store's log. Thread-safe.
class AuditChain {
public:
    /// `key` has `kAuditKeyBytes`. `store` is the store's name: the log of another one is no
    /// continuation of this one, also under the same key.
    AuditChain(Secret key, std::string store);

    /// The head of a log without entries.
    [[nodiscard]] AuditHead first_head() const;
    /// The head after `row`, whose hash is the head's.
    [[nodiscard]] AuditHead next_head(AuditHash const& before, AuditRow const& row) const;
    [[nodiscard]] bool is_sealed(AuditHead const& head) const;

private:
    [[nodiscard]] AuditHash first_hash() const;
    [[nodiscard]] AuditHash hash_of(AuditHash const& before, AuditRow const& row) const;
    [[nodiscard]] AuditHash seal_of(std::int64_t number, AuditHash const& hash) const;
    friend class AuditWalker;

    Secret key_;
    std::string store_;
};

/// One step of a walk: takes the rows behind those that `walk` has seen, by number, and at the end
/// of the log its head.
class AuditWalker {
public:
    /// Both outlive this object.
    AuditWalker(AuditChain const& chain, domain::AuditWalk& walk);

    /// False where the walk ends here, since the row is not what was written.
    [[nodiscard]] bool take(AuditRow const& row, std::string_view hash);
    /// There is no further row. `head` is empty where it is gone.
    void finish(std::optional<AuditHead> const& head);

private:
    void fail(std::uint64_t number, std::string why);
    void end();

    AuditChain const& chain_;
    domain::AuditWalk& walk_;
    AuditHash last_{};
};

}  // namespace latchkey::storage
