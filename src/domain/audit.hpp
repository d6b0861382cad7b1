#pragma once

#include <latchkey/base/instant.hpp>

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The audit log: who changed what, from where, and how it was before and after.
namespace latchkey::domain {

enum class ActorKind : std::uint8_t {
    Account,          ///< somebody signed in to the dashboard
    LocalCredential,  ///< the command line, or whoever else can read the data directory
    Server,           ///< an App's backend, by a server token
    TokenProvider,
    System,  ///< the server itself, such as when a secret's date has come
};
inline constexpr auto kLastActorKind = ActorKind::System;

[[nodiscard]] std::string_view actor_kind_name(ActorKind kind) noexcept;

/// One change. Holds no secret, no token and no claim.
struct AuditRecord {
    Instant at;
    ActorKind actor_kind = ActorKind::System;
    std::string actor{};    ///< an account's name; a backend's X-Stream-Client, cut; else empty
    std::string address{};  ///< where the call came from; empty: not known, or not from a network
    std::string action;     ///< such as `app.update`
    std::string app{};      ///< an API key; empty: of no App
    std::string target{};   ///< user ids, a secret's number, an account's name; empty: the App
    boost::json::object before{};  ///< the members that changed, as they were
    boost::json::object after{};   ///< and as they are

    bool operator==(AuditRecord const&) const = default;
};

struct AuditEntry {
    std::uint64_t number = 0;  ///< counts up by one from 1, in commit order
    AuditRecord record;
    std::string hash;  ///< 64 hex digits, over the record, its number and the hash before
};

/// Which entries; absent: all.
struct AuditQuery {
    std::optional<std::string> app{};
    std::optional<std::string> actor{};
    std::optional<std::string> action{};
    std::optional<std::uint64_t> before_number{};
    std::size_t limit = 50;
};

/// What walking over the chain came to.
struct AuditVerdict {
    std::uint64_t entries = 0;  ///< walked over and found whole
    /// Of the last of these, as `AuditEntry::hash`, once the walk has finished; empty: there is
    /// none.
    std::string hash{};
    std::optional<std::uint64_t> first_bad{};  ///< the first entry that is altered or missing
    std::string why{};                         ///< for people; empty where nothing is wrong
};

/// How far a walk over the chain has come.
struct AuditWalk {
    AuditVerdict verdict{};
    std::string hash{};  ///< of the last entry walked over, as the store writes it
    bool finished = false;
};

/// Entries that one step of a walk reads, in which nobody else can write.
inline constexpr std::size_t kAuditWalkEntriesMax = 1'000;

/// The audit log inside one transaction.
class AuditLog {
public:
    virtual ~AuditLog() = default;
    virtual void append(AuditRecord const& record) = 0;
    /// Newest first.
    [[nodiscard]] virtual std::vector<AuditEntry> query(AuditQuery const& query) = 0;

    /// Goes on with `walk`, a new one or one that is not finished, over at most `entries_max`
    /// entries. The steps of one walk may lie in different transactions: what is appended between
    /// them is walked over too.
    virtual void walk(AuditWalk& walk, std::size_t entries_max) = 0;
    /// The whole walk in one transaction, which makes everybody else wait.
    [[nodiscard]] AuditVerdict verify();
};

}  // namespace latchkey::domain
