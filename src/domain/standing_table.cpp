#include "domain/standing_table.hpp"

#include <sodium/crypto_shorthash_siphash24.h>

#include <algorithm>
#include <iterator>
#include <span>

namespace latchkey::domain {
namespace {

// One entry: the instant of revocation in 58 bits (the last instant of 9999 needs 58), three flags,
// and three bits of role. 2^24 users more fit into a gigabyte than with a struct.
constexpr std::uint64_t kInstantMask = (std::uint64_t{1} << 58) - 1;
constexpr std::uint64_t kRevoked = std::uint64_t{1} << 58;
constexpr std::uint64_t kDeactivated = std::uint64_t{1} << 59;
constexpr std::uint64_t kDeleted = std::uint64_t{1} << 60;
constexpr unsigned kRoleShift = 61;
static_assert(kInstantMax.time_since_epoch().count() <= static_cast<std::int64_t>(kInstantMask));

constexpr std::array<std::string_view, 4> kCodedRoles = {kRoleUser, kRoleGuest, kRoleModerator,
                                                         kRoleAdmin};
constexpr std::uint64_t kUnusualRole = 7;

std::uint64_t role_code(std::string_view role) {
    auto const found = std::ranges::find(kCodedRoles, role);
    return found == kCodedRoles.end()
               ? kUnusualRole
               : static_cast<std::uint64_t>(std::distance(kCodedRoles.begin(), found));
}

}  // namespace

StandingTable::StandingTable(RandomSource& random) {
    static_assert(sizeof key_ == crypto_shorthash_siphashx24_KEYBYTES);
    random.fill(std::as_writable_bytes(std::span(key_)));
}

StandingTable::Fingerprint StandingTable::fingerprint(std::string_view user_id) const {
    Fingerprint result{};
    static_assert(sizeof result.bytes == crypto_shorthash_siphashx24_BYTES);
    crypto_shorthash_siphashx24(result.bytes.data(),
                                reinterpret_cast<unsigned char const*>(user_id.data()),
                                user_id.size(), key_.data());
    return result;
}

std::optional<UserStanding> StandingTable::find(std::string_view user_id) const {
    if (entries_.empty()) {
        return std::nullopt;
    }
    auto const print = fingerprint(user_id);
    auto const found = entries_.find(print);
    if (found == entries_.end()) {
        return std::nullopt;
    }
    auto const packed = found->second;
    UserStanding standing;
    if ((packed & kRevoked) != 0) {
        standing.revoke_tokens_issued_before =
            Instant(std::chrono::microseconds(packed & kInstantMask));
    }
    standing.deactivated = (packed & kDeactivated) != 0;
    standing.deleted = (packed & kDeleted) != 0;
    auto const role = packed >> kRoleShift;
    standing.role = role == kUnusualRole ? unusual_roles_.at(print) : kCodedRoles.at(role);
    return standing;
}

void StandingTable::set(std::string_view user_id, UserStanding const& standing) {
    auto const print = fingerprint(user_id);
    unusual_roles_.erase(print);
    if (standing.is_ordinary()) {
        entries_.erase(print);
        return;
    }
    auto const code = role_code(standing.role);
    auto packed = code << kRoleShift;
    if (standing.revoke_tokens_issued_before) {
        packed |= kRevoked | static_cast<std::uint64_t>(
                                 standing.revoke_tokens_issued_before->time_since_epoch().count());
    }
    packed |= standing.deactivated ? kDeactivated : 0;
    packed |= standing.deleted ? kDeleted : 0;
    entries_[print] = packed;
    if (code == kUnusualRole) {
        unusual_roles_[print] = standing.role;
    }
}

}  // namespace latchkey::domain
