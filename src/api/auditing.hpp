#pragma once

#include "api/endpoint.hpp"
#include "api/operator.hpp"
#include "domain/app.hpp"
#include "domain/apps.hpp"
#include "domain/audit.hpp"
#include "domain/store.hpp"
#include "domain/users.hpp"

#include <latchkey/base/ids.hpp>
#include <latchkey/base/instant.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// How calls get into the audit log (docs/concepts/audit.md): one entry for each that changes
/// something, in the transaction of the change. No entry holds a secret, a token or a claim.
namespace latchkey::api {

inline constexpr std::size_t kAuditPageMax = 100;         ///< entries in one answer
inline constexpr std::size_t kAuditUsersMax = 10;         ///< named in one entry; of more, how many
inline constexpr std::size_t kAuditValueBytesMax = 4096;  ///< of one value before or after, as JSON
inline constexpr std::size_t kClientNameBytesMax = 64;    ///< of an X-Stream-Client

/// Who changes something, and when; taken out of a call, which it outlives.
struct Author {
    domain::ActorKind kind = domain::ActorKind::System;
    std::string name{};         ///< as `AuditRecord::actor`
    std::string address{};      ///< as `AuditRecord::address`
    std::string description{};  ///< all of it for people to read: who set a revocation
    Instant at{};
};

[[nodiscard]] Author author_of(Call const& call);
[[nodiscard]] Author author_of(Operator const& caller, Instant now);

/// What was done; see `domain::AuditRecord` for the members.
struct AuditedAct {
    std::string_view action;
    std::string_view app{};
    std::string target{};
    boost::json::object before{};
    boost::json::object after{};
};
/// A date as entries have it; null where there is none.
[[nodiscard]] boost::json::value to_audit_value(std::optional<Instant> const& date);
void audit(domain::Transaction& transaction, Author const& author, AuditedAct act);

/// One entry about all users of `changes`, whose date `member` changed, with `more` beside what it
/// is now. None where `changes` is empty.
void audit_users(domain::Transaction& transaction, Author const& author, std::string_view action,
                 domain::App const& app, std::span<domain::DateChange const> changes,
                 std::string_view member, boost::json::object more = {});

/// The same for revocations: `users.revoke`, or `users.unrevoke` where all of them only made tokens
/// good again.
void audit_revocations(domain::Transaction& transaction, Author const& author,
                       domain::App const& app, std::span<domain::DateChange const> changes);

/// An entry about a secret of which number and dates are left, and nothing else.
void audit_forgotten_secret(domain::Transaction& transaction, Author const& author,
                            std::string_view app, std::int64_t number);

/// `domain::update_app`, and an entry where anything changed: `app.revoke` or `app.unrevoke` where
/// the revocation did, to a later date or to an earlier one or none, else `app.update`. Of settings
/// that only integrators know the meaning of, the names are kept and no values: they may be
/// credentials.
[[nodiscard]] std::expected<domain::App, domain::UpdateAppError> update_app_audited(
    domain::Transaction& transaction, Author const& author, AppId id,
    std::move_only_function<void(domain::App&)> edit);

}  // namespace latchkey::api
