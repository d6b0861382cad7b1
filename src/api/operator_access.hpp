#pragma once

#include "api/admin_call.hpp"
#include "api/auditing.hpp"
#include "api/operator.hpp"
#include "api/operator_sessions.hpp"
#include "api/setup_code.hpp"
#include "api/sign_in_throttle.hpp"
#include "domain/account.hpp"
#include "domain/passwords.hpp"
#include "domain/store.hpp"

#include <latchkey/base/instant.hpp>
#include <latchkey/base/secret.hpp>
#include <latchkey/wire/api_error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace latchkey::api {

/// Where somebody signs in, taken out of the request: signing in takes longer than a call.
struct SignInPlace {
    std::string address{};
    std::uint64_t session_before = 0;  ///< that the browser showed; 0: none
    bool over_tls = false;
};
[[nodiscard]] SignInPlace place_of(AdminCall const& call);

/// An account as the actor of what it does.
[[nodiscard]] Operator account_as_operator(domain::Account const& account, std::string address);

/// Notes at the account, which the store has, that it signs in, and writes it down.
void write_sign_in(domain::Transaction& transaction, domain::Account& account, Instant now,
                   std::string address);

/// Failed sign-ins that are written into the audit log: so many in each hour, so that a brute force
/// cannot fill it.
class FailureAudit {
public:
    static constexpr std::size_t kPerHour = 100;

    /// Whether one more is written; counts it.
    [[nodiscard]] bool take(std::chrono::steady_clock::time_point now);

private:
    std::chrono::hours hour_{-1};
    std::size_t written_ = 0;
};

/// What signing in to the admin listener works with: sessions, the throttle, the set-up code.
/// Belongs to the listener's loop; outlives what it is asked to do there.
class OperatorAccess {
public:
    /// All outlive this object, `setup_code` too; null: there is an account.
    OperatorAccess(Node const& node, http::Loop& loop, domain::PasswordQueue& passwords,
                   SetupCode const* setup_code);

    [[nodiscard]] OperatorSessions& sessions() { return sessions_; }
    [[nodiscard]] SignInThrottle& throttle() { return throttle_; }

    /// Null: there is an account, or was one.
    [[nodiscard]] SetupCode const* setup_code() const { return setup_code_; }
    /// There is an account now: the set-up code is worth nothing.
    void end_setup() { setup_code_ = nullptr; }

    /// Opens a session for an account that has shown who it is, whichever way; returns the header
    /// line with its cookie. A session that the browser had before ends.
    [[nodiscard]] std::string open_session(domain::Account const& account, SignInBy by,
                                           SignInPlace const& place);

    /// Runs `work` on the store's thread and `then` on the loop, with its value, or with 503/-1. An
    /// error of `work` rolls back what it wrote.
    template <class Value, class Work, class Then>
    void ask_store(Work work, Then then) {
        auto value =
            std::make_shared<std::expected<Value, wire::ApiError>>(std::unexpected(unavailable()));
        auto job = [value, work = std::move(work)](domain::Transaction& transaction) mutable {
            *value = work(transaction);
            return *value ? domain::Outcome::Commit : domain::Outcome::Rollback;
        };
        auto done = [value, &loop = loop_,
                     then = std::move(then)](domain::WorkResult result) mutable {
            if (result == domain::WorkResult::Failed) {
                *value = std::unexpected(unavailable());
            }
            loop.post([value, then = std::move(then)]() mutable { then(std::move(*value)); });
        };
        node_.store.submit(std::move(job), std::move(done));
    }

    /// Whether somebody is signed in by this session.
    [[nodiscard]] bool is_open(std::uint64_t session) const;

    /// Writes down an act that nobody waits for.
    void audit(Author author, AuditedAct act);
    /// The same of a sign-in that failed, so many an hour; `account` is empty where there is none.
    /// That nobody waits matters here: what takes time only for an account that there is would
    /// tell.
    void audit_failed_sign_in(std::string address, std::string account = {});

    using FindAccount =
        std::move_only_function<std::optional<domain::Account>(domain::Transaction& transaction)>;

    struct Checked {
        std::optional<domain::Account> account;  ///< as it was read
        bool matches;
    };
    using ThenChecked =
        std::move_only_function<void(std::expected<Checked, wire::ApiError> checked)>;

    /// Reads an account and checks a password of it; `then` is called on the loop. Without an
    /// account, or without a password of its own, or where it is disabled, it takes as long, and
    /// nothing matches. Whoever calls has asked the throttle.
    void check_password(FindAccount find, Secret password, ThenChecked then);

    using ThenHashed = std::move_only_function<void(std::expected<std::string, wire::ApiError>)>;

    /// `then` is called on the loop.
    void hash_password(Secret password, ThenHashed then);

private:
    [[nodiscard]] static wire::ApiError unavailable();

    Node const& node_;
    http::Loop& loop_;
    domain::PasswordQueue& passwords_;
    SetupCode const* setup_code_;
    OperatorSessions sessions_;
    SignInThrottle throttle_;
    FailureAudit failure_audit_;
};

/// 429/9 with `Retry-After`.
[[nodiscard]] http::Response tell_to_wait(std::string_view operation, std::chrono::seconds wait);

/// 401/5
[[nodiscard]] wire::ApiError signed_out_meanwhile();

/// For what even an open session is not enough, such as showing a secret: the caller types its
/// password again, as `member` of the body, and only then `then` is started, on the loop. A handler
/// returns what this returns. The local credential needs no password; an account that has none,
/// because it signs in by OIDC, has to have signed in less than `kFreshSignIn` ago. 401/5 where
/// that fails, which is written down; 429/9 where it failed too often.
inline constexpr std::chrono::minutes kFreshSignIn{5};
[[nodiscard]] AdminReply confirm_caller(AdminCall const& call, std::string_view operation,
                                        std::string_view member, Detour then);

}  // namespace latchkey::api
