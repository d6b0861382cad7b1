#pragma once

#include <latchkey/base/instant.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::domain {

/// What an operator may do: each role may do what those before it may.
enum class OperatorRole : std::uint8_t {
    Viewer,    ///< reads everything but secrets
    Operator,  ///< revokes and undoes, changes settings, mints tokens, rotates secrets
    Owner,     ///< makes and deletes apps, switches their mode, keeps the accounts
};

[[nodiscard]] std::string_view role_name(OperatorRole role) noexcept;
[[nodiscard]] std::optional<OperatorRole> parse_operator_role(std::string_view name) noexcept;

inline constexpr std::size_t kAccountNameBytesMax = 64;

/// Somebody who signs in to the dashboard.
struct Account {
    std::int64_t id = 0;  ///< counts up from 1 and is never given out again
    std::string name;     ///< unique, ASCII case ignored: `is_account_name`
    OperatorRole role = OperatorRole::Viewer;
    std::optional<std::string> password_hash{};  ///< argon2id; absent: signs in by OIDC only
    std::optional<std::string> oidc_subject{};   ///< `sub` at the configured issuer
    Instant created_at;
    Instant updated_at;
    std::optional<Instant> last_signed_in_at{};
    bool disabled = false;

    bool operator==(Account const&) const = default;
};

/// 1 to `kAccountNameBytesMax` of the characters A-Z a-z 0-9 @ . _ + -
[[nodiscard]] bool is_account_name(std::string_view name) noexcept;

/// Accounts inside one transaction.
class AccountStore {
public:
    virtual ~AccountStore() = default;

    /// All, by id.
    [[nodiscard]] virtual std::vector<Account> all() = 0;
    [[nodiscard]] virtual std::optional<Account> find(std::int64_t id) = 0;
    /// ASCII case ignored.
    [[nodiscard]] virtual std::optional<Account> find_by_name(std::string_view name) = 0;
    [[nodiscard]] virtual std::optional<Account> find_by_oidc_subject(std::string_view subject) = 0;

    /// Stores a new one; `account.id` is ignored and chosen here. Empty where the name or the
    /// subject is taken.
    [[nodiscard]] virtual std::optional<std::int64_t> insert(Account const& account) = 0;
    /// Replaces everything but `id`. The account exists; its name and subject are nobody else's.
    virtual void update(Account const& account) = 0;
    /// The account exists.
    virtual void remove(std::int64_t id) = 0;
};

}  // namespace latchkey::domain
