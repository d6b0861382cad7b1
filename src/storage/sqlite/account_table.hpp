#pragma once

#include "domain/account.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/group_transaction.hpp"

namespace latchkey::storage {

/// The table `accounts`.
class AccountTable final : public domain::AccountStore {
public:
    /// Both outlive this object.
    AccountTable(Connection& connection, GroupTransaction& transaction);

    [[nodiscard]] std::vector<domain::Account> all() override;
    [[nodiscard]] std::optional<domain::Account> find(std::int64_t id) override;
    [[nodiscard]] std::optional<domain::Account> find_by_name(std::string_view name) override;
    [[nodiscard]] std::optional<domain::Account> find_by_oidc_subject(
        std::string_view subject) override;
    [[nodiscard]] std::optional<std::int64_t> insert(domain::Account const& account) override;
    void update(domain::Account const& account) override;
    void remove(std::int64_t id) override;

private:
    GroupTransaction& transaction_;
    Statement select_all_;
    Statement select_;
    Statement select_by_name_;
    Statement select_by_subject_;
    Statement insert_;
    Statement update_;
    Statement delete_;
};

}  // namespace latchkey::storage
